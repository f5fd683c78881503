package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections stay with their backends whatever else of their service changes. */
@Tag("kernel")
@ExtendWith(SharedSegment.class)
class RestartKernelTest {
  private static final int CONNECTIONS = 8; // of each client, over TCP and over UDP

  private static Segment segment;

  @TempDir private Path directory;
  private Router router;

  @BeforeAll
  static void open(Segment shared) {
    segment = shared;
  }

  @BeforeEach
  void freshRouter() throws Exception {
    segment.clear();
    router = new Router(segment.machine("lb"), directory);
  }

  private static Manifest service(String forwarding, String scheduler) {
    Manifest manifest =
        new Manifest("web", Segment.VIP4)
            .with("forwarding", forwarding)
            .with("scheduler", scheduler);
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(Segment.address(backend, Family.IPV4));
    }
    return manifest;
  }

  private static List<Flow> establish() throws Exception {
    InetSocketAddress to = new InetSocketAddress(Segment.VIP4.toInetAddress(), Segment.PORT);
    List<Flow> flows = new ArrayList<>();
    for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
      flows.addAll(Flow.establish(segment.clients(), protocol, to, CONNECTIONS));
    }
    return flows;
  }

  /** Applies one state after another, with new connections under each, and keeps them all. */
  private void keepThroughAll(Manifest... states) throws Exception {
    List<Flow> flows = new ArrayList<>();
    for (Manifest state : states) {
      router.apply(state);
      Flow.assertKept(flows);
      flows.addAll(establish());
      Flow.assertKept(flows);
    }
    assertThat(Flow.backends(flows)).containsExactlyElementsOf(Segment.BACKENDS);
    Flow.close(flows);
  }

  @Test
  void theSameAgain() throws Exception {
    keepThroughAll(service("direct", "rr"), service("direct", "rr"), service("direct", "rr"));
  }

  @Test
  void anotherScheduler() throws Exception {
    keepThroughAll(
        service("direct", "rr"),
        service("direct", "mh,mh-fallback,mh-port"),
        service("direct", "wlc"),
        service("direct", "sh"),
        service("direct", "rr"));
  }

  @Test
  void persistenceComesAndGoes() throws Exception {
    keepThroughAll(
        service("direct", "rr"),
        service("direct", "rr").affinity(600),
        service("direct", "rr").affinity(60),
        service("direct", "rr"));
  }

  @Test
  void otherWeightsAndThresholds() throws Exception {
    keepThroughAll(
        service("direct", "wrr"),
        service("direct", "wrr").weight(7),
        service("direct", "wrr").with("upper-threshold", "1000"),
        service("direct", "wrr"));
  }

  /**
   * A destination has one cached route for all its connections, and the first packet after a change
   * fills it. Direct return needs one that leads to the backend's own MAC address, which tunnels do
   * not ask for: after their packet, those of direct return look for the virtual address on the
   * segment and go nowhere (ip_vs_xmit.c, IP_VS_RT_MODE_KNOWN_NH).
   */
  @ParameterizedTest(name = "from {0} to {1}, {2} connections speak first: lost {3}")
  @CsvSource({
    "direct, tunnel, old, none",
    "direct, tunnel, new, old",
    "tunnel, direct, old, new",
    "tunnel, direct, new, none"
  })
  void anotherForwarding(String from, String to, String first, String lost) throws Exception {
    router.apply(service(from, "rr"));
    List<Flow> flows = establish();
    router.apply(service(to, "rr"));
    if (first.equals("old")) {
      Flow.assertKept(flows);
    }
    if (lost.equals("new")) {
      assertThatThrownBy(RestartKernelTest::establish).isInstanceOf(IOException.class);
    } else {
      List<Flow> fresh = establish();
      Flow.assertKept(fresh);
      if (lost.equals("old")) {
        assertThatThrownBy(() -> flows.getFirst().connection().ask())
            .isInstanceOf(IOException.class);
      } else {
        Flow.assertKept(flows);
      }
      Flow.close(fresh);
    }
    Flow.close(flows);
  }

  @Test
  void backendsComeAndGoBeside() throws Exception {
    List<Flow> flows = new ArrayList<>();
    router.apply(service("direct", "mh,mh-fallback,mh-port"));
    for (Flow flow : establish()) {
      if (flow.backend().equals("b3")) {
        flow.connection().close();
      } else {
        flows.add(flow);
      }
    }
    Manifest two =
        new Manifest("web", Segment.VIP4)
            .with("forwarding", "direct")
            .with("scheduler", "mh,mh-fallback,mh-port")
            .endpoint(Segment.address("b1", Family.IPV4))
            .endpoint(Segment.address("b2", Family.IPV4));
    router.apply(two);
    Flow.assertKept(flows);
    router.apply(service("direct", "mh,mh-fallback,mh-port"));
    Flow.assertKept(flows);
    Flow.close(flows);
  }

  @Test
  void aRecordThatIsLostAndAdoption() throws Exception {
    router.apply(service("direct", "mh,mh-fallback,mh-port"));
    List<Flow> flows = establish();
    Router another = new Router(segment.machine("lb"), directory.resolve("another"));
    assertThat(
            another
                .tryApply(List.of(service("direct", "mh,mh-fallback,mh-port")), "--adopt")
                .exitCode())
        .isZero();
    Flow.assertKept(flows);
    Flow.close(flows);
  }
}
