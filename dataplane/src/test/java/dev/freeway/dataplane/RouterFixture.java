package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.doctor.FakeRoot;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import dev.freeway.dataplane.relay.RelayHost;
import dev.freeway.dataplane.relay.RelayTable;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.Namespaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The program on a modelled kernel: one call is one process, and what it leaves is on disk. */
final class RouterFixture {
  static final Namespace NAMESPACE = new Namespace("net:[1]", "boot");

  final KernelModel kernel = new KernelModel(1);
  final Path directory;
  final Path manifests;
  final Path state;
  Supplier<NetlinkSocket> socket = kernel::open;
  Main.Hosts hosts = (state, where, sysctls) -> Host.NONE;

  /** What the doctor looks at: files of a machine in order. */
  Path root;

  /** A console without input, which logs to a stream. */
  static Console logsTo(OutputStream log) {
    return new Console(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
        new PrintStream(log, true, StandardCharsets.UTF_8),
        InstantSource.fixed(Instant.EPOCH));
  }

  /** {@code run --dataplane relay} with these further options, on this machine's loopback. */
  static Router relay(OutputStream log, String... options) {
    List<String> args = new ArrayList<>(List.of("run", "--dataplane", "relay"));
    args.addAll(List.of(options));
    RouterConfig config =
        ((Arguments.Request.Run) Arguments.parse("test", args.toArray(String[]::new))).config();
    Console console = logsTo(log);
    console.configure(config.logLevel(), config.logJson());
    RelayTable table = RelayTable.open(System::nanoTime, _ -> {});
    return Router.start(
        console,
        config,
        () -> table,
        () -> new RelayHost(table),
        KernelRelease.parse("6.1.0"),
        new Namespace("relay:[0]", "test"),
        false);
  }

  /** The same of {@code web.yaml} in a directory, whose {@code state} it keeps. */
  static Router relayIn(Path directory, OutputStream log, String... options) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--manifests",
                directory.resolve("web.yaml").toString(),
                "--state-dir",
                directory.resolve("state").toString(),
                "--listen",
                "127.0.0.1:0"));
    args.addAll(List.of(options));
    return relay(log, args.toArray(String[]::new));
  }

  private Supplier<Namespace> namespace = () -> NAMESPACE;

  /** What the last call left on standard output and standard error. */
  String out = "";

  String err = "";

  RouterFixture(Path directory) {
    this.directory = directory;
    this.manifests = directory.resolve("manifests");
    this.state = directory.resolve("state");
    this.root = directory.resolve("root");
    try {
      FakeRoot.write(root);
      Files.createDirectories(manifests);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves the model for the kernel and the files of this machine. */
  void onThisMachine(Supplier<NetlinkSocket> realSocket) {
    socket = realSocket;
    root = Path.of("/");
    namespace = Namespaces::current;
  }

  /** A Service in namespace shop with one address, and its slice. */
  static String service(String name, String address, String created, String... endpoints) {
    return """
        apiVersion: v1
        kind: Service
        metadata:
          name: %1$s
          namespace: shop
          creationTimestamp: "%3$s"
          annotations: {freeway.dev/addresses: "%2$s", freeway.dev/forwarding: direct}
        spec:
          type: LoadBalancer
          loadBalancerClass: freeway.dev/ipvs
          ports: [{port: 80}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %1$s-1, namespace: shop, labels: {kubernetes.io/service-name: %1$s}}
        addressType: IPv4
        ports: [{port: 80}]
        endpoints: [%4$s]
        """
        .formatted(
            name,
            address,
            created,
            Arrays.stream(endpoints)
                .map(endpoint -> "{addresses: [" + endpoint + "]}")
                .collect(Collectors.joining(", ")));
  }

  /** The same where one endpoint is about to go. */
  static String terminating(String manifest, String endpoint) {
    return manifest.replace(
        "{addresses: [" + endpoint + "]}",
        "{addresses: [" + endpoint + "], conditions: {ready: false, terminating: true}}");
  }

  /** Since when the only recorded drain lasts, in milliseconds since the boot. */
  static long drainsSince(Path record) {
    try {
      String line = Files.readAllLines(record).getLast();
      return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces one file of the input. */
  Path write(String name, String content) {
    try {
      return Files.writeString(manifests.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void remove(String name) {
    try {
      Files.delete(manifests.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A whole command line; answers the exit code. */
  int run(String... args) {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(stdout, true, StandardCharsets.UTF_8),
            new PrintStream(stderr, true, StandardCharsets.UTF_8),
            InstantSource.fixed(Instant.EPOCH));
    int exitCode =
        new Main(console, () -> socket.get(), namespace, hosts, name -> false, root).execute(args);
    out = stdout.toString(StandardCharsets.UTF_8);
    err = stderr.toString(StandardCharsets.UTF_8);
    return exitCode;
  }

  /** A command with the state directory and, where it takes them, the manifests. */
  int on(String verb, String... more) {
    List<String> args = new ArrayList<>(List.of(verb, "--state-dir", state.toString()));
    if (!verb.equals("show")) {
      args.addAll(List.of("--manifests", manifests.toString()));
    }
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  /** The last call's document. */
  JsonNode document() {
    return new ObjectMapper().readTree(out);
  }

  /** The kernel's table as {@code show -o json} gives it. */
  JsonNode services() {
    on("show", "-o", "json");
    return document().get("services");
  }

  /** The only destination of a service of one, in the table. */
  String onlyDestination() {
    return services().get(0).get("destinations").get(0).get("address").asString();
  }
}
