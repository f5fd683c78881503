package dev.freeway.benchmarks;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import java.util.TreeMap;

/**
 * The tables that are measured: the same addresses as {@code floor/programming.c} and {@code
 * tables.sh} make, so that every peer programs the same.
 */
public final class Tables {
  public static final Scheduler ROUND_ROBIN = new Scheduler("rr", false, false);

  private static final long VIPS = 0x0a640001; // 10.100.0.1
  private static final long BACKENDS = 0x0ac80001; // 10.200.0.1
  private static final int PORT = 80;

  private Tables() {}

  /** The service of a number. */
  public static ServiceKey service(int number) {
    return new ServiceKey(Protocol.TCP, new IpAddress(Family.IPV4, 0, VIPS + number), PORT);
  }

  /** The backend of a running number, with a weight. */
  public static Endpoint endpoint(int number, int weight) {
    IpAddress address = new IpAddress(Family.IPV4, 0, BACKENDS + number);
    return new Endpoint(
        Destination.of(new DestinationKey(address, PORT), Forwarding.DIRECT, weight),
        Endpoint.Condition.READY);
  }

  /** Services with as many destinations each, none shared. */
  public static Desired desired(int services, int destinations, Scheduler scheduler) {
    TreeMap<ServiceKey, DesiredService> byKey = new TreeMap<>();
    for (int s = 0; s < services; s++) {
      TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
      for (int d = 0; d < destinations; d++) {
        Endpoint endpoint = endpoint(s * destinations + d, 1);
        endpoints.put(endpoint.destination().key(), endpoint);
      }
      ServiceKey key = service(s);
      byKey.put(
          key,
          new DesiredService(
              "bench/s" + s,
              VirtualService.of(key, scheduler),
              Forwarding.DIRECT,
              false,
              endpoints));
    }
    return new Desired(byKey);
  }
}
