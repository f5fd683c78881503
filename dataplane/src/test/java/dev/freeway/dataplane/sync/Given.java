package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import java.util.TreeMap;

/** Short ways to write what tests are given. */
final class Given {
  static final Namespace NAMESPACE = new Namespace("net:[4026531840]", "boot-1");
  static final Scheduler RR = new Scheduler("rr", false, false);

  private Given() {}

  static ServiceKey key(int number) {
    return new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0." + number), 80);
  }

  static DestinationKey at(int number) {
    return new DestinationKey(
        IpAddress.parse("10.1." + number / 250 + "." + (1 + number % 250)), 80);
  }

  static Destination destination(int number, int weight) {
    return Destination.of(at(number), Forwarding.DIRECT, weight);
  }

  static Endpoint ready(int number) {
    return new Endpoint(destination(number, 1), Endpoint.Condition.READY);
  }

  static Endpoint terminating(int number) {
    return new Endpoint(destination(number, 1), Endpoint.Condition.TERMINATING);
  }

  static Endpoint servingTerminating(int number) {
    return new Endpoint(destination(number, 1), Endpoint.Condition.SERVING_TERMINATING);
  }

  static DesiredService service(int number, Scheduler scheduler, Endpoint... endpoints) {
    TreeMap<DestinationKey, Endpoint> byKey = new TreeMap<>();
    for (Endpoint endpoint : endpoints) {
      byKey.put(endpoint.destination().key(), endpoint);
    }
    return new DesiredService(
        "shop/web-" + number,
        VirtualService.of(key(number), scheduler),
        Forwarding.DIRECT,
        false,
        byKey);
  }

  static DesiredService serviceOf(int number, Scheduler scheduler, int endpoints) {
    Endpoint[] ready = new Endpoint[endpoints];
    for (int i = 0; i < endpoints; i++) {
      ready[i] = ready(i);
    }
    return service(number, scheduler, ready);
  }

  /** A service that hides its clients' addresses. */
  static DesiredService sourceNat(int number, int... endpoints) {
    TreeMap<DestinationKey, Endpoint> byKey = new TreeMap<>();
    for (int endpoint : endpoints) {
      byKey.put(
          at(endpoint),
          new Endpoint(Destination.of(at(endpoint), Forwarding.NAT, 1), Endpoint.Condition.READY));
    }
    return new DesiredService(
        "shop/web-" + number, VirtualService.of(key(number), RR), Forwarding.NAT, true, byKey);
  }

  static Desired desired(DesiredService... services) {
    TreeMap<ServiceKey, DesiredService> byKey = new TreeMap<>();
    for (DesiredService service : services) {
      byKey.put(service.service().key(), service);
    }
    return new Desired(byKey);
  }
}
