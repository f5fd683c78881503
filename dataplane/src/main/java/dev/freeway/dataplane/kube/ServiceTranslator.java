package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Endpoint.Condition;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthRules;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.ProbeOverrides;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.core.VirtualService;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Services and EndpointSlices to desired state, with the meaning that Kubernetes gives to their
 * fields. A Service with any error, its own or of one of its slices, is refused whole; the others
 * are not touched by it. The result does not depend on the order of the input.
 */
public final class ServiceTranslator {
  /** The {@code spec.loadBalancerClass} of Services that are ours. */
  public static final String CLASS = "freeway.dev/ipvs";

  static final String SERVICE_NAME = "kubernetes.io/service-name";
  static final String DEFAULT_NAMESPACE = "default";

  private static final String CHECK = "metadata.annotations[" + Annotation.HEALTH_CHECK.key() + "]";

  /** The API server's own default and limit for client affinity, in seconds. */
  private static final int DEFAULT_AFFINITY = 10800;

  private static final int MAX_AFFINITY = 86400;

  private ServiceTranslator() {}

  /**
   * Translates everything that was read.
   *
   * @param holders whose services the kernel holds by our record, as {@code namespace/name}
   */
  public static Translation translate(Manifests input, Map<ServiceKey, String> holders) {
    List<InputError> errors = new ArrayList<>(input.errors());
    List<String> notes = new ArrayList<>(input.notes());
    Set<String> refused = new HashSet<>(input.refused());
    SortedMap<String, Sourced<Service>> services =
        unique(
            input.services(),
            ServiceTranslator::owner,
            service -> service.getMetadata().getName(),
            s -> owner(s.object()),
            refused,
            errors);
    Map<String, List<Sourced<Slice>>> slices = new TreeMap<>();
    List<Sourced<Slice>> orphans = new ArrayList<>();
    unique(
            input.slices(),
            slice -> slice.namespace() + "/" + slice.name(),
            Slice::name,
            s -> s.object().owner().orElse(""),
            refused,
            errors)
        .values()
        .forEach(slice -> assign(slice, services, input.refused(), slices, orphans));
    OrphanSlices lost = new OrphanSlices(orphans);

    List<TranslatedService> translated = new ArrayList<>();
    boolean any = false;
    for (Map.Entry<String, Sourced<Service>> entry : services.entrySet()) {
      Optional<String> other = notOurs(entry.getValue(), errors, refused);
      if (other.isPresent()) {
        if (!other.get().isEmpty()) {
          notes.add(other.get());
        }
        continue;
      }
      any = true;
      TranslatedService one =
          translateOne(
              entry.getValue(),
              slices.getOrDefault(entry.getKey(), List.of()),
              Topology.NONE,
              Optional.empty(),
              Optional.empty());
      errors.addAll(one.errors());
      if (one.errors().isEmpty() && !refused.contains(one.owner())) {
        notes.addAll(one.notes());
        translated.add(one);
        if (!slices.containsKey(one.owner()) && !lost.keepsDestinations(one, holders)) {
          notes.add(
              one.source().place() + ": no EndpointSlice names it, so it has no destinations");
        }
      } else {
        refused.add(one.owner());
      }
    }
    errors.addAll(lost.errors(input.complete()));
    boolean complete = input.complete();
    if (!any && refused.isEmpty() && complete) {
      errors.add(
          new InputError(
              "",
              "",
              "",
              "no Service of ours",
              "a Service of type LoadBalancer with loadBalancerClass: " + CLASS));
      complete = false;
    }
    List<TranslatedService> accepted =
        Conflicts.resolve(translated, holders, refused, complete, errors);
    noteAutomatic(accepted, notes);
    SortedMap<ServiceKey, DesiredService> desired = new TreeMap<>();
    for (TranslatedService one : accepted) {
      for (DesiredService service : one.services()) {
        desired.put(service.service().key(), service);
      }
    }
    errors.sort(InputOrder.ERRORS);
    Collections.sort(notes);
    return new Translation(
        new Desired(Collections.unmodifiableSortedMap(desired)),
        Collections.unmodifiableSet(new TreeSet<>(refused)),
        lost.keeping(),
        List.copyOf(errors),
        List.copyOf(notes),
        complete);
  }

  /** One object of each name; the same one twice is one, differing ones refuse their Service. */
  private static <T> SortedMap<String, Sourced<T>> unique(
      List<Sourced<T>> objects,
      Function<T, String> identity,
      Function<T, String> name,
      Function<Sourced<T>, String> service,
      Set<String> refused,
      List<InputError> errors) {
    SortedMap<String, Sourced<T>> unique = new TreeMap<>();
    for (Sourced<T> object : objects) {
      Sourced<T> first = unique.putIfAbsent(identity.apply(object.object()), object);
      if (first != null && !first.object().equals(object.object())) {
        errors.add(
            object.error(
                "metadata.name",
                name.apply(object.object()),
                "one definition; another: " + first.place()));
        refused.add(service.apply(first));
        refused.add(service.apply(object));
      }
    }
    return unique;
  }

  /** To its Service, or to those that name none. */
  private static void assign(
      Sourced<Slice> slice,
      Map<String, Sourced<Service>> services,
      Set<String> unreadable,
      Map<String, List<Sourced<Slice>>> slices,
      List<Sourced<Slice>> orphans) {
    String owner = slice.object().owner().orElse("");
    if (services.containsKey(owner)) {
      slices.computeIfAbsent(owner, _ -> new ArrayList<>()).add(slice);
    } else if (!unreadable.contains(owner)) {
      orphans.add(slice);
    }
  }

  private static String owner(HasMetadata object) {
    return namespace(object.getMetadata()) + "/" + object.getMetadata().getName();
  }

  static String namespace(ObjectMeta meta) {
    String namespace = meta.getNamespace();
    return namespace == null || namespace.isEmpty() ? DEFAULT_NAMESPACE : namespace;
  }

  /** Empty for a Service of ours, otherwise a note, "" when there is nothing to say. */
  private static Optional<String> notOurs(
      Sourced<Service> service, List<InputError> errors, Set<String> refused) {
    ServiceSpec spec = service.object().getSpec();
    String type = spec == null || spec.getType() == null ? "ClusterIP" : spec.getType();
    String clazz = spec == null ? null : spec.getLoadBalancerClass();
    if (CLASS.equals(clazz)) {
      if (type.equals("LoadBalancer")) {
        return Optional.empty();
      }
      errors.add(service.error("spec.type", type, "LoadBalancer, for loadBalancerClass " + CLASS));
      refused.add(owner(service.object()));
      return Optional.of("");
    }
    if (Settings.mentioned(service.object().getMetadata())
        || (clazz != null && clazz.startsWith(Settings.PREFIX))) {
      return Optional.of(
          service.place()
              + ": left alone in spite of its freeway.dev/ names: ours are of type LoadBalancer"
              + " with loadBalancerClass: "
              + CLASS);
    }
    return Optional.of("");
  }

  /**
   * Translates one Service that is ours.
   *
   * @param slices those whose label names it, in its namespace
   * @param addresses it has; otherwise those that it asks for
   * @param pods what is known of those behind it; empty where there are none to be asked
   */
  static TranslatedService translateOne(
      Sourced<Service> service,
      Collection<Sourced<Slice>> slices,
      Topology topology,
      Optional<List<IpAddress>> addresses,
      Optional<PodsRead> pods) {
    return new OneService(service, slices, topology, addresses, pods).translate();
  }

  private static void noteAutomatic(List<TranslatedService> accepted, List<String> notes) {
    List<String> automatic =
        accepted.stream()
            .filter(TranslatedService::automatic)
            .map(TranslatedService::owner)
            .toList();
    if (!automatic.isEmpty()) {
      notes.add("forwarding auto is nat until the router can probe for more: " + some(automatic));
    }
  }

  /** When a Service was created; {@link Instant#MAX} when it does not say. */
  static Instant created(Sourced<Service> source, Collection<InputError> errors) {
    String text = source.object().getMetadata().getCreationTimestamp();
    if (text == null || text.isEmpty()) {
      return Instant.MAX;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      errors.add(
          source.error("metadata.creationTimestamp", text, "a time such as 2026-11-24T05:00:00Z"));
      return Instant.MAX;
    }
  }

  /** The first few of many, for people. */
  static String some(List<String> owners) {
    int named = Math.min(3, owners.size());
    return String.join(", ", owners.subList(0, named))
        + (named < owners.size() ? " and " + (owners.size() - named) + " more" : "");
  }

  /** The translation of one Service: its errors and notes gather here. */
  private static final class OneService {
    private final Sourced<Service> source;
    private final Collection<Sourced<Slice>> slices;
    private final Topology topology;
    private final Optional<List<IpAddress>> given;
    private final Optional<PodsRead> pods;
    private final ServiceSpec spec;

    private SourceRanges sourceRanges = SourceRanges.EVERYONE;
    private Placement placement = Placement.ANYWHERE;

    /** Sets, as each port of the Service would find again what is wrong with an endpoint. */
    private final Set<InputError> errors = new LinkedHashSet<>();

    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<InputError> unchecked = new LinkedHashSet<>();

    private record ReadSlice(Sourced<Slice> source, Family family, int weight) {}

    OneService(
        Sourced<Service> source,
        Collection<Sourced<Slice>> slices,
        Topology topology,
        Optional<List<IpAddress>> given,
        Optional<PodsRead> pods) {
      this.source = source;
      this.slices = slices;
      this.topology = topology;
      this.given = given;
      this.pods = pods;
      this.spec = source.object().getSpec();
    }

    TranslatedService translate() {
      boolean affinity = "ClientIP".equals(spec.getSessionAffinity());
      int persistence = persistence();
      Settings settings = Settings.of(source, given, affinity, errors, notes);
      sourceRanges = sourceRanges();
      checkUnsupported(settings);
      Instant created = created(source, errors);
      List<ReadSlice> read = readSlices();
      placement =
          Placement.of(
              read.stream().map(one -> one.source.object()).toList(), this::ready, topology);
      List<DesiredService> services = ports(settings, persistence, read);
      return new TranslatedService(
          owner(source.object()),
          created,
          source,
          errors.isEmpty() ? List.copyOf(services) : List.of(),
          List.copyOf(errors),
          List.copyOf(notes),
          settings.automatic(),
          settings.probe() != null,
          List.copyOf(unchecked));
    }

    private int persistence() {
      String affinity = spec.getSessionAffinity();
      if (affinity == null || affinity.equals("None")) {
        return 0;
      }
      if (!affinity.equals("ClientIP")) {
        errors.add(source.error("spec.sessionAffinity", affinity, "None or ClientIP"));
        return 0;
      }
      Integer seconds =
          spec.getSessionAffinityConfig() == null
                  || spec.getSessionAffinityConfig().getClientIP() == null
              ? null
              : spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds();
      if (seconds == null) {
        return DEFAULT_AFFINITY;
      }
      if (seconds < 1 || seconds > MAX_AFFINITY) {
        errors.add(
            source.error(
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                seconds.toString(),
                "1 to " + MAX_AFFINITY + " seconds"));
        return 0;
      }
      return seconds;
    }

    /** One that cannot be read refuses the Service: without it, it would be open to others. */
    private SourceRanges sourceRanges() {
      List<String> written = spec.getLoadBalancerSourceRanges();
      List<Prefix> ranges = new ArrayList<>();
      for (String text : written == null ? List.<String>of() : written) {
        try {
          String stripped = text.strip();
          if (stripped.indexOf('/') < 0) {
            throw new IllegalArgumentException("no prefix length");
          }
          ranges.add(Prefix.parse(stripped));
        } catch (IllegalArgumentException e) {
          errors.add(
              source.error(
                  "spec.loadBalancerSourceRanges",
                  text,
                  "ranges of clients such as 192.0.2.0/24 or 2001:db8::/48, with no bits beyond"
                      + " the prefix"));
        }
      }
      return SourceRanges.of(ranges);
    }

    private void checkUnsupported(Settings settings) {
      if (settings.probe() != null && pods.isEmpty()) {
        errors.add(
            source.error(
                CHECK,
                ProbeOverrides.WORD,
                "a check such as http,path=/healthz: manifests have no Pods whose probe it could be"));
      }
      if (spec.getExternalIPs() != null && !spec.getExternalIPs().isEmpty()) {
        notes.add(source.place() + ": spec.externalIPs are not served, only " + Settings.ADDRESSES);
      }
      if ("Local".equals(spec.getExternalTrafficPolicy()) && settings.sourceNat()) {
        notes.add(
            source.place()
                + ": externalTrafficPolicy Local does not keep the client's address here: that"
                + " takes forwarding direct or tunnel, or "
                + Settings.SNAT
                + ": \"false\"");
      }
    }

    private List<ReadSlice> readSlices() {
      List<ReadSlice> read = new ArrayList<>();
      for (Sourced<Slice> slice : slices) {
        int weight = Settings.weight(slice, errors);
        for (Slice.FieldError wrong : slice.object().unusable()) {
          errors.add(slice.error(wrong.field(), wrong.value(), wrong.expected()));
        }
        String type = slice.object().addressType();
        switch (type) {
          case "IPv4" -> read.add(new ReadSlice(slice, Family.IPV4, weight));
          case "IPv6" -> read.add(new ReadSlice(slice, Family.IPV6, weight));
          default ->
              errors.add(
                  slice.error(
                      "addressType",
                      type,
                      "IPv4 or IPv6: the kernel balances to addresses, not to names"));
        }
      }
      return read;
    }

    private List<DesiredService> ports(Settings settings, int persistence, List<ReadSlice> read) {
      List<ServicePort> ports = spec.getPorts();
      if (ports == null || ports.isEmpty()) {
        errors.add(source.error("spec.ports", "", "at least one port"));
        return List.of();
      }
      List<DesiredService> services = new ArrayList<>();
      Set<String> names = new HashSet<>();
      Set<String> claimed = new HashSet<>();
      boolean udp = false;
      boolean tcp = false;
      for (int i = 0; i < ports.size(); i++) {
        ServicePort port = ports.get(i);
        String field = "spec.ports[" + i + "]";
        String name = text(port.getName());
        if (!names.add(name)) {
          errors.add(source.error(field + ".name", name, "a different name for each port"));
          continue;
        }
        Optional<Protocol> protocol = protocol(port, field);
        if (!isPort(port.getPort())) {
          errors.add(
              source.error(
                  field + ".port",
                  port.getPort() == null ? "" : port.getPort().toString(),
                  "a port from 1 to 65535"));
          continue;
        }
        if (protocol.isEmpty() || !checkTarget(port, field, settings)) {
          continue;
        }
        if (!claimed.add(protocol.get() + " " + port.getPort())) {
          errors.add(
              source.error(
                  field + ".port", port.getPort().toString(), "each port and protocol once"));
          continue;
        }
        udp |= protocol.get() == Protocol.UDP;
        tcp |= protocol.get() == Protocol.TCP;
        addPort(port, protocol.get(), settings, persistence, read, services);
      }
      if (settings.onePacket() && !udp) {
        errors.add(
            source.error(
                "metadata.annotations[" + Settings.SCHEDULER + "]", "ops", "ops only with UDP"));
      }
      RelayRules rules = settings.relay();
      if (tcp && udp) {
        noteDatagrams(Annotation.MAX_CONNECTIONS, rules.connections() > 0);
        noteDatagrams(Annotation.MAX_RATE, rules.rate() > 0);
        noteDatagrams(Annotation.MAX_CLIENT_CONNECTIONS, rules.clientConnections() > 0);
        noteDatagrams(Annotation.MAX_CLIENT_RATE, rules.clientRate() > 0);
      }
      if (!tcp) {
        needsConnections(Annotation.PROXY_PROTOCOL, rules.proxy() != ProxyProtocol.NONE);
        needsConnections(Annotation.MAX_CONNECTIONS, rules.connections() > 0);
        needsConnections(Annotation.MAX_RATE, rules.rate() > 0);
        needsConnections(Annotation.MAX_CLIENT_CONNECTIONS, rules.clientConnections() > 0);
        needsConnections(Annotation.MAX_CLIENT_RATE, rules.clientRate() > 0);
      }
      return services;
    }

    private void noteDatagrams(Annotation annotation, boolean asked) {
      if (asked) {
        notes.add(
            source.place()
                + ": "
                + annotation.key()
                + " limits its ports of TCP, and those of UDP not");
      }
    }

    /** Of datagrams nothing would come of it, and a limit that is none is worse than an error. */
    private void needsConnections(Annotation annotation, boolean asked) {
      if (asked) {
        String key = annotation.key();
        errors.add(
            source.error(
                "metadata.annotations[" + key + "]",
                text(source.object().getMetadata().getAnnotations().get(key)),
                "this annotation only with a port of TCP"));
      }
    }

    private Optional<Protocol> protocol(ServicePort port, String field) {
      String text = port.getProtocol() == null ? "TCP" : port.getProtocol();
      try {
        return Optional.of(Protocol.valueOf(text));
      } catch (IllegalArgumentException e) {
        errors.add(source.error(field + ".protocol", text, "TCP, UDP or SCTP"));
        return Optional.empty();
      }
    }

    private boolean checkTarget(ServicePort port, String field, Settings settings) {
      Integer target = targetNumber(port);
      if (target == null) {
        return true;
      }
      if (!isPort(target)) {
        errors.add(
            source.error(
                field + ".targetPort", target.toString(), "a port from 1 to 65535, or its name"));
        return false;
      }
      if (settings.forwarding() != Forwarding.NAT && !target.equals(port.getPort())) {
        errors.add(
            source.error(
                field + ".targetPort", target.toString(), samePort(port.getPort(), settings)));
        return false;
      }
      return true;
    }

    private static String samePort(int port, Settings settings) {
      return port
          + ", as the service port: "
          + word(settings.forwarding())
          + " does not rewrite packets; another port needs "
          + Settings.FORWARDING
          + ": nat";
    }

    private static String word(Forwarding forwarding) {
      return forwarding.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Integer targetNumber(ServicePort port) {
      IntOrString target = port.getTargetPort();
      return target == null ? null : target.getIntVal();
    }

    private static boolean isPort(@Nullable Integer port) {
      return port != null && port >= 1 && port <= 65535;
    }

    private static String text(@Nullable String text) {
      return text == null ? "" : text;
    }

    private void addPort(
        ServicePort port,
        Protocol protocol,
        Settings settings,
        int persistence,
        List<ReadSlice> read,
        List<DesiredService> services) {
      Map<Family, SortedMap<DestinationKey, Endpoint>> byFamily = new EnumMap<>(Family.class);
      for (ReadSlice slice : read) {
        byFamily.computeIfAbsent(slice.family, _ -> new TreeMap<>());
        addEndpoints(slice, port, protocol, settings, byFamily);
      }
      HealthRules health = health(port, settings);
      boolean awaited = read.stream().anyMatch(OneService::hasMore);
      byFamily.replaceAll((_, endpoints) -> Collections.unmodifiableSortedMap(endpoints));
      for (IpAddress address : settings.addresses()) {
        SortedMap<DestinationKey, Endpoint> endpoints = byFamily.get(address.family());
        if (endpoints == null) {
          endpoints = otherFamily(address, settings, byFamily);
        }
        ServiceKey key = new ServiceKey(protocol, address, port.getPort());
        services.add(
            new DesiredService(
                owner(source.object()),
                new VirtualService(
                    key,
                    settings.scheduler(),
                    persistence,
                    address.family().bits(),
                    settings.onePacket() && protocol == Protocol.UDP),
                settings.forwarding(),
                settings.sourceNat(),
                sourceRanges,
                settings.relay(),
                health,
                endpoints,
                awaited && endpoints.values().stream().noneMatch(OneService::isToServe)));
      }
    }

    /** With the check that the Pods' probe is, where it is to be that, and can be. */
    private HealthRules health(ServicePort port, Settings settings) {
      ProbeOverrides overrides = settings.probe();
      if (overrides == null || pods.isEmpty()) {
        return settings.health();
      }
      return switch (pods.get().check(port, overrides).orElse(null)) {
        case null -> settings.health().awaiting();
        case HealthCheck.Reading.Right right -> settings.health().with(right.check());
        case HealthCheck.Reading.Wrong wrong -> {
          unchecked.add(
              source.error(CHECK, ProbeOverrides.WORD + ": " + wrong.word(), wrong.expected()));
          yield settings.health();
        }
      };
    }

    /** Whether a slice names an endpoint that is not on its way out, ready or not. */
    private static boolean hasMore(ReadSlice slice) {
      return slice.source.object().endpoints().stream().anyMatch(one -> !one.terminating());
    }

    private static boolean isToServe(Endpoint endpoint) {
      return switch (endpoint.condition()) {
        case READY, ELSEWHERE -> true;
        case SERVING_TERMINATING, TERMINATING -> false;
      };
    }

    /** A pod of two families is in a slice of each: the other family only when there is no own. */
    private SortedMap<DestinationKey, Endpoint> otherFamily(
        IpAddress address,
        Settings settings,
        Map<Family, SortedMap<DestinationKey, Endpoint>> byFamily) {
      SortedMap<DestinationKey, Endpoint> none = Collections.emptySortedMap();
      if (byFamily.isEmpty()) {
        return none;
      }
      if (settings.forwarding() == Forwarding.TUNNEL) {
        return byFamily.values().iterator().next();
      }
      notes.add(
          source.place()
              + ": "
              + address
              + " has no destinations, as no slice is of its family; across families takes "
              + Settings.FORWARDING
              + ": tunnel");
      return none;
    }

    private void addEndpoints(
        ReadSlice slice,
        ServicePort port,
        Protocol protocol,
        Settings settings,
        Map<Family, SortedMap<DestinationKey, Endpoint>> byFamily) {
      int target = target(slice, port, protocol, settings);
      SortedMap<DestinationKey, Endpoint> known =
          byFamily.computeIfAbsent(slice.family, _ -> new TreeMap<>());
      List<SliceEndpoint> endpoints = slice.source.object().endpoints();
      for (int i = 0; i < endpoints.size(); i++) {
        SliceEndpoint endpoint = endpoints.get(i);
        if (endpoint.several()) {
          notes.add(
              slice.source.place()
                  + ": endpoints["
                  + i
                  + "].addresses: only the first is used, as by kube-proxy");
        }
        Optional<Condition> condition = condition(endpoint);
        if (target == 0 || condition.isEmpty() || placement.dead(endpoint)) {
          continue;
        }
        DestinationKey key = new DestinationKey(endpoint.address(), target);
        Destination destination =
            new Destination(
                key,
                settings.forwarding(),
                settings.encapsulation(),
                fullWeight(slice, settings),
                settings.upperThreshold(),
                settings.lowerThreshold());
        known.merge(key, new Endpoint(destination, condition.get()), OneService::better);
      }
    }

    /** Finer where it is to grow in steps. */
    private int fullWeight(ReadSlice slice, Settings settings) {
      if (settings.health().slowStart().isZero()) {
        return slice.weight;
      }
      int most = Settings.MAX_WEIGHT / HealthRules.FINER;
      if (slice.weight > most) {
        errors.add(
            slice.source.error(
                "metadata.annotations[" + Settings.WEIGHT + "]",
                Integer.toString(slice.weight),
                "at most " + most + " with " + Annotation.SLOW_START.key() + ", or none of that"));
        return slice.weight;
      }
      return slice.weight * HealthRules.FINER;
    }

    /** Of one backend in two slices: the readier, then the heavier. */
    private static Endpoint better(Endpoint a, Endpoint b) {
      int byCondition = a.condition().compareTo(b.condition());
      if (byCondition != 0) {
        return byCondition < 0 ? a : b;
      }
      return a.destination().weight() >= b.destination().weight() ? a : b;
    }

    /** The backends' port by the slice; 0 when the slice has none of this name. */
    private int target(ReadSlice slice, ServicePort port, Protocol protocol, Settings settings) {
      List<SlicePort> ports = slice.source.object().ports();
      for (int i = 0; i < ports.size(); i++) {
        SlicePort candidate = ports.get(i);
        if (!candidate.name().equals(text(port.getName()))
            || !candidate.protocol().equals(protocol.name())) {
          continue;
        }
        String field = "ports[" + i + "].port";
        if (candidate.number().isEmpty()) {
          return allPorts(slice, port, field);
        }
        int number = candidate.number().getAsInt();
        if (!isPort(number)) {
          errors.add(slice.source.error(field, Integer.toString(number), "a port from 1 to 65535"));
          return 0;
        }
        if (settings.forwarding() != Forwarding.NAT && number != port.getPort()) {
          errors.add(
              slice.source.error(
                  field,
                  Integer.toString(number),
                  listensElsewhere(slice.source.object(), port.getPort(), number)
                      .orElseGet(() -> samePort(port.getPort(), settings))));
          return 0;
        }
        return number;
      }
      if (slice.source.object().endpoints().isEmpty()) {
        return 0; // its controller names the ports with the first endpoint
      }
      notes.add(
          slice.source.place()
              + ": no port "
              + (text(port.getName()).isEmpty() ? "without a name" : port.getName())
              + " of protocol "
              + protocol
              + ", so no destinations for port "
              + port.getPort()
              + " of its Service");
      return 0;
    }

    /** Names the Pod, where there is one. */
    private static Optional<String> listensElsewhere(Slice slice, int port, int number) {
      return slice.endpoints().stream()
          .map(SliceEndpoint::target)
          .filter(target -> !target.isEmpty())
          .findFirst()
          .map(
              pod ->
                  port
                      + ", the port of the Service: pod "
                      + pod
                      + " listens on "
                      + number
                      + ", and direct server return cannot change ports; use "
                      + Settings.FORWARDING
                      + ": nat");
    }

    private int allPorts(ReadSlice slice, ServicePort port, String field) {
      Integer target = targetNumber(port);
      if (target != null) {
        return target;
      }
      IntOrString named = port.getTargetPort();
      if (named == null || named.getStrVal() == null) {
        return port.getPort();
      }
      errors.add(
          slice.source.error(
              field, "", "the number of the port that the Service calls " + named.getStrVal()));
      return 0;
    }

    private boolean ready(SliceEndpoint endpoint) {
      return endpoint.ready() || Boolean.TRUE.equals(spec.getPublishNotReadyAddresses());
    }

    /** Empty for an endpoint that is neither ready nor on its way out. */
    private Optional<Condition> condition(SliceEndpoint endpoint) {
      if (ready(endpoint)) {
        return Optional.of(placement.near(endpoint) ? Condition.READY : Condition.ELSEWHERE);
      }
      if (!endpoint.terminating()) {
        return Optional.empty();
      }
      return Optional.of(
          endpoint.serving() ? Condition.SERVING_TERMINATING : Condition.TERMINATING);
    }
  }
}
