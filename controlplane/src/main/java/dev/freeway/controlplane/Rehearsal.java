package dev.freeway.controlplane;

import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.serve.Server;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/**
 * What commands do at their start, done once where nothing comes of it, so that the launcher can
 * record which classes that takes. It asks nobody: its AWS is a {@link Stage} on loopback. It says
 * nothing, and ends.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Runs.
   *
   * @param args a directory for what it writes
   * @throws IOException when it cannot listen on loopback
   */
  public static void main(String[] args) throws IOException {
    Path scratch = Path.of(args[0]);
    String database = scratch.resolve("rehearsal.db").toString();
    String estate = scratch.resolve("estate.db").toString();
    String file = scratch.resolve("report").toString();
    System.setProperty("aws.accessKeyId", "rehearsal");
    System.setProperty("aws.secretAccessKey", "rehearsal");
    run("--help");
    run("services", "--types", "-f", "json");
    run("services", "-f", "csv");
    run("scan", "--help");
    try (ServerSocket stage = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> Stage.serve(stage));
      String url = "http://127.0.0.1:" + stage.getLocalPort();
      run("scan", "--endpoint-url", url, "--db", database, "-r", "us-east-1", "--include-global");
    }
    run("ask", "--db", database, "how", "many", "running", "instances", "per", "region");
    run("examples", "-f", "json");
    run("scans", "--db", database);
    run("errors", "--db", database, "-f", "yaml");
    run("demo", "--accounts", "1", "--scans", "2", "--db", estate);
    run("query", "-l");
    run("query", "--db", estate, "-n", "unused-volumes");
    run("query", "--db", estate, "SELECT count(*) FROM resources", "-f", "html");
    run("report", "--db", estate, "-o", file + ".html");
    run("report", "--db", estate, "-f", "json");
    run("report", "--db", estate, "-f", "xlsx", "-o", file + ".xlsx");
    run("diff", "--db", estate);
    run("waste", "--db", estate);
    run("tags", "--db", estate);
    run("relations", "--db", estate, "nothing");
    run("config", "list");
    run("completion", "bash");
    run("serve", "--help");
    serve(estate);
  }

  /** The command itself would not end. */
  private static void serve(String estate) throws IOException {
    InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Store store = Store.existing(StoreAddress.parse(estate));
    try (Server server =
        Server.start(
            store, () -> NamedQueries.load(List.of()), ServeCommand.questions(store), anywhere)) {
      get(server.url());
      get(server.url() + "part?name=data");
    }
  }

  private static void get(String url) throws IOException {
    URI where = URI.create(url);
    try (Socket socket = new Socket(where.getHost(), where.getPort())) {
      String request =
          "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
              .formatted(url.substring(url.indexOf('/', 8)), where.getAuthority());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void run(String... args) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine commandLine = Main.commandLine(List.of(args)).setOut(nowhere).setErr(nowhere);
    commandLine.execute(args);
  }
}
