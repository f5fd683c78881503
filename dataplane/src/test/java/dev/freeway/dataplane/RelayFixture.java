package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.relay.RelayHost;
import dev.freeway.dataplane.relay.RelayTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** {@code run --dataplane relay} on loopback, with backends that answer, and clients that stay. */
final class RelayFixture implements AutoCloseable {
  final Router router;
  private final Path manifests;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<ServerSocket> backends = new ArrayList<>();
  private final List<Socket> clients = new ArrayList<>();
  private final int port;

  /** Backends at 127.0.0.2 to 127.0.0.4, and a router that follows the file web.yaml. */
  RelayFixture(Path directory, String manifest) throws IOException {
    manifests = Files.createDirectories(directory.resolve("manifests"));
    backends.add(backend(2, 0));
    port = backends.getFirst().getLocalPort();
    backends.add(backend(3, port));
    backends.add(backend(4, port));
    write(manifest.replace("PORT", "" + port));
    String[] args = {
      "run",
      "--dataplane",
      "relay",
      "--manifests",
      manifests.toString(),
      "--state-dir",
      directory.resolve("state").toString(),
      "--listen",
      "127.0.0.1:0",
      "--max-shrink",
      "100%",
      "--node",
      "edge-1"
    };
    RouterConfig config = ((Arguments.Request.Run) Arguments.parse("test", args)).config();
    Console console = RouterFixture.logsTo(log);
    console.configure(config.logLevel(), config.logJson());
    RelayTable table = RelayTable.open(System::nanoTime, _ -> {});
    router =
        Router.start(
            console,
            config,
            () -> table,
            () -> new RelayHost(table),
            KernelRelease.parse("6.1.0"),
            new Namespace("relay:[0]", "test"),
            false);
  }

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  /** A port of 127.0.0.1 that nobody listens on. */
  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, loopback(1))) {
      return free.getLocalPort();
    }
  }

  /** A Service of namespace shop on 127.0.0.1 with its slice; PORT stands for its backends'. */
  static String service(String name, int itsPort, int... last) {
    return new RelayManifest(name, itsPort, "PORT", "", "", RelayManifest.ready(last)).yaml();
  }

  /** Says a byte to whoever comes, and answers a byte with a thousand until the client ends. */
  private static ServerSocket backend(int last, int itsPort) throws IOException {
    ServerSocket listening = new ServerSocket(itsPort, 50, loopback(last));
    Thread.ofVirtual()
        .start(
            () -> {
              while (!listening.isClosed()) {
                try {
                  Socket client = listening.accept();
                  Thread.ofVirtual().start(() -> serve(client));
                } catch (IOException _) {
                  return;
                }
              }
            });
    return listening;
  }

  private static void serve(Socket client) {
    try (client) {
      client.getOutputStream().write('!');
      while (client.getInputStream().read() >= 0) {
        client.getOutputStream().write(new byte[1000]);
      }
    } catch (IOException _) {
      // it went away
    }
  }

  /** Replaces the input at once. */
  void write(String manifest) {
    try {
      Path next =
          Files.writeString(manifests.resolve(".next"), manifest.replace("PORT", "" + port));
      Files.move(next, manifests.resolve("web.yaml"), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client that is served and stays. */
  Socket connect(int service) throws IOException {
    Socket client = new Socket();
    clients.add(client);
    client.setSoTimeout(10_000);
    client.connect(new InetSocketAddress(loopback(1), service));
    if (client.getInputStream().read() != '!') {
      throw new IOException("not served\n" + logged());
    }
    return client;
  }

  String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  /** As {@code --listen} has it. */
  String listen() {
    return "127.0.0.1:" + router.address().getPort();
  }

  @Override
  public void close() throws IOException {
    router.close();
    for (Socket client : clients) {
      client.close();
    }
    for (ServerSocket backend : backends) {
      backend.close();
    }
  }
}
