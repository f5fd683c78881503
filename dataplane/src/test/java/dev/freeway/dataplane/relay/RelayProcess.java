package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A relay in a process of its own, with limits of its own. As the process: listens on 127.0.0.1 for
 * one backend, writes its warnings to stdout, a line each, after one with its own limit, and ends
 * with its input.
 */
final class RelayProcess implements AutoCloseable {
  private final Process process;
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

  /**
   * Starts one.
   *
   * @param descriptors that it may have
   * @param heap as {@code -Xmx} takes it
   * @param most connections; 0 for as many as these allow
   */
  RelayProcess(int descriptors, String heap, int most, int port, DestinationKey backend)
      throws IOException {
    process =
        new ProcessBuilder(
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
                RelayProcess.class.getName(),
                Integer.toString(most),
                Integer.toString(port),
                backend.address().toString(),
                Integer.toString(backend.port()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread _ = Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException _) {
      // it ended
    }
  }

  /** What it said. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Its processor time, in nanoseconds. */
  long processorNanos() {
    return process.info().totalCpuDuration().orElseThrow().toNanos();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }

  public static void main(String[] args) throws IOException {
    int most = Integer.parseInt(args[0]);
    RelayTable table =
        most == 0
            ? RelayTable.open(System::nanoTime, System.out::println)
            : RelayTable.open(
                System::nanoTime, new Capacity(most, System.out::println, System::nanoTime));
    ServiceKey service =
        new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), Integer.parseInt(args[1]));
    DestinationKey backend =
        new DestinationKey(IpAddress.parse(args[2]), Integer.parseInt(args[3]));
    System.out.println(
        table.execute(
            List.of(
                new Command.AddService(
                    VirtualService.of(service, new Scheduler("rr", false, false))),
                new Command.AddDestination(service, Destination.of(backend, Forwarding.NAT, 1)))));
    while (System.in.read() >= 0) {
      // until whoever started it has enough
    }
    table.close();
  }
}
