package dev.freeway.dataplane.health;

import dev.freeway.dataplane.health.probe.Attempt;
import dev.freeway.dataplane.health.probe.Outcome;
import dev.freeway.dataplane.health.probe.Prober;
import dev.freeway.dataplane.health.probe.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Attempts without sockets: each is over at once, or when the test or its time-out says. */
final class FakeProber implements Prober {
  /** No outcome until its time is over. */
  static final Function<Target, Outcome> HANGS = _ -> new Outcome.Untried("", true);

  private final LongSupplier clock;
  private final Map<Target, Begun> running = new HashMap<>();
  private int most;

  /** What attempts give, or {@link #HANGS}. */
  Function<Target, Outcome> answers = _ -> Outcome.WELL;

  final List<Begun> begun = new ArrayList<>();

  FakeProber(LongSupplier clock) {
    this.clock = clock;
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
    if (answers != HANGS) {
      one.finish(answers.apply(target));
    }
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
