package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.InputError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a look at the files comes to, by a clock of the test's own. */
final class FollowedInputTest {
  private static final Desired NOTHING = new Desired(Collections.emptySortedMap());
  private static final String WEB = ManifestsFixture.WEB + "---\n" + ManifestsFixture.WEB_SLICE;
  private static final String API = WEB.replace("web", "api").replace("10.0.0.1", "10.0.0.2");

  @TempDir Path directory;
  private FollowedInput input =
      new FollowedInput(
          List.of(), InputStream.nullInputStream(), NOTHING, UnaryOperator.identity());
  private long now = 1_000_000_000L;

  @BeforeEach
  void twoFiles() throws IOException {
    write("web.yaml", WEB);
    write("api.yaml", API);
    input = follow(directory.toString());
  }

  private static FollowedInput follow(String... sources) {
    return follow(NOTHING, sources);
  }

  private static FollowedInput follow(Desired before, String... sources) {
    return new FollowedInput(
        List.of(sources), InputStream.nullInputStream(), before, UnaryOperator.identity());
  }

  private static String slice(String name, String... addresses) {
    String head =
        ManifestsFixture.WEB_SLICE.substring(0, ManifestsFixture.WEB_SLICE.indexOf("endpoints:"));
    StringBuilder slice = new StringBuilder(head.replace("web-1", name)).append("endpoints:\n");
    for (String address : addresses) {
      slice.append("  - addresses: [\"").append(address).append("\"]\n");
    }
    return slice.toString();
  }

  /** Of the first service. */
  private static List<String> endpoints(Desired desired) {
    return desired.services().firstEntry().getValue().endpoints().keySet().stream()
        .map(Object::toString)
        .toList();
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(directory.resolve(file), text);
  }

  private Optional<Desired> look() {
    return look(false);
  }

  private Optional<Desired> look(boolean held) {
    return input.look(now, System.currentTimeMillis(), held);
  }

  private Optional<Desired> lookAfter(Duration time) {
    now += time.toNanos();
    return look();
  }

  private static List<String> owners(Optional<Desired> desired) {
    return desired.orElseThrow().services().values().stream().map(DesiredService::owner).toList();
  }

  private List<String> frozen() {
    return input.status().frozen().stream().map(InputError::value).toList();
  }

  @Test
  void theFirstLookReadsEverythingAndTheNextOneFindsNothingNew() throws IOException {
    assertThat(owners(look())).containsExactly("shop/web", "shop/api");
    assertThat(look()).isEmpty();
    write("web.yaml", WEB + "# the same in other words\n");
    assertThat(look()).isEmpty();
  }

  @Test
  void aFileThatStaysAwayCountsAsDeletedAtTheSecondLook() throws IOException {
    look();
    Files.delete(directory.resolve("web.yaml"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(Duration.ofMillis(4999))).isEmpty();
    assertThat(frozen()).containsExactly("no such file");
    assertThat(input.status().frozen().getFirst().expected()).contains("5 s");
    assertThat(owners(lookAfter(Duration.ofMillis(1)))).containsExactly("shop/api");
    assertThat(frozen()).isEmpty();
  }

  @Test
  void aFileThatReturnsInTimeWasNeverGone() throws IOException {
    look();
    Files.delete(directory.resolve("web.yaml"));
    assertThat(lookAfter(Duration.ofSeconds(4))).isEmpty();
    write("web.yaml", WEB);
    assertThat(lookAfter(Duration.ofSeconds(4))).isEmpty();
    assertThat(frozen()).isEmpty();
    Files.delete(directory.resolve("web.yaml"));
    assertThat(lookAfter(Duration.ofSeconds(4))).isEmpty();
    assertThat(lookAfter(Duration.ofSeconds(4))).isEmpty();
  }

  @Test
  void anEmptiedOrVanishedDirectoryChangesNothingHoweverLong() throws IOException {
    look();
    Files.delete(directory.resolve("web.yaml"));
    Files.delete(directory.resolve("api.yaml"));
    look();
    assertThat(lookAfter(Duration.ofDays(1))).isEmpty();
    assertThat(frozen()).containsExactly("an empty directory");
    Files.delete(directory);
    assertThat(lookAfter(Duration.ofDays(1))).isEmpty();
    assertThat(frozen()).containsExactly("no such file");
    Files.createDirectory(directory);
    write("api.yaml", API);
    assertThat(look()).isEmpty();
    assertThat(owners(lookAfter(Duration.ofSeconds(5)))).containsExactly("shop/api");
  }

  @Test
  void aVanishedFileThatWasNamedItselfChangesNothingHoweverLong() throws IOException {
    input = follow(directory.resolve("web.yaml").toString());
    look();
    Files.delete(directory.resolve("web.yaml"));
    look();
    assertThat(lookAfter(Duration.ofDays(1))).isEmpty();
    assertThat(frozen()).containsExactly("no such file");
    write("web.yaml", WEB.replace("10.1.0.12", "10.1.0.13"));
    look();
    assertThat(lookAfter(ManifestFile.SETTLES)).isPresent();
    assertThat(frozen()).isEmpty();
  }

  @Test
  void aFileThatIsUnusableWhileItIsWrittenIsNotWorthAWord() throws IOException {
    look();
    write("web.yaml", "");
    look();
    assertThat(frozen()).isEmpty();
    assertThat(input.untilNext(Duration.ofSeconds(1), false)).isEqualTo(FollowedInput.SETTLED);
    write("web.yaml", WEB.replace("10.1.0.12", "10.1.0.13"));
    look();
    assertThat(lookAfter(ManifestFile.SETTLES)).isPresent();
    write("web.yaml", "");
    look();
    assertThat(lookAfter(FollowedInput.SETTLED)).isEmpty();
    assertThat(frozen()).containsExactly("an empty file");
  }

  @Test
  void inputWithoutAServiceOfOursFreezes() throws IOException {
    look();
    write("web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    write("api.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    assertThat(lookAfter(Duration.ofDays(1))).isEmpty();
    assertThat(frozen()).containsExactly("no Service of ours");
  }

  @Test
  void aNewFileThatIsBrokenTakesNothingAway() throws IOException {
    look();
    write("new.yaml", "kind: [");
    Files.delete(directory.resolve("web.yaml"));
    look();
    assertThat(lookAfter(Duration.ofSeconds(10))).isEmpty();
    write("new.yaml", WEB.replace("web", "new").replace("10.0.0.1", "10.0.0.3"));
    assertThat(owners(look())).containsExactly("shop/api", "shop/new");
  }

  @Test
  void aSliceFileThatIsBrokenAtTheStartLosesNoDestinationOfWhatTheKernelHolds() throws IOException {
    write("more.yaml", slice("web-2", "10.1.0.21", "10.1.0.22"));
    Desired held = look().orElseThrow();
    assertThat(endpoints(held)).hasSize(4);
    write("more.yaml", "kind: [");
    input = follow(held, directory.toString());
    assertThat(look()).contains(held);
    write("web.yaml", WEB.replace("10.1.0.12", "10.1.0.13"));
    assertThat(endpoints(lookAfter(Duration.ofSeconds(1)).orElseThrow())).hasSize(5);
    write("more.yaml", slice("web-2", "10.1.0.21"));
    assertThat(endpoints(look().orElseThrow()))
        .containsExactly("10.1.0.11:80", "10.1.0.13:80", "10.1.0.21:80");
  }

  @Test
  void aSliceThatNamesNoServiceTakesNothingAway() throws IOException {
    Desired held = look().orElseThrow();
    String typo = WEB.replace("service-name: web", "service-name: wbe");
    write("web.yaml", typo);
    assertThat(look()).isEmpty();
    assertThat(lookAfter(ManifestFile.SETTLES)).isEmpty();
    assertThat(input.status().errors()).extracting(InputError::value).containsExactly("wbe");
    assertThat(input.status().errors().getFirst().expected()).endsWith(": shop/web");
    write("new.yaml", "kind: ["); // it may hold the Service, or not
    assertThat(lookAfter(Duration.ofSeconds(1))).isEmpty();
    Files.delete(directory.resolve("new.yaml"));

    input = follow(held, directory.toString()); // a restart
    assertThat(look()).contains(held);
    write(
        "web.yaml",
        typo.replace("annotations:\n", "annotations:\n    freeway.dev/scheduler: rr\n"));
    write("api.yaml", API.replace("10.1.0.12", "10.1.0.13"));
    look();
    Desired next = lookAfter(ManifestFile.SETTLES).orElseThrow();
    assertThat(next.services().firstEntry().getValue().service().scheduler().name())
        .isEqualTo("rr");
    assertThat(endpoints(next)).containsExactly("10.1.0.11:80", "10.1.0.12:80");
    assertThat(next.services().lastEntry().getValue().endpoints().keySet())
        .hasToString("[10.1.0.11:80, 10.1.0.13:80]");
    write("web.yaml", WEB.replace("10.1.0.12", "10.1.0.14"));
    look();
    assertThat(endpoints(lookAfter(ManifestFile.SETTLES).orElseThrow()))
        .containsExactly("10.1.0.11:80", "10.1.0.14:80");
  }

  @Test
  void destinationsThatAreKeptKeepTheirForwardingUntilTheSliceIsMended() throws IOException {
    input = follow(directory.resolve("web.yaml").toString());
    Desired held = look().orElseThrow();
    String direct =
        WEB.replace("annotations:\n", "annotations:\n    freeway.dev/forwarding: direct\n");
    write("web.yaml", direct.replace("service-name: web", "service-name: wbe"));
    assertThat(look()).isEmpty();
    assertThat(lookAfter(ManifestFile.SETTLES)).isEmpty();
    assertThat(held.services().firstEntry().getValue().sourceNat()).isTrue();
    write("web.yaml", direct);
    DesiredService mended = look().orElseThrow().services().firstEntry().getValue();
    assertThat(mended.forwarding()).isEqualTo(Forwarding.DIRECT);
    assertThat(mended.sourceNat()).isFalse();
    assertThat(mended.endpoints()).hasSize(2);
  }

  @Test
  void aServiceThatTakesAnothersPlaceDoesNotKeepTheOthersDestinations() throws IOException {
    input = follow(directory.resolve("web.yaml").toString());
    look();
    write("web.yaml", WEB.replace("web", "new").replace("service-name: new", "service-name: nwe"));
    look();
    Desired next = lookAfter(ManifestFile.SETTLES).orElseThrow();
    assertThat(owners(Optional.of(next))).containsExactly("shop/new");
    assertThat(endpoints(next)).isEmpty();
    assertThat(input.status().errors().getFirst().expected())
        .endsWith("another Service had there are not kept for shop/new");
  }

  @Test
  void aServiceThatTakesAnothersPlaceBesideItsOwnKeepsItsOwnDestinations() throws IOException {
    write("web.yaml", WEB + "---\n" + API);
    input = follow(directory.resolve("web.yaml").toString());
    look();
    write(
        "web.yaml",
        WEB.replace("\"10.0.0.1\"", "\"10.0.0.1,10.0.0.2\"")
            .replace("service-name: web", "service-name: wbe"));
    look();
    Desired next = lookAfter(ManifestFile.SETTLES).orElseThrow();
    assertThat(owners(Optional.of(next))).containsExactly("shop/web", "shop/web");
    assertThat(endpoints(next)).hasSize(2);
    assertThat(next.services().lastEntry().getValue().endpoints()).isEmpty();
    assertThat(input.status().errors().getFirst().expected())
        .contains("keeps its destinations: shop/web;")
        .endsWith("not kept for shop/web");
  }

  @Test
  void contentThatTakesAwayWaitsForASecondLookWhenItIsWrittenInPlace() throws IOException {
    look();
    String half = WEB.substring(0, WEB.indexOf("  - addresses: [\"10.1.0.12"));
    write("web.yaml", half);
    assertThat(look()).isEmpty();
    assertThat(input.untilNext(Duration.ofSeconds(1), false)).isEqualTo(FollowedInput.SETTLED);
    assertThat(lookAfter(ManifestFile.SETTLES.minusNanos(1))).isEmpty();
    write("web.yaml", WEB + "  - addresses: [\"10.1.0.13\"]\n"); // the rest arrives
    assertThat(endpoints(look().orElseThrow())).hasSize(3);
    write("web.yaml", half);
    assertThat(look()).isEmpty();
    assertThat(endpoints(lookAfter(ManifestFile.SETTLES).orElseThrow()))
        .containsExactly("10.1.0.11:80");
    assertThat(frozen()).isEmpty();
  }

  @Test
  void aServiceThatIsCutShortOfItsClassIsNotTakenAwayAtOnce() throws IOException {
    look();
    write("web.yaml", WEB.substring(0, WEB.indexOf("  loadBalancerClass")));
    assertThat(look()).isEmpty();
    write("web.yaml", WEB);
    assertThat(lookAfter(ManifestFile.SETTLES)).isEmpty();
  }

  @Test
  void aFileThatIsRemovedAndWrittenAnewIsWrittenInPlace() throws IOException {
    look();
    Files.delete(directory.resolve("web.yaml"));
    look();
    write("web.yaml", ManifestsFixture.WEB);
    assertThat(look()).isEmpty();
    assertThat(endpoints(lookAfter(ManifestFile.SETTLES).orElseThrow())).isEmpty();
  }

  @Test
  void aFileThatIsRenamedIntoItsPlaceIsWholeAndTakesAwayAtOnce() throws IOException {
    look();
    write("api.yaml", ManifestsFixture.WEB.replace("web", "api")); // half-written
    write("next", WEB.replace("10.1.0.12", "10.1.0.13"));
    Files.move(
        directory.resolve("next"),
        directory.resolve("web.yaml"),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    Desired next = look().orElseThrow();
    assertThat(endpoints(next)).containsExactly("10.1.0.11:80", "10.1.0.13:80");
    assertThat(next.services().lastEntry().getValue().endpoints()).hasSize(2);
  }

  @Test
  void whoHoldsAnAddressKeepsItThoughAnOlderServiceClaimsIt() throws IOException {
    look();
    write("a.yaml", WEB.replace("web", "aaa"));
    assertThat(look()).isEmpty();
    assertThat(input.status().refused()).containsExactly("shop/aaa");
    assertThat(input.status().errors().getFirst().expected()).contains("held by shop/web");
  }

  @Test
  void aHeldStateIsSubmittedAgainAtTheSecondLook() {
    assertThat(look()).isPresent();
    assertThat(look(true)).isEmpty();
    now += FollowedInput.SECOND_LOOK.toNanos();
    assertThat(look(false)).isEmpty();
    assertThat(look(true)).isPresent();
    assertThat(look(true)).isEmpty();
  }

  @Test
  void aConfigMapIsFollowedThroughItsSymbolicLinks() throws IOException {
    Path mount = Files.createDirectory(directory.resolve("mount"));
    Path old = Files.createDirectory(mount.resolve("..2026_1"));
    Files.writeString(old.resolve("web.yaml"), WEB);
    Files.createSymbolicLink(mount.resolve("..data"), Path.of("..2026_1"));
    Files.createSymbolicLink(mount.resolve("web.yaml"), Path.of("..data/web.yaml"));
    input = follow(mount.toString());
    assertThat(owners(look())).containsExactly("shop/web");
    Path next = Files.createDirectory(mount.resolve("..2026_2"));
    Files.writeString(next.resolve("web.yaml"), WEB.replace("10.1.0.12", "10.1.0.13"));
    Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2026_2"));
    Files.move(
        mount.resolve("..data_tmp"),
        mount.resolve("..data"),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    assertThat(look().orElseThrow().services().values().iterator().next().endpoints().keySet())
        .hasToString("[10.1.0.11:80, 10.1.0.13:80]");
    assertThat(frozen()).isEmpty();
  }

  @Test
  void standardInputIsReadOnce() {
    ByteArrayInputStream stdin = new ByteArrayInputStream(WEB.getBytes(StandardCharsets.UTF_8));
    input = new FollowedInput(List.of("-"), stdin, NOTHING, UnaryOperator.identity());
    assertThat(owners(look())).containsExactly("shop/web");
    assertThat(lookAfter(Duration.ofDays(1))).isEmpty();
    assertThat(frozen()).isEmpty();
  }

  @Test
  void aChangeWithTheSameSizeIsSeen() throws IOException {
    look();
    for (int last = 3; last < 9; last++) {
      write("web.yaml", WEB.replace("10.1.0.12", "10.1.0.1" + last));
      look();
      assertThat(lookAfter(ManifestFile.SETTLES)).as("endpoint " + last).isPresent();
    }
  }
}
