package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Protocol;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Packets through every forwarding mode: who answers, whose address the backend sees, and which way
 * the reply goes, counted on the wire.
 */
@Tag("kernel")
@ExtendWith(SharedSegment.class)
class ForwardingKernelTest {
  private static final int CONNECTIONS = 12;
  private static final int QUESTIONS = 2;

  /** A forwarding mode as a Service asks for it. */
  enum Mode {
    DIRECT("direct", "", ""),
    IPIP("tunnel", "ipip", ""),
    GUE("tunnel", "gue,port=6080", ""),
    GUE_CSUM("tunnel", "gue,port=6080,csum", ""),
    GRE("tunnel", "gre", ""),
    GRE_CSUM("tunnel", "gre,csum", ""),
    NAT("nat", "", "false"),
    SNAT("nat", "", "true");

    private final String forwarding;
    private final String encapsulation;
    private final String snat;

    Mode(String forwarding, String encapsulation, String snat) {
      this.forwarding = forwarding;
      this.encapsulation = encapsulation;
      this.snat = snat;
    }

    boolean tunnels() {
      return !encapsulation.isEmpty();
    }

    boolean translates() {
      return forwarding.equals("nat");
    }
  }

  /** One way of a packet. */
  record Cell(Mode mode, Family service, Family backend, Protocol protocol) {
    @Override
    public String toString() {
      return mode.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
          + (service == backend ? " " + service : " of " + service + " to " + backend + " backends")
          + " "
          + protocol;
    }
  }

  private static Segment segment;
  private static Wire wire;
  private static Router router;

  @BeforeAll
  static void setUp(Segment shared, @TempDir Path directory) throws Exception {
    segment = shared;
    segment.clear();
    wire = new Wire(segment.guest());
    router = new Router(segment.machine("lb"), directory);
  }

  @AfterAll
  static void tearDown() throws Exception {
    segment.guest().shell("nft delete table bridge lab");
  }

  static List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Mode mode : Mode.values()) {
      for (Family service : Family.values()) {
        for (Family backend : Family.values()) {
          if (service == backend || mode.tunnels()) {
            for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
              cells.add(new Cell(mode, service, backend, protocol));
            }
          }
        }
      }
    }
    return cells;
  }

  /** Prepares the backends for a mode, and says whom they answer through. */
  private static void prepareBackends(Mode mode) throws Exception {
    segment.prepareBackends(
        mode.tunnels() ? Set.of(Encapsulation.parse(mode.encapsulation).orElseThrow()) : Set.of());
    if (mode.translates()) {
      String way = mode == Mode.NAT ? "through" : "past";
      segment.topology("for b in b1 b2 b3; do topology_backend_return $b " + way + "; done");
    }
  }

  private static Manifest manifest(Cell cell) {
    Mode mode = cell.mode;
    Manifest manifest =
        new Manifest("web", Segment.vip(cell.service))
            .with("forwarding", mode.forwarding)
            .with("scheduler", "rr")
            .ports(Segment.PORT, mode.translates() ? Segment.TARGET_PORT : Segment.PORT);
    if (mode.tunnels()) {
      manifest.with("encapsulation", mode.encapsulation);
    }
    if (mode.translates()) {
      manifest.with("snat", mode.snat);
    }
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(Segment.address(backend, cell.backend));
    }
    return manifest;
  }

  private static Optional<Mode> prepared = Optional.empty();

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  void packetsGoThereAndBack(Cell cell) throws Exception {
    if (!prepared.equals(Optional.of(cell.mode))) {
      prepareBackends(cell.mode);
      prepared = Optional.of(cell.mode);
    }
    router.apply(manifest(cell));
    wire.take();

    InetSocketAddress to =
        new InetSocketAddress(Segment.vip(cell.service).toInetAddress(), Segment.PORT);
    List<Client.Connection> connections =
        segment.clients().getFirst().open(cell.protocol, to, CONNECTIONS);
    List<Client.Answer> answers = new ArrayList<>();
    for (int i = 0; i < QUESTIONS; i++) {
      answers.addAll(Client.askAll(connections));
    }
    Wire.Count count = wire.take();
    Client.closeAll(connections);

    TreeSet<String> answered = new TreeSet<>();
    TreeSet<String> seen = new TreeSet<>();
    for (Client.Answer answer : answers) {
      answered.add(answer.backend());
      seen.add(answer.seen().toString());
    }
    assertThat(answered).containsExactlyElementsOf(Segment.BACKENDS);
    assertThat(seen)
        .containsExactly(
            Segment.address(cell.mode == Mode.SNAT ? "lb" : "r1", cell.service).toString());
    long packets = (long) CONNECTIONS * QUESTIONS; // and those that open TCP connections
    assertThat(cell.mode.translates() ? count.through() : count.past())
        .isGreaterThanOrEqualTo(packets);
    assertThat(cell.mode.translates() ? count.past() : count.through()).isZero();
    if (cell.mode.tunnels()) {
      assertThat(count.plain()).as("requests that were not in a tunnel").isZero();
    } else {
      assertThat(count.plain()).isGreaterThanOrEqualTo(packets);
    }
  }
}
