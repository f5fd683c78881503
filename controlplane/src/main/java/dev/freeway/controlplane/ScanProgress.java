package dev.freeway.controlplane;

import dev.freeway.controlplane.collect.Progress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on the terminal: what runs now, done, found, refused. Told by any thread. */
class ScanProgress implements Progress, AutoCloseable {
  private final @Nullable ProgressBar bar;
  private final LongAdder found = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final AtomicLong all = new AtomicLong();

  ScanProgress(String label) {
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(label)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .build();
  }

  private ScanProgress() {
    this.bar = null;
  }

  /** One that shows nothing. */
  static ScanProgress none() {
    return new ScanProgress();
  }

  @Override
  public void begins(int units) {
    if (bar != null) {
      bar.maxHint(all.addAndGet(units));
    }
  }

  @Override
  public void done(String service, String region, long resources, boolean hidden) {
    found.add(resources);
    if (hidden) {
      refused.increment();
    }
    if (bar != null) {
      bar.step();
      bar.setExtraMessage(
          found.sum() + " found, " + refused.sum() + " refused; " + service + " " + region);
    }
  }

  /** Leaves the terminal to others. */
  void end() {
    if (bar != null) {
      bar.close();
    }
  }

  @Override
  public void close() {
    end();
  }
}
