package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Ownership;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is wrong and lasts: the listener is told of it when it begins, and not again while it goes
 * on. Owned by the writer's thread.
 */
final class Lasting {
  private final SyncListener listener;
  private Set<ProgramError> errors = Set.of();
  private Set<Ownership.Refusal> refused = Set.of();
  private Set<ProgramError> hostErrors = Set.of();
  private Set<String> hostNotes = Set.of();
  private Set<String> unreadable = Set.of();

  Lasting(SyncListener listener) {
    this.listener = listener;
  }

  private static <T> Set<T> tell(Set<T> before, Collection<T> now, Consumer<T> to) {
    Set<T> next = new LinkedHashSet<>(now);
    next.stream().filter(one -> !before.contains(one)).forEach(to);
    return next;
  }

  /** What the kernel refuses now. */
  void errors(Collection<ProgramError> now) {
    errors = tell(errors, now, listener::refused);
  }

  /** What else the kernel refuses. */
  void also(Collection<ProgramError> more) {
    if (!errors.containsAll(more)) {
      Set<ProgramError> all = new LinkedHashSet<>(errors);
      all.addAll(more);
      errors(all);
    }
  }

  /** Which desired services are foreign now. */
  void refused(Collection<Ownership.Refusal> now) {
    refused = tell(refused, now, listener::refused);
  }

  /** What the machine around the table refuses now, and what was left there. */
  void host(Host.Report now) {
    hostErrors = tell(hostErrors, now.errors(), listener::refused);
    hostNotes = tell(hostNotes, now.notes(), listener::found);
  }

  /** Which entries of the table cannot be read now. */
  void unreadable(Collection<String> now) {
    unreadable =
        tell(
            unreadable,
            now,
            entry -> listener.found("cannot be read in the kernel, and is left: " + entry));
  }

  /** What the kernel refuses. */
  Set<ProgramError> errors() {
    return errors;
  }

  /** The same, and what the machine around the table refuses. */
  List<ProgramError> allErrors() {
    List<ProgramError> all = new ArrayList<>(errors);
    all.addAll(hostErrors);
    return List.copyOf(all);
  }

  /** Desired services that are foreign. */
  List<Ownership.Refusal> refused() {
    return List.copyOf(refused);
  }

  /** Whether the machine around the table is as it should be. */
  boolean hostReady() {
    return hostErrors.isEmpty();
  }
}
