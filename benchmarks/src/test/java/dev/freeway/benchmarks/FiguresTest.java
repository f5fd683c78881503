package dev.freeway.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.benchmarks.Figure.Goal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

class FiguresTest {
  private static Figure figure(Goal goal) {
    return new Figure("part", "rate", "ours", "peer", goal, "the limit");
  }

  @Test
  void aFigureHoldsWhenItReachesItsGoalAndNotBelow() {
    Map<String, Double> medians = Map.of("ours", 50.0, "peer", 100.0);
    assertThat(figure(new Goal.Times(0.5)).by(medians).holds()).isTrue();
    assertThat(figure(new Goal.Times(0.51)).by(medians).holds()).isFalse();
    assertThat(figure(new Goal.TimesAtMost(0.5)).by(medians).holds()).isTrue();
    assertThat(figure(new Goal.TimesAtMost(0.49)).by(medians).holds()).isFalse();
    assertThat(figure(new Goal.AtMost(50)).by(medians).holds()).isTrue();
    assertThat(figure(new Goal.AtMost(49)).by(medians).holds()).isFalse();
  }

  @Test
  void whatWasNotMeasuredNeitherHoldsNorIsComplete() {
    Figure.Measured withoutPeer = figure(new Goal.Times(0.5)).by(Map.of("ours", 50.0));
    assertThat(withoutPeer.holds()).isFalse();
    assertThat(withoutPeer.complete()).isFalse();
    Figure.Measured withoutOurs = figure(new Goal.Shown()).by(Map.of("peer", 50.0));
    assertThat(withoutOurs.holds()).isFalse();
    assertThat(withoutOurs.complete()).isFalse();
  }

  @Test
  void everyFigureWithAGoalSaysWhatHoldsItBack() {
    List<Figure> figures =
        Figures.of(
            List.of("programming", "packets", "core", "jmh", "start", "health", "relay", "demo"),
            List.of("6.1", "7.2"));
    assertThat(figures)
        .extracting(Figure::part)
        .contains("programming", "packets", "core", "jmh", "start", "health", "relay", "demo");
    assertThat(figures)
        .filteredOn(figure -> !(figure.goal() instanceof Goal.Shown))
        .isNotEmpty()
        .allMatch(figure -> !figure.limit().isBlank());
    assertThat(figures).extracting(Figure::text).doesNotHaveDuplicates();
  }

  @Test
  void aDocumentOfAnotherShapeIsNamed() {
    ObjectMapper mapper = new ObjectMapper();
    String right =
        "[{\"figure\":\"rate\",\"ours\":1,\"peer\":2,\"ratio\":0.5,\"goal\":\">= 0.5 x\",\"holds\":true}]";
    assertThat(Shape.fault(mapper.readTree(right))).isEmpty();
    for (String wrong :
        List.of(
            "[]",
            "{}",
            right.replace("\"ours\":1", "\"ours\":null"),
            right.replace("\"ratio\":0.5", "\"ratio\":null"),
            right.replace("\"holds\":true", "\"holds\":\"yes\""),
            right.replace("\"goal\"", "\"aim\""))) {
      assertThat(Shape.fault(mapper.readTree(wrong))).as(wrong).startsWith("expected");
    }
  }
}
