package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Takes in one scan as it goes on. May be called by any thread; what was flushed survives the
 * process.
 */
public interface ScanWriter extends AutoCloseable {
  /** The scan's number. */
  long id();

  /**
   * A resource was seen. Its document becomes a new version when it differs from the last.
   *
   * @param relations those that its document names
   */
  void seen(Resource resource, List<Relation> relations);

  /**
   * The same of a document of which not all counts as a change: where only the rest differs, the
   * latest version is brought up to date, and no new one is made.
   *
   * @param lasting what of a document's text counts
   */
  default void seen(Resource resource, List<Relation> relations, UnaryOperator<String> lasting) {
    seen(resource, relations);
  }

  /**
   * The latest versions of resources that are not gone, as they were before this scan saw them; by
   * id. Those that are not known are missing. Reads all at once.
   */
  default Map<String, Version> last(Scope scope, Collection<String> ids) {
    return Map.of();
  }

  /** An entry of the ledger. */
  void called(LedgerEntry entry);

  /**
   * All that is in a scope was seen: what the store holds of it as current and nobody saw since
   * this scan began, is gone since now. Of any other scope nothing is retired, and a scan with a
   * filter retires nothing.
   *
   * @param scope with {@link Scope#GLOBAL} as its region it stands for all regions of its account,
   *     service and type
   */
  void whole(Scope scope);

  /** The same of several, at once. */
  default void whole(Collection<Scope> scopes) {
    scopes.forEach(this::whole);
  }

  /**
   * The scopes, as given, that were {@link #whole} before this writer was opened: a resumed scan
   * need not list them again. Empty for a new scan.
   */
  default Set<Scope> covered() {
    return Set.of();
  }

  /**
   * The entries of a resumed scan's ledger that hide something. Empty for a new scan.
   *
   * @see LedgerEntry.Outcome#hides
   */
  default List<LedgerEntry> hidden() {
    return List.of();
  }

  /** Some of those {@link #hidden} were asked again: what came of it is told instead of them. */
  default void askedAgain(List<LedgerEntry> entries) {}

  /** Writes out what was taken in so far. */
  void flush();

  /** The scan ends. */
  void finish(Scan.Status status, Instant ended);

  /** Without {@link #finish} the scan stays as it is, to be resumed. */
  @Override
  void close();
}
