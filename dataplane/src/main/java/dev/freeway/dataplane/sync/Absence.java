package dev.freeway.dataplane.sync;

import java.util.function.Predicate;

/**
 * What follows from something of ours not being named in the input.
 *
 * @param servicesStay whether a service stays, for it may be one of a Service that is refused or
 *     could not be read
 * @param destinationsStay whether the destinations of a Service, by {@code namespace/name}, stay
 *     too: part of the input could not be read or assigned, and may name them
 */
public record Absence(boolean servicesStay, Predicate<String> destinationsStay) {
  /** All of the input was read: it is unwanted. */
  public static final Absence UNWANTED = new Absence(false, _ -> false);

  /** Some Services are refused. */
  public static final Absence SERVICES_STAY = new Absence(true, _ -> false);

  /** Part of the input could not be read, and may name anything. */
  public static final Absence ALL_STAYS = new Absence(true, _ -> true);
}
