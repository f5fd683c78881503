package dev.freeway.dataplane.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What a test does around a plane: servers, commands, clients. Closes what it opened. */
final class Around implements Closeable {
  /** A time-out of the kernel's ten seconds included. */
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final int ANSWER_MILLIS = 20_000;

  /** No server's name. */
  static final int NOBODY = -1;

  static final int SILENCE = -2;

  private final Plane plane;
  private final List<Closeable> open = new ArrayList<>();

  Around(Plane plane) {
    this.plane = plane;
  }

  /** A backend over TCP. */
  Server server(int index) throws Exception {
    return server(Family.IPV4, index);
  }

  Server server(Family family, int index) throws Exception {
    return opened(Server.tcp(plane, family, index));
  }

  /** A backend over UDP. */
  Server datagramServer(int index) throws Exception {
    return opened(Server.udp(plane, Family.IPV4, index));
  }

  private <T extends Closeable> T opened(T one) {
    open.add(one);
    return one;
  }

  static Destination weighing(DestinationKey key, int weight) {
    return Destination.of(key, Forwarding.NAT, weight);
  }

  int errno(Command command) {
    return plane.table().execute(List.of(command)).getFirst().errno();
  }

  void execute(Command command) {
    assertThat(plane.table().execute(List.of(command)))
        .as(command.toString())
        .containsExactly(Answer.DONE);
  }

  /** Adds a service with these servers, each of weight 1, in this order. */
  ServiceKey serve(VirtualService value, Server... servers) {
    execute(new Command.AddService(value));
    for (Server server : servers) {
      execute(new Command.AddDestination(value.key(), weighing(server.key(), 1)));
    }
    return value.key();
  }

  void weigh(ServiceKey service, Server server, int weight) {
    execute(new Command.SetDestination(service, weighing(server.key(), weight)));
  }

  ObservedService observed(ServiceKey service) {
    return plane.table().find(service).orElseThrow();
  }

  ObservedDestination observed(ServiceKey service, Server server) {
    return observed(service).destinations().stream()
        .filter(one -> one.value().key().equals(server.key()))
        .findFirst()
        .orElseThrow();
  }

  /** Waits until the table shows that of the service. */
  void await(ServiceKey service, Predicate<ObservedService> condition) {
    Await.until(
        DEADLINE, () -> observed(service).toString(), () -> condition.test(observed(service)));
  }

  /** Waits until the table shows that of the server. */
  void await(ServiceKey service, Server server, Predicate<ObservedDestination> condition) {
    await(service, _ -> condition.test(observed(service, server)));
  }

  /** A connection of the client with that index, which need not be served yet. */
  Socket connect(ServiceKey service, int client) throws Exception {
    Family family = service.address().family();
    return plane.onClients(
        () -> {
          Socket socket = opened(new Socket());
          socket.setSoTimeout(ANSWER_MILLIS);
          socket.setTcpNoDelay(true);
          socket.bind(new InetSocketAddress(plane.client(family, client).toInetAddress(), 0));
          socket.connect(
              new InetSocketAddress(service.address().toInetAddress(), service.port()),
              ANSWER_MILLIS);
          return socket;
        });
  }

  /** Who answers on the connection: a server's name. */
  static int ask(Socket client) throws IOException {
    client.getOutputStream().write(Server.QUESTION);
    int name = client.getInputStream().read();
    if (name < 0) {
      throw new EOFException("ended, where a reset or an answer was expected");
    }
    return name;
  }

  /** Who answers a new connection, which ends then. */
  int once(ServiceKey service, int client) throws Exception {
    try (Socket socket = connect(service, client)) {
      return ask(socket);
    }
  }

  /** Who answers that many new connections, each ended before the next. */
  List<Integer> often(ServiceKey service, int client, int times) throws Exception {
    List<Integer> names = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      names.add(once(service, client));
    }
    return names;
  }

  /** A connection that stays, and who answers it. */
  record Held(Socket socket, int name) {
    /** The same still answers. */
    void assertKept() throws IOException {
      assertThat(ask(socket)).isEqualTo(name);
    }

    /** It is reset, at the latest when the client speaks. */
    void assertCut() {
      assertThatThrownBy(() -> ask(socket)).isInstanceOf(SocketException.class);
    }

    /** Ends it at once for all who know of it. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  /** That many connections that stay. */
  List<Held> hold(ServiceKey service, int client, int times) throws Exception {
    List<Held> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      Socket socket = connect(service, client);
      all.add(new Held(socket, ask(socket)));
    }
    return all;
  }

  /** How many of them the server has. */
  static long countOf(Server server, List<Held> held) {
    return held.stream().filter(one -> one.name == server.name()).count();
  }

  /** A client is turned away before anybody answers: refused or reset, not left to wait. */
  void assertRefused(ServiceKey service, int client) {
    assertThatThrownBy(() -> once(service, client)).isInstanceOf(SocketException.class);
  }

  /** A socket whose datagrams are one flow. */
  DatagramSocket flow(ServiceKey service, int client) throws Exception {
    return plane.onClients(
        () -> {
          DatagramSocket socket =
              opened(
                  new DatagramSocket(
                      0, plane.client(service.address().family(), client).toInetAddress()));
          socket.setSoTimeout(ANSWER_MILLIS);
          socket.connect(new InetSocketAddress(service.address().toInetAddress(), service.port()));
          return socket;
        });
  }

  static void say(DatagramSocket flow) throws IOException {
    flow.send(new DatagramPacket(new byte[] {Server.QUESTION}, 1));
  }

  /** Who answers a datagram. */
  static int ask(DatagramSocket flow) throws IOException {
    say(flow);
    DatagramPacket answer = new DatagramPacket(new byte[8], 8);
    flow.receive(answer);
    return answer.getData()[0];
  }

  /** Who answers a datagram: a server's name, {@link #NOBODY} as ICMP says, or {@link #SILENCE}. */
  static int tries(DatagramSocket flow) {
    try {
      return ask(flow);
    } catch (PortUnreachableException _) {
      return NOBODY;
    } catch (SocketTimeoutException _) {
      return SILENCE;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (Closeable one : open.reversed()) {
      one.close();
    }
  }
}
