package dev.freeway.dataplane.kube;

import java.util.Map;

/**
 * A Pod of this node, what preparing it needs.
 *
 * @param name {@code namespace/name}
 * @param over whether its containers have ended, or it is being deleted
 * @param gated whether its readiness waits for our condition
 * @param condition the status of our condition: True, False, or empty when it has none
 * @param message of our condition
 */
record LocalPod(
    String name,
    String uid,
    Map<String, String> labels,
    boolean hostNetwork,
    boolean over,
    boolean gated,
    String condition,
    String message) {
  /** The readiness gate, a condition of the Pod. */
  static final String GATE = "freeway.dev/backend-prepared";

  LocalPod {
    labels = Map.copyOf(labels);
  }

  static LocalPod of(Tree.Mapping pod) {
    Tree.Mapping meta = mapping(pod, "metadata");
    Tree.Mapping spec = mapping(pod, "spec");
    Tree.Mapping status = mapping(pod, "status");
    String phase = word(status, "phase");
    String condition = "";
    String message = "";
    for (Tree.Mapping one : mappings(status, "conditions")) {
      if (word(one, "type").equals(GATE)) {
        condition = word(one, "status");
        message = word(one, "message");
      }
    }
    return new LocalPod(
        word(meta, "namespace") + "/" + word(meta, "name"),
        word(meta, "uid"),
        words(mapping(meta, "labels")),
        word(spec, "hostNetwork").equals("true"),
        phase.equals("Succeeded")
            || phase.equals("Failed")
            || meta.fields().containsKey("deletionTimestamp"),
        mappings(spec, "readinessGates").stream()
            .anyMatch(gate -> word(gate, "conditionType").equals(GATE)),
        condition,
        message);
  }

  private static Tree.Mapping mapping(Tree.Mapping in, String field) {
    return in.fields().get(field) instanceof Tree.Mapping found
        ? found
        : new Tree.Mapping(Map.of(), 1);
  }

  private static java.util.List<Tree.Mapping> mappings(Tree.Mapping in, String field) {
    return in.fields().get(field) instanceof Tree.Sequence found
        ? found.items().stream()
            .filter(Tree.Mapping.class::isInstance)
            .map(Tree.Mapping.class::cast)
            .toList()
        : java.util.List.of();
  }

  private static Map<String, String> words(Tree.Mapping in) {
    Map<String, String> words = new java.util.HashMap<>();
    in.fields().forEach((key, value) -> words.put(key, word(in, key)));
    return words;
  }

  private static String word(Tree.Mapping in, String field) {
    return in.fields().get(field) instanceof Tree.Scalar scalar ? scalar.text() : "";
  }
}
