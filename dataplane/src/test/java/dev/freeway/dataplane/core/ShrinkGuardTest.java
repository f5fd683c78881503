package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ShrinkGuardTest {
  private static final long SECOND_LOOK = ShrinkGuard.SECOND_LOOK.toNanos();

  private static ShrinkGuard after(Desired first) {
    ShrinkGuard.Answer answer = new ShrinkGuard(0.5).look(first, 0);
    assertThat(answer).isInstanceOf(ShrinkGuard.Answer.Pass.class);
    return answer.next();
  }

  @Test
  void halfMayGoAtOnceAndMoreWaitsForASecondLook() {
    ShrinkGuard guard = after(PlannerTest.large(4, 10));
    assertThat(guard.look(PlannerTest.large(2, 10), 0)).isInstanceOf(ShrinkGuard.Answer.Pass.class);
    ShrinkGuard.Answer held = guard.look(PlannerTest.large(1, 10), 0);
    assertThat(held)
        .isInstanceOfSatisfying(
            ShrinkGuard.Answer.Hold.class,
            hold -> assertThat(hold.reason()).contains("4 services became 1").contains("50 %"));
    assertThat(held.next().look(PlannerTest.large(1, 10), SECOND_LOOK))
        .isInstanceOf(ShrinkGuard.Answer.Pass.class);
  }

  @Test
  void lostEndpointsCountAsLostServicesDo() {
    assertThat(after(PlannerTest.large(2, 10)).look(PlannerTest.large(2, 4), 0))
        .isInstanceOfSatisfying(
            ShrinkGuard.Answer.Hold.class,
            hold -> assertThat(hold.reason()).contains("20 endpoints became 8"));
  }

  @Test
  void whatElseChangesDoesNotLengthenTheWait() {
    ShrinkGuard guard = after(PlannerTest.large(8, 10)).look(PlannerTest.large(1, 10), 0).next();
    guard = guard.look(PlannerTest.large(2, 10), SECOND_LOOK - 1).next();
    assertThat(guard.services()).isEqualTo(8);
    assertThat(guard.look(PlannerTest.large(1, 11), SECOND_LOOK))
        .isInstanceOf(ShrinkGuard.Answer.Pass.class);
  }

  @Test
  void whatWasThereAgainMeanwhileWaitsAnew() {
    ShrinkGuard guard = after(PlannerTest.large(8, 10)).look(PlannerTest.large(1, 10), 0).next();
    guard = guard.look(PlannerTest.large(8, 10), SECOND_LOOK - 1).next();
    assertThat(guard.look(PlannerTest.large(1, 10), SECOND_LOOK))
        .isInstanceOf(ShrinkGuard.Answer.Hold.class);
  }

  @Test
  void everythingGoneIsHeldToo() {
    assertThat(after(PlannerTest.large(1, 1)).look(PlannerTest.large(0, 0), 0))
        .isInstanceOf(ShrinkGuard.Answer.Hold.class);
  }
}
