package dev.freeway.dataplane;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A Service of namespace shop on 127.0.0.1 with its slice, for {@code run --dataplane relay}.
 *
 * @param backendPort of all its endpoints, or a word that stands for it
 * @param annotation beside its address and {@code rr}; empty for none
 * @param ranges that clients may come from; empty for all
 * @param endpoints in YAML, of 127.0.0.0/8
 */
record RelayManifest(
    String name, int port, String backendPort, String annotation, String ranges, String endpoints) {
  /** The Service web with endpoints that are ready, by their last number. */
  static RelayManifest web(int port, int backendPort, int... last) {
    return new RelayManifest("web", port, "" + backendPort, "", "", ready(last));
  }

  /** Endpoints that are ready, by their last number. */
  static String ready(int... last) {
    return Arrays.stream(last)
        .mapToObj(one -> "{addresses: [127.0.0." + one + "]}")
        .collect(Collectors.joining(", "));
  }

  RelayManifest annotated(String another) {
    return new RelayManifest(name, port, backendPort, another, ranges, endpoints);
  }

  RelayManifest from(String others) {
    return new RelayManifest(name, port, backendPort, annotation, others, endpoints);
  }

  RelayManifest to(String others) {
    return new RelayManifest(name, port, backendPort, annotation, ranges, others);
  }

  /** As a document of a file that may hold others before it. */
  String yaml() {
    return """
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: "%1$s"
          namespace: shop
          annotations:
            freeway.dev/addresses: 127.0.0.1
            freeway.dev/scheduler: rr
            %4$s
        spec:
          type: LoadBalancer
          loadBalancerClass: freeway.dev/ipvs
          loadBalancerSourceRanges: [%5$s]
          ports: [{port: %2$d, targetPort: %3$s}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: "%1$s-1"
          namespace: shop
          labels: {kubernetes.io/service-name: "%1$s"}
        addressType: IPv4
        ports: [{port: %3$s}]
        endpoints: [%6$s]
        """
        .formatted(name, port, backendPort, annotation, ranges, endpoints);
  }
}
