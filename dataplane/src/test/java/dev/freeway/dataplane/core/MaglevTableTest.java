package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.freeway.dataplane.core.MaglevTable.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaglevTableTest {

  private static DestinationKey key(int host) {
    return new DestinationKey(new IpAddress(Family.IPV4, 0, 0x0a010000L + host), 8080);
  }

  private static List<Member> members(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Member(key(i), 1)).toList();
  }

  private static long slotsOf(MaglevTable table, DestinationKey key) {
    return IntStream.range(0, MaglevTable.SLOTS)
        .filter(slot -> table.inSlot(slot).orElseThrow().equals(key))
        .count();
  }

  @Test
  void hashesClientsToTheKernelsSlots() {
    // Computed with the C of lib/siphash.c; checked against kernels in MaglevTableKernelTest.
    MaglevTable table = MaglevTable.of(Family.IPV4, members(3));

    assertThat(table.slot(IpAddress.parse("10.0.0.1"), 0)).isEqualTo(3711);
    assertThat(table.slot(IpAddress.parse("192.168.1.80"), 0)).isEqualTo(2092);
    assertThat(table.slot(IpAddress.parse("192.168.1.0"), 80)).isEqualTo(2092);
    assertThat(table.slot(IpAddress.parse("255.255.255.255"), 0)).isEqualTo(3432);
  }

  @Test
  void foldsAnIpv6ClientIntoOneWord() {
    MaglevTable table = MaglevTable.of(Family.IPV6, members(3));

    assertThat(table.slot(IpAddress.parse("::10.0.0.1"), 0)).isEqualTo(3711);
    assertThat(table.slot(IpAddress.parse("a00:1:0:1::"), 0))
        .isEqualTo(table.slot(IpAddress.parse("a00::"), 0));
  }

  @Test
  void givesEqualDestinationsEqualShares() {
    MaglevTable table = MaglevTable.of(Family.IPV4, members(7));

    for (int i = 0; i < 7; i++) {
      assertThat(slotsOf(table, key(i))).isBetween(584L, 585L);
    }
  }

  @Test
  void givesSharesByLastWeight() {
    List<Member> members = List.of(new Member(key(0), 300), new Member(key(1), 100));

    MaglevTable table = MaglevTable.of(Family.IPV4, members);

    assertThat(slotsOf(table, key(0))).isBetween(3068L, 3071L);
  }

  @Test
  void givesNoSlotToADestinationThatNeverHadAWeight() {
    List<Member> members = List.of(new Member(key(0), 0), new Member(key(1), 5));

    assertThat(slotsOf(MaglevTable.of(Family.IPV4, members), key(0))).isZero();
    assertThat(
            MaglevTable.of(Family.IPV4, members.subList(0, 1))
                .lookup(IpAddress.parse("10.0.0.1"), 0))
        .isEmpty();
  }

  @Test
  void agreesForOneOrderAndNotForAnother() {
    List<Member> sorted = members(20);
    List<Member> shuffled = new ArrayList<>(sorted);
    Collections.shuffle(shuffled, new Random(1));

    MaglevTable table = MaglevTable.ofInsertions(Family.IPV4, sorted);

    assertThat(MaglevTable.of(Family.IPV4, sorted.reversed())).isEqualTo(table);
    assertThat(table.differingSlots(MaglevTable.of(Family.IPV4, shuffled))).isPositive();
  }

  @Test
  void fallsBackPastUnavailableDestinationsOnly() {
    MaglevTable table = MaglevTable.of(Family.IPV4, members(4));
    DestinationKey drained = key(2);

    for (int i = 0; i < 1000; i++) {
      IpAddress client = new IpAddress(Family.IPV4, 0, 0xc0a80000L + i);
      DestinationKey first = table.lookup(client, 0).orElseThrow();
      DestinationKey chosen = table.lookup(client, 0, k -> !k.equals(drained)).orElseThrow();
      if (first.equals(drained)) {
        assertThat(chosen).isNotEqualTo(drained);
      } else {
        assertThat(chosen).isEqualTo(first);
      }
    }
    assertThat(table.lookup(IpAddress.parse("10.0.0.1"), 0, k -> false)).isEmpty();
  }

  @Test
  void refusesMoreDestinationsThanSlots() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaglevTable.of(Family.IPV4, members(MaglevTable.SLOTS + 1)))
        .withMessage("4094 destinations: mh takes at most 4093");
  }

  @Test
  void differsInFewSlotsAfterOneDestinationCameBack() {
    List<Member> sorted = members(50);
    MaglevTable canonical = MaglevTable.ofInsertions(Family.IPV4, sorted);

    int differing = 0;
    for (int i = 0; i < sorted.size(); i++) {
      List<Member> history = new ArrayList<>(sorted);
      history.add(history.remove(i));
      differing += canonical.differingSlots(MaglevTable.ofInsertions(Family.IPV4, history));
    }

    assertThat(differing / sorted.size()).isLessThan(MaglevTable.SLOTS / 200); // 0.5 %
  }

  @Test
  void differsInMoreSlotsTheMoreDestinationsCameBack() {
    List<Member> sorted = members(100);
    List<Member> history = new ArrayList<>(sorted);
    Random random = new Random(3);
    for (int i = 0; i < 30; i++) {
      history.add(history.remove(random.nextInt(history.size())));
    }

    int differing =
        MaglevTable.ofInsertions(Family.IPV4, sorted)
            .differingSlots(MaglevTable.ofInsertions(Family.IPV4, history));

    assertThat(differing).isBetween(MaglevTable.SLOTS / 100, MaglevTable.SLOTS / 25); // 1 to 4 %
  }
}
