package dev.freeway.controlplane;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server of moto's, which {@code benchmarks/inventory/install} fetches once. Requests of its own
 * are not signed: moto looks only at whose they are and for which service.
 */
final class MotoServer {
  /** One that is not there. */
  static final MotoServer NONE =
      new MotoServer(0, "", Optional.empty(), new AtomicLong(), HttpClient.newHttpClient());

  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern KEY = Pattern.compile("<AccessKeyId>([^<]+)</AccessKeyId>");

  private final int port;
  private final String key;
  private final Optional<Process> process;
  private final AtomicLong requests;
  private final HttpClient http;

  private MotoServer(
      int port, String key, Optional<Process> process, AtomicLong requests, HttpClient http) {
    this.port = port;
    this.key = key;
    this.process = process;
    this.requests = requests;
    this.http = http;
  }

  /** Python's, with moto and boto3. */
  static Path environment() throws IOException {
    Process install =
        new ProcessBuilder("bash", "../benchmarks/inventory/install")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String directory = new String(install.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (install.onExit().join().exitValue() != 0) {
      throw new IOException("benchmarks/inventory/install failed, see above");
    }
    return Path.of(directory.strip());
  }

  static MotoServer start() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    ProcessBuilder server =
        new ProcessBuilder(
                environment().resolve("bin/moto_server").toString(),
                "-H",
                "127.0.0.1",
                "-p",
                Integer.toString(port))
            .redirectErrorStream(true);
    server.environment().put("AWS_ACCESS_KEY_ID", "testing");
    server.environment().put("AWS_SECRET_ACCESS_KEY", "testing");
    Process process = server.start();
    AtomicLong requests = new AtomicLong();
    CompletableFuture<Boolean> running = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> follow(process, requests, running));
    if (!running.join()) {
      throw new IOException("moto_server ended before it served");
    }
    return new MotoServer(
        port, "testing", Optional.of(process), requests, HttpClient.newHttpClient());
  }

  /** Reads what it says, so that it never waits for a reader. */
  private static void follow(
      Process process, AtomicLong requests, CompletableFuture<Boolean> running) {
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.contains("Running on")) {
          running.complete(true);
        } else if (line.contains(" HTTP/1.1")) {
          requests.incrementAndGet();
        }
      }
    } catch (IOException _) {
      // it was stopped
    }
    running.complete(false);
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** How many it said that it served. */
  long requests() {
    return requests.get();
  }

  /** The same by another access key. */
  MotoServer as(String other) {
    return new MotoServer(port, other, process, requests, http);
  }

  JsonNode json(String service, String target, String body)
      throws IOException, InterruptedException {
    return JSON.readTree(
        send(
            HttpRequest.newBuilder()
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", target),
            service,
            body));
  }

  /** An access key in another account. */
  String assume(String account) throws IOException, InterruptedException {
    String answer =
        send(
            HttpRequest.newBuilder().header("Content-Type", "application/x-www-form-urlencoded"),
            "sts",
            "Action=AssumeRole&Version=2011-06-15&RoleSessionName=seed&RoleArn=arn:aws:iam::"
                + account
                + ":role/seed");
    Matcher found = KEY.matcher(answer);
    if (!found.find()) {
      throw new IOException("no credentials: " + answer);
    }
    return found.group(1);
  }

  private String send(HttpRequest.Builder request, String service, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            request
                .uri(URI.create(url() + "/"))
                .header(
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential="
                        + key
                        + "/20260101/us-east-1/"
                        + service
                        + "/aws4_request, SignedHeaders=host, Signature=none")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(body + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  void stop() throws InterruptedException {
    if (process.isPresent()) {
      process.get().destroy();
      process.get().waitFor();
    }
  }
}
