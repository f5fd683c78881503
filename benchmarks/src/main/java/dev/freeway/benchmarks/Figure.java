package dev.freeway.benchmarks;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One line of the table: which metric is ours, which is the peer's, what is asked, and what is
 * known to hold it back where it falls short.
 *
 * @param part the part of the benchmark that measures it
 * @param text what it says, with its unit
 * @param ours the metric of ours
 * @param peer the metric beside it; empty for none
 * @param goal what is asked
 * @param limit what holds it back when it falls short
 */
record Figure(String part, String text, String ours, String peer, Goal goal, String limit) {
  /** What is asked of a figure. */
  sealed interface Goal {
    /** Ours is at least so many times the peer's. */
    record Times(double least) implements Goal {
      @Override
      public String toString() {
        return ">= " + plain(least) + " x";
      }
    }

    /** Ours is at most so many times the peer's. */
    record TimesAtMost(double most) implements Goal {
      @Override
      public String toString() {
        return "<= " + plain(most) + " x";
      }
    }

    /** Ours is at most so much. */
    record AtMost(double most) implements Goal {
      @Override
      public String toString() {
        return "<= " + plain(most);
      }
    }

    /** Nothing; it is shown for what it is. */
    record Shown() implements Goal {
      @Override
      public String toString() {
        return "shown";
      }
    }
  }

  /** A figure with its numbers; a number that was not measured is absent and does not hold. */
  record Measured(
      Figure figure,
      OptionalDouble ours,
      OptionalDouble peer,
      OptionalDouble ratio,
      boolean holds) {

    /** Whether every number that the figure needs was measured. */
    boolean complete() {
      return ours.isPresent() && (figure.peer.isEmpty() || peer.isPresent());
    }
  }

  /** The figure by the medians of what was measured. */
  Measured by(Map<String, Double> medians) {
    OptionalDouble mine = value(medians, ours);
    OptionalDouble theirs = value(medians, peer);
    OptionalDouble ratio =
        mine.isPresent() && theirs.isPresent() && theirs.getAsDouble() != 0
            ? OptionalDouble.of(mine.getAsDouble() / theirs.getAsDouble())
            : OptionalDouble.empty();
    boolean holds =
        switch (goal) {
          case Goal.Times times -> ratio.isPresent() && ratio.getAsDouble() >= times.least;
          case Goal.TimesAtMost times -> ratio.isPresent() && ratio.getAsDouble() <= times.most;
          case Goal.AtMost at -> mine.isPresent() && mine.getAsDouble() <= at.most;
          case Goal.Shown _ -> mine.isPresent();
        };
    return new Measured(this, mine, theirs, ratio, holds);
  }

  private static OptionalDouble value(Map<String, Double> medians, String metric) {
    Double value = medians.get(metric);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** A number with three significant digits, or as many as it takes to the left of the point. */
  static String plain(double value) {
    double size = Math.abs(value);
    int decimals = size >= 100 || size == Math.rint(size) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
