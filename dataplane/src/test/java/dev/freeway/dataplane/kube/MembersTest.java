package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.kube.api.Listed;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MembersTest {
  private static final long SECOND = 1_000_000_000L;
  private static final String SEGMENT_A = "10.1.0.0/24@02:00:0a:01:00:01";
  private static final String SEGMENT_B = "10.1.0.0/24@02:00:0a:01:00:02";
  private static final IpAddress ADDRESS = IpAddress.parse("10.1.0.100");

  private final Members members = new Members("a");

  private static Listed<RouterLease> lease(String router, int version) {
    return lease(router, version, "");
  }

  private static Listed<RouterLease> lease(String router, int version, String segments) {
    return new Listed<>(
        "freeway/" + router, Integer.toString(version), RouterLease.of(router, segments));
  }

  /** Both renew theirs every 5 s, from one second to another. */
  private void renew(int from, int to, String... routers) {
    for (int second = from; second <= to; second += 5) {
      for (String router : routers) {
        members.one(lease(router, second, segment(router)), second * SECOND);
      }
    }
  }

  private static String segment(String router) {
    return router.equals("a") ? SEGMENT_A : SEGMENT_B;
  }

  @Test
  void aRouterLivesAsLongAsItsLeaseChanges() {
    members.all(List.of(lease("a", 1), lease("b", 1)), 0);
    renew(5, 10, "a");
    assertThat(members.alive(15 * SECOND - 1)).containsExactly("a", "b");
    members.all(List.of(lease("a", 15), lease("b", 1)), 15 * SECOND); // it says nothing new of b
    assertThat(members.alive(15 * SECOND)).containsExactly("a");
    members.one(lease("b", 2), 16 * SECOND);
    assertThat(members.alive(16 * SECOND)).containsExactly("a", "b");
    members.gone(lease("b", 2), 17 * SECOND);
    assertThat(members.alive(17 * SECOND)).containsExactly("a");
  }

  @Test
  void aRouterWithoutALeaseDoesNothingForAll() {
    assertThat(members.chosen("shop/web", new TreeSet<>())).isFalse();
  }

  @Test
  void whileNobodyAnswersNobodyDiesAndTheDeadStayDead() {
    members.all(List.of(lease("a", 0), lease("b", 0), lease("c", 0)), 0);
    renew(5, 20, "a", "b");
    assertThat(members.alive(20 * SECOND)).containsExactly("a", "b");
    assertThat(members.isSilent(27 * SECOND)).isFalse();
    assertThat(members.isSilent(28 * SECOND)).isTrue();
    assertThat(members.alive(1000 * SECOND)).containsExactly("a", "b");

    members.all(List.of(lease("a", 20), lease("b", 20), lease("c", 0)), 1000 * SECOND);
    assertThat(members.isSilent(1000 * SECOND)).isFalse();
    renew(1001, 1011, "a");
    assertThat(members.alive(1015 * SECOND - 1))
        .as("b has a whole Lease to come back")
        .containsExactly("a", "b");
    assertThat(members.alive(1015 * SECOND)).containsExactly("a");
  }

  @Test
  void oneThatAgedBeforeTheSilenceDoesNotRiseByIt() {
    members.all(List.of(lease("a", 0), lease("b", 0)), 0);
    renew(5, 10, "a");
    assertThat(members.alive(15 * SECOND)).containsExactly("a");
    assertThat(members.alive(17 * SECOND)).containsExactly("a");
    assertThat(members.alive(60 * SECOND)).as("the silence began at 18 s").containsExactly("a");
    members.one(lease("a", 60), 60 * SECOND);
    assertThat(members.alive(60 * SECOND)).containsExactly("a");
  }

  @Test
  void whoLivesIsKnownOnceEveryLeaseChangedOrOneHasPassed() {
    assertThat(members.areKnown(0)).isFalse();
    members.all(List.of(lease("a", 0), lease("b", 0), lease("ended-last-month", 0)), 0);
    renew(1, 11, "a", "b");
    assertThat(members.routers(name -> false, 15 * SECOND - 1)).isEmpty();
    assertThat(members.routers(name -> false, 15 * SECOND).orElseThrow().alive())
        .containsOnlyKeys("a", "b");

    Members quick = new Members("a");
    quick.all(List.of(lease("a", 0), lease("b", 0)), 0);
    quick.one(lease("a", 1), SECOND);
    assertThat(quick.areKnown(SECOND)).isFalse();
    quick.one(lease("b", 1), 2 * SECOND);
    assertThat(quick.areKnown(2 * SECOND)).isTrue();

    Members alone = new Members("a");
    alone.all(List.of(), 0);
    assertThat(alone.areKnown(0)).as("nobody is there to be waited for").isTrue();
  }

  @Test
  void aRouterThatAnswersNowhereIsNoneOfThoseThatAnswer() {
    members.all(List.of(), 0);
    members.one(lease("a", 1, SEGMENT_A), 0);
    members.one(lease("b", 1), 0);
    assertThat(members.alive(0)).containsExactly("a", "b");
    assertThat(members.routers(name -> false, 0).orElseThrow().alive()).containsOnlyKeys("a");
    assertThat(RouterLease.of("b", "10.1.0.0/24 nonsense " + SEGMENT_B + " 10.1.0.0/24@x"))
        .as("what cannot be read is left out")
        .isEqualTo(RouterLease.of("b", SEGMENT_B));
  }

  @Test
  void ofACordonedNodeTheRouterHandsOver() {
    members.all(List.of(), 0);
    renew(0, 0, "a", "b");
    assertThat(members.routers("a"::equals, 0).orElseThrow().elected(ADDRESS)).contains("b");
    assertThat(members.routers("b"::equals, 0).orElseThrow().elected(ADDRESS)).contains("a");
  }
}
