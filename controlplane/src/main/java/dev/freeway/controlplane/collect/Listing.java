package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.Condition;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A list, and all that tells it from others; types that share it are asked for once. */
record Listing(
    String sdk,
    String operation,
    Map<String, Object> with,
    Map<String, Object> each,
    List<String> parents,
    Optional<Condition> when,
    List<String> after) {

  static Listing of(ResourceType type) {
    return new Listing(
        type.sdk(),
        type.operation(),
        type.with(),
        type.each(),
        type.parents(),
        type.when(),
        type.after());
  }

  /** The lists of types, in the catalogue's order, with the types of each. */
  static Map<Listing, List<ResourceType>> all(Collection<ResourceType> types) {
    Map<Listing, List<ResourceType>> listings = new LinkedHashMap<>();
    for (ResourceType type : types) {
      listings.computeIfAbsent(of(type), _ -> new ArrayList<>()).add(type);
    }
    return listings;
  }

  /** Types that have to be known before it can be asked. */
  List<String> needs() {
    return Stream.concat(parents.stream(), after.stream()).toList();
  }

  /** The input of each call. */
  List<Map<String, Object>> inputs() {
    List<Map<String, Object>> inputs = List.of(with);
    for (Map.Entry<String, Object> member : each.entrySet()) {
      List<Map<String, Object>> more = new ArrayList<>();
      for (Object value : (List<?>) member.getValue()) {
        for (Map<String, Object> input : inputs) {
          Map<String, Object> longer = new LinkedHashMap<>(input);
          longer.put(member.getKey(), value);
          more.add(longer);
        }
      }
      inputs = more;
    }
    return inputs;
  }
}
