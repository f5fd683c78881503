package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

final class SlicelessTest {
  private static final int FEW = 10;
  private static final int MANY = 100_000;
  private static final int LOOK_UPS = 500;

  private long found;

  /** Looking through ten thousand times as many would take about as many times as long. */
  @Test
  void whatIsNamedForASliceDoesNotCostMoreWhereMoreServicesHaveNone() {
    Sliceless few = of(FEW);
    Sliceless many = of(MANY);
    nanos(few);
    nanos(many);
    assertThat(nanos(many)).isLessThan(50 * nanos(few));
    assertThat(found).isPositive();
  }

  private static Sliceless of(int services) {
    Sliceless sliceless = new Sliceless();
    for (int i = 0; i < services; i++) {
      sliceless.add("shop-" + i % FEW + "/web-" + i);
    }
    return sliceless;
  }

  /** The processor's time; the least of some. */
  private double nanos(Sliceless sliceless) {
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 10; attempt++) {
      long start = thread.getCurrentThreadCpuTime();
      for (int i = 0; i < LOOK_UPS; i++) {
        found += sliceless.of("shop-" + i % FEW).size();
        found += sliceless.named("web-" + i % FEW).size();
      }
      least = Math.min(least, thread.getCurrentThreadCpuTime() - start);
    }
    return least;
  }
}
