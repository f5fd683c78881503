package dev.freeway.dataplane.health.probe;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A backend on loopback that does to every connection what a test says, on threads of its own. */
final class Served implements AutoCloseable {
  /** What is done to a connection; it is closed afterwards. */
  interface Script {
    void talk(Talk talk) throws IOException;
  }

  private final ServerSocket socket;
  private final AtomicLong written = new AtomicLong();
  private volatile @Nullable IOException unexpected;

  private Served(ServerSocket socket) {
    this.socket = socket;
  }

  static Served by(Script script) throws IOException {
    return by(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), script);
  }

  static Served by(ServerSocket socket, Script script) {
    Served served = new Served(socket);
    Thread.ofVirtual().start(() -> served.accept(script));
    return served;
  }

  private void accept(Script script) {
    try {
      while (true) {
        Socket one = socket.accept();
        Thread.ofVirtual().start(() -> serve(one, script));
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        unexpected = e;
      }
    }
  }

  private void serve(Socket connection, Script script) {
    try (connection) {
      script.talk(new Talk(connection, written));
    } catch (IOException e) {
      // The prober ends connections with a reset, whenever it has seen enough.
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Bytes that were handed to the kernel until now, of all connections. */
  long written() {
    return written.get();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    IOException failure = unexpected;
    if (failure != null) {
      throw new UncheckedIOException(failure);
    }
  }

  /** One connection. */
  record Talk(Socket socket, AtomicLong written) {
    /** Reads to the end of a request's head. */
    String request() throws IOException {
      StringBuilder head = new StringBuilder();
      InputStream in = socket.getInputStream();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("no whole request: " + head);
        }
        head.append((char) next);
      }
      return head.toString();
    }

    Talk say(String text) throws IOException {
      return say(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Talk say(byte[] bytes) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
      written.addAndGet(bytes.length);
      return this;
    }

    /** Every byte in a segment of its own, a moment apart, as long as the other side stays. */
    Talk sayBytewise(String text, int millis) throws IOException {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(millis);
      for (byte one : text.getBytes(StandardCharsets.ISO_8859_1)) {
        say(new byte[] {one});
        if (ended()) {
          return this;
        }
      }
      return this;
    }

    private boolean ended() throws IOException {
      try {
        return socket.getInputStream().read() < 0;
      } catch (SocketTimeoutException e) {
        return false;
      }
    }

    /** Waits for the other side to end. */
    void hang() throws IOException {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /** Ends with a reset. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
    }
  }
}
