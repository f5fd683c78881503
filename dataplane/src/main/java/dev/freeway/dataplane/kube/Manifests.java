package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What was read: the objects that could be, and everything that could not.
 *
 * @param services every Service, of whatever type
 * @param slices every EndpointSlice
 * @param refused Services, as {@code namespace/name}, of which some object could not be read; they
 *     are named by the input, so what serves them now is not unwanted
 * @param errors what could not be read
 * @param notes what was left aside and why, for people
 * @param complete false when something was unreadable as a whole, so that nothing may be concluded
 *     from the absence of a Service
 */
public record Manifests(
    List<Sourced<Service>> services,
    List<Sourced<Slice>> slices,
    Set<String> refused,
    List<InputError> errors,
    List<String> notes,
    boolean complete) {
  public Manifests {
    services = List.copyOf(services);
    slices = List.copyOf(slices);
    refused = Set.copyOf(refused);
    errors = List.copyOf(errors);
    notes = List.copyOf(notes);
  }

  /**
   * Several as one.
   *
   * @param whole whether there is nothing besides them that could not be read
   */
  static Manifests together(Collection<Manifests> parts, boolean whole) {
    List<Sourced<Service>> services = new ArrayList<>();
    List<Sourced<Slice>> slices = new ArrayList<>();
    Set<String> refused = new HashSet<>();
    List<InputError> errors = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    boolean complete = whole;
    for (Manifests part : parts) {
      services.addAll(part.services);
      slices.addAll(part.slices);
      refused.addAll(part.refused);
      errors.addAll(part.errors);
      notes.addAll(part.notes);
      complete &= part.complete;
    }
    return new Manifests(services, slices, refused, errors, notes, complete);
  }
}
