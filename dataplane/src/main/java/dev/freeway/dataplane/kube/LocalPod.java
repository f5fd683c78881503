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
    Tree.Mapping meta = pod.mapping("metadata");
    Tree.Mapping spec = pod.mapping("spec");
    Tree.Mapping status = pod.mapping("status");
    String phase = status.word("phase");
    String condition = "";
    String message = "";
    for (Tree.Mapping one : status.mappings("conditions")) {
      if (one.word("type").equals(GATE)) {
        condition = one.word("status");
        message = one.word("message");
      }
    }
    return new LocalPod(
        meta.word("namespace") + "/" + meta.word("name"),
        meta.word("uid"),
        words(meta.mapping("labels")),
        spec.word("hostNetwork").equals("true"),
        phase.equals("Succeeded")
            || phase.equals("Failed")
            || meta.fields().containsKey("deletionTimestamp"),
        spec.mappings("readinessGates").stream()
            .anyMatch(gate -> gate.word("conditionType").equals(GATE)),
        condition,
        message);
  }

  private static Map<String, String> words(Tree.Mapping in) {
    Map<String, String> words = new java.util.HashMap<>();
    in.fields().forEach((key, value) -> words.put(key, in.word(key)));
    return words;
  }
}
