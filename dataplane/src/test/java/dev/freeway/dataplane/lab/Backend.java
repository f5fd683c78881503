package dev.freeway.dataplane.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * A server on a machine: over TCP and UDP, IPv4 and IPv6, it answers each line with its name and
 * the peer's address as it saw it. One thread serves it; a connection stays open until the client
 * closes it.
 */
final class Backend implements Closeable {
  private final String name;
  private final Selector selector;
  private final Thread thread;
  private final ByteBuffer buffer = ByteBuffer.allocate(2048);

  private Backend(String name, Selector selector) {
    this.name = name;
    this.selector = selector;
    this.thread = Thread.ofPlatform().daemon().name("backend-" + name).unstarted(this::serve);
  }

  /**
   * Serves the ports on a machine.
   *
   * @param addresses local there; the answer over UDP leaves from the one that was asked
   */
  static Backend on(Machine machine, List<InetAddress> addresses, int... ports) throws Exception {
    Backend backend =
        machine.call(
            () -> {
              Selector selector = Selector.open();
              for (int port : ports) {
                ServerSocketChannel server = ServerSocketChannel.open();
                server.bind(new InetSocketAddress(port), 512);
                server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
                for (InetAddress address : addresses) {
                  DatagramChannel datagrams = DatagramChannel.open();
                  datagrams.bind(new InetSocketAddress(address, port));
                  datagrams.configureBlocking(false).register(selector, SelectionKey.OP_READ);
                }
              }
              return new Backend(machine.name(), selector);
            });
    backend.thread.start();
    return backend;
  }

  private void serve() {
    try {
      while (selector.isOpen()) {
        selector.select(this::ready);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("backend " + name, e);
    }
  }

  private void ready(SelectionKey key) {
    try {
      switch (key.channel()) {
        case ServerSocketChannel server -> accept(server);
        case SocketChannel connection -> converse(connection);
        case DatagramChannel datagrams -> answer(datagrams);
        default -> throw new IllegalStateException(key.channel().toString());
      }
    } catch (IOException e) { // a client that resets its connection is no business of the others
      key.cancel();
      close(key);
    }
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocketChannel server) throws IOException {
    for (SocketChannel one = server.accept(); one != null; one = server.accept()) {
      one.configureBlocking(false).register(selector, SelectionKey.OP_READ);
    }
  }

  private void converse(SocketChannel connection) throws IOException {
    int read = connection.read(buffer.clear());
    if (read < 0) {
      throw new ClosedChannelException();
    }
    ByteBuffer answer = answer((InetSocketAddress) connection.getRemoteAddress());
    for (byte octet : java.util.Arrays.copyOf(buffer.array(), read)) {
      if (octet == '\n') {
        connection.write(answer.rewind());
      }
    }
  }

  private void answer(DatagramChannel datagrams) throws IOException {
    InetSocketAddress peer = (InetSocketAddress) datagrams.receive(buffer.clear());
    if (peer != null) {
      datagrams.send(answer(peer), peer);
    }
  }

  private ByteBuffer answer(InetSocketAddress peer) {
    return ByteBuffer.wrap(
        (name + " " + peer.getAddress().getHostAddress() + "\n").getBytes(UTF_8));
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : List.copyOf(selector.keys())) {
      key.channel().close();
    }
    selector.close();
  }
}
