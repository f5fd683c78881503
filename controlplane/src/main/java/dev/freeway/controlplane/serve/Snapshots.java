package dev.freeway.controlplane.serve;

import dev.freeway.controlplane.collect.Found;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.report.Heading;
import dev.freeway.controlplane.report.Parts;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What the page shows, of now or of a scan, made once for each state of the store. */
final class Snapshots {
  private static final int KEPT = 2;

  private final Store store;

  /** By its version, the latest used last; guarded by this. */
  private final Map<String, Parts> kept = new LinkedHashMap<>();

  Snapshots(Store store) {
    this.store = store;
  }

  /**
   * A snapshot and what tells it from others: the time of its last write.
   *
   * @param version changes when a scan writes
   */
  record Snapshot(String version, Parts parts) {}

  /**
   * What was there when a scan last wrote; now without.
   *
   * @throws Refused when there is no such scan
   */
  synchronized Snapshot of(OptionalLong scan) {
    List<Scan> scans = store.scans();
    if (scan.isPresent() && scans.stream().noneMatch(each -> each.id() == scan.getAsLong())) {
      throw new Refused(404, "scan " + scan.getAsLong() + ": no such scan");
    }
    long newest = scan.orElseGet(() -> scans.isEmpty() ? 0 : scans.getFirst().id());
    // Scans of several accounts may write at once, so the newest number does not say it all.
    long written =
        scans.stream()
            .limit(scan.isPresent() ? scans.size() : 50)
            .mapToLong(each -> store.lastWrite(each.id()).toEpochMilli())
            .max()
            .orElse(0);
    String version =
        scan.isPresent() ? newest + "-" + store.lastWrite(newest).toEpochMilli() : "now-" + written;
    Parts parts = kept.remove(version);
    if (parts == null) {
      parts = make(scan, scans);
      if (kept.size() >= KEPT) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
    kept.put(version, parts);
    return new Snapshot(version, parts);
  }

  private Parts make(OptionalLong scan, List<Scan> scans) {
    List<String> accounts = scans.stream().map(Scan::account).distinct().sorted().toList();
    List<Scan> until =
        scans.stream().filter(each -> scan.isEmpty() || each.id() <= scan.getAsLong()).toList();
    Heading heading = Heading.of(store, accounts, scans, until);
    if (scan.isEmpty()) {
      try (Stream<StoredResource> resources = store.resources(ResourceFilter.CURRENT)) {
        return Parts.of(heading, resources, store::relations, false);
      }
    }
    // The store keeps the relations of now; those of then are in the documents of then.
    List<Relation> relations = new ArrayList<>();
    try (Stream<StoredResource> resources =
        store.resources(ResourceFilter.CURRENT.at(store.lastWrite(scan.getAsLong())))) {
      return Parts.of(
          heading,
          resources.peek(each -> relations.addAll(Found.relations(each.resource()))),
          relations::stream,
          false);
    }
  }

  /** A snapshot that is kept. */
  synchronized Optional<Parts> kept(String version) {
    return Optional.ofNullable(kept.get(version));
  }
}
