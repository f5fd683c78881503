package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Offer;

/**
 * What a router's Lease says.
 *
 * @param router its name
 * @param offer what it answers for on layer-2 networks; nothing where every router answers
 */
record RouterLease(String router, Offer offer) {
  /** The annotation that holds the offer, with a space between its words. */
  static final String SEGMENTS = "freeway.dev/segments";

  /** A word that cannot be read is another version's, and left out. */
  static RouterLease of(String router, String annotation) {
    Offer offer = Offer.NONE;
    for (String word : annotation.split(" ", -1)) {
      try {
        offer = offer.with(word);
      } catch (IllegalArgumentException _) {
        // left out
      }
    }
    return new RouterLease(router, offer);
  }
}
