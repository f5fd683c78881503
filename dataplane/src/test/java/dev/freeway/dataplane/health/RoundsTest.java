package dev.freeway.dataplane.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.health.Assessment.State;
import dev.freeway.dataplane.health.probe.Outcome;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.health.probe.Tries;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The monitor in a time that is only counted. */
final class RoundsTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Outcome DEAD = new Outcome.Dead("connection refused");
  private static final Outcome FAILING = new Outcome.Failing("HTTP 503, expected 200-399");

  private long now = 1_000 * SECOND;
  private final FakeProber prober = new FakeProber(() -> now);
  private final List<String> told = new ArrayList<>();
  private final List<String> hindered = new ArrayList<>();
  private long next = Long.MAX_VALUE;
  private int sockets = 100_000;

  private final MonitorListener listener =
      new MonitorListener() {
        @Override
        public void changed(Target target, Assessment assessment) {
          assertThat(assessment.sinceNanos()).isEqualTo(now);
          told.add(
              target.backend().address() + " " + assessment.state() + " " + assessment.reason());
        }

        @Override
        public void hindered(int waiting, String reason) {
          hindered.add(waiting + " " + reason);
        }

        @Override
        public void failed(RuntimeException exception) {
          throw exception;
        }
      };

  private Rounds rounds(long seed) {
    return new Rounds(
        prober,
        () -> now,
        new SplittableRandom(seed),
        sockets,
        listener,
        due -> next = Math.min(next, due));
  }

  private static Target target(int number, String check) {
    return Target.of(
        Tries.SERVICE,
        new DestinationKey(new IpAddress(Family.IPV4, 0, (10L << 24) + number), 80),
        Tries.check(check));
  }

  private static List<Target> targets(int count, String check) {
    return IntStream.range(0, count).mapToObj(number -> target(number, check)).toList();
  }

  private static Assessment assessment(Rounds rounds, Target target) {
    return Objects.requireNonNull(rounds.assessments().get(target));
  }

  /** Does all turns until then, and that the time is then. */
  private void until(Rounds rounds, long then) {
    while (next <= then) {
      now = Math.max(now, next);
      next = Long.MAX_VALUE;
      next = Math.min(next, rounds.turn());
    }
    now = then;
  }

  private void forth(Rounds rounds, long nanos) {
    until(rounds, now + nanos);
  }

  @Test
  void firstAttemptsAreSpreadOverTheInterval() {
    Rounds rounds = rounds(1);
    long start = now;
    rounds.watch(targets(1000, "tcp,interval=1s"));
    assertThat(prober.begun).isEmpty();
    forth(rounds, SECOND - 1);
    int[] eachTenth = new int[10];
    Set<Target> seen = new HashSet<>();
    for (FakeProber.Begun one : prober.begun) {
      if (seen.add(one.target())) {
        eachTenth[(int) ((one.at() - start) / (SECOND / 10))]++;
      }
    }
    assertThat(eachTenth).containsOnly(100);
  }

  @Test
  void attemptsAreNineTenthsOfAnIntervalToAnIntervalApart() {
    Rounds rounds = rounds(2);
    rounds.watch(targets(100, "tcp,interval=2s"));
    forth(rounds, 60 * SECOND);
    Map<Target, List<Long>> times = new HashMap<>();
    prober.begun.forEach(
        one -> times.computeIfAbsent(one.target(), _ -> new ArrayList<>()).add(one.at()));
    TreeSet<Long> gaps = new TreeSet<>();
    times
        .values()
        .forEach(
            each -> {
              assertThat(each.get(1) - each.get(0)).isBetween(200 * MILLI, 2 * SECOND);
              for (int i = 2; i < each.size(); i++) {
                gaps.add(each.get(i) - each.get(i - 1));
              }
            });
    assertThat(gaps.first()).isBetween(1800 * MILLI, 1810 * MILLI);
    assertThat(gaps.last()).isEqualTo(2 * SECOND - Rounds.SLACK);
  }

  @Test
  void theSameSeedGivesTheSameTimes() {
    List<Long> times = new ArrayList<>();
    for (int run = 0; run < 2; run++) {
      now = 0;
      next = Long.MAX_VALUE;
      prober.begun.clear();
      Rounds rounds = rounds(7);
      rounds.watch(targets(20, "tcp"));
      forth(rounds, 5 * SECOND);
      prober.begun.forEach(one -> times.add(one.at()));
    }
    assertThat(times.subList(0, times.size() / 2))
        .isEqualTo(times.subList(times.size() / 2, times.size()));
  }

  /**
   * Outcomes in turn (well, warned, dead, failing, untried), and what is told, by the number of the
   * outcome.
   */
  @ParameterizedTest
  @CsvSource({
    "w w w,                1 UP",
    "d,                    1 DEAD",
    "f,                    1 FAILING",
    "f f d d f,            1 FAILING 3 DEAD 5 FAILING",
    "w d d,                1 UP",
    "w d d d,              1 UP 4 DEAD",
    "w f d f,              1 UP 4 FAILING",
    "w d d w d d w d d d,  1 UP 10 DEAD",
    "w d d d w,            1 UP 4 DEAD",
    "w d d d w w,          1 UP 4 DEAD 6 UP",
    "w d d d w d w w,      1 UP 4 DEAD 8 UP",
    "d w w,                1 DEAD 3 UP",
    "u u w,                3 UP",
    "w d u d u d,          1 UP 6 DEAD",
    "d w u w,              1 DEAD 4 UP",
    "n n w n,              1 UP 3 UP 4 UP",
    "w n d w n,            1 UP 2 UP 4 UP 5 UP",
  })
  void risesAndFalls(String outcomes, String expected) {
    Rounds rounds = rounds(3);
    String[] words = outcomes.split(" ", -1);
    int[] number = {0};
    prober.answers =
        _ ->
            Optional.of(
                switch (words[number[0]++]) {
                  case "w" -> Outcome.WELL;
                  case "n" -> new Outcome.Well(Optional.of("it expires in " + number[0] + " days"));
                  case "d" -> DEAD;
                  case "f" -> FAILING;
                  default -> new Outcome.Untried("SO_MARK", false);
                });
    rounds.watch(targets(1, "http,rise=2,fall=3"));
    List<String> changes = new ArrayList<>();
    while (number[0] < words.length) {
      forth(rounds, MILLI);
      told.forEach(one -> changes.add(number[0] + " " + one.split(" ", -1)[1]));
      told.clear();
    }
    assertThat(String.join(" ", changes)).isEqualTo(expected);
  }

  @Test
  void theReasonIsThatOfTheLastAttempt() {
    Rounds rounds = rounds(4);
    Target target = target(1, "http");
    rounds.watch(List.of(target));
    assertThat(rounds.assessments()).containsEntry(target, new Assessment(State.UNKNOWN, "", now));
    prober.answers = FakeProber.always(new Outcome.Failing("HTTP 500"));
    forth(rounds, SECOND);
    long since = assessment(rounds, target).sinceNanos();
    assertThat(told).containsExactly("10.0.0.1 FAILING HTTP 500");
    prober.answers = FakeProber.always(new Outcome.Failing("HTTP 503"));
    forth(rounds, SECOND);
    assertThat(rounds.assessments())
        .containsEntry(target, new Assessment(State.FAILING, "HTTP 503", since));
    assertThat(told).hasSize(1);
  }

  /** Whenever it dies, and whatever chance says. */
  @ParameterizedTest
  @CsvSource({"1s, 1s, 3", "1s, 200ms, 3", "2s, 2s, 1", "100ms, 10ms, 5", "5s, 1s, 2"})
  void deathIsKnownInTime(String interval, String timeout, int fall) {
    Rounds rounds = rounds(5);
    String text = "tcp,interval=" + interval + ",timeout=" + timeout + ",fall=" + fall;
    List<Target> targets = targets(200, text);
    HealthCheck check = targets.getFirst().check();
    long allowed = check.interval().toNanos() * fall + check.timeout().toNanos();
    rounds.watch(targets);
    SplittableRandom random = new SplittableRandom(6);
    forth(rounds, 3 * check.interval().toNanos());
    assertThat(told).hasSize(200).allMatch(one -> one.endsWith("UP "));
    told.clear();
    long died = now + random.nextLong(check.interval().toNanos());
    until(rounds, died);
    prober.answers = FakeProber.HANGS;
    until(rounds, died + allowed);
    assertThat(told).hasSize(200).allMatch(one -> one.endsWith("DEAD no connection in time"));
  }

  @Test
  void aTargetIsTriedOnceAtATimeAndAtOnceAgainWhenThatTookAnInterval() {
    Rounds rounds = rounds(8);
    prober.answers = FakeProber.HANGS;
    rounds.watch(targets(10, "tcp,interval=1s,timeout=1s"));
    forth(rounds, 30 * SECOND);
    assertThat(prober.most()).isEqualTo(10);
    assertThat(prober.begun).hasSizeBetween(290, 310);
  }

  @Test
  void whoStaysIsNotDisturbed() {
    Rounds rounds = rounds(9);
    prober.answers = FakeProber.HANGS;
    List<Target> targets = targets(4, "tcp");
    rounds.watch(targets);
    forth(rounds, 999 * MILLI);
    List<FakeProber.Begun> before = List.copyOf(prober.begun);
    assertThat(before).hasSize(4);
    long due = next;
    rounds.watch(List.of(targets.get(2), targets.get(0), target(7, "tcp")));
    assertThat(before)
        .allMatch(
            one ->
                one.abandoned()
                    == (one.target().equals(targets.get(1))
                        || one.target().equals(targets.get(3))));
    assertThat(next).isLessThanOrEqualTo(due);
    before.forEach(one -> one.finish(Outcome.WELL));
    assertThat(told).containsExactlyInAnyOrder("10.0.0.0 UP ", "10.0.0.2 UP ");
    rounds.watch(List.of());
    forth(rounds, 10 * SECOND);
    assertThat(prober.running()).isZero();
    assertThat(prober.begun).hasSize(4);
    assertThat(rounds.assessments()).isEmpty();
  }

  @Test
  void anotherCheckKeepsTheStateUntilItDecides() {
    Rounds rounds = rounds(10);
    rounds.watch(List.of(target(1, "tcp")));
    forth(rounds, SECOND);
    assertThat(told).containsExactly("10.0.0.1 UP ");
    prober.answers = FakeProber.always(DEAD);
    forth(rounds, 2 * SECOND);
    Target other = target(1, "http,fall=4");
    rounds.watch(List.of(other));
    assertThat(assessment(rounds, other).state()).isEqualTo(State.UP);
    int before = prober.begun.size();
    while (told.size() == 1) {
      forth(rounds, MILLI);
    }
    assertThat(prober.begun).hasSize(before + 4);
    assertThat(told.getLast()).isEqualTo("10.0.0.1 DEAD connection refused");
  }

  @Test
  void thePlainCheckAndTheOneThroughTheDataPathAreTwo() {
    Rounds rounds = rounds(11);
    Target plain = target(1, "tcp");
    ServiceKey service = plain.service();
    Target through =
        Target.through(
            service, plain.backend(), 7, InetAddress.getLoopbackAddress(), plain.check());
    prober.answers = one -> Optional.of(one.mark().isPresent() ? DEAD : Outcome.WELL);
    rounds.watch(List.of(plain, through, plain));
    forth(rounds, SECOND);
    assertThat(told).containsExactlyInAnyOrder("10.0.0.1 UP ", "10.0.0.1 DEAD connection refused");
    assertThat(through.connectTo().getPort()).isEqualTo(service.port());
  }

  @Test
  void whereSocketsAreFewWhoWaitsLongestIsNext() {
    sockets = 10;
    Rounds rounds = rounds(12);
    prober.answers = FakeProber.HANGS;
    rounds.watch(targets(100, "tcp,interval=1s,timeout=100ms"));
    forth(rounds, 20 * SECOND);
    assertThat(prober.most()).isEqualTo(10);
    Map<Target, Integer> counts = new HashMap<>();
    prober.begun.forEach(one -> counts.merge(one.target(), 1, Integer::sum));
    // 10 sockets of 100 ms are just enough for 100 targets a second, each of them as often.
    assertThat(counts).hasSize(100);
    assertThat(counts.values()).allMatch(count -> count >= 17 && count <= 21);
    prober.begun.clear();
    told.clear();
    rounds.watch(targets(300, "tcp,interval=1s,timeout=100ms"));
    forth(rounds, 20 * SECOND);
    assertThat(prober.most()).isEqualTo(10);
    assertThat(hindered.getLast()).endsWith(" no more than 10 sockets at a time");
    assertThat(hindered).hasSizeLessThanOrEqualTo(41);
    counts.clear();
    prober.begun.forEach(one -> counts.merge(one.target(), 1, Integer::sum));
    assertThat(counts).hasSize(300);
    assertThat(counts.values()).allMatch(count -> count >= 5 && count <= 9);
  }

  @Test
  void aShortageIsNotTheBackendsFault() {
    Rounds rounds = rounds(13);
    rounds.watch(targets(20, "tcp,interval=1s,timeout=100ms,fall=1"));
    forth(rounds, 2 * SECOND);
    assertThat(told).hasSize(20);
    prober.begun.clear();
    prober.answers =
        FakeProber.always(new Outcome.Untried("this process has too many open files", true));
    forth(rounds, 10 * SECOND);
    assertThat(told).hasSize(20);
    assertThat(prober.begun).as("one of them, now and then").hasSizeLessThan(250);
    assertThat(hindered)
        .hasSizeBetween(9, 11)
        .allMatch(one -> one.endsWith(" this process has too many open files"));
    prober.begun.clear();
    prober.answers = FakeProber.always(DEAD);
    forth(rounds, 100 * MILLI);
    assertThat(prober.begun.stream().map(one -> one.target()).distinct()).hasSize(20);
    assertThat(told).hasSize(40);
  }

  @Test
  void whenTheMonitorWasHeldUpAttemptsGetAMomentMore() {
    Rounds rounds = rounds(15);
    prober.answers = FakeProber.HANGS;
    rounds.watch(targets(1, "tcp,interval=1s,timeout=100ms"));
    while (prober.begun.isEmpty()) {
      forth(rounds, MILLI);
    }
    now += 600 * MILLI; // without a turn
    until(rounds, now);
    assertThat(told).isEmpty();
    prober.begun.getFirst().finish(Outcome.WELL);
    assertThat(told).containsExactly("10.0.0.0 UP ");
    while (prober.begun.size() == 1) {
      forth(rounds, MILLI);
    }
    now += 600 * MILLI;
    until(rounds, now);
    assertThat(prober.running()).isEqualTo(1);
    forth(rounds, 30 * MILLI);
    assertThat(prober.running()).as("but once").isZero();
  }

  @Test
  void whatBecameDueWhileTheMonitorWasHeldUpIsBegunInBatches() {
    Rounds rounds = rounds(14);
    rounds.watch(targets(10_000, "tcp"));
    now += SECOND; // without a turn
    for (int turns = 1; prober.begun.size() < 10_000; turns++) {
      long due = rounds.turn();
      assertThat(prober.begun).hasSize(Math.min(10_000, turns * Rounds.BATCH));
      if (prober.begun.size() < 10_000) {
        assertThat(due).isEqualTo(now);
      }
    }
    assertThat(prober.begun.stream().map(one -> one.target()).distinct()).hasSize(10_000);
  }
}
