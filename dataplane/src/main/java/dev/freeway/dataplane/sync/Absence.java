package dev.freeway.dataplane.sync;

/** What follows from something of ours not being named in the input. */
public enum Absence {
  /** All of the input was read: it is unwanted. */
  UNWANTED,

  /** Some Services are refused: a service may be one of theirs, and stays. */
  SERVICES_STAY,

  /** Part of the input could not be read, and may name it: destinations stay too. */
  ALL_STAYS
}
