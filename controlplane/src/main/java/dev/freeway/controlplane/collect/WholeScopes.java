package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ScanWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Scopes that were seen in full, handed on together, once a second: each time is a transaction, and
 * a scan has thousands of scopes. Any thread may use it.
 */
final class WholeScopes {
  private static final long OFTEN = Duration.ofSeconds(1).toNanos();

  private final ScanWriter writer;
  private final LongSupplier nanos;
  private final List<Scope> scopes = new ArrayList<>();
  private long handed;

  WholeScopes(ScanWriter writer, LongSupplier nanos) {
    this.writer = writer;
    this.nanos = nanos;
    this.handed = nanos.getAsLong();
  }

  /** Everything in them was given to the writer before. */
  synchronized void add(Collection<Scope> seen) {
    scopes.addAll(seen);
    if (nanos.getAsLong() - handed >= OFTEN) {
      handOn();
    }
  }

  /** Hands on what is left. */
  synchronized void handOn() {
    if (!scopes.isEmpty()) { // whether that makes anything go is the writer's to know
      writer.whole(List.copyOf(scopes));
      scopes.clear();
    }
    handed = nanos.getAsLong();
  }
}
