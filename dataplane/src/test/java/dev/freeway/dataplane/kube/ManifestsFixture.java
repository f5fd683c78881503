package dev.freeway.dataplane.kube;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Manifests as text, for tests. */
final class ManifestsFixture {
  static final String WEB =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: web
        namespace: shop
        annotations:
          freeway.dev/addresses: "10.0.0.1"
      spec:
        type: LoadBalancer
        loadBalancerClass: freeway.dev/ipvs
        ports:
          - port: 80
      """;
  static final String WEB_SLICE =
      """
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: web-1
        namespace: shop
        labels:
          kubernetes.io/service-name: web
      addressType: IPv4
      ports:
        - port: 80
      endpoints:
        - addresses: ["10.1.0.11"]
        - addresses: ["10.1.0.12"]
      """;

  private ManifestsFixture() {}

  /** The documents as one YAML file, {@code m.yaml}. */
  static Manifests read(String... documents) {
    return ManifestReader.parse(
        Map.of("m.yaml", String.join("---\n", documents).getBytes(StandardCharsets.UTF_8)));
  }

  /** File names and contents, in turn. */
  static Manifests readFiles(String... namesAndContents) {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      contents.put(namesAndContents[i], namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return ManifestReader.parse(contents);
  }

  static Translation translate(String... documents) {
    return ServiceTranslator.translate(read(documents), Map.of());
  }

  /** {@link #WEB} with another line in its annotations. */
  static String webWith(String key, String value) {
    return WEB.replace("  annotations:\n", "  annotations:\n    " + key + ": \"" + value + "\"\n");
  }

  /** {@link #WEB} with another line in its spec. */
  static String webSpec(String line) {
    return WEB.replace("spec:\n", "spec:\n  " + line.replace("\n", "\n  ") + "\n");
  }
}
