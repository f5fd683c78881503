package dev.freeway.dataplane.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.sync.StateDirectory.Standing;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each check against a machine that has that one thing wrong with it. */
class DoctorTest {
  private static final ServiceKey WEB =
      new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
  private static final ServiceKey DNS =
      new ServiceKey(Protocol.UDP, IpAddress.parse("10.0.0.2"), 53);

  private final MachineFixture given = new MachineFixture();
  private Needs needs = Needs.of(new Desired(new TreeMap<>()));

  private void wants(
      Scheduler scheduler, Forwarding forwarding, Encapsulation encapsulation, String endpoint) {
    Destination destination =
        new Destination(
            new DestinationKey(IpAddress.parse(endpoint), 80), forwarding, encapsulation, 1, 0, 0);
    TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
    endpoints.put(destination.key(), new Endpoint(destination, Endpoint.Condition.READY));
    TreeMap<ServiceKey, DesiredService> services = new TreeMap<>();
    services.put(
        WEB,
        new DesiredService(
            "shop/web",
            VirtualService.of(WEB, scheduler),
            forwarding,
            forwarding == Forwarding.NAT,
            endpoints));
    needs = Needs.of(new Desired(services));
  }

  private void wants(Forwarding forwarding) {
    wants(Scheduler.DEFAULT, forwarding, Encapsulation.IPIP, "10.1.0.11");
  }

  private List<Finding> findings() {
    return Doctor.examine(given.machine(), needs);
  }

  private void finds(Finding.Severity severity, String name, String problem, String command) {
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.name()).isEqualTo(name);
              assertThat(finding.severity()).isEqualTo(severity);
              assertThat(finding.problem()).isEqualTo(problem);
              assertThat(finding.command()).isEqualTo(command);
              assertThat(finding.why()).isNotBlank();
            });
  }

  private void error(String name, String problem, String command) {
    finds(Finding.Severity.ERROR, name, problem, command);
  }

  private void warning(String name, String problem, String command) {
    finds(Finding.Severity.WARNING, name, problem, command);
  }

  @ParameterizedTest
  @CsvSource({"DIRECT", "TUNNEL", "NAT"})
  void findsNothingOnAMachineInOrder(Forwarding forwarding) {
    assertThat(findings()).isEmpty();
    wants(forwarding);
    given.recorded.put(WEB, "shop/web");
    given.holds(WEB);
    assertThat(findings()).isEmpty();
  }

  @Test
  void noCapability() {
    given.netAdmin = false;
    given.table = new Machine.Table.Refused("EPERM");
    error(
        "no-net-admin",
        "this process lacks the capability CAP_NET_ADMIN",
        "sudo ipvs-router doctor");
    given.container = true;
    assertThat(findings()).singleElement().asString().contains("--cap-add NET_ADMIN");
  }

  @Test
  void noIpvs() {
    given.table = new Machine.Table.Absent();
    error(
        "ipvs-missing",
        "the module ip_vs is not loaded",
        "modprobe ip_vs && echo ip_vs > /etc/modules-load.d/ipvs-router.conf");
    given.modprobe = false;
    error(
        "ipvs-missing", "the module ip_vs is not loaded", "apt-get install kmod && modprobe ip_vs");
    given.available.clear();
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.problem())
                  .isEqualTo(
                      "the module ip_vs is not loaded, and Linux 6.1.0-50-amd64 comes without it");
              assertThat(finding.command()).contains("linux-modules-extra");
            });
    given.moduleDirectory = false;
    given.container = true;
    error(
        "ipvs-missing",
        "the module ip_vs is not loaded, and there is no /lib/modules/6.1.0-50-amd64 here to load"
            + " it from",
        "on the host: modprobe ip_vs; or mount the host's /lib/modules read-only into the"
            + " container");
  }

  @Test
  void ipvsThatDoesNotAnswer() {
    given.table = new Machine.Table.Refused("EIO");
    error("ipvs-refuses", "IPVS is loaded and does not answer: EIO", "dmesg | grep -i ipvs");
  }

  @Test
  void aKernelTooOldForGue() {
    given.kernel = "5.2.21";
    wants(
        Scheduler.DEFAULT,
        Forwarding.TUNNEL,
        new Encapsulation.Gue(6080, true, false),
        "10.1.0.11");
    error(
        "kernel-too-old",
        "Linux 5.2.21 has no gue tunnels in IPVS: they came with 5.3",
        "upgrade the kernel, or write freeway.dev/encapsulation: ipip on the Service");
    given.kernel = "5.3.0";
    assertThat(findings()).isEmpty();
  }

  @Test
  void aKernelTooOldForMh() {
    given.kernel = "4.17.1-generic";
    given.loaded.remove("ip_vs_mh");
    given.available.remove("ip_vs_mh");
    wants(Forwarding.DIRECT);
    error(
        "kernel-too-old",
        "Linux 4.17.1-generic has no scheduler mh: it came with 4.18",
        "upgrade the kernel, or write freeway.dev/scheduler: sh,sh-fallback,sh-port on the"
            + " Service");
  }

  @Test
  void aKernelThatDelaysReusedPortsUnderSourceNat() {
    given.kernel = "5.8.0";
    wants(Forwarding.NAT);
    warning(
        "kernel-too-old",
        "Linux 5.8.0 delays a client's port that comes again by a second: mended in 5.9",
        "upgrade the kernel, or write freeway.dev/snat: \"false\" on the Service and route the"
            + " replies through this machine");
    given.kernel = "5.9.0";
    assertThat(findings()).isEmpty();
    given.kernel = "5.8.0";
    wants(Forwarding.DIRECT);
    assertThat(findings()).isEmpty();
  }

  @Test
  void aSchedulerThatThisKernelLacks() {
    wants(new Scheduler("twos", false, false), Forwarding.DIRECT, Encapsulation.IPIP, "10.1.0.11");
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.name()).isEqualTo("scheduler-missing");
              assertThat(finding.problem())
                  .isEqualTo("Linux 6.1.0-50-amd64 comes without the scheduler twos");
              assertThat(finding.why()).contains("shop/web");
            });
    given.available.add("ip_vs_twos"); // the kernel loads it when it is asked for
    assertThat(findings()).isEmpty();
    given.modprobe = false;
    error(
        "modprobe-missing",
        "the module ip_vs_twos is not loaded, and there is no modprobe to load it",
        "apt-get install kmod && modprobe ip_vs_twos");
    given.loaded.add("ip_vs_twos");
    assertThat(findings()).isEmpty();
  }

  @Test
  void loopbackDown() {
    given.links.put("lo", false);
    error(
        "loopback-down",
        "the loopback device lo is down in this network namespace",
        "ip link set lo up");
  }

  @Test
  void changesOfTheMachineThatAreNotMadeYet() {
    given.pending =
        List.of(
            new Machine.PendingChange(
                "net.ipv4.vs.sloppy_tcp is 0, and 1 is wanted",
                "because",
                "sysctl -w net.ipv4.vs.sloppy_tcp=1"));
    warning(
        "host-change",
        "net.ipv4.vs.sloppy_tcp is 0, and 1 is wanted",
        "sysctl -w net.ipv4.vs.sloppy_tcp=1");
  }

  @Test
  void whatServicesNeedAndIsNotSet() {
    given.unmet =
        List.of(
            new Machine.Unmet(
                "set sysctl net.ipv4.ip_forward",
                "left at 0",
                false,
                "sysctl -w net.ipv4.ip_forward=1"));
    error(
        "host-refused",
        "set sysctl net.ipv4.ip_forward: left at 0",
        "sysctl -w net.ipv4.ip_forward=1");
    given.unmet = List.of(new Machine.Unmet("add source-nat table", "refused", true, "modprobe x"));
    error("source-nat", "add source-nat table: refused", "modprobe x");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, false",
    "1, 0, true",
    "0, 1, true",
    "1, 1, true",
    "2, 1, false",
    "1, 2, false",
    "0, 2, false"
  })
  void aStrictReversePathFilter(String all, String device, boolean found) {
    wants(Forwarding.DIRECT);
    given.sysctls.put("net/ipv4/conf/all/rp_filter", all);
    given.sysctls.put("net/ipv4/conf/eth0/rp_filter", device);
    if (found) {
      warning(
          "reverse-path-strict",
          "the reverse-path filter is strict (1) on eth0",
          "sysctl -w net.ipv4.conf.all.rp_filter=2");
    } else {
      assertThat(findings()).isEmpty();
    }
    wants(Forwarding.NAT);
    assertThat(findings()).isEmpty();
  }

  @Test
  void ratesThatAreNotEstimated() {
    given.sysctls.put("net/ipv4/vs/run_estimation", "0");
    warning(
        "rates-off", "net.ipv4.vs.run_estimation is 0", "sysctl -w net.ipv4.vs.run_estimation=1");
  }

  @Test
  void aConnectionTableThatIsTooSmallForItsConnections() {
    given.recorded.put(WEB, "shop/web");
    ObservedDestination busy =
        new ObservedDestination(
            Destination.of(
                new DestinationKey(IpAddress.parse("10.1.0.11"), 80), Forwarding.DIRECT, 1),
            40_000,
            60_000,
            0,
            Statistics.NONE);
    var services = List.of(MachineFixture.observed(WEB, List.of(busy)));
    given.table = new Machine.Table.Read(services, List.of(), 4096);
    warning(
        "connection-table-small",
        "100000 connections in a table of 4096 buckets, which this kernel does not enlarge",
        "echo options ip_vs conn_tab_bits=15 > /etc/modprobe.d/ip_vs.conf; it is read when ip_vs is"
            + " loaded, so reboot");
    given.table = new Machine.Table.Read(services, List.of(), 1 << 15);
    assertThat(findings()).isEmpty();
    given.table = new Machine.Table.Read(services, List.of(), 0);
    assertThat(findings()).isEmpty();
  }

  @Test
  void aSyncDaemonWhereTunnelsCrossFamilies() {
    given.table = new Machine.Table.Read(List.of(), List.of("backup on eth0"), 0);
    wants(Scheduler.DEFAULT, Forwarding.TUNNEL, Encapsulation.IPIP, "10.1.0.11");
    assertThat(findings()).isEmpty();
    wants(Scheduler.DEFAULT, Forwarding.TUNNEL, Encapsulation.IPIP, "2001:db8::11");
    error(
        "sync-daemon",
        "the kernel's connection synchronisation runs: backup on eth0",
        "ipvsadm --stop-daemon backup");
  }

  @Test
  void noNftablesForSourceNat() {
    given.sourceNat = false;
    assertThat(findings()).isEmpty();
    wants(Forwarding.NAT);
    error(
        "nftables-missing",
        "the library libnftables.so.1 is not here",
        "apt-get install libnftables1, or write freeway.dev/snat: \"false\" on the Service and"
            + " route the replies through this machine");
  }

  @ParameterizedTest
  @CsvSource({"kube-ipvs0, kube-proxy", "kube-dummy-if, kube-router", "kube-bridge, kube-router"})
  void aDeviceOfAnotherProxy(String link, String name) {
    given.links.put(link, false);
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.name()).isEqualTo(name);
              assertThat(finding.problem())
                  .startsWith(name + " works in this network namespace")
                  .endsWith(": device " + link);
            });
  }

  @Test
  void chainsOfOtherProxies() {
    given.chains.addAll(List.of("PREROUTING", "KUBE-SERVICES", "KUBE-PROXY-CANARY"));
    assertThat(findings()).as("kube-proxy, which leaves our addresses alone").isEmpty();
    given.chains.add("KUBE-ROUTER-INPUT");
    assertThat(findings()).extracting(Finding::name).containsExactly("kube-router");
  }

  @Test
  void aStateDirectoryThatTakesNothing() {
    given.disk = new Machine.Disk(true, "No space left on device");
    error(
        "state-directory",
        "nothing can be written to the state directory /var/lib/freeway: No space left on device",
        "df -h /var/lib/freeway; ls -ld /var/lib/freeway; then make room or permissions, or give"
            + " another one by --state-dir");
    given.disk = new Machine.Disk(false, "it is not there, and /var is not writable");
    error(
        "state-directory",
        "nothing can be written to the state directory /var/lib/freeway: it is not there, and /var"
            + " is not writable",
        "mkdir -p /var/lib/freeway");
  }

  @Test
  void aLostRecordDeletesNothingAndTheDoctorSaysWhatIsRefused() {
    given.standing = Standing.LOST;
    given.recordFindings = List.of("the record of our services is lost (why): nothing is deleted");
    error(
        "record-lost",
        "the record of our services is lost (why): nothing is deleted",
        "ipvs-router apply --adopt --manifests web.yaml");
    wants(Forwarding.DIRECT);
    given.holds(WEB);
    given.stateDirectory = "/tmp/it's here";
    given.input = List.of("a dir", "-");
    error(
        "record-lost",
        "the record of our services is lost, and the kernel holds what the manifests name:"
            + " tcp 10.0.0.1:80 of shop/web",
        "ipvs-router apply --adopt --state-dir '/tmp/it'\\''s here' --manifests 'a dir' --manifests"
            + " -");
  }

  @Test
  void aRecordOfAnotherBootOrNoneIsFoundOnlyWhereTheTableHoldsWhatWeWant() {
    wants(Forwarding.DIRECT);
    for (Standing standing : List.of(Standing.MISSING, Standing.OUTDATED)) {
      given.standing = standing;
      given.holds();
      assertThat(findings()).isEmpty();
      given.holds(WEB);
      assertThat(findings())
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.name()).isEqualTo("record-missing");
                assertThat(finding.problem()).contains("tcp 10.0.0.1:80 of shop/web");
              });
    }
  }

  @Test
  void servicesOfOthers() {
    given.holds(WEB, DNS);
    given.recorded.put(WEB, "shop/web");
    warning(
        "foreign-services",
        "a service is not ours: udp 10.0.0.2:53",
        "ipvsadm -Ln shows them; one that nobody needs: ipvsadm -D -u 10.0.0.2:53");
    given.recorded.clear();
    wants(Forwarding.DIRECT);
    assertThat(findings())
        .extracting(Finding::name)
        .containsExactly("service-refused", "foreign-services");
    assertThat(findings().getFirst().problem())
        .isEqualTo("another program made tcp 10.0.0.1:80 of shop/web");
  }

  @Test
  void anotherWriter() {
    given.writer = "ipvs-router run, process 4711";
    warning(
        "already-running",
        "ipvs-router run, process 4711 writes to this network namespace's table",
        "change the manifests that it follows; or end it, and the table goes on serving: kill 4711");
  }

  @Test
  void lessMemoryThanTheProgramMayTake() {
    given.memory = new Machine.Memory(192L << 20, 256L << 20);
    warning(
        "memory",
        "256 MiB of memory for a program that may take 320 MiB",
        "allow it 320 MiB (resources.limits.memory), or export FREEWAY_JAVA_OPTIONS=-Xmx128m");
    given.memory = new Machine.Memory(192L << 20, 320L << 20);
    assertThat(findings()).isEmpty();
    given.memory = new Machine.Memory(192L << 20, 0);
    assertThat(findings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"6.1.0-50-amd64, 6, 1", "7.2.13+deb14-amd64, 7, 2", "5.10-rc1, 5, 10", "odd, 0, 0"})
  void readsReleases(String text, int major, int minor) {
    KernelRelease release = KernelRelease.parse(text);
    assertThat(release.major()).isEqualTo(major);
    assertThat(release.minor()).isEqualTo(minor);
  }
}
