package dev.freeway.dataplane.health;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.health.probe.Attempt;
import dev.freeway.dataplane.health.probe.Outcome;
import dev.freeway.dataplane.health.probe.Target;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A target, what is thought of it, and the attempt that is made at it. */
final class Watched {
  /** What a target is known by: with another check it is the same. */
  record Key(
      ServiceKey service, DestinationKey backend, InetSocketAddress connectTo, OptionalInt mark) {
    static Key of(Target target) {
      return new Key(target.service(), target.backend(), target.connectTo(), target.mark());
    }
  }

  /** Where it is between two attempts. */
  enum Stage {
    /** The next is due at {@link #due}. */
    RESTING,
    /** The next is due, and waits for its turn. */
    WAITING,
    /** It is made, until {@link #due} at most. */
    TRIED,
    /** Nobody asks any more. */
    GONE
  }

  private Target target;
  private Assessment assessment;
  private int good;
  private int bad;

  Stage stage = Stage.RESTING;
  long started;
  boolean first = true;
  boolean graced;
  @Nullable Attempt attempt;

  /** Of the queue: the time that it is ordered by, and the place; -1 for none. */
  long due;

  int place = -1;

  Watched(Target target, long now) {
    this.target = target;
    assessment = new Assessment(Assessment.State.UNKNOWN, "", now);
  }

  Target target() {
    return target;
  }

  Assessment assessment() {
    return assessment;
  }

  HealthCheck check() {
    return target.check();
  }

  /** From now on with another check: what is thought of the target stays until that decides. */
  void replace(Target next) {
    target = next;
    good = 0;
    bad = 0;
  }

  /** Takes an outcome; whether the listener is to be told. */
  boolean take(Outcome outcome, long now) {
    return switch (outcome) {
      case Outcome.Well well -> good(well.warning().orElse(""), now);
      case Outcome.Failing failing -> bad(Assessment.State.FAILING, failing.reason(), now);
      case Outcome.Dead dead -> bad(Assessment.State.DEAD, dead.reason(), now);
      case Outcome.Untried _ -> false;
    };
  }

  private boolean good(String warning, long now) {
    bad = 0;
    good++;
    if (assessment.state().down() && good < check().rise()) {
      return false;
    }
    return become(Assessment.State.UP, warning, now);
  }

  private boolean bad(Assessment.State state, String reason, long now) {
    good = 0;
    bad++;
    if (assessment.state() == Assessment.State.UP && bad < check().fall()) {
      return false;
    }
    return become(state, reason, now);
  }

  private boolean become(Assessment.State state, String reason, long now) {
    if (reason.equals(assessment.reason()) && state == assessment.state()) {
      return false;
    }
    boolean same =
        state == assessment.state()
            && (state.down() || reason.isEmpty() == assessment.reason().isEmpty());
    assessment = new Assessment(state, reason, same ? assessment.sinceNanos() : now);
    return !same;
  }
}
