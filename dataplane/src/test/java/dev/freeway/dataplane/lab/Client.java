package dev.freeway.dataplane.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens connections from a machine; every one of the whole run has a source port of its own. */
final class Client {
  /** Who answered, and the address of the client as it saw it. */
  record Answer(String backend, IpAddress seen) {
    static Answer parse(String line) throws IOException {
      String[] words = line.strip().split(" ", -1);
      if (words.length != 2) {
        throw new IOException("answer \"" + line + "\": expected a name and an address");
      }
      return new Answer(words[0], IpAddress.parse(words[1]));
    }
  }

  /** A TCP connection, or a UDP socket whose packets are one flow. */
  interface Connection extends Closeable {
    /**
     * Sends a line and waits for its answer.
     *
     * @throws IOException when the connection is gone, or nothing came in time
     */
    Answer ask() throws IOException;
  }

  private static final int TIME_OUT_MILLIS = 5000;
  private static final byte[] LINE = {'?', '\n'};

  /** A port used twice would find the router's entry for its first use. */
  private static final AtomicInteger NEXT_PORT = new AtomicInteger(20000);

  private final Machine machine;

  Client(Machine machine) {
    this.machine = machine;
  }

  /** Opens connections one after the other; a UDP flow exists from its first packet. */
  List<Connection> open(Protocol protocol, InetSocketAddress to, int count) throws Exception {
    return machine.call(
        () -> {
          List<Connection> all = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            all.add(protocol == Protocol.TCP ? new Tcp(to) : new Udp(to));
          }
          return all;
        });
  }

  /** Asks once on each connection, in order. */
  static List<Answer> askAll(List<Connection> connections) throws IOException {
    List<Answer> answers = new ArrayList<>();
    for (Connection connection : connections) {
      answers.add(connection.ask());
    }
    return answers;
  }

  static void closeAll(List<Connection> connections) throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
  }

  private static final class Tcp implements Connection {
    private final Socket socket = new Socket();

    Tcp(InetSocketAddress to) throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIME_OUT_MILLIS);
      socket.bind(new InetSocketAddress(NEXT_PORT.getAndIncrement()));
      try {
        socket.connect(to, TIME_OUT_MILLIS);
      } catch (IOException e) {
        socket.close();
        throw new IOException("connect to " + to + ": " + e.getMessage(), e);
      }
    }

    @Override
    public Answer ask() throws IOException {
      socket.getOutputStream().write(LINE);
      StringBuilder line = new StringBuilder();
      for (int octet = socket.getInputStream().read();
          octet != '\n';
          octet = socket.getInputStream().read()) {
        if (octet < 0) {
          throw new IOException("the connection from port " + socket.getLocalPort() + " was ended");
        }
        line.append((char) octet);
      }
      return Answer.parse(line.toString());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static final class Udp implements Connection {
    private final DatagramSocket socket;

    Udp(InetSocketAddress to) throws IOException {
      socket = new DatagramSocket(NEXT_PORT.getAndIncrement());
      socket.setSoTimeout(TIME_OUT_MILLIS);
      socket.connect(to);
    }

    @Override
    public Answer ask() throws IOException {
      socket.send(new DatagramPacket(LINE, LINE.length));
      DatagramPacket packet = new DatagramPacket(new byte[128], 128);
      socket.receive(packet);
      return Answer.parse(new String(packet.getData(), 0, packet.getLength(), UTF_8));
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
