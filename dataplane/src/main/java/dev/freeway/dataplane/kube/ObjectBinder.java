package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Nearest;
import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Trees to Fabric8's model objects, the fields that translation uses. Jackson's data binding would
 * do it from the classes' annotations, but introspects some sixty classes before the first object
 * (most of a cold start) and reports a wrong type without its place. Types are as strict as the API
 * server's; a field it does not know is an error when it looks mistyped, otherwise left aside.
 */
final class ObjectBinder {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

  private static final Set<String> SERVICE =
      Set.of("apiVersion", "kind", "metadata", "spec", "status");
  private static final Set<String> SLICE =
      Set.of("apiVersion", "kind", "metadata", "addressType", "endpoints", "ports");
  private static final Set<String> SPEC =
      Set.of(
          "allocateLoadBalancerNodePorts",
          "clusterIP",
          "clusterIPs",
          "externalIPs",
          "externalName",
          "externalTrafficPolicy",
          "healthCheckNodePort",
          "internalTrafficPolicy",
          "ipFamilies",
          "ipFamilyPolicy",
          "loadBalancerClass",
          "loadBalancerIP",
          "loadBalancerSourceRanges",
          "ports",
          "publishNotReadyAddresses",
          "selector",
          "sessionAffinity",
          "sessionAffinityConfig",
          "trafficDistribution",
          "type");
  private static final Set<String> PORT =
      Set.of("appProtocol", "name", "nodePort", "port", "protocol", "targetPort");
  private static final Set<String> ENDPOINT =
      Set.of(
          "addresses",
          "conditions",
          "deprecatedTopology",
          "hints",
          "hostname",
          "nodeName",
          "targetRef",
          "zone");
  private static final Set<String> CONDITIONS = Set.of("ready", "serving", "terminating");
  private static final Set<String> SLICE_PORT = Set.of("appProtocol", "name", "port", "protocol");

  private static final byte READY_AND_SERVING = SliceEndpoint.READY | SliceEndpoint.SERVING;

  private final String file;
  private final String document;
  private final Collection<InputError> errors;

  /** Names and list positions that lead to the value being read. */
  private final List<Object> path = new ArrayList<>();

  private final boolean written; // by people, who mistype
  private SliceEndpoint.Hints lastHints = SliceEndpoint.Hints.NONE;
  private boolean failed;

  ObjectBinder(String file, String document, Collection<InputError> errors) {
    this(file, document, errors, true);
  }

  private ObjectBinder(
      String file, String document, Collection<InputError> errors, boolean written) {
    this.file = file;
    this.document = document;
    this.errors = errors;
    this.written = written;
  }

  /** For what the API server hands out: a field that is not known is one of a newer version. */
  static ObjectBinder lenient(String file, String document, Collection<InputError> errors) {
    return new ObjectBinder(file, document, errors, false);
  }

  /** The Service, or null after its errors were reported. */
  @Nullable Service service(Tree.Mapping map) {
    known(map, SERVICE);
    Service service = new Service();
    service.setMetadata(metadata(map));
    service.setSpec(object(map, "spec", this::spec));
    service.setStatus(object(map, "status", this::status));
    return failed ? null : service;
  }

  /** The EndpointSlice, or null after its errors were reported. */
  @Nullable Slice slice(Tree.Mapping map) {
    known(map, SLICE);
    ObjectMeta meta = metadata(map);
    String type = orEmpty(text(map, "addressType"));
    List<Slice.FieldError> unusable = new ArrayList<>();
    List<SliceEndpoint> endpoints = new ArrayList<>();
    for (Optional<SliceEndpoint> endpoint :
        list(map, "endpoints", m -> endpoint(m, type, unusable))) {
      endpoint.ifPresent(endpoints::add);
    }
    List<SlicePort> ports = list(map, "ports", this::slicePort);
    if (failed) {
      return null;
    }
    Map<String, String> annotations = new LinkedHashMap<>(meta.getAnnotations());
    annotations.keySet().removeIf(key -> !key.startsWith(Settings.PREFIX));
    return new Slice(
        ServiceTranslator.namespace(meta),
        meta.getName(),
        meta.getLabels().getOrDefault(ServiceTranslator.SERVICE_NAME, ""),
        type,
        annotations,
        ports,
        endpoints,
        unusable);
  }

  /** The Node, or null after its errors were reported. */
  @Nullable ClusterNode node(Tree.Mapping map) {
    ObjectMeta meta = metadata(map);
    Boolean lost = object(map, "status", this::lost);
    Boolean cordoned =
        object(map, "spec", spec -> Boolean.TRUE.equals(truth(spec, "unschedulable")));
    return failed
        ? null
        : new ClusterNode(
            meta.getName().intern(),
            Objects.requireNonNullElse(meta.getUid(), ""),
            meta.getLabels().getOrDefault(ClusterNode.ZONE, "").intern(),
            Boolean.TRUE.equals(lost),
            Boolean.TRUE.equals(cordoned));
  }

  private Boolean lost(Tree.Mapping status) {
    List<Boolean> unknown =
        list(
            status,
            "conditions",
            condition ->
                "Ready".equals(text(condition, "type"))
                    && "Unknown".equals(text(condition, "status")));
    return unknown.contains(true);
  }

  private ObjectMeta metadata(Tree.Mapping map) {
    ObjectMeta meta = object(map, "metadata", this::meta);
    if (meta == null) {
      meta = new ObjectMeta();
    }
    if (meta.getName() == null || meta.getName().isEmpty()) {
      error("metadata.name", "", "a name", map.line());
    } else {
      checkName("metadata.name", meta.getName(), map.line());
    }
    if (meta.getNamespace() != null && !meta.getNamespace().isEmpty()) {
      checkName("metadata.namespace", meta.getNamespace(), map.line());
    }
    return meta;
  }

  /** As the API server takes them; they stand in our record and in labels of metrics. */
  private void checkName(String field, String name, int line) {
    if (!NAME.matcher(name).matches()) {
      error(field, name, "lower-case letters, digits, '-' and '.', at most 253 of them", line);
    }
  }

  private ObjectMeta meta(Tree.Mapping map) {
    ObjectMeta meta = new ObjectMeta();
    meta.setName(text(map, "name"));
    meta.setNamespace(text(map, "namespace"));
    meta.setCreationTimestamp(text(map, "creationTimestamp"));
    meta.setUid(text(map, "uid"));
    meta.setResourceVersion(text(map, "resourceVersion"));
    meta.setDeletionTimestamp(text(map, "deletionTimestamp"));
    meta.setLabels(texts(map, "labels"));
    meta.setAnnotations(texts(map, "annotations"));
    return meta;
  }

  private ServiceSpec spec(Tree.Mapping map) {
    known(map, SPEC);
    ServiceSpec spec = new ServiceSpec();
    spec.setType(text(map, "type"));
    spec.setLoadBalancerClass(text(map, "loadBalancerClass"));
    spec.setLoadBalancerIP(text(map, "loadBalancerIP"));
    spec.setLoadBalancerSourceRanges(textList(map, "loadBalancerSourceRanges"));
    spec.setExternalIPs(textList(map, "externalIPs"));
    spec.setExternalTrafficPolicy(text(map, "externalTrafficPolicy"));
    spec.setPublishNotReadyAddresses(truth(map, "publishNotReadyAddresses"));
    spec.setSessionAffinity(text(map, "sessionAffinity"));
    spec.setSessionAffinityConfig(object(map, "sessionAffinityConfig", this::affinity));
    spec.setIpFamilies(textList(map, "ipFamilies"));
    spec.setIpFamilyPolicy(text(map, "ipFamilyPolicy"));
    spec.setTrafficDistribution(text(map, "trafficDistribution"));
    spec.setSelector(texts(map, "selector"));
    spec.setPorts(list(map, "ports", this::servicePort));
    return spec;
  }

  private ServiceStatus status(Tree.Mapping map) {
    ServiceStatus status = new ServiceStatus();
    status.setLoadBalancer(
        object(
            map,
            "loadBalancer",
            balancer -> {
              LoadBalancerStatus read = new LoadBalancerStatus();
              read.setIngress(list(balancer, "ingress", this::ingress));
              return read;
            }));
    return status;
  }

  private LoadBalancerIngress ingress(Tree.Mapping map) {
    LoadBalancerIngress ingress = new LoadBalancerIngress();
    ingress.setIp(text(map, "ip"));
    ingress.setIpMode(text(map, "ipMode"));
    ingress.setHostname(text(map, "hostname"));
    return ingress;
  }

  private SessionAffinityConfig affinity(Tree.Mapping map) {
    known(map, Set.of("clientIP"));
    SessionAffinityConfig config = new SessionAffinityConfig();
    config.setClientIP(
        object(
            map,
            "clientIP",
            inner -> {
              known(inner, Set.of("timeoutSeconds"));
              return new ClientIPConfig(integer(inner, "timeoutSeconds"));
            }));
    return config;
  }

  private ServicePort servicePort(Tree.Mapping map) {
    known(map, PORT);
    ServicePort port = new ServicePort();
    port.setName(text(map, "name"));
    port.setPort(integer(map, "port"));
    port.setProtocol(text(map, "protocol"));
    Tree target = present(map, "targetPort");
    if (target instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.STRING) {
      port.setTargetPort(new IntOrString(scalar.text()));
    } else {
      Integer number = integer(map, "targetPort");
      if (number != null) {
        port.setTargetPort(new IntOrString(number));
      }
    }
    return port;
  }

  private SlicePort slicePort(Tree.Mapping map) {
    known(map, SLICE_PORT);
    Integer port = integer(map, "port");
    String protocol = text(map, "protocol");
    return new SlicePort(
        orEmpty(text(map, "name")),
        protocol == null ? "TCP" : protocol,
        port == null ? OptionalInt.empty() : OptionalInt.of(port));
  }

  /** Empty when its address cannot be used. */
  private Optional<SliceEndpoint> endpoint(
      Tree.Mapping map, String addressType, List<Slice.FieldError> unusable) {
    known(map, ENDPOINT);
    List<String> addresses = textList(map, "addresses");
    PodKey pod = object(map, "targetRef", this::pod);
    Byte state = object(map, "conditions", this::conditions);
    SliceEndpoint.Hints hints = object(map, "hints", this::hints);
    String node = shared(text(map, "nodeName"));
    String zone = shared(text(map, "zone"));
    if (addresses.isEmpty()) {
      unusable.add(new Slice.FieldError(pathTo("addresses"), "", "an address"));
      return Optional.empty();
    }
    return address(addresses.getFirst(), addressType, unusable)
        .map(
            address ->
                new SliceEndpoint(
                    address,
                    addresses.size() > 1,
                    state == null ? READY_AND_SERVING : state,
                    node,
                    zone,
                    hints == null ? SliceEndpoint.Hints.NONE : hints,
                    pod == null ? "" : pod.name(),
                    pod == null ? 0 : pod.incarnation()));
  }

  /** Nothing where it is no Pod. */
  private PodKey pod(Tree.Mapping reference) {
    String kind = text(reference, "kind");
    String uid = text(reference, "uid");
    return kind == null || kind.equals("Pod")
        ? new PodKey(orEmpty(text(reference, "name")), uid == null ? 0 : PodKey.incarnation(uid))
        : new PodKey("", 0);
  }

  private Optional<IpAddress> address(
      String text, String addressType, List<Slice.FieldError> unusable) {
    try {
      IpAddress address = IpAddress.parse(text);
      if (address.isUnicast()
          && !address.isLinkLocal6()
          && addressType.equals(address.family() == Family.IPV4 ? "IPv4" : "IPv6")) {
        return Optional.of(address);
      }
    } catch (IllegalArgumentException e) {
      // the same message
    }
    if (addressType.equals("IPv4") || addressType.equals("IPv6")) { // else that is what is wrong
      unusable.add(
          new Slice.FieldError(
              pathTo("addresses") + "[0]", text, "an " + addressType + " address of one host"));
    }
    return Optional.empty();
  }

  /** What is not said means ready, as by kube-proxy, and serving goes along with ready. */
  private Byte conditions(Tree.Mapping map) {
    known(map, CONDITIONS);
    Boolean ready = truth(map, "ready");
    Boolean serving = truth(map, "serving");
    Boolean terminating = truth(map, "terminating");
    boolean isReady = ready == null || ready;
    int state =
        (isReady ? SliceEndpoint.READY : 0)
            | ((serving == null ? isReady : serving) ? SliceEndpoint.SERVING : 0)
            | (Boolean.TRUE.equals(terminating) ? SliceEndpoint.TERMINATING : 0);
    return (byte) state;
  }

  private SliceEndpoint.Hints hints(Tree.Mapping map) {
    List<String> zones = list(map, "forZones", zone -> shared(text(zone, "name")));
    List<String> nodes = list(map, "forNodes", node -> shared(text(node, "name")));
    SliceEndpoint.Hints read = new SliceEndpoint.Hints(zones, nodes);
    if (!read.equals(lastHints)) { // the next endpoint's are most likely the same
      lastHints = read;
    }
    return lastHints;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** One instance of each text: nodes and zones are few, and endpoints many. */
  private static String shared(@Nullable String text) {
    return text == null ? "" : text.intern();
  }

  // What follows reads one field of a map: absent and null are the same, as for the API server.

  private static @Nullable Tree present(Tree.Mapping map, String name) {
    Tree value = map.fields().get(name);
    return value instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.NULL ? null : value;
  }

  private @Nullable String text(Tree.Mapping map, String name) {
    return switch (present(map, name)) {
      case null -> null;
      case Tree.Scalar scalar when scalar.kind() == Tree.Kind.STRING -> scalar.text();
      case Tree value -> {
        wrong(
            name,
            value,
            value instanceof Tree.Scalar ? "text, so in quotes: \"" + value.show() + "\"" : "text");
        yield null;
      }
    };
  }

  private @Nullable Integer integer(Tree.Mapping map, String name) {
    Tree value = present(map, name);
    if (value == null) {
      return null;
    }
    if (value instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.NUMBER) {
      try {
        return Integer.valueOf(scalar.text());
      } catch (NumberFormatException e) {
        // a fraction, an exponent or too long: the same message
      }
    }
    wrong(name, value, "a whole number");
    return null;
  }

  private @Nullable Boolean truth(Tree.Mapping map, String name) {
    Tree value = present(map, name);
    if (value == null) {
      return null;
    }
    if (value instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.BOOLEAN) {
      return scalar.text().charAt(0) == 't' || scalar.text().charAt(0) == 'T';
    }
    wrong(name, value, "true or false");
    return null;
  }

  private Map<String, String> texts(Tree.Mapping map, String name) {
    Map<String, String> values =
        object(
            map,
            name,
            inner -> {
              Map<String, String> read = LinkedHashMap.newLinkedHashMap(inner.fields().size());
              for (String key : inner.fields().keySet()) {
                String value = text(inner, key);
                if (value != null) {
                  read.put(key, value);
                }
              }
              return read;
            });
    return values == null ? Map.of() : values;
  }

  private List<String> textList(Tree.Mapping map, String name) {
    return elements(
        map,
        name,
        (item, position) -> {
          if (item instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.STRING) {
            return scalar.text();
          }
          wrong(position, item, "text");
          return null;
        });
  }

  private <T> List<T> list(Tree.Mapping map, String name, Reader<T> reader) {
    return elements(
        map,
        name,
        (item, position) -> {
          if (item instanceof Tree.Mapping inner) {
            path.add(position);
            T read = reader.read(inner);
            path.removeLast();
            return read;
          }
          wrong(position, item, "an object");
          return null;
        });
  }

  private <T> List<T> elements(
      Tree.Mapping map, String name, BiFunction<Tree, Integer, @Nullable T> element) {
    Tree value = present(map, name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof Tree.Sequence sequence)) {
      wrong(name, value, "a list");
      return List.of();
    }
    path.add(name);
    List<T> read = new ArrayList<>(sequence.items().size());
    for (int i = 0; i < sequence.items().size(); i++) {
      T item = element.apply(sequence.items().get(i), i);
      if (item != null) {
        read.add(item);
      }
    }
    path.removeLast();
    return read;
  }

  private <T> @Nullable T object(Tree.Mapping map, String name, Reader<T> reader) {
    Tree value = present(map, name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof Tree.Mapping inner)) {
      wrong(name, value, "an object");
      return null;
    }
    path.add(name);
    T read = reader.read(inner);
    path.removeLast();
    return read;
  }

  /** Reads an object whose path is on the stack. */
  private interface Reader<T> {
    T read(Tree.Mapping map);
  }

  private void known(Tree.Mapping map, Set<String> names) {
    if (!written) {
      return;
    }
    for (Map.Entry<String, Tree> field : map.fields().entrySet()) {
      if (!names.contains(field.getKey())) {
        Nearest.to(field.getKey(), names)
            .ifPresent(
                meant ->
                    error(
                        pathTo(field.getKey()),
                        field.getValue().show(),
                        "a known field: did you mean " + meant + "?",
                        field.getValue().line()));
      }
    }
  }

  private void wrong(Object nameOrPosition, Tree value, String expected) {
    error(pathTo(nameOrPosition), value.show(), expected, value.line());
  }

  private void error(String field, String value, String expected, int line) {
    failed = true;
    errors.add(new InputError(file, document + ", line " + line, field, value, expected));
  }

  private String pathTo(Object last) {
    StringBuilder text = new StringBuilder();
    for (Object step : path) {
      append(text, step);
    }
    append(text, last);
    return text.toString();
  }

  private static void append(StringBuilder text, Object step) {
    if (step instanceof String name && name.indexOf('/') < 0 && name.indexOf('.') < 0) {
      text.append(text.isEmpty() ? "" : ".").append(name);
    } else {
      text.append('[').append(step).append(']');
    }
  }
}
