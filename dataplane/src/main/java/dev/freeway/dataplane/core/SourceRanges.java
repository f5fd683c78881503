package dev.freeway.dataplane.core;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whose packets a service takes: everybody's where no prefix is named.
 *
 * @param prefixes the clients that may come, in order, none within another; those of the other
 *     family say nothing of a service, so one that has none of its own is closed
 */
public record SourceRanges(List<Prefix> prefixes) {
  /** Everybody's. */
  public static final SourceRanges EVERYONE = new SourceRanges(List.of());

  public SourceRanges {
    prefixes = List.copyOf(prefixes);
  }

  /** Those of these clients; everybody's where none are named. */
  public static SourceRanges of(Collection<Prefix> named) {
    return new SourceRanges(
        named.stream()
            .distinct()
            .filter(
                one ->
                    named.stream()
                        .noneMatch(
                            other -> other.bits() < one.bits() && other.contains(one.address())))
            .sorted(Comparator.comparing(Prefix::address).thenComparingInt(Prefix::bits))
            .toList());
  }

  /**
   * Reads what {@link #toString} writes of ranges that are limited.
   *
   * @throws IllegalArgumentException when a part is no prefix
   */
  public static SourceRanges parse(String text) {
    return of(Stream.of(text.split(",", -1)).map(Prefix::parse).toList());
  }

  /** Whether anybody is turned away. */
  public boolean limited() {
    return !prefixes.isEmpty();
  }

  /** Whether a client may come. */
  public boolean take(IpAddress client) {
    return !limited() || prefixes.stream().anyMatch(prefix -> prefix.contains(client));
  }

  /** For example {@code 192.0.2.0/24,2001:db8::/48}; nothing for everybody. */
  @Override
  public String toString() {
    return prefixes.stream().map(Prefix::toString).collect(Collectors.joining(","));
  }
}
