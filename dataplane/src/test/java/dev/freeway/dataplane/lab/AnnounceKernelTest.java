package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.CommandLine;
import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kube.ManifestReader;
import dev.freeway.dataplane.kube.ServiceTranslator;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.link.LinkHost;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.Namespaces;
import dev.freeway.dataplane.sync.Outcome;
import dev.freeway.dataplane.sync.Reconciler;
import dev.freeway.dataplane.sync.Settings;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two routers on one segment and a client beside them: who answers ARP and neighbour discovery, and
 * what becomes of the client when that is another one.
 */
@Tag("kernel")
@Tag("behaviour") // long, and asked of the oldest and the newest kernel alone
@ExtendWith(SharedSegment.class)
class AnnounceKernelTest {
  /**
   * Each look at the client's table is a process of its own, and takes a tenth of a second and more
   * where all is emulated. By itself an entry that nobody uses would stay for ever.
   */
  private static final Duration AT_ONCE = Duration.ofSeconds(5);

  private static Neighbourhood all;

  @TempDir private Path directory;

  @BeforeAll
  static void open(Segment shared) throws Exception {
    all = Neighbourhood.open(shared);
  }

  @AfterAll
  static void close() throws Exception {
    all.close();
  }

  /** Leaves both routers as they were; the table is empty afterwards. */
  @AfterEach
  void restore() throws Exception {
    for (String router : Neighbourhood.ROUTERS) {
      Host.Report done = on(router, host -> host.restore());
      assertThat(done.errors()).isEmpty();
      all.machine(router).shell("ipvsadm -C");
    }
    for (Family family : Family.values()) {
      all.forget(Neighbourhood.vip(family));
    }
  }

  private interface OnHost<T> {
    T with(LinkHost host) throws Exception;
  }

  private <T> T on(String router, OnHost<T> work) throws Exception {
    return all.machine(router)
        .call(
            () -> {
              try (LinkHost host =
                  LinkHost.open(state(router), Namespaces.current(), /* sysctls= */ false)) {
                return work.with(host);
              }
            });
  }

  private StateDirectory state(String router) {
    return StateDirectory.open(directory.resolve(router));
  }

  /** The two services, one of each family, over the backends by direct return. */
  private Desired desired() throws Exception {
    StringBuilder yaml = new StringBuilder();
    for (Family family : Family.values()) {
      Manifest manifest =
          new Manifest("web" + family.bits(), Neighbourhood.vip(family))
              .ports(Neighbourhood.PORT, Neighbourhood.PORT)
              .with("forwarding", "direct");
      for (String backend : Segment.BACKENDS) {
        manifest.endpoint(Segment.address(backend, family));
      }
      yaml.append(manifest.yaml());
    }
    Path file = Files.writeString(directory.resolve("manifests.yaml"), yaml);
    return ServiceTranslator.translate(
            ManifestReader.read(List.of(file.toString()), InputStream.nullInputStream()), Map.of())
        .desired();
  }

  private void apply(String router, Announcing announcing) throws Exception {
    Desired desired = desired();
    Settings settings = Settings.DEFAULT.with(announcing);
    Outcome outcome =
        on(
            router,
            host -> {
              try (Ipvs ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC))) {
                return new Reconciler(
                        ipvs,
                        state(router),
                        Namespaces.current(),
                        settings,
                        System::nanoTime,
                        () -> 0,
                        host)
                    .apply(desired);
              }
            });
    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.host().errors()).isEmpty();
    assertThat(outcome.host().notes()).isEmpty();
  }

  /** Both routers, the one that hands over first. */
  private void elect(String router) throws Exception {
    for (String one : List.of(router.equals("lb") ? "lb2" : "lb", router)) {
      apply(one, Election.of(router, one));
    }
  }

  private static InetSocketAddress service(Family family) {
    return new InetSocketAddress(Neighbourhood.vip(family).toInetAddress(), Neighbourhood.PORT);
  }

  private static List<Flow> establish(Family family, int each) throws Exception {
    List<Flow> flows = new ArrayList<>();
    for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
      flows.addAll(
          Flow.establish(List.of(new Client(all.machine("c"))), protocol, service(family), each));
    }
    return flows;
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void exactlyOneRouterAnswersAndTheOtherHoldsTheAddressSilently(Family family) throws Exception {
    IpAddress vip = Neighbourhood.vip(family);
    for (String router : Neighbourhood.ROUTERS) {
      elect(router);
      for (int i = 0; i < 3; i++) {
        all.forget(vip);
        all.answered(family);
        Flow.close(establish(family, 2));
        assertThat(all.believed(vip)).isEqualTo(Neighbourhood.hardware(router));
        assertThat(all.answered(family)).containsExactly(router);
      }
      for (String one : Neighbourhood.ROUTERS) {
        assertThat(all.machine(one).shell("ip -o addr show dev freeway0")).contains(vip + "/");
        assertThat(all.machine(one).shell("ip -o addr show dev eth0").contains(vip + "/"))
            .isEqualTo(one.equals(router));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aTakeOverMovesNeighboursAtOnceAndNoConnection(Family family, TestReporter reporter)
      throws Exception {
    IpAddress vip = Neighbourhood.vip(family);
    elect("lb");
    List<Flow> flows = establish(family, 8);
    assertThat(all.believed(vip)).isEqualTo(Neighbourhood.hardware("lb"));
    for (String router : List.of("lb2", "lb", "lb2")) {
      String other = router.equals("lb") ? "lb2" : "lb";
      apply(other, Election.of(router, other));
      assertThat(all.believed(vip)).as("nobody told").isEqualTo(Neighbourhood.hardware(other));
      all.answered(family);
      long start = System.nanoTime();
      apply(router, Election.of(router, router));
      long applied = System.nanoTime();
      all.untilBelieved(vip, router, AT_ONCE); // the client asked nobody: its connections rest
      reporter.publishEntry(
          "take-over by " + router + " of " + vip,
          "apply took "
              + Duration.ofNanos(applied - start).toMillis()
              + " ms, seen by the neighbour "
              + Duration.ofNanos(System.nanoTime() - applied).toMillis()
              + " ms later");
      Flow.assertKept(flows);
      flows.addAll(establish(family, 2));
    }
    Flow.close(flows);
  }

  /** A neighbour that has the address in its table is told; one that comes new asks. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void aClientThatOpensConnectionsAllTheTimeMissesNone(Family family) throws Exception {
    elect("lb");
    AtomicBoolean end = new AtomicBoolean();
    AtomicInteger opened = new AtomicInteger();
    Set<String> answers = new HashSet<>();
    Client client = new Client(all.machine("c"));
    try (var clients = Executors.newSingleThreadExecutor()) {
      CompletableFuture<List<String>> asking =
          CompletableFuture.supplyAsync(
              () -> {
                List<String> failed = new ArrayList<>();
                while (!end.get()) {
                  try (Client.Connection one =
                      client.open(Protocol.TCP, service(family), 1).getFirst()) {
                    answers.add(one.ask().backend());
                    opened.incrementAndGet();
                  } catch (Exception e) {
                    failed.add(e.toString());
                  }
                }
                return failed;
              },
              clients);
      for (String router : List.of("lb2", "lb", "lb2", "lb")) {
        elect(router);
      }
      end.set(true);
      assertThat(asking.get()).isEmpty();
    }
    assertThat(opened.get()).isGreaterThan(20);
    assertThat(answers).isNotEmpty();
  }

  /** The address is on two links, and goes from one of them and comes again, under traffic. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void anAddressThatComesAndGoesOnTheSegmentStaysLocal(Family family) throws Exception {
    elect("lb");
    IpAddress vip = Neighbourhood.vip(family);
    all.machine("c")
        .shell(
            "ip neigh replace %s lladdr %s nud permanent dev eth0"
                .formatted(vip, Neighbourhood.hardware("lb")));
    List<Flow> flows = establish(family, 2);
    AtomicBoolean end = new AtomicBoolean();
    AtomicInteger rounds = new AtomicInteger();
    try (var clients = Executors.newSingleThreadExecutor()) {
      CompletableFuture<Void> asking =
          CompletableFuture.runAsync(
              () -> {
                while (!end.get()) {
                  Flow.assertKept(flows); // over UDP a lost packet is a failure
                  rounds.incrementAndGet();
                }
              },
              clients);
      TreeSet<ServiceKey> held = new TreeSet<>();
      for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
        held.add(new ServiceKey(protocol, vip, Neighbourhood.PORT));
      }
      int changes =
          on(
              "lb",
              host -> {
                int done = 0;
                for (int i = 0; i < 60; i++) {
                  HostNeeds needs =
                      new HostNeeds(
                          new TreeMap<>(),
                          held,
                          held,
                          false,
                          Election.of(i % 2 == 0 ? "lb2" : "lb", "lb"));
                  done += host.settle(needs).changes().size();
                }
                return done;
              });
      end.set(true);
      asking.get();
      assertThat(changes).isGreaterThanOrEqualTo(60);
    }
    assertThat(rounds.get()).isGreaterThan(5);
    Flow.close(flows);
    all.machine("c").shell("ip neigh del %s dev eth0".formatted(vip));
  }

  /** What a router that is gone leaves behind: the kernel answers on for half a minute at most. */
  @Test
  void theKernelLetsGoOfAnAddressThatNobodyRenews() throws Exception {
    elect("lb");
    String four = all.machine("lb").shell("ip -o addr show dev eth0 to " + Neighbourhood.VIP4);
    String six = all.machine("lb").shell("ip -o addr show dev eth0 to " + Neighbourhood.VIP6);
    assertThat(List.of(four, six))
        .allSatisfy(
            line ->
                assertThat(line)
                    .containsPattern("valid_lft (2[0-9]|30)sec preferred_lft 0sec")
                    .contains("/" + (line.contains("inet6") ? 128 : 32)));
    Await.until(
        Duration.ofSeconds(40),
        () -> "an address is still there",
        () -> {
          try {
            String left = all.machine("lb").shell("ip -o addr show dev eth0");
            return !left.contains("10.1.0.100/") && !left.contains("fd00:1::100/");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(all.machine("lb").shell("ip -o addr show dev freeway0"))
        .contains("10.1.0.100/32", "fd00:1::100/128");
  }

  /** IPv6 would choose the longest common prefix: the service's address for a neighbour's. */
  @ParameterizedTest
  @EnumSource(Family.class)
  void noPacketOfTheMachinesOwnComesFromTheAddress(Family family) throws Exception {
    elect("lb");
    String near = family == Family.IPV4 ? "10.1.0.101" : "fd00:1::101";
    assertThat(all.machine("lb").shell("ip route get " + near))
        .contains("src " + Segment.address("lb", family))
        .doesNotContain("src " + Neighbourhood.vip(family));
  }

  @Test
  void theProgramItselfAnswersWhereItIsTheOnlyRouter() throws Exception {
    Path manifests = directory.resolve("manifests.yaml");
    desired();
    for (String announce : List.of("l2", "none")) {
      assertThat(
              all.machine("lb")
                  .call(
                      () ->
                          CommandLine.run(
                              "apply",
                              "--announce",
                              announce,
                              "--state-dir",
                              directory.resolve("lb").toString(),
                              "--manifests",
                              manifests.toString()))
                  .exitCode())
          .isZero();
      all.forget(Neighbourhood.VIP4);
      Flow.close(establish(Family.IPV4, 1));
      assertThat(all.believed(Neighbourhood.VIP4)).isEqualTo(Neighbourhood.hardware("lb"));
      boolean layer2 = announce.equals("l2");
      assertThat(all.machine("lb").shell("sysctl -n net.ipv4.conf.eth0.arp_ignore").strip())
          .isEqualTo(layer2 ? "1" : "0");
      assertThat(all.machine("lb").shell("ip -o addr show dev eth0").contains("fd00:1::100/"))
          .isEqualTo(layer2);
      if (layer2) {
        Flow.close(establish(Family.IPV6, 1));
        assertThat(
                all.machine("lb")
                    .call(
                        () ->
                            CommandLine.run(
                                "show", "--state-dir", directory.resolve("lb").toString()))
                    .out())
            .contains("ours, answers on eth0");
      }
    }
  }
}
