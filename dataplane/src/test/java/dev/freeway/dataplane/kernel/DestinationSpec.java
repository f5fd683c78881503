package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.DestinationKey;

/**
 * What {@code NEW_DEST} and {@code SET_DEST} carry.
 *
 * @param key address (with its family) and port
 * @param forwarding {@code IP_VS_CONN_F_FWD_MASK} bits; 5 to 7 are stored like the others
 * @param weight refused below 0
 * @param upperThreshold unsigned; 0 for none, refused above 2147483647
 * @param lowerThreshold unsigned, at most the upper one
 * @param tunnelType 0 IPIP, 1 GUE, 2 GRE; others are stored and do nothing
 * @param tunnelPort UDP port of GUE
 * @param tunnelFlags 1 csum, 2 remcsum
 */
public record DestinationSpec(
    DestinationKey key,
    int forwarding,
    int weight,
    int upperThreshold,
    int lowerThreshold,
    int tunnelType,
    int tunnelPort,
    int tunnelFlags) {
  static final int TUNNEL = 2;
  static final int GUE = 1;
}
