package dev.freeway.dataplane.doctor;

import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.sync.StateDirectory.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What we remember of our own services, where, and whether there is room to run. */
final class StateChecks {
  private static final int NAMED = 3;
  private static final String DEFAULT_DIRECTORY = "/var/lib/freeway";
  private static final Pattern PLAIN = Pattern.compile("[-\\w./:=@%+,]+");

  private static final Pattern PROCESS = Pattern.compile("process (\\d+)");

  /** What a JVM takes beside its heap: classes, code, stacks, buffers. */
  private static final long BESIDE_HEAP = 128L << 20;

  private StateChecks() {}

  static List<Finding> directory(Machine machine, Needs needs) {
    String problem = machine.disk().problem();
    if (problem.isEmpty()) {
      return List.of();
    }
    String directory = quote(machine.stateDirectory());
    return List.of(
        Finding.error(
            "state-directory",
            "nothing can be written to the state directory "
                + machine.stateDirectory()
                + ": "
                + problem,
            "what is ours is written there before the kernel is changed; without that nothing is"
                + " changed",
            machine.disk().exists()
                ? "df -h "
                    + directory
                    + "; ls -ld "
                    + directory
                    + "; then make room or"
                    + " permissions, or give another one by --state-dir"
                : "mkdir -p " + directory));
  }

  static List<Finding> record(Machine machine, Needs needs) {
    Standing standing = machine.record().standing();
    SortedMap<ServiceKey, String> refused = refused(machine, needs);
    boolean absent = standing == Standing.MISSING || standing == Standing.OUTDATED;
    if (standing == Standing.WRITTEN || (absent && refused.isEmpty())) {
      return List.of(); // absent with nothing of ours in the table: the next apply writes it
    }
    String what =
        switch (standing) {
          case MISSING ->
              "there is no record of our services in " + machine.stateDirectory() + ", and";
          case OUTDATED ->
              "the record of our services is of an earlier boot or another network namespace, and";
          default -> "the record of our services is lost, and";
        };
    String problem =
        refused.isEmpty()
            ? String.join("; ", machine.record().findings())
            : what
                + " the kernel holds what the manifests name: "
                + names(refused.entrySet().stream().map(StateChecks::claim).toList());
    return List.of(
        Finding.error(
            "record-" + (standing == Standing.LOST ? "lost" : "missing"),
            problem,
            "we cannot tell our services from those of others: nothing is deleted, and what exists"
                + " is refused and not changed",
            adopt(machine)));
  }

  private static String claim(Map.Entry<ServiceKey, String> service) {
    return service.getKey() + " of " + service.getValue();
  }

  static List<Finding> foreign(Machine machine, Needs needs) {
    if (!(machine.table() instanceof Machine.Table.Read read)) {
      return List.of();
    }
    SortedMap<ServiceKey, String> refused = refused(machine, needs);
    List<Finding> findings = new ArrayList<>();
    if (machine.record().standing() == Standing.WRITTEN && !refused.isEmpty()) {
      findings.add(
          Finding.error(
              "service-refused",
              "another program made "
                  + names(refused.entrySet().stream().map(StateChecks::claim).toList()),
              "what others made is left alone, so the manifests are not carried out there",
              adopt(machine)));
    }
    List<String> others = new ArrayList<>();
    String delete = "";
    for (ObservedService service : read.services()) {
      boolean known =
          service
              .value()
              .map(VirtualService::key)
              .map(key -> ours(machine, key) || refused.containsKey(key))
              .orElse(false);
      if (!known) {
        others.add(
            service
                .value()
                .map(value -> value.key().toString())
                .orElse("fwmark " + service.firewallMark()));
        delete = delete.isEmpty() ? ipvsadm(service) : delete;
      }
    }
    if (!others.isEmpty()) {
      findings.add(
          Finding.warning(
              "foreign-services",
              (others.size() == 1 ? "a service is" : others.size() + " services are")
                  + " not ours: "
                  + names(others),
              "they are left alone, and the sysctls that they share with us too",
              "ipvsadm -Ln shows them; one that nobody needs: " + delete));
    }
    return findings;
  }

  private static String ipvsadm(ObservedService service) {
    if (service.value().isEmpty()) {
      return "ipvsadm -D -f " + service.firewallMark();
    }
    ServiceKey key = service.value().get().key();
    String option =
        switch (key.protocol()) {
          case TCP -> "-t";
          case UDP -> "-u";
          case SCTP -> "--sctp-service";
        };
    return "ipvsadm -D " + option + " " + key.address().withPort(key.port());
  }

  /** Wanted services that the kernel holds and that are not ours. */
  private static SortedMap<ServiceKey, String> refused(Machine machine, Needs needs) {
    SortedMap<ServiceKey, String> refused = new TreeMap<>();
    if (machine.table() instanceof Machine.Table.Read read) {
      for (ObservedService service : read.services()) {
        service
            .value()
            .map(VirtualService::key)
            .filter(key -> !ours(machine, key) && needs.services().containsKey(key))
            .ifPresent(key -> refused.put(key, needs.services().getOrDefault(key, "")));
      }
    }
    return refused;
  }

  private static boolean ours(Machine machine, ServiceKey key) {
    return machine.ownership().with(machine.record().services()).ours(key);
  }

  static List<Finding> writer(Machine machine, Needs needs) {
    if (machine.writer().isEmpty()) {
      return List.of();
    }
    Matcher process = PROCESS.matcher(machine.writer());
    return List.of(
        Finding.warning(
            "already-running",
            machine.writer() + " writes to this network namespace's table",
            "there is one writer: apply and another run are refused beside it",
            "change the manifests that it follows; or end it, and the table goes on serving: kill "
                + (process.find() ? process.group(1) : "PROCESS")));
  }

  static List<Finding> memory(Machine machine, Needs needs) {
    long limit = machine.memory().limit();
    long most = machine.memory().heapLimit() + BESIDE_HEAP;
    if (limit == 0 || limit >= most) {
      return List.of();
    }
    return List.of(
        Finding.warning(
            "memory",
            mebibytes(limit) + " of memory for a program that may take " + mebibytes(most),
            "the kernel kills what goes beyond; the table then goes on serving, and nobody follows"
                + " the changes",
            limit - BESIDE_HEAP >= 32L << 20
                ? "allow it "
                    + mebibytes(most)
                    + " (resources.limits.memory), or export FREEWAY_JAVA_OPTIONS=-Xmx"
                    + ((limit - BESIDE_HEAP) >> 20)
                    + "m"
                : "allow it " + mebibytes(most) + " (resources.limits.memory)"));
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  private static String names(List<String> names) {
    int more = names.size() - NAMED;
    return more <= 0
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMED)) + " and " + more + " more";
  }

  private static String adopt(Machine machine) {
    StringBuilder command = new StringBuilder("ipvs-router apply --adopt");
    if (!machine.stateDirectory().equals(DEFAULT_DIRECTORY)) {
      command.append(" --state-dir ").append(quote(machine.stateDirectory()));
    }
    for (String path : machine.input().isEmpty() ? List.of("web.yaml") : machine.input()) {
      command.append(" --manifests ").append(quote(path));
    }
    return command.toString();
  }

  private static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
