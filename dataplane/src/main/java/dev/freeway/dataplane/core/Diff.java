package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The difference between two states as ordered changes: {@code apply(between(a, b), a) == b}. */
public final class Diff {
  private Diff() {}

  /** Why a service or a destination ends as it does; asked only where something changes. */
  public interface Reasons {
    String service(ServiceKey service);

    String destination(ServiceKey service, DestinationKey destination);
  }

  /**
   * The changes that lead from one state to another, in {@link Change#ORDER}. A service that only
   * changed is set, never deleted and made anew: that would end its connections.
   */
  public static List<Change> between(Effective before, Effective after, Reasons reasons) {
    List<Change> changes = new ArrayList<>();
    for (Map.Entry<ServiceKey, EffectiveService> entry : before.services().entrySet()) {
      ServiceKey key = entry.getKey();
      EffectiveService was = entry.getValue();
      EffectiveService is = after.services().get(key);
      if (is == null) {
        changes.add(Change.deleteService(was.value(), reasons.service(key)));
        continue;
      }
      if (!is.value().equals(was.value())) {
        changes.add(Change.setService(was.value(), is.value(), reasons.service(key)));
      }
      destinations(key, was.destinations(), is.destinations(), reasons, changes);
    }
    for (Map.Entry<ServiceKey, EffectiveService> entry : after.services().entrySet()) {
      ServiceKey key = entry.getKey();
      if (!before.services().containsKey(key)) {
        changes.add(Change.addService(entry.getValue().value(), reasons.service(key)));
        for (Destination destination : entry.getValue().destinations().values()) {
          changes.add(
              Change.addDestination(key, destination, reasons.destination(key, destination.key())));
        }
      }
    }
    changes.sort(Change.ORDER);
    return changes;
  }

  private static void destinations(
      ServiceKey service,
      SortedMap<DestinationKey, Destination> before,
      SortedMap<DestinationKey, Destination> after,
      Reasons reasons,
      List<Change> into) {
    for (Destination was : before.values()) {
      Destination is = after.get(was.key());
      if (is == null) {
        into.add(Change.deleteDestination(service, was, reasons.destination(service, was.key())));
      } else if (!is.equals(was)) {
        into.add(Change.setDestination(service, was, is, reasons.destination(service, was.key())));
      }
    }
    for (Destination is : after.values()) {
      if (!before.containsKey(is.key())) {
        into.add(Change.addDestination(service, is, reasons.destination(service, is.key())));
      }
    }
  }
}
