package dev.freeway.dataplane.core;

import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * Whose packets a service takes.
 *
 * @param limited whether anybody is turned away; without, there are no prefixes
 * @param prefixes the clients that may come, in order, none within another; those of the other
 *     family say nothing of a service, so one that has none of its own is closed
 */
public record SourceRanges(boolean limited, List<Prefix> prefixes) {
  /** Everybody's. */
  public static final SourceRanges EVERYONE = new SourceRanges(false, List.of());

  /** Those of these clients; everybody's where none are named. */
  public static SourceRanges of(Collection<Prefix> named) {
    if (named.isEmpty()) {
      return EVERYONE;
    }
    List<Prefix> widest =
        named.stream()
            .distinct()
            .filter(
                one ->
                    named.stream()
                        .noneMatch(
                            other -> other.bits() < one.bits() && other.contains(one.address())))
            .sorted(java.util.Comparator.comparing(Prefix::address).thenComparingInt(Prefix::bits))
            .toList();
    return new SourceRanges(true, widest);
  }

  public SourceRanges {
    prefixes = List.copyOf(Objects.requireNonNull(prefixes));
  }
}
