package dev.freeway.dataplane.lab;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** One Service with its EndpointSlices, as YAML. Every port is served over TCP and UDP. */
final class Manifest {
  /** What an EndpointSlice says of an endpoint. */
  enum Condition {
    READY("{ready: true, serving: true, terminating: false}"),
    SERVING_TERMINATING("{ready: false, serving: true, terminating: true}"),
    TERMINATING("{ready: false, serving: false, terminating: true}");

    private final String yaml;

    Condition(String yaml) {
      this.yaml = yaml;
    }
  }

  private final String name;
  private final Map<String, String> annotations = new LinkedHashMap<>();
  private final List<String> endpoints = new ArrayList<>();
  private Family family = Family.IPV4;
  private final SortedMap<Integer, Integer> ports = new TreeMap<>();
  private String affinity = "";
  private String ranges = "";
  private int weight = 1;

  Manifest(String name, IpAddress address) {
    this.name = name;
    annotations.put("addresses", address.toString());
  }

  /** Sets {@code freeway.dev/KEY}. */
  Manifest with(String key, String value) {
    annotations.put(key, value);
    return this;
  }

  /** One port more; without any it is {@link Segment#PORT}. */
  Manifest ports(int servicePort, int backendPort) {
    ports.put(servicePort, backendPort);
    return this;
  }

  /** The weight of every endpoint. */
  Manifest weight(int ofEach) {
    weight = ofEach;
    return this;
  }

  /** Client affinity for that long. */
  Manifest affinity(int seconds) {
    affinity =
        "  sessionAffinity: ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: %d}}\n"
            .formatted(seconds);
    return this;
  }

  /** The clients that may come, as CIDRs. */
  Manifest sourceRanges(String... cidrs) {
    ranges = "  loadBalancerSourceRanges: [\"%s\"]\n".formatted(String.join("\", \"", cidrs));
    return this;
  }

  Manifest endpoint(IpAddress address, Condition condition) {
    family = address.family();
    endpoints.add("- {addresses: [\"%s\"], conditions: %s}%n".formatted(address, condition.yaml));
    return this;
  }

  Manifest endpoint(IpAddress address) {
    return endpoint(address, Condition.READY);
  }

  String yaml() {
    StringJoiner written = new StringJoiner(", ", "{", "}");
    annotations.forEach(
        (key, value) -> written.add("freeway.dev/%s: \"%s\"".formatted(key, value)));
    StringBuilder ofService = new StringBuilder();
    StringBuilder ofSlice = new StringBuilder();
    (ports.isEmpty() ? Map.of(Segment.PORT, Segment.PORT) : ports)
        .forEach(
            (port, target) -> {
              for (String protocol : List.of("TCP", "UDP")) {
                String named =
                    "{name: %s-%d, protocol: %s, port: "
                        .formatted(protocol.toLowerCase(Locale.ROOT), port, protocol);
                ofService.append("  - %s%d, targetPort: %d}%n".formatted(named, port, target));
                ofSlice.append("- %s%d}%n".formatted(named, target));
              }
            });
    return """
        apiVersion: v1
        kind: Service
        metadata: {name: %1$s, annotations: %2$s}
        spec:
          type: LoadBalancer
          loadBalancerClass: freeway.dev/ipvs
        %3$s  ports:
        %4$s---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: %1$s-1
          labels: {kubernetes.io/service-name: %1$s}
          annotations: {freeway.dev/weight: "%8$d"}
        addressType: %6$s
        ports:
        %5$sendpoints: %7$s
        ---
        """
        .formatted(
            name,
            written,
            affinity + ranges,
            ofService,
            ofSlice,
            family == Family.IPV4 ? "IPv4" : "IPv6",
            endpoints.isEmpty() ? "[]" : "\n" + String.join("", endpoints),
            weight);
  }
}
