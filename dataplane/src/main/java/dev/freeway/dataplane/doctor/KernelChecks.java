package dev.freeway.dataplane.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the kernel has, and whether we may use it. */
final class KernelChecks {
  /** Where the distribution's full kernel is, in place of one cut down for clouds. */
  private static final String FULL_KERNEL =
      "install the distribution's full kernel (Debian, Ubuntu: apt-get install linux-image-amd64 or"
          + " linux-modules-extra-$(uname -r)) and reboot";

  private KernelChecks() {}

  static List<Finding> capability(Machine machine, Needs needs) {
    if (machine.netAdmin()) {
      return List.of();
    }
    return List.of(
        Finding.error(
            "no-net-admin",
            "this process lacks the capability CAP_NET_ADMIN",
            "the kernel shows and changes its IPVS table only to who has it",
            machine.container()
                ? "add NET_ADMIN to the container: securityContext: {capabilities: {add:"
                    + " [NET_ADMIN]}}, or docker run --cap-add NET_ADMIN"
                : "sudo ipvs-router doctor"));
  }

  static List<Finding> ipvs(Machine machine, Needs needs) {
    return switch (machine.table()) {
      case Machine.Table.Read _ -> List.of();
      case Machine.Table.Refused refused when !machine.netAdmin() -> List.of();
      case Machine.Table.Refused refused ->
          List.of(
              Finding.error(
                  "ipvs-refuses",
                  "IPVS is loaded and does not answer: " + refused.reason(),
                  "without it nothing can be programmed or shown",
                  "dmesg | grep -i ipvs"));
      case Machine.Table.Absent _ -> List.of(absent(machine));
    };
  }

  private static Finding absent(Machine machine) {
    Modules modules = machine.modules();
    String why = "the kernel's IPVS is what balances; we only program it";
    if (!modules.directory()) {
      return Finding.error(
          "ipvs-missing",
          "the module ip_vs is not loaded, and there is no /lib/modules/"
              + machine.kernel().text()
              + " here to load it from",
          why,
          machine.container()
              ? "on the host: modprobe ip_vs; or mount the host's /lib/modules read-only into the"
                  + " container"
              : FULL_KERNEL);
    }
    if (!modules.available().contains("ip_vs")) {
      return Finding.error(
          "ipvs-missing",
          "the module ip_vs is not loaded, and " + machine.kernel() + " comes without it",
          why,
          FULL_KERNEL);
    }
    return Finding.error(
        "ipvs-missing",
        "the module ip_vs is not loaded",
        why,
        modules.modprobe()
            ? "modprobe ip_vs && echo ip_vs > /etc/modules-load.d/ipvs-router.conf"
            : "apt-get install kmod && modprobe ip_vs");
  }

  static List<Finding> release(Machine machine, Needs needs) {
    List<Finding> findings = new ArrayList<>();
    KernelRelease kernel = machine.kernel();
    if (kernel.before(5, 3)) {
      for (Map.Entry<String, String> need : needs.encapsulations().entrySet()) {
        findings.add(
            Finding.error(
                "kernel-too-old",
                kernel + " has no " + need.getKey() + " tunnels in IPVS: they came with 5.3",
                "it would send plain IPIP instead, which the backends of "
                    + need.getValue()
                    + " do not expect",
                "upgrade the kernel, or write freeway.dev/encapsulation: ipip on the Service"));
      }
    }
    if (kernel.before(4, 18) && needs.schedulers().containsKey("mh")) {
      findings.add(
          Finding.error(
              "kernel-too-old",
              kernel + " has no scheduler mh: it came with 4.18",
              "Service " + needs.schedulers().get("mh") + " is refused by the kernel",
              "upgrade the kernel, or write freeway.dev/scheduler: sh,sh-fallback,sh-port on the"
                  + " Service"));
    }
    if (kernel.before(5, 9) && !needs.sourceNat().isEmpty()) {
      findings.add(
          Finding.warning(
              "kernel-too-old",
              kernel + " delays a client's port that comes again by a second: mended in 5.9",
              "with conn_reuse_mode other than 0 and connection tracking on, which source NAT needs,"
                  + " its first packet is dropped; so for "
                  + String.join(", ", needs.sourceNat()),
              "upgrade the kernel, or write freeway.dev/snat: \"false\" on the Service and route the"
                  + " replies through this machine"));
    }
    return findings;
  }

  /** The kernel loads a scheduler itself when a service asks for it, if it is on disk. */
  static List<Finding> schedulers(Machine machine, Needs needs) {
    List<Finding> findings = new ArrayList<>();
    Modules modules = machine.modules();
    for (Map.Entry<String, String> need : needs.schedulers().entrySet()) {
      String module = "ip_vs_" + need.getKey();
      boolean tooOld = need.getKey().equals("mh") && machine.kernel().before(4, 18);
      if (tooOld || modules.loaded().contains(module)) {
        continue;
      }
      String why = "Service " + need.getValue() + " is refused by the kernel";
      if (modules.directory() && !modules.available().contains(module)) {
        findings.add(
            Finding.error(
                "scheduler-missing",
                machine.kernel() + " comes without the scheduler " + need.getKey(),
                why,
                "write another freeway.dev/scheduler on the Service, mh,mh-fallback,mh-port being"
                    + " the default; or "
                    + FULL_KERNEL));
      } else if (!modules.modprobe() && !machine.container()) {
        findings.add(
            Finding.error(
                "modprobe-missing",
                "the module " + module + " is not loaded, and there is no modprobe to load it",
                why,
                "apt-get install kmod && modprobe " + module));
      }
    }
    return findings;
  }
}
