package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.time.Instant;
import java.util.List;

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

  /** An entry of the ledger. */
  void called(LedgerEntry entry);

  /**
   * All that is in a scope was seen: what the store holds of it as current and this scan did not
   * see, is gone since now. Of any other scope nothing is retired. Resumed scans skip it.
   */
  void whole(Scope scope);

  /** Writes out what was taken in so far. */
  void flush();

  /** The scan ends. */
  void finish(Scan.Status status, Instant ended);

  /** Without {@link #finish} the scan stays as it is, to be resumed. */
  @Override
  void close();
}
