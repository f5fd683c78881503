package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Health;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.health.Assessment;
import dev.freeway.dataplane.health.Monitor;
import dev.freeway.dataplane.health.MonitorListener;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.sync.Checks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.logging.Level;

/**
 * The writer's checks, made by a monitor: started with the first of them, for most routers have
 * none. Its answers become events for the writer.
 */
final class HealthChecks implements Checks, MonitorListener, AutoCloseable {
  /** Sockets of attempts at a time; ten thousand backends need a few hundred. */
  private static final int SOCKETS = 1024;

  /** Where events go; waits while the writer has too many. */
  interface Sink {
    void submit(Event event) throws InterruptedException;
  }

  private final LongSupplier clock;
  private final Console console;
  private volatile Sink sink = _ -> {};
  private Optional<Monitor> monitor = Optional.empty(); // guarded by this
  private boolean closed;
  private volatile Set<Policy.Drain> throughThem = Set.of(); // those with a check of either kind
  private final Map<IpAddress, Optional<InetAddress>> froms = new HashMap<>();

  /** What is thought of backends, by their own address and by the way of clients' packets. */
  private final Map<Policy.Drain, Assessment> plain = new ConcurrentHashMap<>();

  private final Map<Policy.Drain, Assessment> way = new ConcurrentHashMap<>();

  HealthChecks(LongSupplier clock, Console console) {
    this.clock = clock;
    this.console = console;
  }

  /** From now on this hears what is found. */
  void tell(Sink next) {
    sink = next;
  }

  @Override
  public synchronized void watch(Map<Policy.Drain, Check> checks) {
    if (closed || (monitor.isEmpty() && checks.isEmpty())) {
      return;
    }
    if (monitor.isEmpty()) {
      monitor =
          Optional.of(
              Monitor.start(InstantSource.system(), clock, System.nanoTime(), SOCKETS, this));
    }
    List<Target> targets = new ArrayList<>();
    Set<Policy.Drain> through = new HashSet<>();
    checks.forEach(
        (of, check) -> {
          targets.add(Target.of(of.service(), of.destination(), check.check()));
          if (check.mark() != 0) {
            from(of)
                .ifPresent(
                    from -> {
                      through.add(of);
                      targets.add(
                          Target.through(
                              of.service(), of.destination(), check.mark(), from, check.check()));
                    });
          }
        });
    throughThem = Set.copyOf(through);
    plain.keySet().retainAll(checks.keySet());
    way.keySet().retainAll(through);
    monitor.get().watch(targets);
  }

  /** This machine's own address on the way to a backend, where it is of the service's family. */
  private Optional<InetAddress> from(Policy.Drain of) {
    if (of.service().address().family() != of.destination().address().family()) {
      return Optional.empty();
    }
    return froms.computeIfAbsent(of.destination().address(), HealthChecks::route);
  }

  private static Optional<InetAddress> route(IpAddress to) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(to.toInetAddress(), 9)); // nothing is sent
      return Optional.of(socket.getLocalAddress()).filter(own -> !own.isAnyLocalAddress());
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void changed(Target target, Assessment assessment) {
    Policy.Drain of = new Policy.Drain(target.service(), target.backend());
    boolean isThrough = target.mark().isPresent();
    (isThrough ? way : plain).put(of, assessment);
    if (!throughThem.contains(of)) {
      way.remove(of);
      tell(target, assessment, "");
      return;
    }
    Assessment byWay = way.get(of);
    Assessment direct = plain.get(of);
    if (byWay == null) {
      return; // that one counts
    }
    boolean answers = direct != null && direct.state() == Assessment.State.UP;
    boolean silent =
        byWay.state() == Assessment.State.DEAD || byWay.state() == Assessment.State.FAILING;
    if (silent && answers) {
      tell(
          target,
          byWay,
          "it answers at its own address, but not by the way of its clients' packets: ");
    } else {
      tell(target, silent && direct != null ? direct : byWay, "");
    }
  }

  private void tell(Target target, Assessment assessment, String but) {
    Health.State state =
        switch (assessment.state()) {
          case UNKNOWN -> Health.State.UNKNOWN;
          case UP -> Health.State.WELL;
          case FAILING -> Health.State.FAILING;
          case DEAD -> Health.State.DEAD;
        };
    String check = but + "its check (" + target.check().question().kind() + "): ";
    if (state == Health.State.WELL && !assessment.reason().isEmpty()) {
      console.log(
          Level.WARNING,
          "a check passes, and warns",
          "service",
          target.service(),
          "destination",
          target.backend(),
          "reason",
          assessment.reason());
    }
    try {
      sink.submit(
          new Event.HealthChanged(
              target.service(),
              target.backend(),
              new Health(state, assessment.reason().isEmpty() ? "" : check + assessment.reason()),
              clock.getAsLong()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the end
    }
  }

  @Override
  public void hindered(int waiting, String reason) {
    console.log(
        Level.WARNING,
        "backends cannot be checked, and stay as they are",
        "waiting",
        waiting,
        "reason",
        reason);
  }

  @Override
  public void failed(RuntimeException exception) {
    console.log(Level.SEVERE, "a defect of the checks; they go on", "defect", exception);
  }

  @Override
  public synchronized void close() {
    closed = true;
    monitor.ifPresent(Monitor::close);
    monitor = Optional.empty();
  }
}
