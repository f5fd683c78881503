package dev.freeway.controlplane.store;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which resources to read: each part narrows, an empty one does not.
 *
 * @param tags by key the values, one of which it has; an empty list for any value
 * @param text words that its id, ARN, name, tags or document's texts have, or words that begin so
 * @param gone whether also those that are not there any more
 * @param at what was known at that time, with the documents of then; now without. Tags and text are
 *     looked up in what is known now
 */
public record ResourceFilter(
    List<String> accounts,
    List<String> services,
    List<String> regions,
    List<String> types,
    SortedMap<String, List<String>> tags,
    String text,
    boolean gone,
    Optional<Instant> at) {
  /** All that is there now. */
  public static final ResourceFilter CURRENT =
      new ResourceFilter(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          Collections.emptySortedMap(),
          "",
          false,
          Optional.empty());

  /** Copies the lists. */
  public ResourceFilter {
    accounts = List.copyOf(accounts);
    services = List.copyOf(services);
    regions = List.copyOf(regions);
    types = List.copyOf(types);
    SortedMap<String, List<String>> copy = new TreeMap<>();
    tags.forEach((key, values) -> copy.put(key, List.copyOf(values)));
    tags = Collections.unmodifiableSortedMap(copy);
  }

  /** The same for some accounts. */
  public ResourceFilter inAccounts(String... some) {
    return new ResourceFilter(List.of(some), services, regions, types, tags, text, gone, at);
  }

  /** The same for some services. */
  public ResourceFilter ofServices(String... some) {
    return new ResourceFilter(accounts, List.of(some), regions, types, tags, text, gone, at);
  }

  /** The same for some regions. */
  public ResourceFilter inRegions(String... some) {
    return new ResourceFilter(accounts, services, List.of(some), types, tags, text, gone, at);
  }

  /** The same for some types. */
  public ResourceFilter ofTypes(String... some) {
    return new ResourceFilter(accounts, services, regions, List.of(some), tags, text, gone, at);
  }

  /** The same with one more tag. */
  public ResourceFilter tagged(String key, String... values) {
    SortedMap<String, List<String>> more = new TreeMap<>(tags);
    more.put(key, List.of(values));
    return new ResourceFilter(accounts, services, regions, types, more, text, gone, at);
  }

  /** The same with words. */
  public ResourceFilter with(String words) {
    return new ResourceFilter(accounts, services, regions, types, tags, words, gone, at);
  }

  /** The same, and those that are gone. */
  public ResourceFilter andGone() {
    return new ResourceFilter(accounts, services, regions, types, tags, text, true, at);
  }

  /** The same as it was known at a time. */
  public ResourceFilter at(Instant time) {
    return new ResourceFilter(
        accounts, services, regions, types, tags, text, gone, Optional.of(time));
  }
}
