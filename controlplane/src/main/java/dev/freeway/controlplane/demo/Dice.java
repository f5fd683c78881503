package dev.freeway.controlplane.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Chance, the same for the same seed on every machine. */
final class Dice {
  private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private final SplittableRandom random;
  private final Instant now;

  Dice(long seed, Instant now) {
    this.random = new SplittableRandom(seed);
    this.now = now;
  }

  Instant now() {
    return now;
  }

  /** From 0 to less than the bound. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Both ends included. */
  int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // read only
  final <T> T of(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  String hex(int digits) {
    StringBuilder text = new StringBuilder(digits);
    for (int i = 0; i < digits; i++) {
      text.append(Character.forDigit(random.nextInt(16), 16));
    }
    return text.toString();
  }

  /** As EC2's ids: {@code vpc-0abc…}. */
  String id(String kind) {
    return kind + "-0" + hex(16);
  }

  /** As IAM's ids: {@code AIDA…}. */
  String key(String kind) {
    StringBuilder text = new StringBuilder(kind);
    while (text.length() < 20) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  String uuid() {
    return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
  }

  String digits(int count) {
    return String.format(
        Locale.ROOT, "%0" + count + "d", random.nextLong((long) Math.pow(10, count)));
  }

  /** A time so many days ago, as AWS writes it. */
  String ago(int leastDays, int mostDays) {
    return at(-between(leastDays, mostDays)).toString();
  }

  /** Near a day from now, before or after it. */
  Instant at(int days) {
    return now.plus(Duration.ofDays(days))
        .minus(Duration.ofSeconds(random.nextInt(80_000)))
        .truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
  }
}
