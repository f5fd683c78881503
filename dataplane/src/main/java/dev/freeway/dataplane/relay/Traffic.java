package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.ipvs.Statistics;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counters of a service or destination, and estimates of their rates as the kernel makes them: of
 * two seconds each, a quarter of the difference taken over (ip_vs_est.c).
 */
final class Traffic {
  private static final double TAKEN = 0.25;
  private static final int COUNTERS = 5;

  final LongAdder connections = new LongAdder();
  final LongAdder inPackets = new LongAdder();
  final LongAdder outPackets = new LongAdder();
  final LongAdder inBytes = new LongAdder();
  final LongAdder outBytes = new LongAdder();

  private final long[] before = new long[COUNTERS];
  private final double[] rates = new double[COUNTERS];

  /** A read of {@code bytes} from a client. */
  void in(int bytes) {
    inPackets.increment();
    inBytes.add(bytes);
  }

  /** A read of {@code bytes} from a backend. */
  void out(int bytes) {
    outPackets.increment();
    outBytes.add(bytes);
  }

  private long[] now() {
    return new long[] {
      connections.sum(), inPackets.sum(), outPackets.sum(), inBytes.sum(), outBytes.sum()
    };
  }

  /** Takes in what was counted in the last {@code seconds}. */
  synchronized void estimate(double seconds) {
    long[] now = now();
    for (int i = 0; i < COUNTERS; i++) {
      rates[i] += ((now[i] - before[i]) / seconds - rates[i]) * TAKEN;
      before[i] = now[i];
    }
  }

  synchronized Statistics statistics() {
    long[] now = now();
    return new Statistics(
        now[0],
        now[1],
        now[2],
        now[3],
        now[4],
        Math.round(rates[0]),
        Math.round(rates[1]),
        Math.round(rates[2]),
        Math.round(rates[3]),
        Math.round(rates[4]));
  }
}
