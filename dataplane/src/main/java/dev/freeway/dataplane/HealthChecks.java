package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Health;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.health.Assessment;
import dev.freeway.dataplane.health.Monitor;
import dev.freeway.dataplane.health.MonitorListener;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.sync.Checks;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
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

  HealthChecks(LongSupplier clock, Console console) {
    this.clock = clock;
    this.console = console;
  }

  /** From now on this hears what is found. */
  void tell(Sink next) {
    sink = next;
  }

  @Override
  public synchronized void watch(Map<Policy.Drain, HealthCheck> checks) {
    if (closed || (monitor.isEmpty() && checks.isEmpty())) {
      return;
    }
    if (monitor.isEmpty()) {
      monitor =
          Optional.of(
              Monitor.start(InstantSource.system(), clock, System.nanoTime(), SOCKETS, this));
    }
    monitor
        .get()
        .watch(
            checks.entrySet().stream()
                .map(
                    one ->
                        Target.of(
                            one.getKey().service(), one.getKey().destination(), one.getValue()))
                .toList());
  }

  @Override
  public void changed(Target target, Assessment assessment) {
    Health.State state =
        switch (assessment.state()) {
          case UNKNOWN -> Health.State.UNKNOWN;
          case UP -> Health.State.WELL;
          case FAILING -> Health.State.FAILING;
          case DEAD -> Health.State.DEAD;
        };
    String check = "its check (" + target.check().question().kind() + "): ";
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
