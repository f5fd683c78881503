package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.CommandLine;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A terminating endpoint under every scheduler: the connections that it has, and where new ones
 * land.
 */
@Tag("kernel")
@ExtendWith(SharedSegment.class)
class DrainKernelTest {
  private static final int CONNECTIONS = 6; // of each client, over TCP and over UDP
  private static final List<Protocol> PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP);

  private static Segment segment;
  private static Router router;

  @BeforeAll
  static void setUp(Segment shared, @TempDir Path directory) throws Exception {
    segment = shared;
    segment.clear();
    router = new Router(segment.machine("lb"), directory);
  }

  private static Manifest service(String scheduler) {
    // Under ovf a destination takes as many connections as its weight says.
    return new Manifest("web", Segment.VIP4)
        .with("forwarding", "direct")
        .with("scheduler", scheduler)
        .weight(1000);
  }

  /** The manifest with all three backends, one of them in another condition. */
  private static Manifest backends(Manifest manifest, String one, Manifest.Condition condition) {
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(
          Segment.address(backend, Family.IPV4),
          backend.equals(one) ? condition : Manifest.Condition.READY);
    }
    return manifest;
  }

  private static List<Flow> establish() throws Exception {
    InetSocketAddress to = new InetSocketAddress(Segment.VIP4.toInetAddress(), Segment.PORT);
    List<Flow> flows = new ArrayList<>();
    for (Protocol protocol : PROTOCOLS) {
      flows.addAll(Flow.establish(segment.clients(), protocol, to, CONNECTIONS));
    }
    return flows;
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "rr",
        "wrr",
        "lc",
        "wlc",
        "lblc",
        "lblcr",
        "sed",
        "nq",
        "fo",
        "ovf",
        "sh,sh-fallback",
        "sh,sh-fallback,sh-port",
        "mh,mh-fallback",
        "mh,mh-fallback,mh-port"
      })
  void keepsItsConnectionsAndGetsNoNewOnes(String scheduler) throws Exception {
    router.apply(backends(service(scheduler), "none", Manifest.Condition.READY));
    drains(service(scheduler));
  }

  /** Debian's 6.1 has every scheduler but twos, the later ones have them all. */
  @Test
  void underTwosWhichOldKernelsLackAndRefuseByName() throws Exception {
    if (System.getProperty("os.version").startsWith("6.1.")) {
      CommandLine.Result refused =
          router.tryApply(List.of(backends(service("twos"), "none", Manifest.Condition.READY)));
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.err()).contains("twos");
    } else {
      keepsItsConnectionsAndGetsNoNewOnes("twos");
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"rr", "wlc", "sh,sh-fallback", "mh,mh-fallback"})
  void getsNoNewOnesOfAClientThatSticksToIt(String scheduler) throws Exception {
    router.apply(backends(service(scheduler).affinity(600), "none", Manifest.Condition.READY));
    drains(service(scheduler).affinity(600));
  }

  private static void drains(Manifest service) throws Exception {
    List<Flow> before = establish();
    String draining = before.getFirst().backend();
    CommandLine.Result applied =
        router.tryApply(
            List.of(backends(service, draining, Manifest.Condition.SERVING_TERMINATING)));
    assertThat(applied.exitCode()).as(applied.err()).isZero();
    assertThat(applied.out()).contains("2 destinations drain"); // over TCP and over UDP

    List<Flow> after = establish();
    assertThat(Flow.backends(after)).isNotEmpty().doesNotContain(draining);
    Flow.assertKept(before);
    Flow.assertKept(after);
    Flow.close(before);
    Flow.close(after);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"dh", "sh", "sh,sh-port", "mh", "mh,mh-port"})
  void isRemovedWhereWeightZeroWouldDropNewClients(String scheduler) throws Exception {
    router.apply(backends(service(scheduler), "none", Manifest.Condition.READY));
    List<Flow> before = establish();
    String removed = before.getFirst().backend();
    router.apply(backends(service(scheduler), removed, Manifest.Condition.SERVING_TERMINATING));

    List<Flow> after = establish();
    assertThat(Flow.backends(after)).isNotEmpty().doesNotContain(removed);
    Flow.assertKept(after);
    for (Flow flow : before) {
      if (!flow.backend().equals(removed)) {
        Flow.assertKept(List.of(flow));
      } else if (flow.protocol() == Protocol.TCP) {
        assertThatThrownBy(() -> flow.connection().ask()).isInstanceOf(IOException.class);
      } else {
        assertThat(flow.connection().ask().backend()).isNotEqualTo(removed);
      }
    }
    Flow.close(before);
    Flow.close(after);
  }

  /** As from cron, each time as another process; the connections end with their destination. */
  @Test
  void endsUnderRepeatedApplyWhenTheLimitIsOver() throws Exception {
    router.apply(backends(service("rr"), "none", Manifest.Condition.READY));
    List<Flow> flows = establish();
    List<Manifest> terminating =
        List.of(backends(service("rr"), "b2", Manifest.Condition.TERMINATING));
    assertThat(router.tryApply(terminating, "--drain-limit", "4s").out())
        .contains("2 destinations drain");
    Flow.assertKept(flows);
    Await.until(
        () -> "the drain to end",
        () -> {
          try {
            return !router.tryApply(terminating, "--drain-limit", "4s").out().contains("drain");
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(segment.machine("lb").shell("ipvsadm -Sn"))
        .contains(Segment.address("b1", Family.IPV4) + ":")
        .doesNotContain(Segment.address("b2", Family.IPV4) + ":");
    Flow.close(flows);
  }

  @Test
  void servesOnWhenNoReadyOneIsLeft() throws Exception {
    Manifest manifest = service("rr");
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(
          Segment.address(backend, Family.IPV4), Manifest.Condition.SERVING_TERMINATING);
    }
    router.apply(manifest);
    List<Flow> flows = establish();
    assertThat(Flow.backends(flows)).containsExactlyElementsOf(Segment.BACKENDS);
    Flow.close(flows);
  }
}
