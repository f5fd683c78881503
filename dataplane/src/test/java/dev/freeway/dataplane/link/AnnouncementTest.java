package dev.freeway.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.Segment;
import dev.freeway.dataplane.sync.Announced;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.StateDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who answers on a layer-2 network: a machine with eth0 in 10.1.0.0/24 and 2001:db8:1::/64. */
final class AnnouncementTest {
  private static final Namespace NAMESPACE = new Namespace("net:[42]", "boot-1");
  private static final IpAddress FOUR = IpAddress.parse("10.1.0.100");
  private static final IpAddress SIX = IpAddress.parse("2001:db8:1::100");
  private static final String OTHER = "02:00:0a:01:00:03";
  private static final long MILLISECOND = 1_000_000L;

  @TempDir private Path directory;
  private final FakeMachine machine = new FakeMachine();
  private long now;
  private LinkHost host;

  @BeforeEach
  void open() {
    host = host();
  }

  private LinkHost host() {
    return new LinkHost(machine, StateDirectory.open(directory), NAMESPACE, false, () -> now);
  }

  private static HostNeeds both(Announcing announcing) {
    return new Needs()
        .direct(FOUR.toString())
        .direct(SIX.toString())
        .announcing(announcing)
        .build();
  }

  private static HostNeeds one(Announcing announcing) {
    return new Needs().direct(FOUR.toString()).announcing(announcing).build();
  }

  private static HostNeeds alone() {
    return both(new Announcing.Alone());
  }

  /** This machine is {@code here}, among others on the same network. */
  private static Announcing among(boolean heard, String... others) {
    TreeMap<String, Routers.Router> routers = new TreeMap<>();
    routers.put("here", router(FakeMachine.HARDWARE));
    List.of(others).forEach(name -> routers.put(name, router(OTHER)));
    return new Announcing.Elected(new Routers("here", routers, heard));
  }

  /** Another one answers: of this machine nothing is heard, or it is no candidate. */
  private static Announcing elsewhere(boolean heard) {
    TreeMap<String, Routers.Router> routers = new TreeMap<>();
    routers.put("there", router(OTHER));
    return new Announcing.Elected(new Routers("here", routers, heard));
  }

  private static Routers.Router router(String hardware) {
    TreeSet<Segment> segments = new TreeSet<>();
    for (String prefix : List.of("10.1.0.0/24", "2001:db8:1::/64")) {
      segments.add(Segment.parse(prefix + "@" + hardware));
    }
    return new Routers.Router(new Offer(segments), false);
  }

  private static List<String> what(Host.Report report) {
    return report.changes().stream()
        .filter(change -> !change.name().startsWith("net.ipv4.vs."))
        .map(HostChange::what)
        .toList();
  }

  /** Lets time pass, and does what is due meanwhile; answers whether something came of it. */
  private boolean pass(Duration time) {
    long end = now + time.toNanos();
    boolean heard = false;
    while (host.nextDeadline().isPresent() && host.nextDeadline().getAsLong() <= end) {
      now = Math.max(now + 1, host.nextDeadline().getAsLong());
      heard |= host.tick();
    }
    now = end;
    return heard;
  }

  private void answers(String hardware) {
    machine.arrived.addAll(Frames.taken(FOUR, hardware));
  }

  @Test
  void theOnlyRouterAnswersAndItsOwnQuestionsDoNotTell() {
    Host.Report report = host.settle(alone());
    assertThat(report.errors()).isEmpty();
    assertThat(what(report))
        .containsExactly(
            "set sysctl net.ipv4.conf.all.accept_local",
            "set sysctl net.ipv4.conf.eth0.arp_ignore",
            "set sysctl net.ipv4.conf.eth0.arp_announce",
            "add link freeway0",
            "add address 10.1.0.100/32",
            "add address 2001:db8:1::100/128",
            "add announcement 10.1.0.100/32",
            "add announcement 2001:db8:1::100/128");
    assertThat(report.changes())
        .extracting(HostChange::command)
        .contains(
            "ip address add 10.1.0.100/32 dev eth0 preferred_lft 0",
            "ip address add 2001:db8:1::100/128 dev eth0 preferred_lft 0 nodad");
    assertThat(machine.answers()).containsExactly(FOUR.toString(), SIX.toString());
    assertThat(machine.ours()).containsExactly("10.1.0.100/32", "2001:db8:1::100/128");
    assertThat(machine.log).contains("lend address 10.1.0.100 for ever");
    assertThat(machine.sysctls)
        .containsEntry("net/ipv4/conf/eth0/arp_ignore", "1")
        .containsEntry("net/ipv4/conf/eth0/arp_announce", "2");
    assertThat(host.settle(alone()).changes()).isEmpty();
    assertThat(host().pending(alone()).changes()).isEmpty();
  }

  @Test
  void neighboursAreToldAtOnceAndFourTimesMore() {
    host.settle(one(new Announcing.Alone()));
    assertThat(machine.sent).containsExactlyElementsOf(Frames.taken(FOUR, FakeMachine.HARDWARE));
    List<Integer> told = new java.util.ArrayList<>();
    for (int millis : List.of(249, 1, 749, 1, 1000, 2000, 60_000)) {
      pass(Duration.ofMillis(millis));
      told.add(machine.sent.size());
    }
    assertThat(told).containsExactly(2, 4, 4, 6, 8, 10, 10);
    assertThat(host.nextDeadline()).isEmpty();
  }

  @Test
  void aSilentRouterHoldsTheAddressAndAnswersNowhere() {
    Host.Report report = host.settle(both(elsewhere(true)));
    assertThat(machine.ours()).containsExactly("10.1.0.100/32", "2001:db8:1::100/128");
    assertThat(machine.answers()).isEmpty();
    assertThat(machine.sent).isEmpty();
    assertThat(machine.sysctls).containsEntry("net/ipv4/conf/eth0/arp_ignore", "1");
    assertThat(report.notes()).isEmpty();
    assertThat(host.announced().addresses())
        .containsEntry(FOUR, new Announced.Answerer("eth0", false, "there"));
    assertThat(host.announced().segments())
        .hasToString("[10.1.0.0/24@02:00:0a:01:00:01, 2001:db8:1::/64@02:00:0a:01:00:01]");
  }

  @Test
  void aTakeOverAndAHandOverSayWhy() {
    host.settle(both(elsewhere(true)));
    Host.Report taken = host.settle(both(among(true)));
    assertThat(what(taken))
        .containsExactly("add announcement 10.1.0.100/32", "add announcement 2001:db8:1::100/128");
    assertThat(taken.changes().getFirst().reason()).isEqualTo("elected of here");
    assertThat(machine.sent).hasSize(3);
    assertThat(machine.log).contains("lend address 10.1.0.100 for 30 s");

    Host.Report given = host.settle(both(elsewhere(true)));
    assertThat(what(given))
        .containsExactly(
            "delete announcement 10.1.0.100/32", "delete announcement 2001:db8:1::100/128");
    assertThat(given.changes().getFirst().reason()).isEqualTo("there is elected of there");
    assertThat(machine.answers()).isEmpty();
    assertThat(machine.ours()).as("it is held on").hasSize(2);
    pass(Duration.ofMinutes(1));
    assertThat(machine.sent).as("nothing is told of what is another's").hasSize(3);
  }

  @Test
  void theKernelIsLentAnAddressOnlyWhileOthersWouldTakeOver() {
    host.settle(one(among(true)));
    machine.log.clear();
    pass(Duration.ofSeconds(11));
    assertThat(machine.log).containsOnly("renew address 10.1.0.100 for 30 s").hasSizeBetween(2, 3);
    machine.log.clear();
    host.settle(one(among(false)));
    pass(Duration.ofSeconds(1));
    assertThat(machine.log).containsExactly("renew address 10.1.0.100 for ever");
    machine.log.clear();
    host.settle(one(among(true)));
    pass(Duration.ofSeconds(1));
    assertThat(machine.log).contains("renew address 10.1.0.100 for 30 s");
  }

  @Test
  void whileNothingIsKnownOfOthersWhoAnswersStaysAsItIs() {
    host.settle(one(new Announcing.Unknown()));
    assertThat(machine.answers()).isEmpty();
    host.settle(one(among(true)));
    host = host(); // a restart
    machine.log.clear();
    assertThat(host.answered()).containsEntry(FOUR, "eth0");
    assertThat(host.settle(one(new Announcing.Unknown())).changes()).isEmpty();
    assertThat(machine.answers()).containsExactly(FOUR.toString());
    assertThat(machine.log)
        .as("it is renewed while this router lives, and the others take over when it does not")
        .containsExactly("renew address 10.1.0.100 for 30 s");
  }

  @Test
  void anotherRouterThatAnswersIsYieldedToWhileTheApiServerIsNotHeard() {
    host.settle(one(among(true)));
    host.settle(one(among(false, "there")));
    pass(Duration.ofSeconds(10));
    assertThat(host.settle(one(among(false, "there"))).changes()).isEmpty();
    assertThat(machine.sent)
        .as("it asks")
        .anySatisfy(frame -> assertThat(frame).isEqualTo(Frames.probe(FOUR, FakeMachine.HARDWARE)));

    answers("02:00:0a:01:00:99"); // somebody who answers for everything, and is no router
    assertThat(pass(Duration.ofSeconds(3))).isFalse();
    answers(OTHER);
    assertThat(pass(Duration.ofSeconds(3))).isTrue();
    Host.Report given = host.settle(one(among(false, "there")));
    assertThat(what(given)).containsExactly("delete announcement 10.1.0.100/32");
    assertThat(given.changes().getFirst().reason()).contains("the API server is not heard");
  }

  /** As after a reboot in an outage, or when the one that was yielded to has gone. */
  @Test
  void withoutTheApiServerAnAddressOfItsOwnIsTakenOnlyWhenNobodyAnswers() {
    String mine =
        List.of("10.1.0.100", "10.1.0.101", "10.1.0.102", "10.1.0.103").stream()
            .filter(
                text ->
                    among(false, "there") instanceof Announcing.Elected elected
                        && elected
                            .routers()
                            .elected(IpAddress.parse(text))
                            .equals(java.util.Optional.of("here")))
            .findFirst()
            .orElseThrow();
    HostNeeds needs = new Needs().direct(mine).announcing(among(false, "there")).build();
    host.settle(needs);
    assertThat(machine.answers()).isEmpty();
    for (int i = 0; i < 5; i++) {
      machine.arrived.addAll(Frames.taken(IpAddress.parse(mine), OTHER));
      pass(Duration.ofSeconds(2));
      host.settle(needs);
      assertThat(machine.answers()).isEmpty();
    }
    assertThat(pass(Duration.ofSeconds(9))).isTrue();
    assertThat(what(host.settle(needs))).containsExactly("add announcement " + mine + "/32");
    assertThat(machine.answers()).containsExactly(mine);
  }

  @Test
  void listeningEndsWhenTheApiServerIsHeardAgain() {
    host.settle(one(among(false)));
    pass(Duration.ofSeconds(2));
    machine.log.clear();
    host.settle(one(among(true)));
    assertThat(machine.log).contains("hear nothing");
  }

  @Test
  void anAuditPutsARemovedAddressBackAndTellsNeighboursAgain() {
    host.settle(one(new Announcing.Alone()));
    machine.addresses.removeIf(held -> held.link() == 2 && held.address().equals(FOUR));
    machine.sent.clear();
    assertThat(what(host.settle(one(new Announcing.Alone()))))
        .containsExactly("add announcement 10.1.0.100/32");
    assertThat(machine.sent).hasSize(2);
  }

  @Test
  void anAddressThatSomebodyElsePutThereIsLeft() {
    LinkAddress foreign = new LinkAddress(2, FOUR, 32, 0);
    machine.addresses.add(foreign);
    Host.Report report = host.settle(one(elsewhere(true)));
    assertThat(report.notes())
        .singleElement()
        .asString()
        .contains("10.1.0.100 is on eth0 and stays there", "whoever is elected");
    host.settle(one(among(true)));
    host.settle(new Needs().announcing(among(true)).build());
    host.restore();
    assertThat(machine.addresses).contains(foreign);
    assertThat(machine.log).noneMatch(line -> line.contains("10.1.0.100"));
  }

  /** Its time ran out while no process was there, and then an administrator put it there. */
  @Test
  void whatTheKernelLetGoOfIsOursNoMore() {
    host.settle(one(among(true)));
    machine.addresses.removeIf(held -> held.link() == 2 && held.address().equals(FOUR));
    host.settle(one(elsewhere(true)));
    LinkAddress foreign = new LinkAddress(2, FOUR, 32, 0);
    machine.addresses.add(foreign);
    host.settle(one(elsewhere(true)));
    host.restore();
    assertThat(machine.addresses).contains(foreign);
  }

  @Test
  void aLinkWithoutCarrierIsNoNetworkToAnswerOn() {
    host.settle(one(among(true)));
    Link eth0 = machine.links.get(1);
    machine.links.set(1, new Link(2, "eth0", "veth", RouteNumbers.IFF_UP, FakeMachine.HARDWARE));
    Host.Report report = host.settle(one(among(true)));
    assertThat(what(report)).containsExactly("delete announcement 10.1.0.100/32");
    assertThat(report.changes().getFirst().reason()).isEqualTo("neighbours cannot ask there now");
    assertThat(host.announced().segments()).as("others are told").isEmpty();
    machine.links.set(1, eth0);
    assertThat(what(host.settle(one(among(true)))))
        .containsExactly("add announcement 10.1.0.100/32");
  }

  @Test
  void anAddressOfNoSubnetIsHeldAndNamedWithItsService() {
    Host.Report report =
        host.settle(new Needs().direct("10.9.0.1").announcing(new Announcing.Alone()).build());
    assertThat(machine.ours()).containsExactly("10.9.0.1/32");
    assertThat(machine.answers()).isEmpty();
    assertThat(report.notes())
        .singleElement()
        .asString()
        .contains("10.9.0.1 (tcp 10.9.0.1:80)", "route it to the routers");
    assertThat(machine.sysctls).containsEntry("net/ipv4/conf/eth0/arp_ignore", "0");
    assertThat(host.announced().addresses())
        .containsEntry(IpAddress.parse("10.9.0.1"), new Announced.Answerer("", false, ""));
  }

  @Test
  void restoreTakesOursAndPutsTheSysctlsBack() {
    Set<LinkAddress> before = Set.copyOf(machine.addresses);
    host.settle(alone());
    Host.Report restored = host.restore();
    assertThat(restored.errors()).isEmpty();
    assertThat(what(restored))
        .contains("delete announcement 10.1.0.100/32", "set sysctl net.ipv4.conf.eth0.arp_ignore");
    assertThat(machine.addresses).containsExactlyInAnyOrderElementsOf(before);
    assertThat(machine.sysctls)
        .containsEntry("net/ipv4/conf/eth0/arp_ignore", "0")
        .containsEntry("net/ipv4/conf/eth0/arp_announce", "0");
  }

  @Test
  void withoutTheOptionAgainEveryRouterAnswers() {
    host.settle(alone());
    machine.log.clear();
    host.settle(both(new Announcing.Everyone()));
    assertThat(machine.answers()).isEmpty();
    assertThat(machine.ours()).hasSize(2);
    assertThat(machine.sysctls)
        .containsEntry("net/ipv4/conf/eth0/arp_ignore", "0")
        .containsEntry("net/ipv4/conf/eth0/arp_announce", "0");
    assertThat(host.announced()).isEqualTo(Announced.NONE);
    assertThat(host.settle(both(new Announcing.Everyone())).changes()).isEmpty();
    pass(Duration.ofMinutes(1));
    assertThat(machine.log).noneMatch(line -> line.startsWith("renew"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "8"})
  void aMachineThatAnswersNoArpAtAllIsAnError(String all) {
    machine.sysctls.put("net/ipv4/conf/all/arp_ignore", all);
    assertThat(host.settle(one(new Announcing.Alone())).errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.kernelMessage()).contains("net.ipv4.conf.all.arp_ignore is " + all);
              assertThat(error.command()).isEqualTo("sysctl -w net.ipv4.conf.all.arp_ignore=1");
            });
  }

  @Test
  void wherePacketsMayNotBeSentThatIsSaid() {
    machine.sends = false;
    host.settle(one(new Announcing.Alone()));
    assertThat(machine.answers()).containsExactly(FOUR.toString());
    assertThat(host.settle(one(new Announcing.Alone())).notes())
        .singleElement()
        .asString()
        .contains("neighbours on eth0 are not told", "NET_RAW");
  }

  @Test
  void aKillInBetweenLeavesARecordThatRestoreCanUse() {
    for (int writes = 0; ; writes++) {
      machine.writesUntilKilled = writes;
      boolean killed = false;
      try {
        host().settle(alone());
      } catch (FakeMachine.Killed e) {
        killed = true;
      }
      machine.writesUntilKilled = Integer.MAX_VALUE;
      assertThat(host().restore().errors()).isEmpty();
      assertThat(machine.answers()).as("killed after %d writes", writes).isEmpty();
      if (!killed) {
        assertThat(writes).isGreaterThan(8);
        return;
      }
    }
  }

  @Test
  void timeStandsStillWhereNothingIsAnnounced() {
    host.settle(one(new Announcing.Everyone()));
    now += 100 * MILLISECOND;
    assertThat(host.nextDeadline()).isEmpty();
    assertThat(host.tick()).isFalse();
  }
}
