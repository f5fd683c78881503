package dev.freeway.dataplane.core;

/**
 * An IPVS service without its destinations: everything about it that we set and compare.
 *
 * @param key its identity
 * @param scheduler who chooses the destination
 * @param persistenceSeconds time-out of client persistence; 0 for none
 * @param persistenceBits prefix length that groups clients: 32 for IPv4, 128 for IPv6 by default
 * @param onePacket UDP one-packet scheduling ({@code ipvsadm --ops})
 */
public record VirtualService(
    ServiceKey key,
    Scheduler scheduler,
    int persistenceSeconds,
    int persistenceBits,
    boolean onePacket)
    implements TableEntry {

  public VirtualService {
    if (persistenceSeconds < 0) {
      throw new IllegalArgumentException(
          "persistence " + persistenceSeconds + " s: expected 0 or more");
    }
    if (persistenceBits < 0 || persistenceBits > key.address().family().bits()) {
      throw new IllegalArgumentException(
          "persistence prefix " + persistenceBits + ": too long for " + key.address());
    }
  }

  /** A service without persistence. */
  public static VirtualService of(ServiceKey key, Scheduler scheduler) {
    return new VirtualService(key, scheduler, 0, key.address().family().bits(), false);
  }

  /** The same service under another scheduler. */
  public VirtualService with(Scheduler other) {
    return new VirtualService(key, other, persistenceSeconds, persistenceBits, onePacket);
  }
}
