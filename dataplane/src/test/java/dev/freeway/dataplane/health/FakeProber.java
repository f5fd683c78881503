package dev.freeway.dataplane.health;

import dev.freeway.dataplane.health.probe.Attempt;
import dev.freeway.dataplane.health.probe.Outcome;
import dev.freeway.dataplane.health.probe.Prober;
import dev.freeway.dataplane.health.probe.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Attempts without sockets: each is over at once, or when the test or its time-out says. */
final class FakeProber implements Prober {
  /** No outcome until its time is over. */
  static final Function<Target, Optional<Outcome>> HANGS = _ -> Optional.empty();

  private final LongSupplier clock;
  private final Map<Target, Begun> running = new HashMap<>();
  private int most;

  /** What attempts give at once. */
  Function<Target, Optional<Outcome>> answers = always(Outcome.WELL);

  final List<Begun> begun = new ArrayList<>();

  FakeProber(LongSupplier clock) {
    this.clock = clock;
  }

  static Function<Target, Optional<Outcome>> always(Outcome outcome) {
    return _ -> Optional.of(outcome);
  }

  /** An attempt, and when it began. */
  final class Begun implements Attempt {
    private final Target target;
    private final long at;
    private final Consumer<Outcome> outcome;
    private boolean abandoned;

    private Begun(Target target, long at, Consumer<Outcome> outcome) {
      this.target = target;
      this.at = at;
      this.outcome = outcome;
    }

    Target target() {
      return target;
    }

    long at() {
      return at;
    }

    boolean abandoned() {
      return abandoned;
    }

    void finish(Outcome value) {
      if (running.remove(target, this)) {
        outcome.accept(value);
      }
    }

    @Override
    public void timeOut() {
      finish(new Outcome.Dead("no connection in time"));
    }

    @Override
    public void abandon() {
      abandoned = running.remove(target, this);
    }
  }

  @Override
  public Attempt begin(Target target, Consumer<Outcome> outcome) {
    Begun one = new Begun(target, clock.getAsLong(), outcome);
    begun.add(one);
    if (running.putIfAbsent(target, one) != null) {
      throw new AssertionError("two attempts at a time at " + target);
    }
    most = Math.max(most, running.size());
    answers.apply(target).ifPresent(one::finish);
    return one;
  }

  int running() {
    return running.size();
  }

  /** How many there were at a time at most. */
  int most() {
    return most;
  }
}
