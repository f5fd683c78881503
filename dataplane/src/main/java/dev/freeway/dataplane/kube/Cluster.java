package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.kube.api.Listed;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The cluster as the router sees it, and what follows for the kernel's table: pure, but that it
 * remembers. A change costs what its own Service costs, whatever the size of the cluster; only a
 * change of a Service itself looks at the addresses of all. Owned by one thread.
 *
 * <p>All endpoints of the cluster are held, those of other Services too: the server cannot select
 * slices by their Service's class, and a Service that becomes ours finds its endpoints at once.
 */
final class Cluster {
  /** A Service of ours. */
  private static final class Tracked {
    private Listed<Sourced<Service>> listed;
    private AddressClaim claim;
    private List<InputError> claimErrors = List.of();
    private AddressPool.Assignment assignment = new AddressPool.Assignment(List.of(), List.of());
    private @Nullable TranslatedService translated;
    private List<InputError> errors = List.of();
    private List<String> notes = List.of();
    private boolean refused; // by itself
    private List<InputError> lost = List.of(); // to whoever has the address and port

    private Tracked(Listed<Sourced<Service>> listed, AddressClaim claim) {
      this.listed = listed;
      this.claim = claim;
    }
  }

  /**
   * How a Service of ours stands, for its status and its Events.
   *
   * @param uid of this Service and no later one of the same name
   * @param version the resourceVersion of what it was worked out from
   * @param addresses those that it is to have
   * @param errors why it is not served, or not as it asks
   * @param unchecked why it is not checked as it asks
   * @param recordedWell whether the status says exactly that
   * @param served whether any of its ports and addresses has an endpoint
   */
  record Standing(
      String owner,
      String uid,
      String version,
      List<IpAddress> addresses,
      boolean recordedWell,
      List<InputError> errors,
      List<InputError> unchecked,
      List<String> notes,
      boolean served) {
    /** Whether there is anything to say of it. */
    boolean hasWords() {
      return !errors.isEmpty() || !unchecked.isEmpty() || !notes.isEmpty();
    }
  }

  /**
   * The Pods of a Service whose probe is its check.
   *
   * @param pods those that its slices name and that are not on their way out
   * @param others whether there are endpoints that are no Pods
   */
  record Pods(Set<PodKey> pods, boolean others) {}

  private final AddressPool pool;
  private final String node;
  private final UnaryOperator<Translation> kernelCheck;
  private final Map<String, Tracked> services = new TreeMap<>();
  private final Map<String, Map<String, Sourced<Slice>>> slices = new HashMap<>(); // by owner
  private final Map<String, String> ownerOfSlice = new HashMap<>();
  private final Map<String, ClusterNode> nodes = new HashMap<>();
  private Topology topology = Topology.NONE;

  private final Map<String, SortedMap<ServiceKey, DesiredService>> accepted = new HashMap<>();
  private final Set<String> dirty = new LinkedHashSet<>();
  private final Set<String> touched = new HashSet<>();
  private final Map<String, PodsRead> probes = new HashMap<>(); // by owner
  private final Set<String> podsTouched = new LinkedHashSet<>();
  private boolean servicesChanged;
  private boolean whole; // a list came: what it does not name is gone
  private boolean begun;
  private final Desired before;

  /**
   * A cluster of which nothing is known.
   *
   * @param pool what Services get their addresses from
   * @param node the one that we are on; empty when that is not known
   * @param before what the kernel holds of ours, or what was last known
   * @param kernelCheck refuses what this kernel does not have
   */
  Cluster(AddressPool pool, String node, Desired before, UnaryOperator<Translation> kernelCheck) {
    this.pool = pool;
    this.node = node;
    this.before = before;
    this.kernelCheck = kernelCheck;
  }

  // What is told.

  void services(Collection<Listed<Sourced<Service>>> all) {
    Set<String> gone = new HashSet<>(services.keySet());
    for (Listed<Sourced<Service>> one : all) {
      gone.remove(one.key());
      service(one);
    }
    gone.forEach(this::serviceGone);
    whole = true;
  }

  void service(Listed<Sourced<Service>> one) {
    if (!ours(one.object().object())) {
      serviceGone(one.key());
      return;
    }
    List<InputError> errors = new ArrayList<>();
    AddressClaim claim = claim(one, errors);
    Tracked tracked = services.get(one.key());
    if (tracked == null) {
      tracked = new Tracked(one, claim);
      services.put(one.key(), tracked);
    }
    tracked.listed = one;
    tracked.claim = claim;
    tracked.claimErrors = List.copyOf(errors);
    servicesChanged = true;
    dirty.add(one.key());
  }

  void serviceGone(String owner) {
    if (services.remove(owner) != null) {
      probes.remove(owner);
      servicesChanged = true;
      dirty.add(owner);
    }
  }

  void slices(Collection<Listed<Sourced<Slice>>> all) {
    Set<String> gone = new HashSet<>(ownerOfSlice.keySet());
    for (Listed<Sourced<Slice>> one : all) {
      gone.remove(one.key());
      slice(one);
    }
    gone.forEach(this::sliceGone);
    whole = true;
  }

  void slice(Listed<Sourced<Slice>> one) {
    String owner = one.object().object().owner().orElse("");
    String former = ownerOfSlice.put(one.key(), owner);
    if (former != null && !former.equals(owner)) {
      forget(one.key(), former);
    }
    slices.computeIfAbsent(owner, _ -> new TreeMap<>()).put(one.key(), one.object());
    touch(owner);
  }

  void sliceGone(String key) {
    String owner = ownerOfSlice.remove(key);
    if (owner != null) {
      forget(key, owner);
    }
  }

  private void forget(String slice, String owner) {
    Map<String, Sourced<Slice>> of = slices.get(owner);
    if (of != null) {
      of.remove(slice);
      if (of.isEmpty()) {
        slices.remove(owner);
      }
    }
    touch(owner);
  }

  private void touch(String owner) {
    if (services.containsKey(owner)) {
      dirty.add(owner);
    }
  }

  /**
   * Takes in what is known of the Pods behind a Service, for its check; answers whether that is
   * something else than before.
   */
  boolean pods(String owner, PodsRead read) {
    if (!services.containsKey(owner) || read.equals(probes.getOrDefault(owner, PodsRead.NONE))) {
      return false;
    }
    probes.put(owner, read);
    dirty.add(owner);
    return true;
  }

  void nodes(Collection<Listed<ClusterNode>> all) {
    nodes.clear();
    all.forEach(one -> nodes.put(one.object().name(), one.object()));
    look();
  }

  void node(ClusterNode one) {
    nodes.put(one.name(), one);
    look();
  }

  void nodeGone(String name) {
    nodes.remove(name);
    look();
  }

  /** Whether a node is to be left. */
  boolean cordoned(String name) {
    ClusterNode found = nodes.get(name);
    return found != null && found.cordoned();
  }

  /** What tells a node from an earlier one of its name; empty while that is not known. */
  Optional<String> nodeUid(String name) {
    return Optional.ofNullable(nodes.get(name)).map(ClusterNode::uid).filter(uid -> !uid.isEmpty());
  }

  private void look() {
    ClusterNode own = nodes.get(node);
    Set<String> dead = new HashSet<>();
    for (ClusterNode one : nodes.values()) {
      if (one.lost()) {
        dead.add(one.name());
      }
    }
    slices.values().forEach(of -> of.values().forEach(slice -> addAbsent(slice.object(), dead)));
    Topology seen = new Topology(node, own == null ? "" : own.zone(), dead);
    if (!seen.equals(topology)) {
      topology = seen;
      dirty.addAll(services.keySet());
    }
  }

  /** Endpoints on nodes that are not there at all. */
  private void addAbsent(Slice slice, Set<String> dead) {
    for (SliceEndpoint endpoint : slice.endpoints()) {
      if (!endpoint.node().isEmpty() && !nodes.containsKey(endpoint.node())) {
        dead.add(endpoint.node());
      }
    }
  }

  /** Whether it is for us to serve. */
  static boolean ours(Service service) {
    ServiceSpec spec = service.getSpec();
    return spec != null
        && ServiceTranslator.CLASS.equals(spec.getLoadBalancerClass())
        && "LoadBalancer".equals(spec.getType())
        && service.getMetadata().getDeletionTimestamp() == null;
  }

  private static AddressClaim claim(Listed<Sourced<Service>> one, List<InputError> errors) {
    Sourced<Service> source = one.object();
    Service service = source.object();
    List<Family> families = new ArrayList<>();
    for (String family : service.getSpec().getIpFamilies()) {
      switch (family) {
        case "IPv4" -> families.add(Family.IPV4);
        case "IPv6" -> families.add(Family.IPV6);
        default -> errors.add(source.error("spec.ipFamilies", family, "IPv4 or IPv6"));
      }
    }
    return new AddressClaim(
        one.key(),
        ServiceTranslator.created(source, errors),
        families.isEmpty() ? List.of(Family.IPV4) : families,
        Settings.requested(source, errors),
        recorded(service));
  }

  private static List<IpAddress> recorded(Service service) {
    List<IpAddress> recorded = new ArrayList<>();
    for (LoadBalancerIngress ingress : ingress(service)) {
      try {
        if (ingress.getIp() != null) {
          recorded.add(IpAddress.parse(ingress.getIp()));
        }
      } catch (IllegalArgumentException e) {
        // not ours: the status will be written anew
      }
    }
    return recorded;
  }

  static List<LoadBalancerIngress> ingress(Service service) {
    return service.getStatus() == null || service.getStatus().getLoadBalancer() == null
        ? List.of()
        : service.getStatus().getLoadBalancer().getIngress();
  }

  // What follows.

  /** Whether a Service itself has changed since the last {@link #events}. */
  boolean servicesChanged() {
    return servicesChanged;
  }

  /**
   * What has changed for the table since the last time: a whole desired state when lists came, and
   * single events otherwise.
   *
   * @param receivedNanos when the first of it was received
   */
  List<Event> events(long receivedNanos) {
    Set<String> keysMayMove = new HashSet<>();
    if (servicesChanged) {
      reassign();
    }
    for (String owner : dirty) {
      Tracked tracked = services.get(owner);
      if (tracked == null || translate(tracked, owner)) {
        keysMayMove.add(owner);
      }
    }
    List<Event> events = new ArrayList<>();
    if (!keysMayMove.isEmpty() || servicesChanged || whole) {
      resolve(events, receivedNanos);
    } else {
      for (String owner : dirty) {
        accept(owner, desiredOf(services.get(owner)), events, receivedNanos);
      }
    }
    touched.addAll(dirty);
    podsTouched.addAll(dirty);
    dirty.clear();
    servicesChanged = false;
    if (whole) {
      whole = false;
      return List.of(new Event.DesiredReplaced(desired(), receivedNanos));
    }
    return events;
  }

  /** The whole desired state. */
  Desired desired() {
    TreeMap<ServiceKey, DesiredService> all = new TreeMap<>();
    accepted.values().forEach(all::putAll);
    return new Desired(Collections.unmodifiableSortedMap(all));
  }

  private void reassign() {
    List<AddressClaim> claims = new ArrayList<>();
    services.values().forEach(tracked -> claims.add(tracked.claim));
    Map<String, AddressPool.Assignment> assigned = pool.assign(claims);
    services.forEach(
        (owner, tracked) -> {
          AddressPool.Assignment now =
              assigned.getOrDefault(owner, new AddressPool.Assignment(List.of(), List.of()));
          if (!now.equals(tracked.assignment)) {
            tracked.assignment = now;
            dirty.add(owner);
          }
        });
  }

  /**
   * Works out a Service by itself; answers whether its addresses, ports or usability are others.
   */
  private boolean translate(Tracked tracked, String owner) {
    TranslatedService former = tracked.translated;
    boolean wasRefused = tracked.refused;
    List<IpAddress> settled = new ArrayList<>(tracked.assignment.addresses());
    settled.retainAll(tracked.claim.recorded()); // only what the status says: it is the record
    TranslatedService now =
        ServiceTranslator.translateOne(
            tracked.listed.object(),
            slices.getOrDefault(owner, Map.of()).values(),
            topology,
            Optional.of(List.copyOf(settled)),
            Optional.of(probes.getOrDefault(owner, PodsRead.NONE)));
    List<InputError> errors = new ArrayList<>(tracked.claimErrors);
    errors.addAll(now.errors());
    if (errors.isEmpty()) {
      errors.addAll(kernelErrors(now));
    }
    if (!now.probed()) {
      probes.remove(owner);
    }
    tracked.translated = now;
    tracked.errors = List.copyOf(errors);
    tracked.notes = now.notes();
    tracked.refused = !errors.isEmpty();
    return former == null
        || wasRefused != tracked.refused
        || !tracked.lost.isEmpty()
        || !keys(former).equals(keys(now))
        || !accepted.containsKey(owner);
  }

  private List<InputError> kernelErrors(TranslatedService one) {
    TreeMap<ServiceKey, DesiredService> asked = new TreeMap<>();
    one.services().forEach(service -> asked.put(service.service().key(), service));
    return kernelCheck
        .apply(new Translation(new Desired(asked), Set.of(), Set.of(), List.of(), List.of(), true))
        .errors();
  }

  private static List<ServiceKey> keys(TranslatedService one) {
    return one.services().stream().map(service -> service.service().key()).toList();
  }

  /** Decides who is served, all Services together. */
  private void resolve(List<Event> events, long receivedNanos) {
    List<TranslatedService> claimants = new ArrayList<>();
    Set<String> refused = new HashSet<>();
    Map<ServiceKey, String> holders = new HashMap<>();
    services.forEach(
        (owner, tracked) -> {
          TranslatedService one = tracked.translated;
          if (one == null || tracked.refused) {
            refused.add(owner);
          } else {
            claimants.add(one);
          }
        });
    accepted.forEach(
        (owner, held) -> {
          if (services.containsKey(owner)) {
            held.keySet().forEach(key -> holders.put(key, owner));
          }
        });
    List<InputError> conflicts = new ArrayList<>();
    Set<String> served = new HashSet<>();
    List<TranslatedService> winners =
        Conflicts.resolve(claimants, holders, refused, true, conflicts);
    services.forEach(
        (owner, tracked) ->
            tracked.lost =
                conflicts.stream()
                    .filter(error -> error.document().equals(tracked.listed.object().document()))
                    .toList());
    for (String owner : List.copyOf(accepted.keySet())) {
      if (!services.containsKey(owner)) {
        accept(owner, Collections.emptySortedMap(), events, receivedNanos);
        accepted.remove(owner);
      }
    }
    for (TranslatedService one : winners) {
      served.add(one.owner());
      accept(one.owner(), desiredOf(services.get(one.owner())), events, receivedNanos);
    }
    if (!begun) {
      begun = true;
      retain(served);
    }
  }

  /** A Service that is refused keeps what it had before we knew of it. */
  private void retain(Set<String> served) {
    before
        .services()
        .forEach(
            (key, held) -> {
              boolean known = services.containsKey(held.owner()) && !served.contains(held.owner());
              boolean taken = accepted.values().stream().anyMatch(of -> of.containsKey(key));
              if (known && !taken) {
                accepted.computeIfAbsent(held.owner(), _ -> new TreeMap<>()).put(key, held);
              }
            });
  }

  private static SortedMap<ServiceKey, DesiredService> desiredOf(@Nullable Tracked tracked) {
    TreeMap<ServiceKey, DesiredService> desired = new TreeMap<>();
    if (tracked != null && tracked.translated != null) {
      tracked.translated.services().forEach(one -> desired.put(one.service().key(), one));
    }
    return desired;
  }

  /** Takes in what a Service is to have now, and tells how it differs from what it had. */
  private void accept(
      String owner,
      SortedMap<ServiceKey, DesiredService> now,
      List<Event> events,
      long receivedNanos) {
    Tracked tracked = services.get(owner);
    if (tracked != null && (tracked.refused || !tracked.lost.isEmpty())) {
      return; // it keeps what it has
    }
    SortedMap<ServiceKey, DesiredService> former =
        accepted.getOrDefault(owner, Collections.emptySortedMap());
    for (ServiceKey key : former.keySet()) {
      if (!now.containsKey(key)) {
        events.add(new Event.ServiceRemoved(key, receivedNanos));
      }
    }
    now.forEach(
        (key, service) ->
            difference(former.get(key), service, receivedNanos).ifPresent(events::add));
    accepted.put(owner, now);
  }

  private static Optional<Event> difference(
      @Nullable DesiredService former, DesiredService now, long receivedNanos) {
    if (former == null
        || !former.owner().equals(now.owner())
        || !former.service().equals(now.service())
        || former.forwarding() != now.forwarding()
        || former.sourceNat() != now.sourceNat()
        || !former.relay().equals(now.relay())
        || !former.health().equals(now.health())
        || !former.sourceRanges().equals(now.sourceRanges())) {
      return Optional.of(new Event.ServiceChanged(now, receivedNanos));
    }
    List<Endpoint> present = new ArrayList<>();
    List<DestinationKey> gone = new ArrayList<>();
    for (Endpoint endpoint : now.endpoints().values()) {
      if (!endpoint.equals(former.endpoints().get(endpoint.destination().key()))) {
        present.add(endpoint);
      }
    }
    for (DestinationKey key : former.endpoints().keySet()) {
      if (!now.endpoints().containsKey(key)) {
        gone.add(key);
      }
    }
    return present.isEmpty() && gone.isEmpty() && former.awaited() == now.awaited()
        ? Optional.empty()
        : Optional.of(
            new Event.EndpointsChanged(
                now.service().key(), present, gone, now.awaited(), receivedNanos));
  }

  /**
   * The Services of which {@link #standing} may say something else than when this was asked last.
   */
  Set<String> takeTouched() {
    Set<String> taken = new TreeSet<>(touched);
    touched.clear();
    return taken;
  }

  /**
   * Services of which {@link #pods(String)} may say something else than when this was asked last.
   */
  Set<String> takePodsTouched() {
    Set<String> taken = new LinkedHashSet<>(podsTouched);
    podsTouched.clear();
    return taken;
  }

  /** The Pods of a Service whose probe is its check; nothing for all others. */
  Optional<Pods> pods(String owner) {
    Tracked tracked = services.get(owner);
    if (tracked == null || tracked.translated == null || !tracked.translated.probed()) {
      return Optional.empty();
    }
    Set<PodKey> pods = new HashSet<>();
    boolean others = false;
    for (Sourced<Slice> slice : slices.getOrDefault(owner, Map.of()).values()) {
      for (SliceEndpoint endpoint : slice.object().endpoints()) {
        if (!PodKey.isName(endpoint.target())) {
          others = true;
        } else if (!endpoint.terminating()) {
          pods.add(new PodKey(endpoint.target(), endpoint.incarnation()));
        }
      }
    }
    return Optional.of(new Pods(pods, others));
  }

  /** How a Service stands; nothing when it is none of ours. */
  Optional<Standing> standing(String owner) {
    Tracked tracked = services.get(owner);
    return tracked == null ? Optional.empty() : Optional.of(standing(owner, tracked));
  }

  private Standing standing(String owner, Tracked tracked) {
    Sourced<Service> source = tracked.listed.object();
    List<InputError> errors = new ArrayList<>();
    tracked
        .assignment
        .problems()
        .forEach(
            problem ->
                errors.add(source.error(problem.field(), problem.value(), problem.expected())));
    errors.addAll(tracked.errors);
    errors.addAll(tracked.lost);
    boolean served =
        accepted.getOrDefault(owner, Collections.emptySortedMap()).values().stream()
            .anyMatch(service -> !service.endpoints().isEmpty());
    List<LoadBalancerIngress> ingress = ingress(source.object());
    boolean well =
        ingress.stream()
                .map(LoadBalancerIngress::getIp)
                .toList()
                .equals(tracked.assignment.addresses().stream().map(IpAddress::toString).toList())
            && ingress.stream().allMatch(one -> "Proxy".equals(one.getIpMode()));
    return new Standing(
        owner,
        String.valueOf(source.object().getMetadata().getUid()),
        tracked.listed.version(),
        tracked.assignment.addresses(),
        well,
        List.copyOf(errors),
        tracked.translated == null ? List.of() : tracked.translated.unchecked(),
        tracked.notes,
        served);
  }
}
