package dev.freeway.dataplane.suite;

import static dev.freeway.dataplane.suite.Around.ask;
import static dev.freeway.dataplane.suite.Around.countOf;
import static dev.freeway.dataplane.suite.Around.weighing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.MaglevTable;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.suite.Around.Held;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a data plane does with clients, whichever it is. Scheduling is compared one connection after
 * the other, for each is answered before the next begins; counters by waiting, as the kernel adds
 * them up every two seconds. Where planes may differ, {@link Plane} says so.
 */
@Timeout(180)
public abstract class DataPlaneSuite {
  private Plane plane;
  private Around around;

  /** A plane with nothing in its table. */
  protected abstract Plane open() throws Exception;

  @BeforeEach
  void begin() throws Exception {
    plane = open();
    around = new Around(plane);
  }

  @AfterEach
  void end() throws Exception {
    around.close();
    plane.close();
  }

  private static Scheduler named(String scheduler) {
    return new Scheduler(scheduler, false, false);
  }

  private VirtualService tcp(Scheduler scheduler) throws Exception {
    return VirtualService.of(plane.service(Protocol.TCP, Family.IPV4), scheduler);
  }

  private VirtualService tcp(String scheduler) throws Exception {
    return tcp(named(scheduler));
  }

  private VirtualService udp(boolean onePacket) throws Exception {
    return new VirtualService(
        plane.service(Protocol.UDP, Family.IPV4), named("rr"), 0, 32, onePacket);
  }

  private VirtualService sticky(int bits) throws Exception {
    return sticky(300, bits);
  }

  private VirtualService sticky(int seconds, int bits) throws Exception {
    return new VirtualService(
        plane.service(Protocol.TCP, Family.IPV4), named("rr"), seconds, bits, false);
  }

  private List<Server> servers() throws Exception {
    return servers(Family.IPV4);
  }

  private List<Server> servers(Family family) throws Exception {
    List<Server> servers = new ArrayList<>();
    for (int i = 0; i < Plane.BACKENDS; i++) {
      servers.add(around.server(family, i));
    }
    return servers;
  }

  private static Destination limited(Server server, int upper, int lower) {
    return new Destination(server.key(), Forwarding.NAT, Encapsulation.IPIP, 1, upper, lower);
  }

  private static long answered(Server server, List<Integer> names) {
    return Collections.frequency(names, server.name());
  }

  private static int connections(ObservedDestination destination) {
    return destination.activeConnections() + destination.inactiveConnections();
  }

  // Who gets a new connection.

  @ParameterizedTest
  @EnumSource
  void roundRobinSharesEqually(Family family) throws Exception {
    List<Server> servers = servers(family);
    ServiceKey service =
        around.serve(
            VirtualService.of(plane.service(Protocol.TCP, family), named("rr")),
            servers.toArray(Server[]::new));
    List<Integer> names = around.often(service, 0, 9);
    for (Server server : servers) {
      assertThat(answered(server, names)).isEqualTo(3);
    }
    assertThat(names.subList(0, 3)).doesNotHaveDuplicates().isEqualTo(names.subList(3, 6));
  }

  @Test
  void roundRobinGoesOnWhereItWasWhenOneIsRemoved() throws Exception {
    List<Server> servers = servers();
    ServiceKey service = around.serve(tcp("rr"), servers.toArray(Server[]::new));
    List<Held> held = around.hold(service, 0, 5);
    List<Integer> names = held.stream().map(Held::name).toList();
    // Its clients say nothing more: the kernel would schedule an acknowledgement that comes later.
    held.get(1).reset();
    held.get(4).reset();
    Server removed = servers.get(names.get(4) - servers.getFirst().name());
    around.await(service, removed, one -> one.activeConnections() == 0);
    around.execute(new Command.DeleteDestination(service, removed.key()));
    assertThat(around.often(service, 0, 4))
        .containsExactly(names.get(2), names.get(0), names.get(2), names.get(0));
  }

  @Test
  void weightedRoundRobinSharesByWeight() throws Exception {
    ServiceKey service = around.serve(tcp("wrr"));
    List<Server> servers = servers();
    for (Server server : servers) {
      around.execute(
          new Command.AddDestination(service, weighing(server.key(), 1 + servers.indexOf(server))));
    }
    List<Integer> names = around.often(service, 0, 12);
    for (Server server : servers) {
      assertThat(answered(server, names)).isEqualTo(2L * (1 + servers.indexOf(server)));
    }
    around.weigh(service, servers.get(2), 0);
    names = around.often(service, 0, 9);
    assertThat(answered(servers.get(0), names)).isEqualTo(3);
    assertThat(answered(servers.get(1), names)).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lc", "wlc", "sed", "nq"})
  void theIdlerGetsTheNextConnection(String scheduler) throws Exception {
    List<Server> servers = servers();
    ServiceKey service = around.serve(tcp(scheduler), servers.toArray(Server[]::new));
    List<Held> held = around.hold(service, 0, 6);
    for (Server server : servers) {
      assertThat(countOf(server, held)).as("of %s", held).isEqualTo(2);
      assertThat(around.observed(service, server).activeConnections()).isEqualTo(2);
    }
    Server idle = servers.get(1);
    for (Held one : held) {
      if (one.name() == idle.name()) {
        one.reset();
      }
    }
    around.await(service, idle, one -> one.activeConnections() == 0);
    assertThat(around.hold(service, 0, 2)).extracting(Held::name).containsOnly(idle.name());
  }

  @ParameterizedTest
  @ValueSource(strings = {"wlc", "sed"})
  void theStrongerCarriesMoreAtOnce(String scheduler) throws Exception {
    Server weak = around.server(0);
    Server strong = around.server(1);
    ServiceKey service = around.serve(tcp(scheduler), weak, strong);
    around.weigh(service, strong, 3);
    List<Held> held = around.hold(service, 0, 8);
    assertThat(countOf(weak, held)).isEqualTo(2);
    assertThat(countOf(strong, held)).isEqualTo(6);
  }

  /** {@code ip_vs_sh.c}: 256 buckets, dealt in the order of the list, as many as each weighs. */
  @Test
  void sourceHashingIsTheKernels() throws Exception {
    List<Server> servers = servers();
    ServiceKey service = around.serve(tcp("sh"), servers.toArray(Server[]::new));
    around.weigh(service, servers.get(1), 3);
    // The last that was added is the first of the list: one bucket, three, one.
    List<Server> turns =
        List.of(servers.get(2), servers.get(1), servers.get(1), servers.get(1), servers.get(0));
    Set<Integer> names = new HashSet<>();
    for (int client = 0; client < 12; client++) {
      int bucket = (plane.client(Family.IPV4, client).folded() * 0x61C88647) >>> 24;
      int expected = turns.get(bucket % turns.size()).name();
      assertThat(around.often(service, client, 2)).as("client %d", client).containsOnly(expected);
      names.add(expected);
    }
    assertThat(names).as("clients of this test").hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @EnumSource
  void maglevHashingIsTheTableOfCore(Family family) throws Exception {
    List<Server> servers = servers(family);
    ServiceKey service =
        around.serve(
            VirtualService.of(
                plane.service(Protocol.TCP, family), new Scheduler("mh", true, false)));
    List<MaglevTable.Member> members = new ArrayList<>();
    for (Server server : servers) {
      int weight = 1 + servers.indexOf(server);
      around.execute(new Command.AddDestination(service, weighing(server.key(), weight)));
      members.add(new MaglevTable.Member(server.key(), weight));
    }
    MaglevTable table = MaglevTable.ofInsertions(family, members);
    DestinationKey drained = servers.get(2).key();
    for (int client = 0; client < 12; client++) {
      DestinationKey expected = table.lookup(plane.client(family, client), 0).orElseThrow();
      assertThat(around.often(service, client, 2))
          .as("client %d", client)
          .containsOnly(name(servers, expected));
    }
    around.weigh(service, servers.get(2), 0);
    for (int client = 0; client < 12; client++) {
      DestinationKey expected =
          table.lookup(plane.client(family, client), 0, key -> !key.equals(drained)).orElseThrow();
      assertThat(around.once(service, client))
          .as("client %d while one drains", client)
          .isEqualTo(name(servers, expected));
    }
  }

  @ParameterizedTest
  @EnumSource
  void maglevHashingKnowsPortsToo(Family family) throws Exception {
    List<Server> servers = servers(family);
    List<MaglevTable.Member> members = new ArrayList<>();
    servers.forEach(server -> members.add(new MaglevTable.Member(server.key(), 1)));
    ServiceKey service =
        around.serve(
            VirtualService.of(plane.service(Protocol.TCP, family), Scheduler.DEFAULT),
            servers.toArray(Server[]::new));
    MaglevTable table = MaglevTable.ofInsertions(family, members);
    IpAddress client = plane.client(family, 0);
    Set<Integer> names = new HashSet<>();
    for (Held one : around.hold(service, 0, 24)) {
      DestinationKey expected = table.lookup(client, one.socket().getLocalPort()).orElseThrow();
      assertThat(one.name()).isEqualTo(name(servers, expected));
      names.add(one.name());
    }
    assertThat(names).as("of 24 ports").hasSizeGreaterThan(1);
  }

  private static int name(List<Server> servers, DestinationKey key) {
    return servers.stream()
        .filter(server -> server.key().equals(key))
        .findFirst()
        .orElseThrow()
        .name();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sh", "mh", "dh"})
  void whoHashesWithoutFallbackRefusesTheClientsOfOneThatDrains(String scheduler) throws Exception {
    Server one = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(tcp(scheduler), one, other);
    int name = around.once(service, 0);
    around.weigh(service, name == one.name() ? one : other, 0);
    around.assertRefused(service, 0);
    around.weigh(service, name == one.name() ? one : other, 1);
    assertThat(around.once(service, 0)).isEqualTo(name);
  }

  // What becomes of connections when destinations change.

  @ParameterizedTest
  @ValueSource(strings = {"rr", "wrr", "lc", "wlc", "sed", "nq"})
  void whatWeighsNothingKeepsItsConnectionsAndGetsNoNewOnes(String scheduler) throws Exception {
    Server drained = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(tcp(scheduler), drained, other);
    List<Held> held = around.hold(service, 0, 4);
    assertThat(countOf(drained, held)).isEqualTo(2);
    around.weigh(service, drained, 0);
    assertThat(around.often(service, 0, 4)).containsOnly(other.name());
    for (Held one : held) {
      one.assertKept();
    }
    around.weigh(service, other, 0);
    around.assertRefused(service, 0);
    for (Held one : held) {
      one.assertKept();
    }
    around.weigh(service, drained, 1);
    assertThat(around.once(service, 0)).isEqualTo(drained.name());
  }

  @Test
  void theConnectionsOfARemovedDestinationEnd() throws Exception {
    Server removed = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(tcp("rr"), removed, other);
    List<Held> held = around.hold(service, 0, 4);
    assertThat(countOf(removed, held)).isEqualTo(2);
    around.execute(new Command.DeleteDestination(service, removed.key()));
    for (Held one : held) {
      if (one.name() == removed.name()) {
        one.assertCut();
      } else {
        one.assertKept();
      }
    }
    assertThat(around.often(service, 0, 3)).containsOnly(other.name());
  }

  @Test
  void aDestinationThatReturnsBeginsAnew() throws Exception {
    Server returned = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(tcp("rr"), returned, other);
    List<Held> held = around.hold(service, 0, 4);
    around.execute(new Command.DeleteDestination(service, returned.key()));
    for (Held one : held) {
      if (one.name() == returned.name()) {
        one.assertCut();
      }
    }
    around.execute(new Command.AddDestination(service, weighing(returned.key(), 1)));
    assertThat(answered(returned, around.often(service, 0, 4))).isEqualTo(2);
    around.await(service, returned, one -> one.activeConnections() == 0);
    for (Held one : held) {
      if (one.name() == other.name()) {
        one.assertKept();
      }
    }
  }

  @Test
  void aDeletedServiceEndsItsConnectionsAndRefusesClients() throws Exception {
    ServiceKey service = around.serve(tcp("rr"), around.server(0));
    List<Held> held = around.hold(service, 0, 2);
    around.execute(new Command.DeleteService(service));
    assertThat(plane.table().find(service)).isEmpty();
    held.forEach(Held::assertCut);
    around.assertRefused(service, 0);
  }

  @Test
  void anotherSchedulerChangesNoConnection() throws Exception {
    VirtualService value = tcp("rr");
    List<Server> servers = servers();
    ServiceKey service = around.serve(value, servers.toArray(Server[]::new));
    List<Held> held = around.hold(service, 0, 6);
    around.execute(new Command.SetService(value.with(named("sh"))));
    for (Held one : held) {
      one.assertKept();
    }
    assertThat(Set.copyOf(around.often(service, 0, 4))).as("by source").hasSize(1);
    assertThat(around.observed(service).value()).contains(value.with(named("sh")));
  }

  @Test
  void aServiceWithoutDestinationsRefusesClients() throws Exception {
    ServiceKey service = around.serve(tcp("rr"));
    around.assertRefused(service, 0);
    Server server = around.server(0);
    around.execute(new Command.AddDestination(service, weighing(server.key(), 1)));
    assertThat(around.once(service, 0)).isEqualTo(server.name());
  }

  @Test
  void aBackendWhosePortIsClosed() throws Exception {
    Server server = around.server(0);
    ServiceKey service = around.serve(tcp("rr"), server);
    DestinationKey closed = Server.closed(plane, Family.IPV4, 1);
    around.execute(new Command.AddDestination(service, weighing(closed, 1)));
    int refused = 0;
    for (int i = 0; i < 6; i++) {
      try {
        assertThat(around.once(service, 0)).isEqualTo(server.name());
      } catch (SocketException _) {
        refused++;
      }
    }
    assertThat(refused).isEqualTo(plane.passesOverWhoRefuses() ? 0 : 3);
  }

  // Persistence.

  @Test
  void aPersistentClientComesBackAndOthersGoElsewhere() throws Exception {
    Server one = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(sticky(32), one, other);
    int first = around.once(service, 0);
    int second = around.once(service, 1);
    assertThat(List.of(first, second)).containsExactlyInAnyOrder(one.name(), other.name());
    assertThat(around.often(service, 0, 3)).containsOnly(first);
    assertThat(around.often(service, 1, 3)).containsOnly(second);
    assertThat(around.observed(service).destinations())
        .extracting(ObservedDestination::persistentConnections)
        .containsExactly(1, 1);
  }

  @Test
  void aNetmaskMakesOneClientOfMany() throws Exception {
    Server one = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(sticky(28), one, other);
    int first = around.once(service, 0);
    int second = around.once(service, 16);
    assertThat(second).isNotEqualTo(first);
    for (int client : List.of(1, 7, 15)) {
      assertThat(around.once(service, client)).as("client %d", client).isEqualTo(first);
      assertThat(around.once(service, client + 16)).isEqualTo(second);
    }
    assertThat(around.observed(service).destinations())
        .extracting(ObservedDestination::persistentConnections)
        .containsExactly(1, 1);
  }

  /** The kernel forgets a connection that was reset after ten seconds, and nobody before that. */
  @Test
  void aPersistentClientIsForgottenInTime() throws Exception {
    Server one = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(sticky(12, 32), one, other);
    List<Held> held = around.hold(service, 0, 2);
    assertThat(held.get(1).name()).isEqualTo(held.get(0).name());
    for (Held each : held) {
      each.reset();
    }
    Server first = held.getFirst().name() == one.name() ? one : other;
    assertThat(around.observed(service, first).persistentConnections()).isEqualTo(1);
    around.await(service, first, each -> each.persistentConnections() == 0);
    assertThat(around.once(service, 0)).isNotEqualTo(first.name());
  }

  @Test
  void aPersistentClientLeavesWhatDrainsForGood() throws Exception {
    Server one = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(sticky(32), one, other);
    List<Held> held = around.hold(service, 0, 2);
    assertThat(held.get(1).name()).isEqualTo(held.get(0).name());
    Server drained = held.getFirst().name() == one.name() ? one : other;
    Server left = drained == one ? other : one;
    around.weigh(service, drained, 0);
    assertThat(around.often(service, 0, 2)).containsOnly(left.name());
    for (Held kept : held) {
      kept.assertKept();
    }
    around.weigh(service, drained, 1);
    assertThat(around.often(service, 0, 2)).containsOnly(left.name());
  }

  @Test
  void aPersistentClientIsTakenAboveTheThreshold() throws Exception {
    Server one = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(sticky(32), one, other);
    around.execute(new Command.SetDestination(service, limited(one, 1, 0)));
    around.execute(new Command.SetDestination(service, limited(other, 1, 0)));
    List<Held> held = around.hold(service, 0, 3);
    assertThat(held).extracting(Held::name).containsOnly(held.getFirst().name());
    List<Held> others = around.hold(service, 1, 2);
    assertThat(others)
        .extracting(Held::name)
        .containsOnly(others.getFirst().name())
        .doesNotContain(held.getFirst().name());
    around.assertRefused(service, 2);
  }

  // Thresholds.

  @ParameterizedTest
  @ValueSource(strings = {"rr", "wrr", "lc", "wlc", "sed"})
  void fromTheUpperThresholdOnOthersGetNewConnections(String scheduler) throws Exception {
    Server limited = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(tcp(scheduler), limited, other);
    around.execute(new Command.SetDestination(service, limited(limited, 2, 0)));
    List<Held> held = around.hold(service, 0, 8);
    assertThat(countOf(limited, held)).isEqualTo(2);
    assertThat(countOf(other, held)).isEqualTo(6);
    around.weigh(service, other, 0);
    around.assertRefused(service, 0);
  }

  @Test
  void belowTheLowerThresholdItGetsNewConnectionsAgain() throws Exception {
    Server limited = around.server(0);
    ServiceKey service = around.serve(tcp("rr"), limited);
    around.execute(new Command.SetDestination(service, limited(limited, 4, 2)));
    List<Held> held = around.hold(service, 0, 4);
    around.assertRefused(service, 0);
    held.get(0).reset();
    held.get(1).reset();
    around.await(service, limited, one -> connections(one) == 2);
    around.assertRefused(service, 0);
    held.get(2).reset();
    around.await(service, limited, one -> connections(one) == 1);
    assertThat(around.once(service, 0)).isEqualTo(limited.name());
  }

  @Test
  void withoutALowerThresholdItIsThreeQuarters() throws Exception {
    Server limited = around.server(0);
    ServiceKey service = around.serve(tcp("rr"), limited);
    around.execute(new Command.SetDestination(service, limited(limited, 4, 0)));
    List<Held> held = around.hold(service, 0, 4);
    held.get(0).reset();
    around.await(service, limited, one -> connections(one) == 3);
    around.assertRefused(service, 0);
    held.get(1).reset();
    around.await(service, limited, one -> connections(one) == 2);
    assertThat(around.once(service, 0)).isEqualTo(limited.name());
  }

  /** It is overloaded until it has less than three quarters, of the new one too. */
  @Test
  void aThresholdCountsFromWhenItIsRaised() throws Exception {
    Server limited = around.server(0);
    ServiceKey service = around.serve(tcp("rr"), limited);
    around.execute(new Command.SetDestination(service, limited(limited, 4, 0)));
    List<Held> held = around.hold(service, 0, 4);
    around.assertRefused(service, 0);
    around.execute(new Command.SetDestination(service, limited(limited, 5, 0)));
    around.assertRefused(service, 0);
    around.execute(new Command.SetDestination(service, limited(limited, 6, 0)));
    held.addAll(around.hold(service, 0, 2));
    around.assertRefused(service, 0);
    around.weigh(service, limited, 1); // without any
    assertThat(around.once(service, 0)).isEqualTo(limited.name());
    for (Held one : held) {
      one.assertKept();
    }
  }

  @Test
  void aThresholdThatIsLoweredCountsAtOnceAndCutsNobody() throws Exception {
    Server limited = around.server(0);
    Server other = around.server(1);
    ServiceKey service = around.serve(tcp("rr"), limited, other);
    List<Held> held = around.hold(service, 0, 4);
    around.execute(new Command.SetDestination(service, limited(limited, 2, 0)));
    assertThat(around.hold(service, 0, 4)).extracting(Held::name).containsOnly(other.name());
    for (Held one : held) {
      one.assertKept();
    }
  }

  // What is carried.

  @Test
  void theEndOfOneSideIsNoneOfTheOther() throws Exception {
    Server server = around.server(0);
    ServiceKey service = around.serve(tcp("rr"), server);
    Socket client = around.connect(service, 0);
    assertThat(ask(client)).isEqualTo(server.name());
    around.await(service, server, one -> one.activeConnections() == 1);
    client.getOutputStream().write(new byte[5]);
    client.shutdownOutput();
    assertThat(client.getInputStream().readAllBytes())
        .as("answers, though the client had ended")
        .hasSize(5);
    around.await(service, server, one -> one.activeConnections() == 0);
  }

  @Test
  void megabytesArriveBothWaysAtOnce() throws Exception {
    ServiceKey service = around.serve(tcp("rr"), around.server(0));
    Socket client = around.connect(service, 0);
    client.getOutputStream().write(Server.BULK);
    CompletableFuture<Void> sent = Bulk.OF_CLIENT.sendingTo(client.getOutputStream());
    CompletableFuture<Void> ended =
        sent.thenRun(
            () -> {
              try {
                client.shutdownOutput();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    byte[] all = client.getInputStream().readAllBytes();
    ended.join();
    int bytes = Bulk.OF_BACKEND.bytes();
    assertThat(all).hasSize(bytes + Long.BYTES);
    assertThat(Bulk.sum(all, bytes)).as("from the backend").isEqualTo(Bulk.OF_BACKEND.sum());
    long received =
        new DataInputStream(new ByteArrayInputStream(all, bytes, Long.BYTES)).readLong();
    assertThat(received).as("from the client").isEqualTo(Bulk.OF_CLIENT.sum());
  }

  @Test
  void aFlowOfDatagramsStays() throws Exception {
    Server one = around.datagramServer(0);
    Server other = around.datagramServer(1);
    ServiceKey service = around.serve(udp(false), one, other);
    List<Integer> names = new ArrayList<>();
    List<DatagramSocket> flows = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      flows.add(around.flow(service, 0));
      names.add(ask(flows.get(i)));
    }
    assertThat(answered(one, names)).isEqualTo(3);
    assertThat(answered(other, names)).isEqualTo(3);
    around.weigh(service, one, 0);
    for (int i = 0; i < 6; i++) {
      assertThat(List.of(ask(flows.get(i)), ask(flows.get(i)))).containsOnly(names.get(i));
    }
    assertThat(ask(around.flow(service, 0))).isEqualTo(other.name());
  }

  @Test
  void datagramsToAServiceWithoutDestinations() throws Exception {
    ServiceKey service = around.serve(udp(false));
    DatagramSocket flow = around.flow(service, 0);
    flow.setSoTimeout(1000); // the kernel answers so many in vain, and then one a second
    if (plane.tellsOfDatagramsInVain()) {
      Await.until(() -> "told that nobody takes it", () -> Around.tries(flow) == Around.NOBODY);
    } else {
      assertThat(Around.tries(flow)).isEqualTo(Around.SILENCE);
    }
    Server server = around.datagramServer(0);
    around.execute(new Command.AddDestination(service, weighing(server.key(), 1)));
    Await.until(() -> "an answer", () -> Around.tries(flow) == server.name());
  }

  @Test
  void theFlowsOfARemovedDestinationGoElsewhere() throws Exception {
    Server removed = around.datagramServer(0);
    ServiceKey service = around.serve(udp(false), removed);
    DatagramSocket flow = around.flow(service, 0);
    assertThat(ask(flow)).isEqualTo(removed.name());
    Server other = around.datagramServer(1);
    around.execute(new Command.AddDestination(service, weighing(other.key(), 1)));
    assertThat(ask(flow)).isEqualTo(removed.name());
    around.execute(new Command.DeleteDestination(service, removed.key()));
    Await.until(
        () -> "datagrams at the other one",
        () -> {
          try {
            Around.say(flow); // the first ones may still be lost
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return other.datagrams() > 0;
        });
    assertThat(around.observed(service, other).inactiveConnections()).isEqualTo(1);
  }

  /** Counted where they arrive: the kernel does not translate the answers of such packets. */
  @Test
  void onePacketSchedulingChoosesForEachDatagram() throws Exception {
    Server one = around.datagramServer(0);
    Server other = around.datagramServer(1);
    ServiceKey service = around.serve(udp(true), one, other);
    DatagramSocket flow = around.flow(service, 0);
    for (int i = 0; i < 6; i++) {
      Around.say(flow);
    }
    Await.until(
        () -> one.datagrams() + " and " + other.datagrams(),
        () -> one.datagrams() + other.datagrams() == 6);
    assertThat(one.datagrams()).isEqualTo(3);
  }

  // What the table says.

  @Test
  void commandsAreAnsweredAlike() throws Exception {
    VirtualService value = tcp("rr");
    ServiceKey service = value.key();
    Destination one = weighing(new DestinationKey(plane.backend(Family.IPV4, 0), 80), 1);
    Destination other = weighing(new DestinationKey(plane.backend(Family.IPV4, 1), 80), 1);
    Command[] commands = {
      new Command.SetService(value),
      new Command.DeleteService(service),
      new Command.AddDestination(service, one),
      new Command.SetDestination(service, one),
      new Command.DeleteDestination(service, one.key()),
      new Command.AddService(value.with(named("nonesuch"))),
      new Command.AddService(value),
      new Command.AddService(value),
      new Command.SetDestination(service, one),
      new Command.DeleteDestination(service, one.key()),
      new Command.AddDestination(service, one),
      new Command.AddDestination(service, one),
      new Command.SetDestination(service, other),
      new Command.SetService(value.with(named("nonesuch"))),
      new Command.DeleteDestination(service, one.key()),
      new Command.DeleteDestination(service, one.key()),
      new Command.DeleteService(service),
      new Command.DeleteService(service),
    };
    int unknown = plane.unknownScheduler();
    assertThat(plane.table().execute(List.of(commands)))
        .extracting(answer -> answer.errno())
        .containsExactly(
            Errno.ESRCH,
            Errno.ESRCH,
            Errno.ESRCH,
            Errno.ESRCH,
            Errno.ESRCH,
            unknown,
            0,
            Errno.EEXIST,
            Errno.ENOENT,
            Errno.ENOENT,
            0,
            Errno.EEXIST,
            Errno.ENOENT,
            unknown,
            0,
            Errno.ENOENT,
            0,
            Errno.ESRCH);
    assertThat(plane.table().dump()).isEmpty();
  }

  @Test
  void destinationsAreListedTheLastAddedFirst() throws Exception {
    ServiceKey first = around.serve(tcp("rr"));
    ServiceKey second = around.serve(sticky(24));
    List<Destination> added = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Destination one =
          new Destination(
              new DestinationKey(plane.backend(Family.IPV4, i % 3), 80 + i),
              Forwarding.NAT,
              Encapsulation.IPIP,
              i,
              10 * i,
              i);
      added.add(one);
      around.execute(new Command.AddDestination(first, one));
    }
    assertThat(listed(first)).containsExactlyElementsOf(added.reversed());
    around.execute(new Command.SetDestination(first, added.get(1).with(7)));
    added.set(1, added.get(1).with(7));
    assertThat(listed(first)).containsExactlyElementsOf(added.reversed());
    around.execute(new Command.DeleteDestination(first, added.get(2).key()));
    around.execute(new Command.AddDestination(first, added.get(2)));
    added.add(added.remove(2));
    assertThat(listed(first)).containsExactlyElementsOf(added.reversed());
    assertThat(plane.table().dump())
        .extracting(one -> one.value().orElseThrow().key())
        .containsExactlyInAnyOrder(first, second);
    assertThat(plane.table().dump())
        .filteredOn(one -> one.value().orElseThrow().key().equals(first))
        .singleElement()
        .extracting(ObservedService::destinations)
        .isEqualTo(around.observed(first).destinations());
  }

  private List<Destination> listed(ServiceKey service) {
    return around.observed(service).destinations().stream()
        .map(ObservedDestination::value)
        .toList();
  }

  @Test
  void connectionsAndBytesAreCounted() throws Exception {
    List<Server> servers = servers();
    ServiceKey service = around.serve(tcp("rr"), servers.toArray(Server[]::new));
    List<Held> held = around.hold(service, 0, 3);
    for (Held one : held) {
      one.assertKept();
    }
    around.await(service, one -> one.statistics().connections() == 3);
    around.await(service, one -> one.statistics().outBytes() >= 6);
    for (Server server : servers) {
      around.await(
          service,
          server,
          one -> one.statistics().connections() == 1 && one.statistics().outBytes() >= 2);
    }
    Statistics all = around.observed(service).statistics();
    assertThat(all.inBytes()).isGreaterThanOrEqualTo(6);
    assertThat(all.inBytes() > 6 && all.outBytes() > 6).isEqualTo(plane.countsHeaders());
    assertThat(all.inPackets()).isPositive();
    assertThat(all.outPackets()).isPositive();
  }

  @Test
  void whoIsRefusedIsNotCounted() throws Exception {
    Server server = around.server(0);
    ServiceKey service = around.serve(tcp("rr"), server);
    around.weigh(service, server, 0);
    around.assertRefused(service, 0);
    around.assertRefused(service, 0);
    around.weigh(service, server, 1);
    assertThat(around.once(service, 0)).isEqualTo(server.name());
    around.await(service, one -> one.statistics().connections() > 0);
    around.await(service, server, one -> one.statistics().connections() > 0);
    assertThat(around.observed(service).statistics().connections()).isEqualTo(1);
    assertThat(around.observed(service, server).statistics().connections()).isEqualTo(1);
  }

  @Test
  void datagramsAreCountedByFlow() throws Exception {
    Server server = around.datagramServer(0);
    ServiceKey service = around.serve(udp(false), server);
    for (int i = 0; i < 2; i++) {
      DatagramSocket flow = around.flow(service, 0);
      assertThat(List.of(ask(flow), ask(flow))).containsOnly(server.name());
    }
    around.await(service, one -> one.statistics().outPackets() == 4);
    Statistics all = around.observed(service).statistics();
    assertThat(all.connections()).isEqualTo(2);
    assertThat(all.inPackets()).isEqualTo(4);
    assertThat(around.observed(service, server).inactiveConnections()).isEqualTo(2);
  }
}
