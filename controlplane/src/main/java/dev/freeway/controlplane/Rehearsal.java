package dev.freeway.controlplane;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;

/**
 * What commands do at their start, done once where nothing comes of it, so that the launcher can
 * record which classes that takes. It asks nobody: its AWS is a socket of its own on the loopback,
 * that has one account, one region, one queue and one VPC. It says nothing, and ends.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Runs.
   *
   * @param args a directory for what it writes
   */
  public static void main(String[] args) throws IOException {
    String database = Path.of(args[0]).resolve("rehearsal.db").toString();
    System.setProperty("aws.accessKeyId", "rehearsal");
    System.setProperty("aws.secretAccessKey", "rehearsal");
    run("--help");
    run("services", "--types", "-f", "json");
    run("services", "-f", "csv");
    run("scan", "--help");
    try (ServerSocket stage = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(stage));
      String url = "http://127.0.0.1:" + stage.getLocalPort();
      run("scan", "--endpoint-url", url, "--db", database, "-r", "us-east-1", "--include-global");
    }
    run("scans", "--db", database);
    run("errors", "--db", database, "-f", "yaml");
    run("query", "--db", database, "SELECT count(*) FROM resources");
  }

  private static void run(String... args) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine commandLine = Main.commandLine().setOut(nowhere).setErr(nowhere);
    commandLine.execute(args);
  }

  private static void serve(ServerSocket stage) {
    while (true) {
      try {
        Socket connection = stage.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException _) {
        return; // it was closed
      }
    }
  }

  private static void serve(Socket accepted) {
    try (Socket connection = accepted) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      while (true) {
        String head = head(in);
        if (head.isEmpty()) {
          return;
        }
        int length = head.indexOf("content-length: ");
        String body =
            length < 0
                ? ""
                : new String(
                    in.readNBytes(
                        Integer.parseInt(head.substring(length + 16, head.indexOf('\r', length)))),
                    StandardCharsets.UTF_8);
        String answer = answer(head + body);
        connection
            .getOutputStream()
            .write(
                ("HTTP/1.1 200 OK\r\nContent-Type: "
                        + (answer.startsWith("{") ? "application/json" : "text/xml")
                        + "\r\nContent-Length: "
                        + answer.length()
                        + "\r\n\r\n"
                        + answer)
                    .getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException _) {
      // the caller went
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      head.append((char) next);
      if (head.length() > 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
        return head.toString().toLowerCase(Locale.ROOT);
      }
    }
    return "";
  }

  private static String answer(String asked) {
    if (asked.contains("GetCallerIdentity")) {
      return "<R><GetCallerIdentityResult><Account>123456789012</Account>"
          + "<Arn>arn:aws:iam::123456789012:user/r</Arn></GetCallerIdentityResult></R>";
    }
    if (asked.contains("DescribeRegions")) {
      return "<R><regionInfo><item><regionName>us-east-1</regionName>"
          + "<optInStatus>opt-in-not-required</optInStatus></item></regionInfo></R>";
    }
    if (asked.contains("DescribeVpcs")) {
      return "<R><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>false</isDefault></item></vpcSet></R>";
    }
    if (asked.contains("amazonsqs.listqueues")) {
      return "{\"QueueUrls\":[\"https://sqs.us-east-1.amazonaws.com/123456789012/q\"]}";
    }
    return asked.contains("x-amz-target") || asked.contains("json") || asked.startsWith("get")
        ? "{}"
        : "<R/>";
  }
}
