package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What may be carried out on the machine as it was prepared. Without its source NAT a service is
 * not programmed: backends would answer its clients past this machine, and those would wait.
 * Without its source ranges it is not either: it would be open to everybody. One that translates
 * already, or is there, is not touched by that, and what else changes of it is carried out.
 *
 * @param refused the services whose changes are left out
 * @param errors one for each Kubernetes Service that they are of
 */
record Allowed(List<Change> changes, Set<ServiceKey> refused, List<ProgramError> errors) {

  /**
   * Services for which the machine has to do something before they are programmed, each with its
   * Kubernetes Service as {@code namespace/name}.
   *
   * @param sourceNat those that are to have source NAT and do not translate yet
   * @param sourceRanges those that are to have source ranges and are not there yet
   */
  record Beginning(Map<ServiceKey, String> sourceNat, Map<ServiceKey, String> sourceRanges) {
    boolean isEmpty() {
      return sourceNat.isEmpty() && sourceRanges.isEmpty();
    }
  }

  /**
   * Leaves out what is known to be in vain: nothing is prepared for it.
   *
   * @param needs of all that is desired
   */
  static Allowed beforehand(Host host, HostNeeds needs, List<Change> changes, Beginning beginning) {
    return on(beginning.isEmpty() ? Host.Report.NOTHING : host.pending(needs), changes, beginning);
  }

  /** Leaves out changes for what preparing the machine came to. */
  static Allowed on(Host.Report prepared, List<Change> changes, Beginning beginning) {
    return new Allowed(changes, Set.of(), List.of()).on(prepared, beginning);
  }

  /** Leaves out more: what preparing the machine for the rest failed for. */
  Allowed on(Host.Report prepared, Beginning beginning) {
    return without(prepared.sourceNat(), beginning.sourceNat(), "its source NAT cannot be set up: ")
        .without(
            prepared.sourceRanges(),
            beginning.sourceRanges(),
            "its source ranges cannot be enforced: ");
  }

  private Allowed without(
      Optional<ProgramError> failure, Map<ServiceKey, String> beginning, String problem) {
    if (failure.isEmpty() || beginning.isEmpty()) {
      return this;
    }
    ProgramError cause = failure.get();
    List<Change> allowed = new ArrayList<>();
    Set<ServiceKey> allRefused = new LinkedHashSet<>(refused);
    Set<String> owners = new LinkedHashSet<>();
    for (Change change : changes) {
      ServiceKey service = change.command().service();
      String owner = beginning.get(service);
      if (owner == null) {
        allowed.add(change);
      } else {
        allRefused.add(service);
        owners.add(owner);
      }
    }
    List<ProgramError> allErrors = new ArrayList<>(errors);
    for (String owner : owners) {
      allErrors.add(
          new ProgramError(
              "program Service " + owner,
              cause.errno(),
              problem + cause.what() + ": " + cause.kernelMessage(),
              cause.expected(),
              cause.command()));
    }
    return new Allowed(List.copyOf(allowed), allRefused, List.copyOf(allErrors));
  }
}
