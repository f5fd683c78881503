package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.MaglevTable;
import dev.freeway.dataplane.core.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a connection, beside the rules of the kernel's schedulers. */
class SchedulingTest {
  private static final IpAddress SERVICE = IpAddress.parse("10.0.0.1");
  private static final IpAddress CLIENT = IpAddress.parse("198.51.100.7");

  private final List<Member> members = new ArrayList<>(); // the last added first

  private static DestinationKey key(int number) {
    return new DestinationKey(IpAddress.parse("10.1.0." + number), 80);
  }

  /** Members 1, 2 and so on with these weights, added in this order. */
  private Scheduling scheduling(String name, int... weights) {
    String[] words = name.split(",", -1);
    Scheduler scheduler =
        new Scheduler(
            words[0],
            List.of(words).contains(words[0] + "-fallback"),
            List.of(words).contains(words[0] + "-port"));
    Scheduling scheduling = Scheduling.of(scheduler, SERVICE).orElseThrow();
    for (int i = 0; i < weights.length; i++) {
      members.addFirst(new Member(Destination.of(key(i + 1), Forwarding.NAT, weights[i])));
    }
    scheduling.changed(members);
    return scheduling;
  }

  private Member member(int number) {
    return members.stream().filter(one -> one.key().equals(key(number))).findFirst().orElseThrow();
  }

  private String chosen(Scheduling scheduling, int count) {
    StringBuilder chosen = new StringBuilder();
    for (int i = 0; i < count; i++) {
      chosen.append(
          scheduling
              .choose(members, CLIENT, 1024 + i, Set.of())
              .map(one -> Long.toString(one.key().address().low() & 255))
              .orElse("-"));
    }
    return chosen.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "rr, 3213213", // weights do not matter, and the list begins with the last added
    "wrr, 3332321", // 4 alone, then twice with 2, then all
    "wlc, 3333333",
    "sed, 3333333",
    "nq, 3333333",
  })
  void asTheKernelDoes(String name, String expected) {
    assertThat(chosen(scheduling(name, 1, 2, 4), 7)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rr", "wrr", "lc", "wlc", "sed", "nq", "sh,sh-fallback", "mh,mh-fallback,mh-port"})
  void whatHasNoWeightGetsNothingNew(String name) {
    Scheduling scheduling = scheduling(name, 1, 0, 1);
    for (int i = 0; i < 500; i++) {
      assertThat(chosen(scheduling, 1)).isIn("1", "3");
    }
    for (int number = 1; number <= 3; number++) {
      member(number).set(member(number).value().with(0));
    }
    scheduling.changed(members);
    assertThat(chosen(scheduling, 1)).isEqualTo("-");
  }

  @Test
  void theLeastLoadedIsTheOneWithTheFewestConnectionsForItsWeight() {
    Scheduling least = scheduling("lc", 1, 4);
    member(1).active.set(3);
    member(2).active.set(4);
    assertThat(chosen(least, 1)).isEqualTo("1");
    Scheduling weighted = Scheduling.of(new Scheduler("wlc", false, false), SERVICE).orElseThrow();
    assertThat(chosen(weighted, 1)).isEqualTo("2");
    member(2).active.set(13);
    assertThat(chosen(weighted, 1)).isEqualTo("1");
    member(1).inactive.set(255);
    assertThat(chosen(weighted, 1)).as("3 and 255/256 against 13/4").isEqualTo("2");
  }

  @Test
  void theShortestDelayCountsTheConnectionThatComes() {
    Scheduling delay = scheduling("sed", 1, 3);
    member(2).active.set(1);
    assertThat(chosen(delay, 1)).as("1/1 against 2/3").isEqualTo("2");
    Scheduling never = Scheduling.of(new Scheduler("nq", false, false), SERVICE).orElseThrow();
    assertThat(chosen(never, 1)).as("an idle one never waits").isEqualTo("1");
  }

  @Test
  void aboveItsThresholdItGetsNothingNewUntilItIsBelowTheLower() {
    Scheduling scheduling = scheduling("rr", 1, 1);
    Member limited = member(2);
    limited.set(new Destination(key(2), Forwarding.NAT, limited.value().encapsulation(), 1, 10, 4));
    limited.active.set(10);
    limited.count();
    assertThat(chosen(scheduling, 3)).isEqualTo("111");
    limited.active.set(4);
    limited.count();
    assertThat(chosen(scheduling, 3)).isEqualTo("111");
    limited.active.set(3);
    limited.count();
    assertThat(chosen(scheduling, 2)).contains("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mh", "mh,mh-fallback", "mh,mh-port", "mh,mh-fallback,mh-port"})
  void underMaglevARouterWithAKernelChoosesTheSame(String name) {
    Scheduling scheduling = scheduling(name, 1, 3, 2, 1);
    member(3).set(member(3).value().with(0)); // drains, and keeps its slots
    scheduling.changed(members);
    List<MaglevTable.Member> inserted = new ArrayList<>();
    for (int number = 1; number <= 4; number++) {
      inserted.add(new MaglevTable.Member(key(number), member(number).lastWeight()));
    }
    MaglevTable kernel = MaglevTable.ofInsertions(Family.IPV4, inserted);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 2000; i++) {
      IpAddress client = new IpAddress(Family.IPV4, 0, random.nextLong(1L << 32));
      int port = 1 + random.nextInt(65535);
      int hashed = name.contains("port") ? port : 0;
      Optional<DestinationKey> expected =
          name.contains("fallback")
              ? kernel.lookup(client, hashed, key -> !key.equals(key(3)))
              : kernel.lookup(client, hashed).filter(key -> !key.equals(key(3)));
      assertThat(scheduling.choose(members, client, port, Set.of()).map(Member::key))
          .isEqualTo(expected);
    }
  }

  /** So the clients of one that refuses are shared by all others, and each stays with its own. */
  @ParameterizedTest
  @ValueSource(
      strings = {"sh", "sh,sh-port", "mh", "mh,mh-port", "mh,mh-fallback", "sh,sh-fallback"})
  void whoWasRefusedGoesOnAsIfThatOneWereNotThere(String name) {
    Scheduling scheduling = scheduling(name, 1, 1, 1, 1, 1);
    Scheduling falling =
        scheduling(
            name.substring(0, 2)
                + ","
                + name.substring(0, 2)
                + "-fallback"
                + (name.contains("port") ? "," + name.substring(0, 2) + "-port" : ""));
    falling.changed(members);
    Map<DestinationKey, Integer> shares = new TreeMap<>();
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 2000; i++) {
      IpAddress client = new IpAddress(Family.IPV4, 0, random.nextLong(1L << 32));
      int port = 1 + random.nextInt(65535);
      Member first = scheduling.choose(members, client, port, Set.of()).orElseThrow();
      Member next = scheduling.choose(members, client, port, Set.of(first)).orElseThrow();
      assertThat(next).isNotSameAs(first);
      first.set(first.value().with(0));
      assertThat(falling.choose(members, client, port, Set.of())).contains(next);
      first.set(first.value().with(1));
      if (first.key().equals(key(3))) {
        shares.merge(next.key(), 1, Integer::sum);
      }
    }
    assertThat(shares).hasSizeGreaterThan(1); // of the kernel's sh two of the others, of mh all
  }

  @Test
  void bySourceAClientStaysAndWeightsShareTheClients() {
    Scheduling scheduling = scheduling("sh", 1, 3);
    Map<DestinationKey, Integer> shares = new TreeMap<>();
    for (int i = 0; i < 4000; i++) {
      IpAddress client = new IpAddress(Family.IPV4, 0, 0xC0000200L + i * 7919L);
      DestinationKey first = scheduling.choose(members, client, 1, Set.of()).orElseThrow().key();
      assertThat(scheduling.choose(members, client, 2, Set.of()).orElseThrow().key())
          .isEqualTo(first);
      shares.merge(first, 1, Integer::sum);
    }
    assertThat(shares.getOrDefault(key(2), 0) / (double) shares.getOrDefault(key(1), 1))
        .isBetween(2.5, 3.5);
  }

  @Test
  void byDestinationAllGoToOne() {
    assertThat(chosen(scheduling("dh", 1, 1, 1), 20)).matches("(\\d)\\1*");
  }

  @Test
  void thereIsNoOther() {
    for (String name : List.of("lblc", "fo", "twos", "")) {
      assertThat(Scheduling.of(new Scheduler(name, false, false), SERVICE)).isEmpty();
    }
    for (String name : Scheduling.NAMES) {
      assertThat(Scheduling.of(new Scheduler(name, false, false), SERVICE)).isPresent();
    }
  }
}
