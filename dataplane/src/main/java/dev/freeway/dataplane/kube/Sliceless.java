package dev.freeway.dataplane.kube;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Services without any slice, by the namespace that a slice without a Service may share with them:
 * of both there may be many thousands.
 */
final class Sliceless {
  private final Map<String, List<String>> byNamespace = new HashMap<>();

  /** Takes in a Service, as {@code namespace/name}, in the order in which they are to be named. */
  void add(String owner) {
    byNamespace.computeIfAbsent(namespace(owner), _ -> new ArrayList<>()).add(owner);
  }

  /** Those of a namespace. */
  List<String> of(String namespace) {
    return byNamespace.getOrDefault(namespace, List.of());
  }

  private static String namespace(String owner) {
    return owner.substring(0, owner.indexOf('/'));
  }
}
