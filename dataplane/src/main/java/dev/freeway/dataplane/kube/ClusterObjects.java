package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.kube.api.Listed;
import dev.freeway.dataplane.kube.api.Resource;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * What is watched. Pods are not among what the router does: all that it needs of them, their state,
 * node, zone and name, is in the slices; a readiness probe is not, see {@link ProbeReader}.
 */
final class ClusterObjects {
  /** What stands for the file where an object came from the API server. */
  static final String SOURCE = "cluster";

  /** Of type LoadBalancer only; the server cannot select by class. */
  static final Resource<Sourced<Service>> SERVICES =
      new Resource<>(
          "services",
          "/api/v1/services",
          "fieldSelector=spec.type%3DLoadBalancer",
          parser ->
              read(
                  parser,
                  "Service",
                  (binder, tree, place) -> {
                    Service service = binder.service(tree);
                    return service == null ? null : new Sourced<>(service, SOURCE, place);
                  }));

  static final Resource<Sourced<Slice>> SLICES =
      new Resource<>(
          "endpointslices",
          "/apis/discovery.k8s.io/v1/endpointslices",
          "",
          parser ->
              read(
                  parser,
                  "EndpointSlice",
                  (binder, tree, place) -> {
                    Slice slice = binder.slice(tree);
                    return slice == null ? null : new Sourced<>(slice, SOURCE, place);
                  }));

  /** For the zone that we are in, and to know the dead ones. */
  static final Resource<ClusterNode> NODES =
      new Resource<>(
          "nodes",
          "/api/v1/nodes",
          "",
          parser -> read(parser, "Node", (binder, tree, place) -> binder.node(tree)));

  /** The label that the Leases of routers carry. */
  static final String LABEL = "app.kubernetes.io/name";

  /** Where the Leases of a namespace are. */
  static String leases(String namespace) {
    return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
  }

  /** The Leases of a namespace's routers. */
  static Resource<RouterLease> routers(String namespace) {
    return new Resource<>(
        "leases",
        leases(namespace),
        "labelSelector=app.kubernetes.io%2Fname%3D" + ServiceWriter.COMPONENT,
        parser ->
            read(
                parser,
                "Lease",
                (_, tree, _) ->
                    RouterLease.of(
                        tree.mapping("spec").word("holderIdentity"),
                        tree.mapping("metadata")
                            .mapping("annotations")
                            .word(RouterLease.SEGMENTS))));
  }

  /** The Pods of a node; only its agent asks for them. */
  static Resource<LocalPod> pods(String node) {
    return new Resource<>(
        "pods",
        "/api/v1/pods",
        "fieldSelector=spec.nodeName%3D" + URLEncoder.encode(node, StandardCharsets.UTF_8),
        parser -> read(parser, "Pod", (binder, tree, place) -> LocalPod.of(tree)));
  }

  private ClusterObjects() {}

  private interface Binding<T> {
    @Nullable T bind(ObjectBinder binder, Tree.Mapping tree, String place);
  }

  private static <T> Listed<T> read(JsonParser parser, String kind, Binding<T> binding)
      throws IOException {
    if (!(JsonDocuments.value(parser) instanceof Tree.Mapping tree)) {
      throw new IOException("a " + kind + " is an object");
    }
    Tree.Mapping meta = tree.mapping("metadata");
    String namespace = meta.word("namespace");
    String name = meta.word("name");
    String key = namespace.isEmpty() ? name : namespace + "/" + name;
    List<InputError> errors = new ArrayList<>();
    String place = kind + " " + key;
    T bound = binding.bind(ObjectBinder.lenient(SOURCE, place, errors), tree, place);
    if (bound == null) {
      throw new IOException(errors.isEmpty() ? place : errors.getFirst().toString());
    }
    return new Listed<>(key, meta.word("resourceVersion"), bound);
  }
}
