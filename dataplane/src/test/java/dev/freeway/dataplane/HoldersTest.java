package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Services that claim one address, port and protocol, over several runs of the program. */
class HoldersTest {
  private static final String A =
      RouterFixture.service("a", "10.0.0.1", "2026-01-02T00:00:00Z", "10.1.0.11");
  private static final String OLDER =
      RouterFixture.service("b", "10.0.0.1", "2020-01-02T00:00:00Z", "10.1.0.12");
  private static final String REFUSED =
      ", document 1 (Service shop/b): metadata.annotations[freeway.dev/addresses]:"
          + " \"tcp 10.0.0.1:80\"; expected an address, port and protocol of its own: this one is"
          + " held by shop/a\n";

  @TempDir Path directory;
  private RouterFixture router;

  @BeforeEach
  void start() {
    router = new RouterFixture(directory);
  }

  private void holdsA() {
    router.write("a.yaml", A);
    assertThat(router.on("apply")).isZero();
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.11");
  }

  @Test
  void withoutARecordTheOlderGetsIt() {
    router.write("a.yaml", A);
    router.write("b.yaml", OLDER);
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err).contains("Service shop/a").contains("is held by shop/b");
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.12");
  }

  @Test
  void theHolderKeepsItFromAnOlderOneOverPlansAndRestarts() {
    holdsA();
    router.write("b.yaml", OLDER);
    for (String verb : new String[] {"plan", "apply", "plan", "apply"}) {
      assertThat(router.on(verb)).as(verb).isEqualTo(3);
      assertThat(router.err).as(verb).endsWith(REFUSED);
      assertThat(router.onlyDestination()).as(verb).isEqualTo("10.1.0.11");
    }
  }

  @Test
  void whenTheHolderLeavesTheInputTheOtherGetsItAndThenKeepsIt() {
    holdsA();
    router.write("b.yaml", OLDER);
    assertThat(router.on("apply")).isEqualTo(3);
    router.remove("a.yaml");
    assertThat(router.on("plan", "-o", "json")).isEqualTo(2);
    assertThat(router.document().get("changes")).hasSize(2);
    assertThat(router.on("apply")).isZero();
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.12");

    router.write("a.yaml", A.replace("2026", "2010"));
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err).contains("Service shop/a").contains("is held by shop/b");
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.12");
  }

  @Test
  void aHolderWhoseServiceIsRefusedKeepsIt() {
    holdsA();
    router.write("a.yaml", A.replace("10.1.0.11", "nowhere"));
    router.write("b.yaml", OLDER);
    assertThat(router.on("apply", "-o", "json")).isEqualTo(1);
    assertThat(router.out).contains("is held by shop/a");
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.11");
  }

  @Test
  void aHolderThatMayStandInAFileThatCannotBeReadKeepsIt() {
    holdsA();
    router.write("a.yaml", A.replace("kind: Service", "kind: ["));
    router.write("b.yaml", OLDER);
    router.write("c.yaml", RouterFixture.service("c", "10.0.0.3", "", "10.1.0.13"));
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err).contains(REFUSED);
    assertThat(router.services()).hasSize(2);
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.11");
  }
}
