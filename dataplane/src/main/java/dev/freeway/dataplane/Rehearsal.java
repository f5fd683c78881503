package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.doctor.MachineReader;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.netlink.EmptyKernel;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import dev.freeway.dataplane.sync.Host;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * What every command does at its start, done once where nothing comes of it, so that the launcher
 * can record which classes that takes: {@code plan} on this machine, which changes nothing, then
 * {@code plan}, {@code apply}, {@code show} and {@code run} on a kernel that is none, whose pages
 * and events are looked at, by {@code top} too. It needs neither root nor IPVS, says nothing, and
 * ends.
 */
public final class Rehearsal {
  private static final int ATTEMPTS = 500;
  private static final int PAUSE_MILLIS = 10;
  private static final int PATIENCE_MILLIS = 5_000;
  private static final long LIMIT_MILLIS = 60_000;

  private static final String MANIFEST =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: web
        namespace: shop
        annotations: {freeway.dev/addresses: "192.0.2.1"}
      spec:
        type: LoadBalancer
        loadBalancerClass: freeway.dev/ipvs
        ports: [{name: http, port: 80, protocol: TCP}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: web-1
        namespace: shop
        labels: {kubernetes.io/service-name: web}
      addressType: IPv4
      ports: [{name: http, port: 80, protocol: TCP}]
      endpoints:
      - addresses: [192.0.2.11]
        conditions: {ready: true}
      - addresses: [192.0.2.12]
        conditions: {ready: true}
      - addresses: [192.0.2.13]
        conditions: {ready: true}
      """;

  private final Path directory;
  private final Console console =
      new Console(InputStream.nullInputStream(), nowhere(), nowhere(), InstantSource.system());

  private Rehearsal(Path directory) throws IOException {
    this.directory = directory;
    Files.writeString(directory.resolve("web.yaml"), MANIFEST);
  }

  /** Takes an empty directory of its own to work in. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Thread.ofPlatform().daemon().start(Rehearsal::endInAnyCase);
    Rehearsal rehearsal = new Rehearsal(Path.of(args[0]));
    rehearsal.onThisMachine();
    rehearsal.on(EmptyKernel::new);
    System.exit(0);
  }

  private static void endInAnyCase() {
    try {
      Thread.sleep(LIMIT_MILLIS);
    } catch (InterruptedException _) {
      // then at once
    }
    Runtime.getRuntime().halt(ExitCode.FAILED.number());
  }

  private static PrintStream nowhere() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  /** The same on another kernel that is none. */
  static void on(Path directory, Supplier<NetlinkSocket> kernel)
      throws IOException, InterruptedException {
    new Rehearsal(directory).on(kernel);
  }

  private void onThisMachine() {
    Main.onThisMachine(console).execute(line("plan"));
  }

  private void on(Supplier<NetlinkSocket> kernel) throws IOException, InterruptedException {
    Namespace namespace = new Namespace("net:[0]", "rehearsal");
    Main main = new Main(console, kernel, () -> namespace);
    main.execute(line("plan", "-o", "json"));
    main.execute(line("apply"));
    main.execute("show", "--state-dir", state());
    if (Arguments.parse("", line("run", "--listen", "127.0.0.1:0"))
        instanceof Arguments.Request.Run run) {
      try (Router router =
          Router.start(
              console,
              run.config(),
              () -> Ipvs.open(kernel),
              () -> Host.NONE,
              MachineReader.kernel(Path.of("/")),
              namespace,
              false)) {
        visit(router.address());
        main.execute("top", "--once", "--listen", "127.0.0.1:" + router.address().getPort());
      }
    }
  }

  private String[] line(String verb, String... more) {
    String[] line = new String[5 + more.length];
    line[0] = verb;
    line[1] = "--state-dir";
    line[2] = state();
    line[3] = "--manifests";
    line[4] = directory.resolve("web.yaml").toString();
    System.arraycopy(more, 0, line, 5, more.length);
    return line;
  }

  private String state() {
    return directory.resolve("state").toString();
  }

  /** Waits until it is ready, then looks at every page. */
  private static void visit(InetSocketAddress address) throws IOException, InterruptedException {
    for (int i = 0; i < ATTEMPTS && !get(address, "/readyz").startsWith("HTTP/1.1 200"); i++) {
      Thread.sleep(PAUSE_MILLIS);
    }
    get(address, "/metrics");
    get(address, "/state");
    get(address, "/healthz");
    get(address, "/");
    get(address, "/page.json");
    try (Socket socket = ask(address, "/events")) {
      socket.getInputStream().read(); // it begins, and does not end
    }
  }

  private static String get(InetSocketAddress address, String page) throws IOException {
    try (Socket socket = ask(address, page)) {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Socket ask(InetSocketAddress address, String page) throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    String request = "GET " + page + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }
}
