package dev.freeway.controlplane.diff;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is compared with what.
 *
 * @param since by account, twelve digits each, the time before
 * @param until the time after; now without
 */
public record Comparison(SortedMap<String, Instant> since, Optional<Instant> until) {
  private static final Pattern SCAN = Pattern.compile("scan[ :](\\d{1,18})");

  /** Copies the map. */
  public Comparison {
    since = Collections.unmodifiableSortedMap(new TreeMap<>(since));
  }

  /**
   * Reads two points in time, as {@link PointInTime} has them, or {@code scan N} for what a scan
   * left.
   *
   * @param scans the newest first
   * @param accounts which of these
   * @param from empty for the last moment at which nothing was known of an account's newest scan
   * @param to empty for now; a day is its end
   * @throws IllegalArgumentException with {@code from} or {@code to}, its text, and what would be
   *     right: no time, no such scan, a time to come, a time before the other's
   */
  public static Comparison of(
      Store store,
      List<Scan> scans,
      List<String> accounts,
      String from,
      String to,
      Instant now,
      ZoneId zone) {
    Optional<Instant> asked = time(store, scans, "from", from, false, now, zone);
    Optional<Instant> until = time(store, scans, "to", to, true, now, zone);
    if (asked.isPresent() && !asked.get().isBefore(until.orElse(now))) {
      throw new IllegalArgumentException(
          "from %s: expected a time before %s"
              .formatted(
                  from,
                  until.isEmpty()
                      ? "now"
                      : "to " + to + ", which is " + until.get().truncatedTo(ChronoUnit.SECONDS)));
    }
    SortedMap<String, Instant> since = new TreeMap<>();
    for (String account : accounts) {
      since.put(account, asked.orElseGet(() -> beforeNewest(account, scans, store)));
    }
    if (until.isPresent()
        && !since.isEmpty()
        && since.values().stream().noneMatch(until.get()::isAfter)) {
      throw new IllegalArgumentException(
          "to %s: expected a time after %s, which is before the newest scan, or from with it"
              .formatted(to, Collections.min(since.values())));
    }
    return new Comparison(since, until);
  }

  private static Optional<Instant> time(
      Store store,
      List<Scan> scans,
      String option,
      String text,
      boolean end,
      Instant now,
      ZoneId zone) {
    if (text.isBlank()) {
      return Optional.empty();
    }
    Matcher scan = SCAN.matcher(text.strip());
    if (scan.matches()) {
      long id = Long.parseLong(scan.group(1));
      if (scans.stream().noneMatch(each -> each.id() == id)) {
        throw new IllegalArgumentException(
            option + " " + text + ": no such scan; expected one that freeway scans lists");
      }
      return Optional.of(store.lastWrite(id));
    }
    Instant begins;
    try {
      begins = PointInTime.parse(text, false, now, zone);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          option + " " + text + ": " + e.getMessage() + ", or 'scan 3' for what that scan left", e);
    }
    if (begins.isAfter(now)) {
      throw new IllegalArgumentException(option + " " + text + ": expected a time that has been");
    }
    return Optional.of(end ? PointInTime.parse(text, true, now, zone) : begins);
  }

  private static Instant beforeNewest(String account, List<Scan> scans, Store store) {
    List<Scan> theirs = scans.stream().filter(scan -> scan.account().equals(account)).toList();
    return theirs.size() > 1
        ? store.lastWrite(theirs.get(1).id())
        : theirs.getFirst().started().minusMillis(1);
  }

  /**
   * What changed, account by account.
   *
   * @param catalog says what of documents does not count
   * @param filter narrows further; its accounts and time do not count
   * @param ignoreTags whether other tags are no change
   */
  public List<Change> changes(
      Store store, Catalog catalog, ResourceFilter filter, boolean ignoreTags) {
    List<Change> changes = new ArrayList<>();
    for (Map.Entry<String, Instant> start : since.entrySet()) {
      if (until.isEmpty() || start.getValue().isBefore(until.get())) {
        changes.addAll(
            Differences.between(
                store,
                catalog,
                filter.inAccounts(start.getKey()),
                start.getValue(),
                until,
                ignoreTags));
      }
    }
    return changes;
  }
}
