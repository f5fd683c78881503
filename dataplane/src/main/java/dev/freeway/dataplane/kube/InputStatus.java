package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import java.util.List;
import java.util.Set;

/**
 * How the input is, for readers on other threads; immutable.
 *
 * @param frozen what cannot be used now, and stands for what it last said
 * @param errors what refuses single Services
 * @param refused those Services, as {@code namespace/name}: they keep what they had
 * @param unchecked what keeps Services that are served from being checked as they ask
 * @param notes what was left aside or decided, for people
 * @param usableNanos when all of it could last be read and used, in nanoseconds of the clock
 */
public record InputStatus(
    List<InputError> frozen,
    List<InputError> errors,
    Set<String> refused,
    List<InputError> unchecked,
    List<String> notes,
    long usableNanos) {
  /** Before the first look. */
  public static InputStatus unread(long now) {
    return new InputStatus(List.of(), List.of(), Set.of(), List.of(), List.of(), now);
  }
}
