package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The slices that name no Service of the input, and the Services that have none and may be meant:
 * those keep the destinations which are theirs until now.
 */
final class OrphanSlices {
  private final List<Sourced<Slice>> slices;
  private final Set<String> namespaces = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> keepers = new TreeSet<>();
  private final Sliceless meant = new Sliceless();
  private final Sliceless keeping = new Sliceless();
  private final Sliceless successors = new Sliceless(); // to an address that was another's

  OrphanSlices(List<Sourced<Slice>> slices) {
    this.slices = slices;
    for (Sourced<Slice> slice : slices) {
      namespaces.add(slice.object().namespace());
      Optional<String> service = slice.object().owner();
      service.ifPresent(owner -> names.add(Sliceless.name(owner)));
    }
  }

  /**
   * Takes in a Service without any slice; answers whether it keeps destinations.
   *
   * @param holders whose services the kernel holds, as {@code namespace/name}
   */
  boolean keepsDestinations(TranslatedService one, Map<ServiceKey, String> holders) {
    String owner = one.owner();
    if (!namespaces.contains(Sliceless.namespace(owner))
        && !names.contains(Sliceless.name(owner))) {
      return false;
    }
    meant.add(owner);
    long kept = mayKeep(one, holders);
    if (kept < one.services().size()) {
      successors.add(owner);
    }
    if (kept > 0) {
      keepers.add(owner);
      keeping.add(owner);
    }
    return kept > 0;
  }

  /** How many of its services are not another Service's until now. */
  private static long mayKeep(TranslatedService one, Map<ServiceKey, String> holders) {
    return one.services().stream()
        .filter(
            service -> service.mayKeepThoseOf(holders.getOrDefault(service.service().key(), "")))
        .count();
  }

  /** The Services that keep destinations, as {@code namespace/name}. */
  Set<String> keeping() {
    return Collections.unmodifiableSet(keepers);
  }

  /**
   * What is to be said of them, once all Services are taken in. Where part of the input could not
   * be read, the Service of a slice may well stand there.
   */
  List<InputError> errors(boolean complete) {
    List<InputError> errors = new ArrayList<>();
    for (Sourced<Slice> slice : slices) {
      if (complete || slice.object().owner().isEmpty()) {
        errors.add(error(slice));
      }
    }
    return errors;
  }

  /** A slice that names no Service is most likely a typing error, in its label or its namespace. */
  private InputError error(Sourced<Slice> slice) {
    String namespace = slice.object().namespace();
    String name = slice.object().owner().map(Sliceless::name).orElse("");
    StringBuilder expected =
        new StringBuilder(
            name.isEmpty()
                ? "the name of the slice's Service"
                : "the name of a Service in the input, in namespace " + namespace);
    List<String> elsewhere = meant.named(name);
    if (!elsewhere.isEmpty()) {
      expected.append(", or the namespace of ").append(ServiceTranslator.some(elsewhere));
    }
    // None of one list is in the other: a Service of this namespace and name would have the slice.
    List<String> kept = Sliceless.together(keeping.of(namespace), keeping.named(name));
    if (!kept.isEmpty()) {
      expected
          .append("; until then what has no slice keeps its destinations: ")
          .append(ServiceTranslator.some(kept));
    }
    List<String> lost = Sliceless.together(successors.of(namespace), successors.named(name));
    if (!lost.isEmpty()) {
      expected
          .append("; the destinations that another Service had there are not kept for ")
          .append(ServiceTranslator.some(lost));
    }
    return slice.error(
        "metadata.labels[" + ServiceTranslator.SERVICE_NAME + "]", name, expected.toString());
  }
}
