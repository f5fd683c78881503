package dev.freeway.dataplane.kernel;

/**
 * What {@code NEW_SERVICE} and {@code SET_SERVICE} carry beside the identity.
 *
 * @param scheduler the module's name without {@code ip_vs_}, or {@code none}
 * @param flags {@code IP_VS_SVC_F_*} to set where the mask has a bit
 * @param mask which flags are meant; the others keep their value
 * @param timeout persistence time-out in seconds, unsigned
 * @param netmask IPv4: the mask's four bytes as they came; IPv6: the prefix length
 * @param persistenceEngine empty for none
 */
public record ServiceSpec(
    String scheduler, int flags, int mask, int timeout, int netmask, String persistenceEngine) {}
