package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.SyncListener;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * The last things that the writer did or met, each with its reason, and how long events took to the
 * kernel. Told on the writer's thread, read on others; the lock guards all of it, and is held for
 * as long as it takes to copy a list of {@link #MOST}.
 */
final class RecentChanges implements SyncListener {
  /** So many are kept. */
  static final int MOST = 200;

  /** Upper bounds of the histogram's buckets in microseconds; what took longer has one more. */
  static final List<Long> BOUNDS_MICROS =
      LongStream.iterate(250, bound -> bound <= 16_384_000, bound -> bound * 2).boxed().toList();

  /**
   * One of them.
   *
   * @param number counted from the start, without gaps
   * @param millis when, since the epoch
   * @param words what and why
   */
  record Entry(long number, long millis, PlannedChange words) {}

  /**
   * From the receipt of events to the kernel's acknowledgement.
   *
   * @param counts by bucket of {@link #BOUNDS_MICROS}, and one for what took longer
   * @param maxMicros the longest
   */
  record Latency(List<Long> counts, long sumMicros, long maxMicros) {}

  private record Kept(long number, long millis, Supplier<PlannedChange> words) {}

  private final InstantSource time;
  private final Object lock = new Object();
  private final Deque<Kept> kept = new ArrayDeque<>();
  private final long[] counts = new long[BOUNDS_MICROS.size() + 1];
  private long sumMicros;
  private long maxMicros;
  private long last;

  RecentChanges(InstantSource time) {
    this.time = time;
  }

  /** The oldest first. */
  List<Entry> entries() {
    List<Kept> copy;
    synchronized (lock) {
      copy = List.copyOf(kept);
    }
    List<Entry> entries = new ArrayList<>(copy.size());
    for (Kept one : copy) {
      entries.add(new Entry(one.number, one.millis, one.words.get()));
    }
    return entries;
  }

  Latency latency() {
    synchronized (lock) {
      return new Latency(LongStream.of(counts).boxed().toList(), sumMicros, maxMicros);
    }
  }

  private void keep(List<Supplier<PlannedChange>> all) {
    long now = time.millis();
    synchronized (lock) {
      int skipped = Math.max(0, all.size() - MOST); // they count, but would be gone at once
      last += skipped;
      for (Supplier<PlannedChange> words : all.subList(skipped, all.size())) {
        kept.addLast(new Kept(++last, now, words));
      }
      while (kept.size() > MOST) {
        kept.removeFirst();
      }
    }
  }

  private void keep(String action, String kind, String service, String reason) {
    PlannedChange words = new PlannedChange(action, kind, service, "", "", "", reason);
    keep(List.of(() -> words));
  }

  @Override
  public void programmed(Event event, long nanos) {
    long micros = nanos / 1000;
    int bucket = 0;
    while (bucket < BOUNDS_MICROS.size() && micros > BOUNDS_MICROS.get(bucket)) {
      bucket++;
    }
    synchronized (lock) {
      counts[bucket]++;
      sumMicros += micros;
      maxMicros = Math.max(maxMicros, micros);
    }
  }

  @Override
  public void changed(List<Change> changes, long kernelNanos) {
    List<Supplier<PlannedChange>> all = new ArrayList<>(changes.size());
    changes.forEach(change -> all.add(() -> PlannedChange.of(change)));
    keep(all);
  }

  @Override
  public void hostChanged(List<HostChange> changes) {
    List<Supplier<PlannedChange>> all = new ArrayList<>(changes.size());
    changes.forEach(change -> all.add(() -> PlannedChange.of(change)));
    keep(all);
  }

  @Override
  public void reordered(int destinations) {
    keep(
        "reorder",
        "destinations",
        "",
        destinations + " put back into the order of mh that routers agree on");
  }

  @Override
  public void repaired(long count) {
    keep("repair", "table", "", "undone: " + count + " changes of other programs");
  }

  @Override
  public void refused(ProgramError error) {
    keep(
        "refused",
        "change",
        "",
        error.what() + ": " + error.kernelMessage() + "; expected " + error.expected());
  }

  @Override
  public void refused(Ownership.Refusal refusal) {
    keep(
        "refused",
        "service",
        refusal.service().toString(),
        refusal.owner() + ": " + refusal.reason());
  }

  @Override
  public void held(String reason) {
    keep("held", "input", "", reason);
  }

  @Override
  public void kernelFailed(NetlinkException failure, boolean again) {
    if (!again) {
      keep("failed", "kernel", "", Failures.sentence(Failures.of(failure)));
    }
  }

  @Override
  public void stateFailed(StateException failure, boolean again) {
    if (!again) {
      keep("failed", "record", "", String.valueOf(failure.getMessage()));
    }
  }

  @Override
  public void found(String finding) {
    keep("found", "machine", "", finding);
  }

  @Override
  public void failed(RuntimeException defect) {
    keep("failed", "program", "", defect.toString());
  }
}
