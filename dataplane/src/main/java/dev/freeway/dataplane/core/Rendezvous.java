package dev.freeway.dataplane.core;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SortedSet;
import java.util.zip.CRC32C;

/**
 * Which of several does what only one has to do: the one with the highest hash of its name and the
 * work's key. The work is spread, all who know the same names agree, and one that ends moves only
 * what was its own.
 */
public final class Rendezvous {
  private Rendezvous() {}

  /** Which of the names is the one for a key. */
  public static Optional<String> of(String key, SortedSet<String> names) {
    String best = null;
    long highest = -1;
    for (String name : names) {
      long score = score(name, key);
      if (score > highest) { // of equals the first by name
        highest = score;
        best = name;
      }
    }
    return Optional.ofNullable(best);
  }

  /** At least 0. A checksum alone is linear: of two names the same one would win nearly always. */
  private static long score(String name, String key) {
    CRC32C sum = new CRC32C();
    sum.update((name + "\n" + key).getBytes(StandardCharsets.UTF_8));
    long mixed = sum.getValue() * 0x9e3779b97f4a7c15L; // the finalizer of SplitMix64
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return (mixed ^ mixed >>> 31) >>> 1;
  }
}
