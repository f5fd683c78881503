package dev.freeway.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A router in a process of its own, and what its log and its pages say. */
final class RouterProcess implements AutoCloseable {
  private static final Pattern SECONDS = Pattern.compile("\"eventToKernelSeconds\":([0-9.eE-]+)");
  private static final Pattern LISTEN = Pattern.compile("\"listen\":\"([^\"]+)\"");
  private static final Pattern DESTINATIONS =
      Pattern.compile("^ipvs_router_destinations\\{owner=\"ours\"\\} (\\S+)$", Pattern.MULTILINE);

  private final Process process;
  private final BlockingQueue<Double> programmed = new LinkedBlockingQueue<>();
  private final CountDownLatch listening = new CountDownLatch(1);
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile String address = "";
  private volatile boolean closing;

  private RouterProcess(Process process, Path log) {
    this.process = process;
    Thread.ofPlatform().daemon().start(() -> read(log));
  }

  static RouterProcess start(String launcher, Path kubeconfig, Path directory) throws IOException {
    Files.createDirectories(directory);
    return new RouterProcess(
        new ProcessBuilder(
                launcher,
                "run",
                "--kubeconfig",
                kubeconfig.toString(),
                "--addresses",
                "10.16.0.0/16",
                "--listen",
                "127.0.0.1:0",
                "--state-dir",
                directory.resolve("state").toString())
            .redirectErrorStream(true)
            .start(),
        directory.resolve("router.log"));
  }

  private void read(Path log) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        var out = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher seconds = SECONDS.matcher(line);
        if (seconds.find()) {
          programmed.add(Double.parseDouble(seconds.group(1)));
        }
        Matcher listen = LISTEN.matcher(line);
        if (listen.find()) {
          address = listen.group(1);
          listening.countDown();
        }
        out.write(line);
        out.newLine();
      }
    } catch (IOException e) {
      if (process.isAlive() && !closing) { // else its end closed the pipe
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What was programmed until now does not count. */
  void forget() {
    programmed.clear();
  }

  /** Seconds from the receipt of the next change to the kernel's acknowledgement. */
  double next() throws InterruptedException {
    Double seconds = programmed.poll(60, TimeUnit.SECONDS);
    if (seconds == null) {
      throw new IllegalStateException("nothing was programmed in 60 s");
    }
    return seconds;
  }

  /** Waits for a first whole state, also of a slow machine that has to boot first. */
  void awaitProgrammed() throws InterruptedException {
    if (programmed.poll(5, TimeUnit.MINUTES) == null) {
      throw new IllegalStateException("nothing was programmed in 5 minutes");
    }
    settle(TimeUnit.SECONDS.toNanos(3));
  }

  /** Waits until nothing was programmed for a while. */
  void settle() {
    settle(TimeUnit.MILLISECONDS.toNanos(100));
  }

  private void settle(long nanos) {
    int before = -1;
    while (before != programmed.size()) {
      before = programmed.size();
      LockSupport.parkNanos(nanos);
    }
  }

  List<Double> drain() {
    List<Double> all = new ArrayList<>();
    programmed.drainTo(all);
    return all;
  }

  void awaitDestinations(int count) throws IOException, InterruptedException {
    if (!listening.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the router did not start");
    }
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    String page = "";
    while (System.nanoTime() < end) {
      page = get("/metrics");
      Matcher found = DESTINATIONS.matcher(page);
      if (found.find() && Double.parseDouble(found.group(1)) == count) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    throw new IllegalStateException("never " + count + " destinations:\n" + page);
  }

  private String get(String path) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  JsonNode state() throws IOException, InterruptedException {
    return JsonMapper.shared().readTree(get("/state"));
  }

  double residentMebibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    return Double.NaN;
  }

  @Override
  public void close() {
    closing = true;
    process.destroy();
    process
        .onExit()
        .orTimeout(10, TimeUnit.SECONDS)
        .exceptionally(_ -> process.destroyForcibly())
        .join();
    http.close();
  }
}
