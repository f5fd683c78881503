package dev.freeway.benchmarks;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.health.Assessment;
import dev.freeway.dataplane.health.Monitor;
import dev.freeway.dataplane.health.MonitorListener;
import dev.freeway.dataplane.health.probe.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The monitor with many backends every second, half asked by TCP, half by HTTP: processor time and
 * memory of this process, which does nothing else; then how soon it knows that some have died.
 * HAProxy with the same backends afterwards. The backends are in a process of their own.
 *
 * <p>Arguments: backends, seconds measured, deaths, a directory for files.
 */
final class Health {
  private static final String RATES = ",interval=1s,timeout=1s,rise=2,fall=3";
  private static final long DETECTION = TimeUnit.MILLISECONDS.toNanos(4100);
  private static final long WARMING = TimeUnit.SECONDS.toNanos(15);

  private final int count;
  private final long measured;
  private final Path directory;
  private final Process backends;
  private final BufferedReader answers;
  private final int port;

  private final Map<Integer, Long> downAt = new ConcurrentHashMap<>();
  private final Map<Integer, Boolean> seen = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();

  private Health(String[] args) throws IOException {
    count = Integer.parseInt(args[0]);
    measured = (long) (Double.parseDouble(args[1]) * 1e9);
    directory = Path.of(args[3]);
    backends =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                HealthBackends.class.getName(),
                args[0])
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = backends.inputReader(StandardCharsets.US_ASCII);
    port = (int) answer();
  }

  public static void main(String[] args) throws IOException {
    Health health = new Health(args);
    try {
      health.ours(Integer.parseInt(args[2]));
      health.haproxy();
    } finally {
      health.backends.destroy();
    }
  }

  private long answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IllegalStateException("the backends ended, see above");
    }
    return Long.parseLong(line);
  }

  private long ask(String line) throws IOException {
    backends.outputWriter(StandardCharsets.US_ASCII).append(line).append('\n').flush();
    return answer();
  }

  private final class Listening implements MonitorListener {
    @Override
    public void changed(Target target, Assessment assessment) {
      int number = (int) (target.backend().address().low() & 0xffff);
      if (assessment.state() == Assessment.State.UP) {
        seen.put(number, true);
      } else {
        downAt.putIfAbsent(number, System.nanoTime());
      }
    }

    @Override
    public void hindered(int waiting, String reason) {
      troubles.add(waiting + " checks wait: " + reason);
    }

    @Override
    public void failed(RuntimeException exception) {
      troubles.add(exception.toString());
    }
  }

  private void ours(int deaths) throws IOException {
    try (Monitor monitor =
        Monitor.start(InstantSource.system(), System::nanoTime, 1, 4096, new Listening())) {
      List<Target> targets = new ArrayList<>();
      HealthCheck tcp = check("tcp");
      HealthCheck http = check("http,path=/healthz");
      ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), 80);
      for (int i = 0; i < count; i++) {
        IpAddress address = IpAddress.of(HealthBackends.address(i));
        targets.add(Target.of(service, new DestinationKey(address, port), i % 2 == 0 ? tcp : http));
      }
      monitor.watch(targets);
      warm();
      long end = System.nanoTime() + 4 * WARMING;
      while (seen.size() != count) { // a cold start on a busy machine takes some for dead
        if (System.nanoTime() - end > 0) {
          throw new IllegalStateException(seen.size() + " of " + count + " up; " + troubles);
        }
        pause(TimeUnit.MILLISECONDS.toNanos(100));
      }
      downAt.clear();
      troubles.clear();
      ProcessHandle own = ProcessHandle.current();
      long accepted = ask("count");
      double seconds = processorShare(own);
      Samples.add("health.rate", (ask("count") - accepted) / (measured / 1e9));
      Samples.add("health.cpu", seconds);
      Samples.add("health.rss", residentMebibytes(own));
      detection(deaths);
    }
    troubles.forEach(System.err::println);
    Samples.add("health.hindered", troubles.size());
  }

  private static HealthCheck check(String text) {
    return switch (HealthCheck.parse(text + RATES)) {
      case HealthCheck.Reading.Right right -> right.check();
      case HealthCheck.Reading.Wrong wrong -> throw new IllegalStateException(wrong.toString());
    };
  }

  /**
   * Backends die at random times; those asked by TCP refuse, of the others every second is mute.
   */
  private void detection(int deaths) throws IOException {
    SplittableRandom random = new SplittableRandom(2);
    Map<Integer, Long> diedAt = new HashMap<>();
    while (diedAt.size() < deaths) {
      int number = random.nextInt(count);
      if (!diedAt.containsKey(number)) {
        diedAt.put(number, ask((number % 4 == 1 ? "mute " : "close ") + number));
        pause(random.nextLong(TimeUnit.MILLISECONDS.toNanos(60)));
      }
    }
    pause(2 * DETECTION);
    int missed = 0;
    double longest = 0;
    for (Map.Entry<Integer, Long> death : diedAt.entrySet()) {
      Long down = downAt.remove(death.getKey());
      if (down == null) {
        missed++;
      } else {
        double millis = (down - death.getValue()) / 1e6;
        longest = Math.max(longest, millis);
        Samples.add("health.detection.ms", millis);
      }
    }
    Samples.add("health.detection.max.ms", longest);
    Samples.add("health.missed", missed);
    Samples.add("health.false", downAt.size());
  }

  /** One process with one thread that checks the same backends as often. */
  private void haproxy() throws IOException {
    Path file = directory.resolve("haproxy.cfg");
    StringBuilder text =
        new StringBuilder("global\n  nbthread 1\n  spread-checks 10\n  maxconn 1000\n")
            .append("defaults\n  mode tcp\n  timeout connect 1s\n  timeout check 1s\n")
            .append("  timeout client 1s\n  timeout server 1s\n")
            .append("  default-server check inter 1s rise 2 fall 3\n")
            .append("frontend none\n  bind unix@")
            .append(directory.resolve("haproxy.sock"))
            .append("\n  default_backend tcp\n");
    for (int kind = 0; kind < 2; kind++) {
      text.append(kind == 0 ? "backend tcp\n" : "backend http\n  option httpchk GET /healthz\n");
      for (int i = kind; i < count; i += 2) {
        String address = HealthBackends.address(i).getHostAddress();
        text.append("  server s" + i + " " + address + ":" + port + "\n");
      }
    }
    Files.writeString(file, text);
    Process process =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("haproxy.log").toFile())
            .start();
    try {
      warm();
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "HAProxy: " + Files.readString(directory.resolve("haproxy.log")));
      }
      long accepted = ask("count");
      double seconds = processorShare(process.toHandle());
      Samples.add("health.haproxy.rate", (ask("count") - accepted) / (measured / 1e9));
      Samples.add("health.haproxy.cpu", seconds);
      Samples.add("health.haproxy.rss", residentMebibytes(process.toHandle()));
    } finally {
      process.destroyForcibly();
    }
  }

  private void warm() {
    pause(count < 1000 ? WARMING / 10 : WARMING);
  }

  /** Processor seconds, of the user and of the system, that a process takes a second. */
  private double processorShare(ProcessHandle process) throws IOException {
    long ticks = ticks(process);
    long start = System.nanoTime();
    pause(measured);
    return (ticks(process) - ticks) / 100.0 / ((System.nanoTime() - start) / 1e9);
  }

  /** utime and stime of proc(5), in hundredths of a second. */
  private static long ticks(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(words[11]) + Long.parseLong(words[12]);
  }

  private static double residentMebibytes(ProcessHandle process) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new IllegalStateException("no memory of process " + process.pid());
  }

  private static void pause(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
