package dev.freeway.dataplane.core;

import java.util.Comparator;

/** Which destination of which service: one address and port serves several, and is one of each. */
public record ServiceDestination(ServiceKey service, DestinationKey destination)
    implements Comparable<ServiceDestination> {
  private static final Comparator<ServiceDestination> ORDER =
      Comparator.comparing(ServiceDestination::service)
          .thenComparing(ServiceDestination::destination);

  @Override
  public int compareTo(ServiceDestination other) {
    return ORDER.compare(this, other);
  }
}
