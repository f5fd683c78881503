package dev.freeway.dataplane.core;

/** Who answers neighbours that ask for a service's address ({@code --announce}). */
public sealed interface Announcing {
  /** Every router holds every address: routes, ECMP or an Elastic IP lead to them. */
  record Everyone() implements Announcing {}

  /** On a layer-2 network: this router, the only one. */
  record Alone() implements Announcing {}

  /** On a layer-2 network, with others that are not known yet: who answers stays as it is. */
  record Unknown() implements Announcing {}

  /** On a layer-2 network: for each address one of the routers. */
  record Elected(Routers routers) implements Announcing {}

  /** Whether one router answers for an address and the others hold it silently. */
  default boolean layer2() {
    return !(this instanceof Everyone);
  }
}
