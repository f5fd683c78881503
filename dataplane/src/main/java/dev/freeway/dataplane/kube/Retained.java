package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What stays as it was because the input, in part, cannot be used. */
final class Retained {
  /** The owner of a service that was found in the kernel, when nobody knows whose it is. */
  static final String UNKNOWN_OWNER = "";

  private Retained() {}

  /** Whose services the desired state holds, where that is known. */
  static Map<ServiceKey, String> holders(Desired desired) {
    Map<ServiceKey, String> holders = HashMap.newHashMap(desired.services().size());
    desired
        .services()
        .forEach(
            (key, service) -> {
              if (!service.owner().equals(UNKNOWN_OWNER)) {
                holders.put(key, service.owner());
              }
            });
    return holders;
  }

  /**
   * The next desired state. A refused Service keeps what it had, one whose slice may be lost its
   * own destinations. While part of the input was never usable no service goes, and what was found
   * in the kernel keeps its destinations too.
   *
   * @param before the desired state until now
   * @param found what was found in the kernel, as long as the input was never read whole; then
   *     nothing
   */
  static Desired next(Desired before, Desired found, Translation translation) {
    SortedMap<ServiceKey, DesiredService> next = new TreeMap<>(translation.desired().services());
    next.replaceAll(
        (key, named) -> {
          boolean sliceless = translation.sliceless().contains(named.owner());
          if (!sliceless && translation.complete()) {
            return named;
          }
          DesiredService held = (sliceless ? before : found).services().get(key);
          return held == null || !named.mayKeepThoseOf(held.owner())
              ? named
              : withEndpointsOf(held, named);
        });
    before
        .services()
        .forEach(
            (key, held) -> {
              if (!next.containsKey(key) && keeps(held, translation)) {
                next.put(key, held);
              }
            });
    return new Desired(Collections.unmodifiableSortedMap(next));
  }

  private static boolean keeps(DesiredService held, Translation translation) {
    return !translation.complete()
        || translation.refused().contains(held.owner())
        || (held.owner().equals(UNKNOWN_OWNER) && !translation.refused().isEmpty());
  }

  /**
   * What is named as it is named, and beside it what may be named where nothing can be read. Where
   * all destinations are earlier ones, packets go the way of those.
   */
  private static DesiredService withEndpointsOf(DesiredService held, DesiredService named) {
    SortedMap<DestinationKey, Endpoint> endpoints = new TreeMap<>(held.endpoints());
    endpoints.putAll(named.endpoints());
    DesiredService way = named.endpoints().isEmpty() && !endpoints.isEmpty() ? held : named;
    return new DesiredService(
        named.owner(),
        named.service(),
        way.forwarding(),
        way.sourceNat(),
        named.sourceRanges(),
        named.relay(),
        named.health(),
        Collections.unmodifiableSortedMap(endpoints),
        named.awaited());
  }
}
