package dev.freeway.dataplane.suite;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A backend of a test. It answers each byte, or datagram, with its name. To a connection whose
 * first byte is {@link #BULK} it sends {@link Bulk#OF_BACKEND} while it reads, and after the
 * client's end the checksum, 8 bytes, of what came after the first.
 */
final class Server implements Closeable {
  static final int QUESTION = '?';
  static final int BULK = 'b';

  private final int name;
  private final DestinationKey key;
  private final Closeable socket;
  private final AtomicInteger datagrams = new AtomicInteger();

  private Server(int name, DestinationKey key, Closeable socket) {
    this.name = name;
    this.key = key;
    this.socket = socket;
  }

  static Server tcp(Plane plane, Family family, int index) throws Exception {
    IpAddress address = plane.backend(family, index);
    ServerSocket socket =
        plane.onBackend(index, () -> new ServerSocket(0, 64, address.toInetAddress()));
    Server server =
        new Server('0' + index, new DestinationKey(address, socket.getLocalPort()), socket);
    Thread.ofVirtual().start(() -> server.accept(socket));
    return server;
  }

  static Server udp(Plane plane, Family family, int index) throws Exception {
    IpAddress address = plane.backend(family, index);
    DatagramSocket socket =
        plane.onBackend(index, () -> new DatagramSocket(0, address.toInetAddress()));
    Server server =
        new Server('0' + index, new DestinationKey(address, socket.getLocalPort()), socket);
    Thread.ofVirtual().start(() -> server.receive(socket));
    return server;
  }

  /** Where nobody listens, nor did: a thread that accepts could hold the socket for a while. */
  static DestinationKey closed(Plane plane, Family family, int index) throws Exception {
    IpAddress address = plane.backend(family, index);
    return plane.onBackend(
        index,
        () -> {
          try (ServerSocket free = new ServerSocket(0, 1, address.toInetAddress())) {
            return new DestinationKey(address, free.getLocalPort());
          }
        });
  }

  /** What it answers. */
  int name() {
    return name;
  }

  DestinationKey key() {
    return key;
  }

  /** How many datagrams have come. */
  int datagrams() {
    return datagrams.get();
  }

  private void accept(ServerSocket listening) {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      InputStream in = client.getInputStream();
      int first = in.read();
      if (first == BULK) {
        bulk(client);
      } else {
        for (int octet = first; octet >= 0; octet = in.read()) {
          client.getOutputStream().write(name);
        }
      }
    } catch (IOException | CompletionException _) {
      // the other side has gone
    }
  }

  private static void bulk(Socket client) throws IOException {
    CompletableFuture<Void> sent = Bulk.OF_BACKEND.sendingTo(client.getOutputStream());
    long received = Bulk.received(client.getInputStream());
    sent.join();
    new DataOutputStream(client.getOutputStream()).writeLong(received);
  }

  private void receive(DatagramSocket socket) {
    byte[] bytes = new byte[64];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        socket.receive(packet);
        datagrams.incrementAndGet();
        InetSocketAddress client = (InetSocketAddress) packet.getSocketAddress();
        socket.send(new DatagramPacket(new byte[] {(byte) name}, 1, client));
      } catch (IOException _) {
        // closed, or nobody wants the answer
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
