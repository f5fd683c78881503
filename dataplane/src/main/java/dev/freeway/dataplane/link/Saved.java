package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was there before us and what we added, written before it is done: a kill in between leaves a
 * record that says a little too much, never too little. Immutable.
 *
 * @param sysctls that we set, by path, in the order in which they were set
 * @param dragged values of sysctls that the kernel changed along with those, by path
 * @param link whether the link is ours
 * @param addresses that we put on it
 * @param sourceNat the services in our nftables table; empty when the table is not there
 * @param ruleset that table as the kernel listed it after we wrote it, as a digest; else empty
 * @param filter the table of source ranges
 * @param announced addresses that we put on links where neighbours ask for them
 * @param untracked the table of services that the connection tracker leaves alone
 */
record Saved(
    Map<String, Sysctl> sysctls,
    Map<String, String> dragged,
    boolean link,
    SortedSet<IpAddress> addresses,
    SortedSet<ServiceKey> sourceNat,
    String ruleset,
    Filter filter,
    SortedSet<OnLink> announced,
    Untracked untracked) {
  static final Saved NOTHING =
      new Saved(
          Map.of(),
          Map.of(),
          false,
          new TreeSet<>(),
          new TreeSet<>(),
          "",
          Filter.NOTHING,
          new TreeSet<>(),
          Untracked.NOTHING);

  /**
   * An address on a link of the machine's own.
   *
   * @param link its name
   */
  record OnLink(IpAddress address, String link) implements Comparable<OnLink> {
    private static final Comparator<OnLink> ORDER =
        Comparator.comparing(OnLink::address).thenComparing(OnLink::link);

    @Override
    public int compareTo(OnLink other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * A table of source ranges.
   *
   * @param ranges of the services in it; none when it is not there
   * @param ruleset the table as the kernel listed it after we wrote it, as a digest; else empty
   */
  record Filter(SortedMap<ServiceKey, SourceRanges> ranges, String ruleset) {
    static final Filter NOTHING = new Filter(Collections.emptySortedMap(), "");
  }

  /**
   * A table of services that are not tracked.
   *
   * @param services those in it; none when it is not there
   * @param ruleset the table as the kernel listed it after we wrote it, as a digest; else empty
   */
  record Untracked(SortedSet<ServiceKey> services, String ruleset) {
    static final Untracked NOTHING = new Untracked(Collections.emptySortedSet(), "");
  }

  /** A sysctl as it was before us and as we set it. */
  record Sysctl(String before, String after) {}

  boolean isEmpty() {
    return equals(NOTHING);
  }

  /** One line each, after the two that name the namespace. */
  String format(Namespace namespace) {
    StringBuilder text = new StringBuilder();
    text.append("boot ").append(namespace.bootId()).append('\n');
    text.append("netns ").append(namespace.netns()).append('\n');
    sysctls.forEach((path, value) -> line(text, "sysctl", path, value.before(), value.after()));
    dragged.forEach((path, value) -> line(text, "dragged", path, value));
    if (link) {
      line(text, "link");
    }
    addresses.forEach(address -> line(text, "address", address.toString()));
    announced.forEach(one -> line(text, "announced", one.address.toString(), one.link));
    sourceNat.forEach(key -> line(text, "source-nat", words(key)));
    if (!ruleset.isEmpty()) {
      line(text, "ruleset", ruleset);
    }
    filter.ranges.forEach(
        (key, ranges) -> line(text, "source-ranges", words(key), ranges.toString()));
    if (!filter.ruleset.isEmpty()) {
      line(text, "filter", filter.ruleset);
    }
    untracked.services.forEach(key -> line(text, "untracked", words(key)));
    if (!untracked.ruleset.isEmpty()) {
      line(text, "untracking", untracked.ruleset);
    }
    return text.toString();
  }

  /** What {@link #service} reads. */
  private static String words(ServiceKey key) {
    return key.protocol().name().toLowerCase(Locale.ROOT) + " " + key.address() + " " + key.port();
  }

  private static void line(StringBuilder text, String... words) {
    text.append(String.join(" ", words)).append('\n');
  }

  /**
   * Reads what {@link #format} wrote; of another namespace or boot it says nothing.
   *
   * @throws IllegalArgumentException with the line that is none of these
   */
  static Saved parse(String text, Namespace namespace) {
    List<String> lines = text.lines().toList();
    if (lines.size() < 2) {
      throw new IllegalArgumentException("too short");
    }
    if (!lines.get(0).equals("boot " + namespace.bootId())
        || !lines.get(1).equals("netns " + namespace.netns())) {
      return NOTHING;
    }
    Map<String, Sysctl> sysctls = new LinkedHashMap<>();
    Map<String, String> dragged = new LinkedHashMap<>();
    boolean link = false;
    SortedSet<IpAddress> addresses = new TreeSet<>();
    SortedSet<OnLink> announced = new TreeSet<>();
    SortedSet<ServiceKey> sourceNat = new TreeSet<>();
    String ruleset = "";
    SortedMap<ServiceKey, SourceRanges> ranges = new TreeMap<>();
    String filter = "";
    SortedSet<ServiceKey> untracked = new TreeSet<>();
    String untrackedRuleset = "";
    for (String line : lines.subList(2, lines.size())) {
      String[] words = line.split(" ", -1);
      try {
        switch (words[0] + " " + words.length) {
          case "sysctl 4" -> sysctls.put(words[1], new Sysctl(words[2], words[3]));
          case "dragged 3" -> dragged.put(words[1], words[2]);
          case "link 1" -> link = true;
          case "address 2" -> addresses.add(IpAddress.parse(words[1]));
          case "announced 3" -> announced.add(new OnLink(IpAddress.parse(words[1]), words[2]));
          case "source-nat 4" -> sourceNat.add(service(words));
          case "ruleset 2" -> ruleset = words[1];
          case "source-ranges 5" -> ranges.put(service(words), SourceRanges.parse(words[4]));
          case "filter 2" -> filter = words[1];
          case "untracked 4" -> untracked.add(service(words));
          case "untracking 2" -> untrackedRuleset = words[1];
          default -> throw new IllegalArgumentException("says \"" + line + "\"");
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("says \"" + line + "\"", e);
      }
    }
    return new Saved(
        sysctls,
        dragged,
        link,
        addresses,
        sourceNat,
        ruleset,
        new Filter(ranges, filter),
        announced,
        new Untracked(untracked, untrackedRuleset));
  }

  private static ServiceKey service(String[] words) {
    return new ServiceKey(
        Protocol.valueOf(words[1].toUpperCase(Locale.ROOT)),
        IpAddress.parse(words[2]),
        Integer.parseInt(words[3]));
  }

  /** The record with a sysctl about to be set; what it was before us stays as first noted. */
  Saved setting(String path, String before, String after) {
    Map<String, Sysctl> next = new LinkedHashMap<>(sysctls);
    Sysctl known = next.get(path);
    next.put(path, new Sysctl(known == null ? before : known.before(), after));
    return new Saved(
        next, dragged, link, addresses, sourceNat, ruleset, filter, announced, untracked);
  }

  /** The record with values that the kernel is about to change by itself; the first ones stay. */
  Saved dragging(Map<String, String> values) {
    Map<String, String> next = new LinkedHashMap<>(dragged);
    values.forEach(next::putIfAbsent);
    return new Saved(
        sysctls, next, link, addresses, sourceNat, ruleset, filter, announced, untracked);
  }

  Saved withLink(boolean ours) {
    return new Saved(
        sysctls, dragged, ours, addresses, sourceNat, ruleset, filter, announced, untracked);
  }

  Saved with(IpAddress address) {
    TreeSet<IpAddress> next = new TreeSet<>(addresses);
    next.add(address);
    return new Saved(
        sysctls, dragged, link, next, sourceNat, ruleset, filter, announced, untracked);
  }

  Saved without(IpAddress address) {
    TreeSet<IpAddress> next = new TreeSet<>(addresses);
    next.remove(address);
    return new Saved(
        sysctls, dragged, link, next, sourceNat, ruleset, filter, announced, untracked);
  }

  Saved announcing(OnLink address) {
    TreeSet<OnLink> next = new TreeSet<>(announced);
    next.add(address);
    return new Saved(
        sysctls, dragged, link, addresses, sourceNat, ruleset, filter, next, untracked);
  }

  Saved withdrawn(OnLink address) {
    TreeSet<OnLink> next = new TreeSet<>(announced);
    next.remove(address);
    return new Saved(
        sysctls, dragged, link, addresses, sourceNat, ruleset, filter, next, untracked);
  }

  Saved withSourceNat(SortedSet<ServiceKey> services, String digest) {
    return new Saved(
        sysctls, dragged, link, addresses, services, digest, filter, announced, untracked);
  }

  Saved withFilter(SortedMap<ServiceKey, SourceRanges> ranges, String digest) {
    return new Saved(
        sysctls,
        dragged,
        link,
        addresses,
        sourceNat,
        ruleset,
        new Filter(ranges, digest),
        announced,
        untracked);
  }

  Saved withUntracked(SortedSet<ServiceKey> services, String digest) {
    return new Saved(
        sysctls,
        dragged,
        link,
        addresses,
        sourceNat,
        ruleset,
        filter,
        announced,
        new Untracked(services, digest));
  }

  /** The record once a sysctl is as it was before us. */
  Saved withoutSysctl(String path) {
    Map<String, Sysctl> next = new LinkedHashMap<>(sysctls);
    next.remove(path);
    return new Saved(
        next, dragged, link, addresses, sourceNat, ruleset, filter, announced, untracked);
  }

  Saved withoutDragged() {
    return new Saved(
        sysctls, Map.of(), link, addresses, sourceNat, ruleset, filter, announced, untracked);
  }

  /** The sysctls in the order in which they are put back: the last one first. */
  List<Map.Entry<String, Sysctl>> sysctlsBackwards() {
    return new ArrayList<>(sysctls.entrySet()).reversed();
  }
}
