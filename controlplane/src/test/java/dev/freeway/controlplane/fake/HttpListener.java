package dev.freeway.controlplane.fake;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * HTTP/1.1 on the loopback, with or without TLS: a virtual thread for each connection, which is
 * kept until the caller or a reply ends it. It can break off anywhere, which servers of others
 * cannot.
 */
final class HttpListener implements AutoCloseable {
  private static final int LONGEST_LINE = 64 << 10;

  private final ServerSocket socket;
  private final Optional<SSLContext> tls;
  private final Handler handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final LongAdder connections = new LongAdder();
  private final LongAdder handshakes = new LongAdder();

  /** Answers requests; called by the thread of their connection. */
  interface Handler {
    Reply answer(HttpRequest request) throws InterruptedException;
  }

  private HttpListener(ServerSocket socket, Optional<SSLContext> tls, Handler handler) {
    this.socket = socket;
    this.tls = tls;
    this.handler = handler;
  }

  /** Listens on a port that is free. */
  static HttpListener start(Optional<SSLContext> tls, Handler handler) {
    try {
      ServerSocket socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
      HttpListener listener = new HttpListener(socket, tls, handler);
      Thread.ofVirtual().name("fake-aws").start(listener::accept);
      return listener;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Connections that were opened. */
  long connections() {
    return connections.sum();
  }

  /** TLS handshakes that were completed. */
  long handshakes() {
    return handshakes.sum();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        open.add(connection);
        connections.increment();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException _) {
        return; // it was closed
      }
    }
  }

  private void serve(Socket accepted) {
    try (Socket connection = secured(accepted)) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      while (true) {
        Optional<HttpRequest> request = read(in, out);
        if (request.isEmpty() || !write(handler.answer(request.get()), accepted, in, out)) {
          return;
        }
      }
    } catch (IOException _) {
      // the caller went
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(accepted);
    }
  }

  private Socket secured(Socket plain) throws IOException {
    if (tls.isEmpty()) {
      return plain;
    }
    SSLSocket secure =
        (SSLSocket) tls.get().getSocketFactory().createSocket(plain, "localhost", 0, true);
    secure.setUseClientMode(false);
    secure.startHandshake();
    handshakes.increment();
    return secure;
  }

  private static Optional<HttpRequest> read(InputStream in, OutputStream out) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    int method = first.indexOf(' ');
    int target = first.lastIndexOf(' ');
    if (method < 0 || target <= method) {
      throw new IOException("no request: " + first);
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    if (headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    byte[] body =
        headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")
            ? chunks(in)
            : exactly(in, Integer.parseInt(headers.getOrDefault("content-length", "0")));
    return Optional.of(
        new HttpRequest(
            first.substring(0, method), first.substring(method + 1, target), headers, body));
  }

  /** A line without its end; empty at the end of the stream. */
  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.write(next);
      }
      if (line.size() > LONGEST_LINE) {
        throw new IOException("a line is longer than " + LONGEST_LINE + " bytes");
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("a request was cut off");
    }
    return bytes;
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String head = line(in);
      int semicolon = head.indexOf(';');
      int length =
          Integer.parseInt((semicolon < 0 ? head : head.substring(0, semicolon)).strip(), 16);
      body.write(exactly(in, length));
      line(in);
      if (length == 0) {
        return body.toByteArray();
      }
    }
  }

  /** Whether the connection goes on. */
  private static boolean write(Reply reply, Socket connection, InputStream in, OutputStream out)
      throws IOException {
    return switch (reply.manner()) {
      case RESET -> {
        connection.setSoLinger(true, 0);
        connection.close();
        yield false;
      }
      case SILENT -> {
        in.readAllBytes();
        yield false;
      }
      case WHOLE, CUT -> {
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(reply.status()).append(" Said\r\n");
        reply
            .headers()
            .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(reply.body().length).append("\r\n\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.UTF_8);
        boolean cut = reply.manner() == Reply.Manner.CUT;
        int length = cut ? reply.body().length / 2 : reply.body().length;
        byte[] whole = new byte[start.length + length];
        System.arraycopy(start, 0, whole, 0, start.length);
        System.arraycopy(reply.body(), 0, whole, start.length, length);
        out.write(whole);
        out.flush();
        yield !cut;
      }
    };
  }

  @Override
  public void close() {
    try {
      socket.close();
      for (Socket connection : open) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
