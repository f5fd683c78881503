package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which Pods of a node are to be prepared for what: pure. A Service's selector tells, not its
 * slices: a Pod is in those when it has an address, and may be ready a moment later.
 */
final class BackendPods {
  private final SortedMap<String, Known> services = new TreeMap<>();
  private final SortedMap<String, LocalPod> pods = new TreeMap<>();

  /**
   * A Service of ours, as the routers serve it.
   *
   * @param settings how; what it said last before an edit that cannot be used, as the routers keep
   *     it; empty when it never said anything that can be
   * @param error why the last edit cannot be used; empty when it can
   */
  private record Known(Service service, Optional<Settings> settings, String error) {
    boolean nat() {
      return settings.filter(how -> how.forwarding() != Forwarding.NAT).isEmpty();
    }
  }

  /** How many Services of ours are known. */
  int services() {
    return services.size();
  }

  /** How many of these are ours. */
  static int ours(Collection<Sourced<Service>> all) {
    return (int) all.stream().filter(service -> Cluster.ours(service.object())).count();
  }

  void services(Iterable<Sourced<Service>> all) {
    Set<String> named = new HashSet<>();
    for (Sourced<Service> service : all) {
      named.add(name(service.object()));
      service(service);
    }
    services.keySet().retainAll(named);
  }

  void service(Sourced<Service> service) {
    String name = name(service.object());
    if (!Cluster.ours(service.object())) {
      services.remove(name);
      return;
    }
    List<InputError> wrong = new ArrayList<>();
    Settings settings =
        Settings.of(service, Optional.of(List.of()), false, wrong, new ArrayList<>());
    if (wrong.isEmpty()) {
      services.put(name, new Known(service.object(), Optional.of(settings), ""));
      return;
    }
    Known before = services.get(name);
    services.put(
        name,
        new Known(
            service.object(),
            before == null ? Optional.empty() : before.settings,
            wrong.getFirst().field() + ": " + wrong.getFirst().value()));
  }

  void serviceGone(String name) {
    services.remove(name);
  }

  void pods(Iterable<LocalPod> all) {
    pods.clear();
    all.forEach(this::pod);
  }

  void pod(LocalPod pod) {
    if (pod.over()) {
      pods.remove(pod.name());
    } else {
      pods.put(pod.name(), pod);
    }
  }

  void podGone(String name) {
    pods.remove(name);
  }

  Optional<LocalPod> pod(String name) {
    return Optional.ofNullable(pods.get(name));
  }

  /** What each Pod needs, those included that need nothing. */
  List<PodNeeds> needs() {
    List<PodNeeds> all = new ArrayList<>();
    pods.values().forEach(pod -> all.add(needs(pod)));
    return all;
  }

  /** The addresses of all Services whose answers pass the routers, whatever Pods they have. */
  SortedSet<IpAddress> addresses() {
    TreeSet<IpAddress> addresses = new TreeSet<>();
    for (Known known : services.values()) {
      if (!known.nat()) {
        for (LoadBalancerIngress one : Cluster.ingress(known.service)) {
          parse(one).ifPresent(addresses::add);
        }
      }
    }
    return addresses;
  }

  private static Optional<IpAddress> parse(LoadBalancerIngress ingress) {
    try {
      return Optional.of(IpAddress.parse(ingress.getIp()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private PodNeeds needs(LocalPod pod) {
    TreeSet<String> by = new TreeSet<>();
    TreeSet<String> waiting = new TreeSet<>();
    TreeSet<ServiceKey> keys = new TreeSet<>();
    TreeSet<IpAddress> addresses = new TreeSet<>();
    Set<Encapsulation> tunnels = new HashSet<>();
    List<String> errors = new ArrayList<>();
    services.forEach(
        (name, known) -> {
          if (!selects(known.service, pod)) {
            return;
          }
          if (!known.error.isEmpty()) {
            errors.add(name + ": " + known.error);
          }
          if (known.nat()) {
            return;
          }
          Settings settings = known.settings.orElseThrow();
          by.add(name);
          if (settings.forwarding() == Forwarding.TUNNEL) {
            tunnels.add(settings.encapsulation());
          }
          List<LoadBalancerIngress> ingress = Cluster.ingress(known.service);
          if (ingress.isEmpty()) {
            waiting.add(name);
          }
          for (LoadBalancerIngress one : ingress) {
            Optional<IpAddress> address = parse(one);
            if (address.isEmpty()) {
              errors.add(name + ": status.loadBalancer.ingress: " + one.getIp());
              continue;
            }
            addresses.add(address.get());
            for (ServicePort port : known.service.getSpec().getPorts()) {
              keys.add(new ServiceKey(protocol(port), address.get(), port.getPort()));
            }
          }
        });
    return new PodNeeds(pod.name(), pod.uid(), by, keys, addresses, tunnels, waiting, errors);
  }

  private static Protocol protocol(ServicePort port) {
    return port.getProtocol() == null ? Protocol.TCP : Protocol.valueOf(port.getProtocol());
  }

  private static boolean selects(Service service, LocalPod pod) {
    Map<String, String> selector = service.getSpec().getSelector();
    return selector != null
        && !selector.isEmpty()
        && pod.name().startsWith(service.getMetadata().getNamespace() + "/")
        && pod.labels().entrySet().containsAll(selector.entrySet());
  }

  private static String name(Service service) {
    return service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
  }
}
