package dev.freeway.dataplane.sync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StateDirectoryTest {
  private static final Namespace NAMESPACE = new Namespace("net:[7]", "boot-1");
  private static final SortedMap<ServiceKey, String> SERVICES =
      new TreeMap<>(
          Map.of(
              new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80),
              "shop/web",
              new ServiceKey(Protocol.UDP, IpAddress.parse("2001:db8::1"), 53),
              ""));

  private static final SortedMap<ServiceDestination, Long> DRAINS =
      new TreeMap<>(
          Map.of(
              drain(SERVICES.firstKey(), "10.1.0.2"),
              1_227_123L,
              drain(SERVICES.lastKey(), "2001:db8::2"),
              0L));

  @TempDir private Path directory;

  private static ServiceDestination drain(ServiceKey service, String address) {
    return new ServiceDestination(service, new DestinationKey(IpAddress.parse(address), 8080));
  }

  private StateDirectory state() {
    return StateDirectory.open(directory.resolve("a/b"));
  }

  @Test
  void whatWasSavedIsLoaded() {
    byte[] content = "one\ntwo".getBytes(StandardCharsets.UTF_8);
    state().save("sysctls", "old".getBytes(StandardCharsets.UTF_8));
    state().save("sysctls", content);
    assertThat(state().load("sysctls"))
        .isInstanceOfSatisfying(
            StateDirectory.Loaded.Present.class,
            present -> assertThat(present.content()).isEqualTo(content));
    state().delete("sysctls");
    assertThat(state().load("sysctls")).isInstanceOf(StateDirectory.Loaded.Missing.class);
    state().delete("sysctls");
  }

  @Test
  void everyFlippedBitAndEveryCutIsFound() throws IOException {
    state().save("file", "content".getBytes(StandardCharsets.UTF_8));
    Path file = state().path().resolve("file");
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= 4;
      Files.write(file, flipped);
      assertThat(state().load("file"))
          .as("byte %d", i)
          .isInstanceOf(StateDirectory.Loaded.Corrupt.class);
      Files.write(file, java.util.Arrays.copyOf(whole, i));
      assertThat(state().load("file"))
          .as("cut at %d", i)
          .isInstanceOf(StateDirectory.Loaded.Corrupt.class);
    }
  }

  @Test
  void theRecordNamesOurServicesOfThisBootAndNamespaceOnly() {
    state().record(NAMESPACE, SERVICES);
    assertThat(state().ownership(NAMESPACE).owners()).isEqualTo(SERVICES);
    assertThat(state().ownership(NAMESPACE).findings()).isEmpty();
    assertThat(state().ownership(new Namespace("net:[7]", "boot-2")).services()).isEmpty();
    assertThat(state().ownership(new Namespace("net:[8]", "boot-1")).services()).isEmpty();

    state().record(new Namespace("net:[8]", "boot-1"), new TreeMap<>());
    assertThat(state().ownership(NAMESPACE).owners()).isEqualTo(SERVICES);
  }

  @Test
  void theRecordKnowsWhoseEachServiceIsAndWhereItDoesNotSay() {
    state().record(NAMESPACE, SERVICES);
    StateDirectory.Recorded recorded = state().ownership(NAMESPACE);
    assertThat(recorded.standing()).isEqualTo(StateDirectory.Standing.WRITTEN);
    assertThat(recorded.holders()).hasSize(1).containsEntry(SERVICES.firstKey(), "shop/web");
    assertThat(state().ownership(new Namespace("net:[7]", "boot-2")).standing())
        .isEqualTo(StateDirectory.Standing.OUTDATED);
    assertThat(state().ownership(new Namespace("net:[8]", "boot-1")).standing())
        .isEqualTo(StateDirectory.Standing.MISSING);
  }

  @Test
  void aRecordWrittenBeforeOwnersWereKeptIsReadAsOne() {
    state().save("ownership-7", "boot boot-1\nnetns net:[7]\ntcp 10.0.0.1 80\n".getBytes(UTF_8));
    StateDirectory.Recorded recorded = state().ownership(NAMESPACE);
    assertThat(recorded.owners()).containsExactly(Map.entry(SERVICES.firstKey(), ""));
    assertThat(recorded.holders()).isEmpty();
    assertThat(recorded.findings()).isEmpty();
  }

  @Test
  void sinceWhenDestinationsDrainIsInAFileOfItsOwn() throws IOException {
    state().record(NAMESPACE, SERVICES);
    Path services = state().path().resolve("ownership-7");
    String before = Files.readString(services);
    state().recordDrains(NAMESPACE, DRAINS);
    assertThat(state().drains(NAMESPACE, 1_227_123L)).isEqualTo(DRAINS);
    assertThat(state().drains(NAMESPACE, 1_227_122L).values()).containsExactly(0L);
    assertThat(state().drains(new Namespace("net:[7]", "boot-2"), 1_227_123L)).isEmpty();
    assertThat(state().drains(new Namespace("net:[8]", "boot-1"), 1_227_123L)).isEmpty();
    assertThat(Files.readString(services)).isEqualTo(before);
    Path drains = state().path().resolve("drains-7");
    assertThat(Files.readString(drains)).contains("\ntcp 10.0.0.1 80 10.1.0.2 8080 1227123\n");
    Files.writeString(drains, "rubbish");
    assertThat(state().drains(NAMESPACE, 1_227_123L)).isEmpty();
    Files.delete(drains);
    Files.createDirectory(drains);
    assertThat(state().drains(NAMESPACE, 1_227_123L)).as("it cannot be read").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tcp 10.0.0.1 80 10.1.0.2 8080",
        "tcp 10.0.0.1 80 10.1.0.2 8080 yesterday",
        "tcp 10.0.0.1 80 10.1.0.2 8080 -1",
        "tcp 10.0.0.1 80 10.1.0.2 8080 99999999999999999999",
        "tcp 10.0.0.1 80 10.1.0.2 x 1227123",
        "tcp 10.0.0.1 80 10.1.0.2 8080 1227123 more"
      })
  void aDrainThatCannotBeReadIsNotKnownAndTheOthersAre(String line) {
    String content = "boot boot-1\nnetns net:[7]\n" + line + "\ntcp 10.0.0.1 80 10.1.0.2 8080 5\n";
    state().save("drains-7", content.getBytes(UTF_8));
    assertThat(state().drains(NAMESPACE, Long.MAX_VALUE))
        .containsExactly(Map.entry(DRAINS.firstKey(), 5L));
  }

  @Test
  void theTimeSinceTheBootIsThatOfTheKernel() throws IOException {
    assertThat(BootClock.parse("350735.47 234388.90\n")).isEqualTo(350_735_470L);
    String booted = // in seconds of the wall clock, as that is set now
        Files.readAllLines(Path.of("/proc/stat")).stream()
            .filter(line -> line.startsWith("btime "))
            .findFirst()
            .orElseThrow();
    long since = System.currentTimeMillis() - 1000 * Long.parseLong(booted.substring(6));
    assertThat(BootClock.SYSTEM.millis()).isBetween(since - 5_000, since + 5_000);
  }

  @Test
  void aLaterFormatIsLostAndSaysWhichOneIsRead() throws IOException {
    state().record(NAMESPACE, SERVICES);
    Path file = state().path().resolve("ownership-7");
    Files.writeString(file, Files.readString(file).replace("freeway-state 1 ", "freeway-state 2 "));
    assertThat(state().ownership(NAMESPACE).standing()).isEqualTo(StateDirectory.Standing.LOST);
    assertThat(state().ownership(NAMESPACE).findings())
        .singleElement()
        .asString()
        .contains("says \"freeway-state 2 ")
        .contains("reads only \"freeway-state 1\"");
  }

  @Test
  void aRecordThatCannotBeReadAsOneNamesNothingAndIsReported() {
    for (String bad :
        new String[] {
          "",
          "boot boot-1",
          "boot boot-1\nnetns net:[7]\ntcp x 80",
          "boot boot-1\nnetns net:[7]\ntcp 10.0.0.1 80 shop/web more"
        }) {
      state().save("ownership-7", bad.getBytes(StandardCharsets.UTF_8));
      assertThat(state().ownership(NAMESPACE).services()).isEmpty();
      assertThat(state().ownership(NAMESPACE).findings())
          .singleElement()
          .asString()
          .contains(state().path().toString());
    }
  }

  @Test
  void aFailedWriteKeepsTheOldContentAndNamesTheDirectory() throws IOException {
    state().record(NAMESPACE, SERVICES);
    Files.createDirectory(state().path().resolve(".ownership-7.new"));
    assertThatThrownBy(() -> state().record(NAMESPACE, new TreeMap<>()))
        .isInstanceOf(StateException.class)
        .hasMessageContaining(state().path().toString());
    assertThat(state().ownership(NAMESPACE).owners()).isEqualTo(SERVICES);
  }

  @Test
  void aLookLeavesNoTraceAndTheFirstSaveMakesTheDirectory() throws IOException {
    assertThat(state().ownership(NAMESPACE).standing()).isEqualTo(StateDirectory.Standing.MISSING);
    assertThat(directory.resolve("a")).doesNotExist();
    state().record(NAMESPACE, SERVICES);
    assertThat(state().path()).isDirectory();
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    StateDirectory state = StateDirectory.open(file.resolve("state"));
    assertThatThrownBy(() -> state.record(NAMESPACE, SERVICES))
        .isInstanceOf(StateException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("--state-dir");
  }
}
