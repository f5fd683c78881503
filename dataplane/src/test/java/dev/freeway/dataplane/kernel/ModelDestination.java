package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.DestinationKey;

/**
 * A destination object of the kernel ({@code struct ip_vs_dest}). It outlives its place in the
 * service: deleted, it stays in the trash with its connections and is taken back by an equal one.
 */
public final class ModelDestination {
  final DestinationKey key;
  final ModelStatistics statistics = new ModelStatistics();
  ModelDestination next = this; // the service's circular list, whose head is a sentinel
  ModelDestination previous = this;
  ModelService service;
  int forwarding;
  int weight;
  int lastWeight;
  int upperThreshold;
  int lowerThreshold;
  int tunnelType;
  int tunnelPort;
  int tunnelFlags;
  boolean available;
  boolean overloaded;
  int active;
  int inactive;
  int templates;

  ModelDestination(DestinationKey key, ModelService service) {
    this.key = key;
    this.service = service;
  }

  /** Its address and port. */
  public DestinationKey key() {
    return key;
  }

  /** The weight now; 0 takes no new connections. */
  public int weight() {
    return weight;
  }

  /** The last weight above 0, by which {@code mh} goes. */
  public int lastWeight() {
    return lastWeight;
  }

  /** The kernel's number of the forwarding method. */
  public int forwarding() {
    return forwarding;
  }

  /** Whether it is in its service, rather than in the trash. */
  public boolean available() {
    return available;
  }

  /** Connections in ESTABLISHED. */
  public int active() {
    return active;
  }

  /** Connections in any other state. */
  public int inactive() {
    return inactive;
  }

  /** Persistence templates. */
  public int templates() {
    return templates;
  }

  boolean accepts() {
    return weight > 0 && !overloaded;
  }

  boolean referenced() {
    return active + inactive + templates > 0;
  }

  /**
   * {@code ip_vs_dest_update_overload} of July 2026, also in the stable kernels since: overloaded
   * from the upper threshold on, until fewer than the lower one, by default three quarters of it.
   */
  void updateOverload() {
    int connections = active + inactive;
    if (upperThreshold == 0) {
      overloaded = false;
    } else if (connections >= upperThreshold) {
      overloaded = true;
    } else {
      int lower = lowerThreshold != 0 ? lowerThreshold : upperThreshold - (upperThreshold >> 2);
      overloaded &= connections >= lower;
    }
  }

  void linkAfter(ModelDestination head) {
    next = head.next;
    previous = head;
    head.next.previous = this;
    head.next = this;
  }

  /** Keeps its own {@code next}, which a scheduler that stood here still needs. */
  void unlink() {
    previous.next = next;
    next.previous = previous;
  }

  @Override
  public String toString() {
    return key + " weight " + weight;
  }
}
