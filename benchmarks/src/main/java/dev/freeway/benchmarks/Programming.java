package dev.freeway.benchmarks;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.libc.NetworkNamespace;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.sync.BootClock;
import dev.freeway.dataplane.sync.Namespaces;
import dev.freeway.dataplane.sync.Outcome;
import dev.freeway.dataplane.sync.Reconciler;
import dev.freeway.dataplane.sync.Settings;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Programming a real kernel, in turn with the peers, each time in a new network namespace: a
 * deleted destination stays in the kernel for two minutes and slows every addition, so no namespace
 * is filled twice.
 *
 * <p>Arguments: the prefix of its metrics, the floor program, the file for {@code ipvsadm
 * --restore}, services, destinations of each, rounds, destinations of the {@code mh} service,
 * warming rounds.
 */
final class Programming {
  private final String prefix;
  private final String floor;
  private final String restore;
  private final int services;
  private final int destinations;
  private final int large;

  private Programming(String[] args) {
    prefix = args[0];
    floor = args[1];
    restore = args[2];
    services = Integer.parseInt(args[3]);
    destinations = Integer.parseInt(args[4]);
    large = Integer.parseInt(args[6]);
  }

  public static void main(String[] args) {
    Programming programming = new Programming(args);
    int rounds = Integer.parseInt(args[5]);
    int warming = Integer.parseInt(args[7]);
    programming.many(rounds, warming);
    programming.one(rounds, warming);
  }

  /** Many services: ours, the floor, ipvsadm. */
  private void many(int rounds, int warming) {
    Desired desired = Tables.desired(services, destinations, Tables.ROUND_ROBIN);
    double changes = services * (destinations + 1.0);
    for (int round = -warming; round < rounds; round++) {
      Outcome outcome = inNew(() -> apply(desired));
      require(outcome.changes().size() == changes, "not everything was programmed: " + outcome);
      if (round < 0) {
        continue;
      }
      double floorSeconds =
          inNew(() -> floor(services, destinations, Tables.ROUND_ROBIN.name(), false));
      double restoreSeconds = inNew(this::restore);
      Samples.add(prefix + "fill.ours", changes / outcome.kernelSeconds());
      Samples.add(prefix + "fill.whole", changes / outcome.totalSeconds());
      Samples.add(prefix + "fill.floor", changes / floorSeconds);
      Samples.add(prefix + "fill.ipvsadm", changes / restoreSeconds);
    }
  }

  /** One new service under mh: ours, and its destinations one by one under mh. */
  private void one(int rounds, int warming) {
    Desired desired = Tables.desired(1, large, Scheduler.DEFAULT);
    double changes = large + 1.0;
    for (int round = -warming; round < rounds; round++) {
      Outcome outcome = inNew(() -> apply(desired));
      require(outcome.changes().size() == changes, "not everything was programmed: " + outcome);
      if (round < 0) {
        continue;
      }
      double naive = inNew(() -> naive(desired));
      double naiveFloor = inNew(() -> floor(1, large, Scheduler.DEFAULT.name(), true));
      Samples.add(prefix + "mh.ours", changes / outcome.kernelSeconds());
      Samples.add(prefix + "mh.naive", changes / naive);
      Samples.add(prefix + "mh.floor", changes / naiveFloor);
    }
  }

  private Outcome apply(Desired desired) throws IOException {
    Path state = Files.createTempDirectory("freeway-bench");
    try (Ipvs ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC))) {
      return new Reconciler(
              ipvs,
              StateDirectory.open(state),
              Namespaces.current(),
              Settings.DEFAULT,
              System::nanoTime,
              BootClock.SYSTEM)
          .apply(desired);
    }
  }

  private double naive(Desired desired) {
    try (Ipvs ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC))) {
      long start = System.nanoTime();
      for (DesiredService wanted : desired.services().values()) {
        VirtualService service = wanted.service();
        done(ipvs.execute(List.of(new Command.AddService(service))));
        for (Endpoint endpoint : wanted.endpoints().values()) {
          done(
              ipvs.execute(
                  List.of(new Command.AddDestination(service.key(), endpoint.destination()))));
        }
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static void done(List<Answer> answers) {
    require(answers.getFirst().done(), "the kernel refused: " + answers);
  }

  private double floor(int of, int each, String scheduler, boolean oneByOne) throws IOException {
    String[] command = {floor, "" + of, "" + each, scheduler, "ONE"};
    return Double.parseDouble(
        run(oneByOne ? command : List.of(command).subList(0, 4).toArray(String[]::new)));
  }

  /** The whole program, as nothing else can be asked of it; its start takes some milliseconds. */
  private double restore() throws IOException {
    long start = System.nanoTime();
    run("bash", "-euc", "ipvsadm --restore < '" + restore + "'");
    return (System.nanoTime() - start) / 1e9;
  }

  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    require(process.onExit().join().exitValue() == 0, String.join(" ", command) + ": " + said);
    return said.strip();
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise);
    }
  }

  /**
   * Runs it on a thread in a new namespace, and empties that afterwards: what would be freed in the
   * background later is freed before the next begins.
   */
  private static <T> T inNew(Callable<T> body) {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              NetworkNamespace.enterNew();
              run("ip", "link", "set", "lo", "up");
              try {
                return body.call();
              } finally {
                run("ipvsadm", "--clear");
              }
            });
    Thread.ofPlatform().name("namespace").start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io
          ? new UncheckedIOException(io)
          : new IllegalStateException(e.getCause());
    }
  }
}
