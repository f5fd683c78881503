package dev.freeway.benchmarks;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Diff;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The difference of two states of 1,000 destinations that differ in one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DiffBenchmark {
  private final Effective before = Core.held(1_000);
  private final Effective after = changed();

  private static Effective changed() {
    Effective state = Core.held(1_000);
    EffectiveService first = state.services().firstEntry().getValue();
    Destination one = first.destinations().firstEntry().getValue();
    first.destinations().put(one.key(), one.with(7));
    return state;
  }

  @Benchmark
  public List<Change> diff() {
    return Diff.between(before, after, Core.NO_REASONS);
  }
}
