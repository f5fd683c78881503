package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Health.State;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HealthBookTest {
  private static final ServiceDestination ONE = of(1);
  private static final ServiceDestination TWO = of(2);
  private static final Health WELL = new Health(State.WELL, "");
  private static final Health DEAD = new Health(State.DEAD, "connection refused");
  private static final Health FAILING = new Health(State.FAILING, "HTTP 503");

  private final HealthBook book = new HealthBook();
  private long now = Long.MAX_VALUE - Duration.ofMinutes(5).toNanos(); // it wraps around

  private static ServiceDestination of(int number) {
    return new ServiceDestination(
        new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80),
        new DestinationKey(IpAddress.parse("10.1.0." + number), 80));
  }

  private Health now(ServiceDestination of) {
    return book.of(of.service(), of.destination());
  }

  private void later(Duration time) {
    now += time.toNanos();
  }

  private Optional<Health> check(Health health) {
    return book.checked(ONE, health, now).map(HealthBook.Changed::health);
  }

  @Test
  void ofWhomNobodySpokeNothingIsKnown() {
    assertThat(now(ONE)).isEqualTo(Health.UNKNOWN);
    assertThat(now(ONE).out()).isFalse();
    assertThat(book.nextDeadline()).isEmpty();
  }

  @Test
  void aCheckIsBelieved() {
    assertThat(check(WELL)).contains(WELL);
    assertThat(check(WELL)).isEmpty();
    assertThat(check(DEAD)).contains(DEAD);
    assertThat(now(TWO)).isEqualTo(Health.UNKNOWN);
    assertThat(check(FAILING)).contains(FAILING);
    assertThat(check(WELL)).contains(WELL);
  }

  @Test
  void oneThatFallsAgainAndAgainIsUsedAgainLater() {
    check(WELL);
    for (int i = 0; i < 2; i++) {
      check(DEAD);
      assertThat(check(WELL)).contains(WELL);
    }
    check(DEAD);
    Health held = check(WELL).orElseThrow();
    assertThat(held.state()).isEqualTo(State.FAILING);
    assertThat(held.reason())
        .isEqualTo(
            "answers again, but failed 3 times within minutes: used again when it was well for 60"
                + " s");
    assertThat(book.nextDeadline()).isEqualTo(OptionalLong.of(now + 60_000_000_000L));
    later(Duration.ofSeconds(59));
    assertThat(book.expire(now)).isEmpty();
    later(Duration.ofSeconds(1));
    assertThat(book.expire(now)).containsExactly(new HealthBook.Changed(ONE, WELL));
    assertThat(book.nextDeadline()).isEmpty();
  }

  @Test
  void fallsAreForgottenInTime() {
    check(WELL);
    for (int i = 0; i < 20; i++) {
      check(FAILING);
      assertThat(check(WELL)).contains(WELL);
      later(Duration.ofMinutes(1));
    }
  }

  @Test
  void nobodyWaitsForMoreThanTwoMinutes() {
    check(WELL);
    for (int i = 0; i < 100; i++) {
      check(DEAD);
      check(WELL);
    }
    assertThat(book.nextDeadline().orElseThrow() - now)
        .isLessThanOrEqualTo(Duration.ofMinutes(2).toNanos());
  }

  @Test
  void anEjectionLastsLongerEachTime() {
    for (int i = 1; i <= 12; i++) {
      int seconds = 30 * Math.min(10, i);
      Health out =
          book.ejected(ONE, "7 of its last 9 connections failed", now).orElseThrow().health();
      assertThat(out)
          .isEqualTo(
              new Health(
                  State.FAILING,
                  "7 of its last 9 connections failed; tried again after " + seconds + " s"));
      assertThat(book.ejected(ONE, "again", now)).isEmpty();
      later(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(book.expire(now)).isEmpty();
      later(Duration.ofNanos(1));
      assertThat(book.expire(now)).containsExactly(new HealthBook.Changed(ONE, Health.UNKNOWN));
    }
    later(HealthBook.FORGIVEN);
    assertThat(book.ejected(ONE, "no", now).orElseThrow().health().reason()).endsWith("after 30 s");
  }

  @Test
  void aCheckHasThePrecedenceOverAnEjection() {
    book.ejected(ONE, "no", now);
    assertThat(check(DEAD)).contains(DEAD);
    later(Duration.ofSeconds(30));
    assertThat(book.expire(now)).isEmpty();
    assertThat(check(WELL)).contains(WELL);
  }

  @Test
  void ofOneThatNobodyAsksAnyMoreNothingIsKnownByChecks() {
    check(DEAD);
    book.ejected(TWO, "no", now);
    assertThat(book.asked(Set.of(), now))
        .containsExactly(new HealthBook.Changed(ONE, Health.UNKNOWN));
    assertThat(now(ONE)).isEqualTo(Health.UNKNOWN);
    assertThat(now(TWO).out()).isTrue();
    assertThat(book.asked(Set.of(), now)).isEmpty();
    later(Duration.ofHours(1));
    book.tidy(now);
    assertThat(now(TWO).out()).isTrue(); // until it is said that its time is over
    assertThat(book.expire(now)).containsExactly(new HealthBook.Changed(TWO, Health.UNKNOWN));
    later(Duration.ofHours(1));
    book.tidy(now);
    assertThat(book.ejected(TWO, "no", now).orElseThrow().health().reason()).endsWith("after 30 s");
  }

  @Test
  void oneThatLeavesAndReturnsHasFallenAllTheSame() {
    check(WELL);
    for (int i = 0; i < 3; i++) {
      check(DEAD);
      book.asked(Set.of(), now);
      if (i < 2) {
        assertThat(check(WELL)).contains(WELL);
      }
    }
    assertThat(check(WELL).orElseThrow().state()).isEqualTo(State.FAILING);
  }
}
