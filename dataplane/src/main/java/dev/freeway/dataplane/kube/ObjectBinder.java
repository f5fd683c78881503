package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Nearest;
import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final String file;
  private final String document;
  private final Collection<InputError> errors;

  /** Names and list positions that lead to the value being read. */
  private final List<Object> path = new ArrayList<>();

  private boolean failed;

  ObjectBinder(String file, String document, Collection<InputError> errors) {
    this.file = file;
    this.document = document;
    this.errors = errors;
  }

  /** The Service, or null after its errors were reported. */
  @Nullable Service service(Tree.Mapping map) {
    known(map, SERVICE);
    Service service = new Service();
    service.setMetadata(metadata(map));
    service.setSpec(object(map, "spec", this::spec));
    return failed ? null : service;
  }

  /** The EndpointSlice, or null after its errors were reported. */
  @Nullable EndpointSlice slice(Tree.Mapping map) {
    known(map, SLICE);
    EndpointSlice slice = new EndpointSlice();
    slice.setMetadata(metadata(map));
    slice.setAddressType(text(map, "addressType"));
    slice.setPorts(list(map, "ports", this::slicePort));
    slice.setEndpoints(list(map, "endpoints", this::endpoint));
    return failed ? null : slice;
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
    spec.setPorts(list(map, "ports", this::servicePort));
    return spec;
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

  private EndpointPort slicePort(Tree.Mapping map) {
    known(map, SLICE_PORT);
    EndpointPort port = new EndpointPort();
    port.setName(text(map, "name"));
    port.setPort(integer(map, "port"));
    port.setProtocol(text(map, "protocol"));
    return port;
  }

  private Endpoint endpoint(Tree.Mapping map) {
    known(map, ENDPOINT);
    Endpoint endpoint = new Endpoint();
    endpoint.setAddresses(textList(map, "addresses"));
    endpoint.setConditions(object(map, "conditions", this::conditions));
    return endpoint;
  }

  private EndpointConditions conditions(Tree.Mapping map) {
    known(map, CONDITIONS);
    return new EndpointConditions(
        truth(map, "ready"), truth(map, "serving"), truth(map, "terminating"));
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
