package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.CommandLine;
import dev.freeway.dataplane.backend.Backend.Lack;
import dev.freeway.dataplane.backend.BackendNeeds;
import dev.freeway.dataplane.backend.PodAgent;
import dev.freeway.dataplane.backend.PodProbe;
import dev.freeway.dataplane.backend.PreparationException;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A Pod of this node, which is a process in a network namespace and in a control group of kubelet's
 * naming: found, prepared, broken in every way, seen to be broken, and mended.
 */
@Tag("kernel")
@ExtendWith(SharedSegment.class)
class BackendKernelTest {
  private static final String UID = "0b6a3f5e-6d7c-4b1a-9f7e-2f1d3c4b5a69";
  private static final String POD = "shop/web-7";
  private static final Encapsulation GUE = new Encapsulation.Gue(6080, false, false);
  private static final List<ServiceKey> KEYS =
      List.of(
          new ServiceKey(Protocol.TCP, Segment.VIP4, Segment.PORT),
          new ServiceKey(Protocol.TCP, Segment.VIP6, Segment.PORT));

  private Machine guest;
  private Machine worker;
  private Machine pod;
  private dev.freeway.dataplane.lab.Backend server;
  private final AtomicLong clock = new AtomicLong();
  private final List<Lack> changes = new ArrayList<>();
  private final List<InputError> failures = new ArrayList<>();
  private PodAgent agent;

  @BeforeEach
  void start(Segment segment) throws Exception {
    guest = segment.guest();
    segment.topology("topology_host pod br-lan 10.1.0.21/24 fd00:1::21/64");
    guest.shell(
        """
        modprobe -a dummy ipip sit ip6_tunnel ip_gre ip6_gre fou
        ip address replace 10.1.0.250/24 dev br-lan
        ip address replace fd00:1::250/64 dev br-lan nodad
        ip -n pod route add default via 10.1.0.1
        ip -n pod -6 route add default via fd00:1::1
        ip netns exec pod sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
        mkdir -p /sys/fs/cgroup/kubepods.slice/kubepods-pod%1$s.slice/c
        ip netns exec pod sleep 600 > /dev/null 2>&1 &
        echo $! > /sys/fs/cgroup/kubepods.slice/kubepods-pod%1$s.slice/c/cgroup.procs
        until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/1/ns/net)" ]; do :; done
        echo $! > /tmp/pod.pid
        """
            .formatted(UID.replace('-', '_')));
    pod = Machine.named("pod");
    worker = Machine.guest();
    List<InetAddress> none = List.of();
    server = dev.freeway.dataplane.lab.Backend.on(pod, none, Segment.PORT);
    agent =
        PodAgent.ofThisNode(
            clock::get,
            new PodAgent.Listener() {
              @Override
              public void prepared(PodAgent.Wanted wanted, List<Lack> done) {
                changes.addAll(done);
              }

              @Override
              public void failed(PodAgent.Wanted wanted, List<InputError> errors) {
                failures.addAll(errors);
              }
            });
  }

  @AfterEach
  void end() throws Exception {
    server.close();
    pod.close();
    worker.close();
    guest.shell(
        """
        kill $(cat /tmp/pod.pid)
        while [ -s /sys/fs/cgroup/kubepods.slice/kubepods-pod%1$s.slice/c/cgroup.procs ]; do :; done
        rmdir /sys/fs/cgroup/kubepods.slice/kubepods-pod%1$s.slice/c
        ip link delete pod-eth0
        ip netns delete pod
        ip address delete 10.1.0.250/24 dev br-lan
        ip address delete fd00:1::250/64 dev br-lan
        """
            .formatted(UID.replace('-', '_')));
  }

  private static BackendNeeds needs(Encapsulation... tunnels) {
    return BackendNeeds.of(List.of(Segment.VIP4, Segment.VIP6), Set.of(tunnels));
  }

  private PodAgent.Standing agentWants(BackendNeeds needs) throws Exception {
    return worker.call(
        () -> {
          agent.want(List.of(new PodAgent.Wanted(POD, UID, needs)));
          agent.work();
          return agent.standing(UID);
        });
  }

  private List<String> doctor(BackendNeeds needs) throws Exception {
    return worker.call(() -> PodProbe.examine(UID, needs, KEYS)).stream().map(Lack::name).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"direct", "ipip", "gue,port=6080", "gue,port=6080,csum", "gre", "gre,csum"})
  void whatTheAgentPreparesAnswersTheDoctorsPackets(String encapsulation) throws Exception {
    BackendNeeds needs =
        encapsulation.equals("direct")
            ? needs()
            : needs(Encapsulation.parse(encapsulation).orElseThrow());
    assertThat(doctor(needs)).contains("address", "no-answer");

    assertThat(agentWants(needs)).isEqualTo(new PodAgent.Standing.Prepared());

    assertThat(failures).isEmpty();
    assertThat(doctor(needs)).isEmpty();
    clock.addAndGet(10_000_000_000L);
    changes.clear();
    worker.call(agent::work);
    assertThat(changes).as("a second look").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ip address delete 10.9.0.1/32 dev freeway-vip                        | address     | no-answer
          ip link set freeway-vip down                                         | link-down   |
          ip link delete freeway-ipip                                          | tunnel      | no-answer
          ip link set freeway-ip6tnl down                                      | link-down   | no-answer
          sysctl -qw net.ipv4.conf.freeway-ipip.rp_filter=1                    | rp-filter   | no-answer
          ip address flush dev freeway-ipip                                    | tunnel-address | no-answer
          sysctl -qw net.ipv4.conf.eth0.arp_ignore=0                           | arp-ignore  |
          sysctl -qw net.ipv4.conf.eth0.arp_announce=0                         | arp-announce |
          nft delete table inet freeway-backend                                | clamp       | segments
          nft flush table inet freeway-backend                                 | clamp       | segments
          nft add table inet x; nft add chain inet x y '{type filter hook output priority 0; policy drop;}' | | no-answer
          """)
  void whatIsBrokenIsNamedAndMended(String command, String lack, String packet) throws Exception {
    BackendNeeds needs = needs(Encapsulation.IPIP);
    agentWants(needs);
    assertThat(doctor(needs)).isEmpty();

    pod.shell(command);

    List<String> found = doctor(needs);
    if (lack != null) {
      assertThat(found).contains(lack);
    }
    if (packet != null) {
      assertThat(found).contains(packet);
    }
    if (lack != null) { // else it is not ours to mend
      clock.addAndGet(10_000_000_000L);
      worker.call(agent::work);
      assertThat(doctor(needs)).isEmpty();
    }
  }

  @Test
  void aPortThatNobodyListensOnIsRefused() throws Exception {
    BackendNeeds needs = needs(GUE);
    agentWants(needs);
    server.close();
    server = dev.freeway.dataplane.lab.Backend.on(pod, List.of());

    assertThat(doctor(needs)).containsExactly("refused", "refused");
  }

  @Test
  void whatNoServiceNeedsAnyMoreIsTakenAway() throws Exception {
    String before = pod.shell("ip -o link; ip -o -4 address; nft list ruleset");
    agentWants(needs(Encapsulation.IPIP, GUE));
    assertThat(pod.shell("ip -o link")).contains("freeway-vip", "freeway-ipip", "freeway-sit");

    agentWants(BackendNeeds.of(List.of(Segment.VIP4), Set.of()));
    assertThat(pod.shell("ip -o link")).contains("freeway-vip").doesNotContain("freeway-ipip");
    assertThat(pod.shell("ip -o address")).contains("10.9.0.1/32").doesNotContain("fd00:9::1");

    agentWants(BackendNeeds.NONE);
    assertThat(pod.shell("ip -o link; ip -o -4 address; nft list ruleset")).isEqualTo(before);
  }

  @Test
  void aPodIsFoundOnlyWhenItHasAProcess() throws Exception {
    String absent = UID.replace('0', '1');
    long next =
        worker.call(
            () -> {
              agent.want(List.of(new PodAgent.Wanted("shop/new", absent, needs())));
              return agent.work();
            });
    assertThat(agent.standing(absent)).isEqualTo(new PodAgent.Standing.Unseen());
    assertThat(next).as("ns until it is looked for again").isLessThanOrEqualTo(100_000_000L);
    assertThatThrownBy(() -> worker.call(() -> PodProbe.examine(absent, needs(), KEYS)))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("no process");
  }

  @Test
  void aPodOnTheNodesNetworkIsLeftAlone() throws Exception {
    String shown = "ip -br link | awk '{ print $1 }'; ip -o address | awk '{ print $2, $4 }'";
    String before = guest.shell(shown);
    guest.shell(
        "sleep 600 > /dev/null 2>&1 & mkdir -p /sys/fs/cgroup/kubepods.slice/pod-host;"
            + " mkdir -p /sys/fs/cgroup/pod11111111-6d7c-4b1a-9f7e-2f1d3c4b5a69;"
            + " echo $! > /sys/fs/cgroup/pod11111111-6d7c-4b1a-9f7e-2f1d3c4b5a69/cgroup.procs;"
            + " echo $! > /tmp/host.pid");
    try {
      worker.call(
          () -> {
            agent.want(
                List.of(
                    new PodAgent.Wanted(
                        "shop/host", "11111111-6d7c-4b1a-9f7e-2f1d3c4b5a69", needs())));
            agent.work();
            clock.addAndGet(31_000_000_000L); // no process that has only just begun
            return agent.work();
          });
      assertThat(failures)
          .singleElement()
          .extracting(InputError::field)
          .isEqualTo("spec.hostNetwork");
      assertThat(guest.shell(shown)).isEqualTo(before);
    } finally {
      guest.shell("kill $(cat /tmp/host.pid)");
    }
  }

  /**
   * As an init container is: NET_ADMIN in its own namespace, and nothing to be written in /proc.
   */
  @Test
  void anInitContainerNeedsNoMoreThanNetAdmin() throws Exception {
    String java = ProcessHandle.current().info().command().orElseThrow();
    pod.shell(
        """
        unshare --mount bash -euc '
        mount -o bind,ro /proc/sys /proc/sys
        ! sysctl -qw net.ipv4.conf.eth0.arp_ignore=1 2> /dev/null
        exec setpriv --bounding-set=-all,+net_admin --inh-caps=-all --no-new-privs %s \
          -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
          -cp "%s" dev.freeway.dataplane.Main \
          backend prepare --vip %s,%s --forwarding tunnel --encapsulation gue,port=6080'
        """
            .formatted(java, System.getProperty("java.class.path"), Segment.VIP4, Segment.VIP6));
    assertThat(doctor(needs(GUE))).isEmpty();
  }

  @Test
  void theCommandSaysWhatItDidAndNothingTheSecondTime() throws Exception {
    String[] command = {"backend", "prepare", "--vip", "10.9.0.1", "--forwarding", "direct"};
    CommandLine.Result first = pod.call(() -> CommandLine.run(command));
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.out())
        .contains("address 10.9.0.1 on freeway-vip", "arp_ignore=1 on eth0", "4 changes");
    assertThat(pod.call(() -> CommandLine.run(command)).out()).isEqualTo("nothing to prepare\n");
    CommandLine.Result lacking =
        pod.call(
            () ->
                CommandLine.run(
                    "backend", "doctor", "--vip", "10.9.0.2", "--forwarding", "tunnel"));
    assertThat(lacking.exitCode()).isEqualTo(2);
    assertThat(lacking.out()).contains("ip address add 10.9.0.2/32 dev freeway-vip");
  }
}
