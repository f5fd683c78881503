package dev.freeway.controlplane.tagging;

/** How many of how many. */
public record Share(long good, long all) {
  /** In hundredths, with one decimal; 100 of nothing. */
  public double percent() {
    return all == 0 ? 100 : Math.round(1000.0 * good / all) / 10.0;
  }

  Share and(boolean better) {
    return new Share(good + (better ? 1 : 0), all + 1);
  }
}
