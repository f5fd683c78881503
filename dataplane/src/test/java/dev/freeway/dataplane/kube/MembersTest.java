package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.kube.api.Listed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MembersTest {
  private static final long LEASE = Members.LEASE.toNanos();

  private static Listed<String> lease(String router, int version) {
    return new Listed<>("freeway/" + router, Integer.toString(version), router);
  }

  @Test
  void aRouterLivesAsLongAsItsLeaseChanges() {
    Members members = new Members("a");
    members.all(List.of(lease("a", 1), lease("b", 1)), 0);
    assertThat(members.alive(LEASE - 1)).containsExactly("a", "b");
    members.one(lease("a", 2), LEASE - 1);
    assertThat(members.alive(LEASE)).containsExactly("a");
    members.all(List.of(lease("a", 3), lease("b", 1)), LEASE + 1); // a list says nothing new of b
    assertThat(members.alive(LEASE + 2)).containsExactly("a");
    members.one(lease("b", 2), LEASE + 2);
    assertThat(members.alive(LEASE + 3)).containsExactly("a", "b");
    members.gone(lease("b", 2));
    assertThat(members.alive(LEASE + 3)).containsExactly("a");
  }

  @Test
  void aRouterWithoutALeaseDoesNothingForAll() {
    assertThat(new Members("a").chosen("shop/web", new TreeSet<>())).isFalse();
  }

  @Test
  void theWorkIsSpreadAndARouterThatEndsMovesOnlyItsOwn() {
    TreeSet<String> three = new TreeSet<>(List.of("a", "b", "c"));
    TreeSet<String> two = new TreeSet<>(List.of("a", "c"));
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      String key = "shop/web-" + i;
      String before = Members.of(key, three).orElseThrow();
      shares.merge(before, 1, Integer::sum);
      if (!before.equals("b")) {
        assertThat(Members.of(key, two)).contains(before);
      }
    }
    assertThat(shares.values()).allMatch(share -> share > 800 && share < 1200);
  }
}
