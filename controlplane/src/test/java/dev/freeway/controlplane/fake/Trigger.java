package dev.freeway.controlplane.fake;

import java.util.Set;

/** Which of the requests that a rule is for. */
public sealed interface Trigger {
  /** All. */
  record Always() implements Trigger {}

  /** Those with these numbers, counted from 1 by the rule. */
  record Nth(Set<Long> numbers) implements Trigger {
    /** Copies the numbers. */
    public Nth {
      numbers = Set.copyOf(numbers);
    }

    /** One. */
    public static Nth of(long number) {
      return new Nth(Set.of(number));
    }
  }

  /** The first ones. */
  record First(long count) implements Trigger {}

  /** All after the first ones. */
  record After(long count) implements Trigger {}

  /**
   * A share of them, by chance.
   *
   * @param share from 0 to 1
   * @param each whether chance decides anew when a request is sent again; else the same request
   *     always fares the same
   */
  record Chance(double share, long seed, boolean each) implements Trigger {}
}
