package dev.freeway.dataplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Backends that answer every byte with itself: on one thread, however many come. */
public final class Echo implements AutoCloseable {
  private static final int BACKLOG = 4096;

  private final Selector selector;
  private int port;

  /** At 127.0.0.0/8, by the last numbers, on one port that was free at the first. */
  public Echo(int... last) throws IOException {
    selector = Selector.open();
    for (int one : last) {
      ServerSocketChannel listening = ServerSocketChannel.open();
      listening.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0." + one), port), BACKLOG);
      port = listening.socket().getLocalPort();
      listening.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    }
    Thread _ = Thread.ofPlatform().daemon().start(this::answer);
  }

  /** Which port. */
  public int port() {
    return port;
  }

  private void answer() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(100);
    try {
      while (true) {
        selector.select(key -> answer(key, bytes));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClosedSelectorException _) {
      // the test is over
    }
  }

  private void answer(SelectionKey key, ByteBuffer bytes) {
    try {
      if (key.channel() instanceof ServerSocketChannel listening) {
        for (SocketChannel one = listening.accept(); one != null; one = listening.accept()) {
          one.configureBlocking(false).register(selector, SelectionKey.OP_READ);
        }
      } else if (key.channel() instanceof SocketChannel one) {
        if (one.read(bytes.clear()) < 0) {
          one.close();
        } else {
          one.write(bytes.flip());
        }
      }
    } catch (IOException _) {
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

  @Override
  public void close() throws IOException {
    List.copyOf(selector.keys()).forEach(Echo::close);
    selector.close();
  }
}
