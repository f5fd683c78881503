package dev.freeway.controlplane;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import picocli.CommandLine;

/**
 * What commands do at their start, done once where nothing comes of it, so that the launcher can
 * record which classes that takes. It asks nobody: its AWS is a port of this machine that nobody
 * listens to. It says nothing, and ends.
 */
public final class Rehearsal {
  private static final String NOBODY = "http://127.0.0.1:9";

  private Rehearsal() {}

  /**
   * Runs.
   *
   * @param args a directory for what it writes
   */
  public static void main(String[] args) {
    String database = Path.of(args[0]).resolve("rehearsal.db").toString();
    System.setProperty("aws.accessKeyId", "rehearsal");
    System.setProperty("aws.secretAccessKey", "rehearsal");
    run("--help");
    run("services", "--types", "-f", "json");
    run("services", "-f", "csv");
    run("scan", "--help");
    run("scan", "--endpoint-url", NOBODY, "--db", database, "-r", "us-east-1", "-s", "sqs");
    run("ask", "--db", database, "how", "many", "running", "instances", "per", "region");
    run("examples", "-f", "json");
    run("scans", "--db", database);
    run("errors", "--db", database, "-f", "yaml");
  }

  private static void run(String... args) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine commandLine = Main.commandLine().setOut(nowhere).setErr(nowhere);
    commandLine.execute(args);
  }
}
