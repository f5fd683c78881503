package dev.freeway.dataplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** {@code run --dataplane relay} in a process of its own, with limits of its own. */
final class RelayProgram implements AutoCloseable {
  private static final Pattern SERVING =
      Pattern.compile("\"message\":\"serving .*\"listen\":\"([^\"]+)\"");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Process process;
  private final Path log;

  /**
   * Starts one.
   *
   * @param log where it logs to; a file that is not there yet
   * @param heap as {@code -Xmx} takes it
   * @param descriptors that it may have, such as {@code unlimited}
   * @param options beside {@code run --dataplane relay}
   */
  RelayProgram(Path log, String heap, String descriptors, String... options) throws IOException {
    this.log = Files.createFile(log);
    List<String> command =
        new ArrayList<>(
            List.of(
                "bash",
                "-c",
                "ulimit -n " + descriptors + " && exec \"$@\"",
                "relay",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "--dataplane",
                "relay"));
    command.addAll(List.of(options));
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** What it said so far. */
  String logged() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Process process() {
    return process;
  }

  /** Where it last said that its pages are. */
  private Optional<String> pages() {
    return SERVING.matcher(logged()).results().map(one -> one.group(1)).reduce((_, last) -> last);
  }

  /** Waits until all that is desired is there. */
  void untilReady() {
    Await.until(
        this::logged,
        () -> {
          assertThatItRuns();
          return metric("ipvs_router_programmed") == 1;
        });
  }

  private void assertThatItRuns() {
    if (!process.isAlive()) {
      throw new AssertionError("it ended with " + process.exitValue() + "\n" + logged());
    }
  }

  private static String get(String at, String page) {
    try {
      return CLIENT
          .send(
              HttpRequest.newBuilder(URI.create("http://" + at + page)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException _) {
      return ""; // it is about to begin, or to end
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The sum of a metric's series; NaN where there is none. */
  double metric(String name) {
    Pattern series = Pattern.compile("^" + name + "(?:\\{.*})? (\\S+)$", Pattern.MULTILINE);
    return series
        .matcher(pages().map(at -> get(at, "/metrics")).orElse(""))
        .results()
        .map((MatchResult one) -> Double.valueOf(one.group(1)))
        .reduce(Double::sum)
        .orElse(Double.NaN);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
