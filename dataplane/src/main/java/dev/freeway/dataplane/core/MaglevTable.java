package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The lookup table of the kernel's {@code mh} scheduler, slot for slot: which destination a client
 * is sent to. Two routers agree on every client exactly when their tables are equal.
 *
 * <p>The table depends on the order of the kernel's destination list, which is the reverse of the
 * order of insertion, and on each destination's last weight other than 0: a destination set to
 * weight 0 keeps its slots. Follows {@code net/netfilter/ipvs/ip_vs_mh.c} and {@code
 * lib/siphash.c}; the hash is HalfSipHash's 64-bit stand-in, SipHash-1-3 cut to 32 bits.
 */
public final class MaglevTable {
  /** Slots of every stock kernel: {@code CONFIG_IP_VS_MH_TAB_INDEX} 12, fixed when it is built. */
  public static final int SLOTS = 4093;

  /** A weight over the greatest common divisor is shifted into this many bits. */
  private static final int TURN_BITS = 6;

  private static final long KEY_OFFSET = 2654435761L;
  private static final long KEY_SKIP = 2654446892L;
  private static final int EMPTY = -1;

  /**
   * A destination as the scheduler sees it.
   *
   * @param key its address and port
   * @param lastWeight the weight last set that was not 0; 0 only if it never had another
   */
  public record Member(DestinationKey key, int lastWeight) {
    public Member {
      if (lastWeight < 0) {
        throw new IllegalArgumentException("last weight " + lastWeight + ": expected 0 or more");
      }
    }
  }

  private final Family family;
  private final List<DestinationKey> keys;
  private final int[] slots;

  private MaglevTable(Family family, List<DestinationKey> keys, int[] slots) {
    this.family = family;
    this.keys = keys;
    this.slots = slots;
  }

  /**
   * The table over destinations in the order in which the kernel lists and dumps them, the last
   * inserted first.
   *
   * @param family the service's address family, by which addresses are folded
   * @throws IllegalArgumentException for more destinations than slots, as the kernel refuses them
   */
  public static MaglevTable of(Family family, List<Member> inListOrder) {
    int count = inListOrder.size();
    if (count > SLOTS) {
      throw new IllegalArgumentException(count + " destinations: mh takes at most " + SLOTS);
    }
    List<DestinationKey> keys = new ArrayList<>(count);
    int[] weights = new int[count];
    for (int i = 0; i < count; i++) {
      keys.add(inListOrder.get(i).key());
      weights[i] = inListOrder.get(i).lastWeight();
    }
    int[] slots = new int[SLOTS];
    Arrays.fill(slots, EMPTY);
    populate(family, keys, turns(weights), slots);
    return new MaglevTable(family, List.copyOf(keys), slots);
  }

  /** The table after destinations were inserted one after the other in the given order. */
  public static MaglevTable ofInsertions(Family family, List<Member> inInsertionOrder) {
    return of(family, inInsertionOrder.reversed());
  }

  /** How many slots in a row each destination takes a turn; all 0 when no weight is above 0. */
  private static int[] turns(int[] weights) {
    int gcd = 0;
    int heaviest = 0;
    for (int weight : weights) {
      gcd = gcd(weight, gcd);
      heaviest = Math.max(heaviest, weight);
    }
    int[] turns = new int[weights.length];
    if (gcd == 0) {
      return turns;
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(heaviest / gcd);
    int shift = Math.max(0, bits - TURN_BITS);
    for (int i = 0; i < turns.length; i++) {
      turns[i] = weights[i] == 0 ? 0 : Math.max(1, (weights[i] / gcd) >> shift);
    }
    return turns;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private static void populate(Family family, List<DestinationKey> keys, int[] turns, int[] slots) {
    int count = keys.size();
    int[] next = new int[count];
    int[] skip = new int[count];
    boolean any = false;
    for (int i = 0; i < count; i++) {
      int folded = fold(family, keys.get(i).address()) + keys.get(i).port();
      next[i] = Integer.remainderUnsigned(hash(folded, KEY_OFFSET), SLOTS);
      skip[i] = Integer.remainderUnsigned(hash(folded, KEY_SKIP), SLOTS - 1) + 1;
      any |= turns[i] > 0;
    }
    if (!any) {
      return;
    }
    int filled = 0;
    while (true) {
      for (int i = 0; i < count; i++) {
        for (int turn = 0; turn < turns[i]; turn++) {
          int slot = next[i];
          while (slots[slot] != EMPTY) {
            slot += skip[i];
            slot -= slot >= SLOTS ? SLOTS : 0;
          }
          slots[slot] = i;
          next[i] = slot;
          if (++filled == SLOTS) {
            return;
          }
        }
      }
    }
  }

  /** The address as one word in host order, as a service of the family reads it. */
  private static int fold(Family service, IpAddress address) {
    if (address.family() == Family.IPV6 && service == Family.IPV4) {
      // A tunnelled IPv6 destination of an IPv4 service: the kernel reads one word.
      return (int) (address.high() >>> 32);
    }
    return address.folded();
  }

  /** {@code hsiphash_1u32} on a 64-bit kernel, with both halves of the key alike. */
  private static int hash(int value, long key) {
    long b = (4L << 56) | Integer.toUnsignedLong(value);
    long v0 = 0x736f6d6570736575L ^ key;
    long v1 = 0x646f72616e646f6dL ^ key;
    long v2 = 0x6c7967656e657261L ^ key;
    long v3 = 0x7465646279746573L ^ key ^ b;
    for (int round = 0; round < 4; round++) {
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
      if (round == 0) { // one round for the input, three to finish
        v0 ^= b;
        v2 ^= 0xff;
      }
    }
    return (int) (v0 ^ v1 ^ v2 ^ v3);
  }

  /** The slot that a client hashes to; {@code port} is 0 unless the service hashes ports too. */
  public int slot(IpAddress client, int port) {
    return slot(fold(family, client) + port);
  }

  private static int slot(int folded) {
    return Integer.remainderUnsigned(hash(folded, KEY_OFFSET), SLOTS);
  }

  /** The destination in a slot; empty when no destination ever had a weight above 0. */
  public Optional<DestinationKey> inSlot(int slot) {
    return slots[slot] == EMPTY ? Optional.empty() : Optional.of(keys.get(slots[slot]));
  }

  /**
   * The destination that a client's slot names, available or not.
   *
   * @param port the client's port with {@code mh-port}, else 0
   */
  public Optional<DestinationKey> lookup(IpAddress client, int port) {
    return inSlot(slot(client, port));
  }

  /**
   * The destination that a client gets under {@code mh-fallback}: that of its slot, or of the next
   * one along the kernel's second path that is available.
   *
   * @param available whether a destination's weight is above 0 and it is not overloaded
   */
  public Optional<DestinationKey> lookup(
      IpAddress client, int port, Predicate<DestinationKey> available) {
    int folded = fold(family, client) + port;
    int first = slot(folded);
    Optional<DestinationKey> found = inSlot(first);
    if (found.isEmpty() || available.test(found.get())) {
      return found;
    }
    for (int offset = 0; offset < SLOTS; offset++) {
      found = inSlot(slot(folded + (offset + first) % SLOTS));
      if (found.isEmpty() || available.test(found.get())) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** How many slots name another destination in the other table: 0 means that routers agree. */
  public int differingSlots(MaglevTable other) {
    int differing = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      differing += inSlot(slot).equals(other.inSlot(slot)) ? 0 : 1;
    }
    return differing;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof MaglevTable other && family == other.family && differingSlots(other) == 0;
  }

  @Override
  public int hashCode() {
    int hash = family.hashCode();
    for (int slot : slots) {
      hash = 31 * hash + (slot == EMPTY ? 0 : keys.get(slot).hashCode());
    }
    return hash;
  }
}
