package dev.freeway.dataplane.core;

/**
 * A destination as the kernel holds it: everything about it that we set and compare.
 *
 * @param key its identity within the service
 * @param forwarding how packets reach it
 * @param encapsulation the outer header; {@link Encapsulation#IPIP} unless tunnelling
 * @param weight 0 (no new connections) to 65535
 * @param upperThreshold connections above which it gets no new ones; 0 for no limit
 * @param lowerThreshold connections below which it gets new ones again; 0: three quarters of upper
 */
public record Destination(
    DestinationKey key,
    Forwarding forwarding,
    Encapsulation encapsulation,
    int weight,
    int upperThreshold,
    int lowerThreshold)
    implements TableEntry {
  public static final int MAX_WEIGHT = 65535;

  public Destination {
    if (weight < 0) {
      throw new IllegalArgumentException("weight " + weight + ": expected 0 to 65535");
    }
    if (upperThreshold < 0 || lowerThreshold < 0 || lowerThreshold > upperThreshold) {
      throw new IllegalArgumentException(
          "thresholds "
              + lowerThreshold
              + ".."
              + upperThreshold
              + ": expected 0 <= lower <= upper");
    }
  }

  /** A destination without thresholds or options. */
  public static Destination of(DestinationKey key, Forwarding forwarding, int weight) {
    return new Destination(key, forwarding, Encapsulation.IPIP, weight, 0, 0);
  }

  /** The same destination with another weight. */
  public Destination with(int otherWeight) {
    return new Destination(
        key, forwarding, encapsulation, otherWeight, upperThreshold, lowerThreshold);
  }
}
