package dev.freeway.dataplane.kube;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Services without any slice, by what a slice without a Service may share with them: the namespace,
 * when its label is wrong or missing, or the name, when its namespace is. Of both there may be many
 * thousands.
 */
final class Sliceless {
  private final Map<String, List<String>> byNamespace = new HashMap<>();
  private final Map<String, List<String>> byName = new HashMap<>();

  /** Takes in a Service, as {@code namespace/name}, in the order in which they are to be named. */
  void add(String owner) {
    byNamespace.computeIfAbsent(namespace(owner), _ -> new ArrayList<>()).add(owner);
    byName.computeIfAbsent(name(owner), _ -> new ArrayList<>()).add(owner);
  }

  /** Those of a namespace. */
  List<String> of(String namespace) {
    return byNamespace.getOrDefault(namespace, List.of());
  }

  /** Those of a name, in any namespace. */
  List<String> named(String name) {
    return byName.getOrDefault(name, List.of());
  }

  /** Both, as a view: neither is copied. */
  static List<String> together(List<String> one, List<String> other) {
    return new AbstractList<>() {
      @Override
      public String get(int index) {
        return index < one.size() ? one.get(index) : other.get(index - one.size());
      }

      @Override
      public int size() {
        return one.size() + other.size();
      }
    };
  }

  static String namespace(String owner) {
    return owner.substring(0, owner.indexOf('/'));
  }

  static String name(String owner) {
    return owner.substring(owner.indexOf('/') + 1);
  }
}
