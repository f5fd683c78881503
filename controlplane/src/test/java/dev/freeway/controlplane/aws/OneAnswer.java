package dev.freeway.controlplane.aws;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import tools.jackson.databind.node.ObjectNode;

/**
 * A listener that says the same to whatever it is asked, with no header but those it is told, and a
 * client in front of it.
 */
final class OneAnswer implements AutoCloseable {
  /** What is said. */
  private record Said(int status, Map<String, String> headers, String body) {}

  /** What came; the names of headers in any case. */
  record Came(String target, Map<String, String> headers) {}

  private final AtomicReference<Said> said = new AtomicReference<>(new Said(200, Map.of(), ""));
  private final AtomicReference<Came> came = new AtomicReference<>(new Came("", Map.of()));
  private final Connections connections = new Connections(1);
  private final ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  private final AwsClient client;

  /**
   * Begins to answer.
   *
   * @param path of the endpoint; empty for none
   */
  OneAnswer(String path) throws IOException {
    Thread _ = Thread.ofVirtual().start(this::serve);
    client =
        new AwsClient(
            connections.http(),
            new Endpoints(
                Optional.of(URI.create("http://127.0.0.1:" + listening.getLocalPort() + path))));
  }

  private void serve() {
    while (!listening.isClosed()) {
      try (Socket one = listening.accept()) {
        InputStream in = one.getInputStream();
        String target = line(in).split(" ", -1)[1];
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          int colon = line.indexOf(':');
          headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        came.set(new Came(target, headers));
        one.getOutputStream().write(answer(said.get()));
      } catch (IOException _) {
        // the client has gone, or the end
      }
    }
  }

  private static byte[] answer(Said said) {
    byte[] body = said.body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + said.status + " Said\r\n");
    said.headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Content-Length: " + body.length + "\r\nConnection: close\r\n\r\n");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
    all.writeBytes(body);
    return all.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  /** From now on. */
  OneAnswer says(int status, Map<String, String> headers, String body) {
    said.set(new Said(status, headers, body));
    return this;
  }

  /** The same of a type; of none, without that header. */
  OneAnswer says(int status, String type, String body) {
    return says(status, type.isEmpty() ? Map.of() : Map.of("Content-Type", type), body);
  }

  ObjectNode call(String module, String operation) throws AwsException {
    ServiceModel model = ServiceModel.of(module);
    return client.call(
        model,
        model.operation(operation),
        "eu-west-1",
        Map.of(),
        AwsBasicCredentials.create("AKIA", "secret"));
  }

  /** The last request. */
  Came came() {
    return came.get();
  }

  @Override
  public void close() throws IOException {
    connections.close();
    listening.close();
  }
}
