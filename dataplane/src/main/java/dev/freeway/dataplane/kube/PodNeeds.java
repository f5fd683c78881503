package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the Services that select a Pod of this node need of it.
 *
 * @param pod {@code namespace/name}
 * @param services those whose packets reach it by direct return or a tunnel
 * @param keys of these, as clients know them
 * @param addresses of these
 * @param tunnels their outer headers
 * @param waiting those of them that have no address yet
 * @param errors what of a Service cannot be used: the routers refuse that too, and keep what it had
 */
public record PodNeeds(
    String pod,
    String uid,
    SortedSet<String> services,
    SortedSet<ServiceKey> keys,
    SortedSet<IpAddress> addresses,
    Set<Encapsulation> tunnels,
    SortedSet<String> waiting,
    List<String> errors) {
  public PodNeeds {
    services = new TreeSet<>(services);
    keys = new TreeSet<>(keys);
    addresses = new TreeSet<>(addresses);
    tunnels = Set.copyOf(tunnels);
    waiting = new TreeSet<>(waiting);
    errors = List.copyOf(errors);
  }
}
