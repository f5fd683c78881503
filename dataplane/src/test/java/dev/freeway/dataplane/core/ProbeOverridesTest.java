package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.HealthCheck.Question;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbeOverridesTest {
  /** What a probe of a period, a time-out and two thresholds becomes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "readiness-probe;                   10;    1; 1;   3; tcp,port=81,interval=10s,timeout=1s,rise=1,fall=3",
        "readiness-probe,interval=1s;       10;    1; 1;   3; tcp,port=81,interval=1s,timeout=1s,rise=1,fall=3",
        " readiness-probe , timeout = 20s;  10;    1; 1;   3; tcp,port=81,interval=20s,timeout=20s,rise=1,fall=3",
        "readiness-probe,rise=4,fall=5;     10;    1; 1;   3; tcp,port=81,interval=10s,timeout=1s,rise=4,fall=5",
        "readiness-probe,port=82;           10;    1; 1;   3; tcp,port=82,interval=10s,timeout=1s,rise=1,fall=3",
        "readiness-probe;                    1;    5; 1;   3; tcp,port=81,interval=5s,timeout=5s,rise=1,fall=3",
        "readiness-probe;                 7200; 7200; 1;   3; tcp,port=81,interval=1h,timeout=1h,rise=1,fall=3",
        "readiness-probe;                   10;    1; 500; 500; tcp,port=81,interval=10s,timeout=1s,rise=100,fall=100",
      })
  void aCheck(String text, int period, int timeout, int success, int failure, String check) {
    assertThat(over(text, period, timeout, success, failure))
        .isInstanceOfSatisfying(
            Reading.Right.class, right -> assertThat(right.check()).hasToString(check));
  }

  private static Reading over(String text, int period, int timeout, int success, int failure) {
    return ((ProbeOverrides.Right) ProbeOverrides.parse(text))
        .overrides()
        .over(
            new Question.Connect(),
            81,
            Duration.ofSeconds(period),
            Duration.ofSeconds(timeout),
            success,
            failure);
  }

  @Test
  void anIntervalShorterThanTheProbesTimeOutIsWrong() {
    assertThat(over("readiness-probe,interval=1s", 10, 5, 1, 3))
        .isEqualTo(
            new Reading.Wrong(
                "interval=1s", "at least 5s, the probe's timeoutSeconds, or timeout= beside it"));
    assertThat(over("readiness-probe,interval=1s,timeout=1s", 10, 5, 1, 3))
        .isInstanceOf(Reading.Right.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "readiness-probe,path=/x;                 path;          port, interval, timeout, rise or fall",
        "readiness-probe,intervall=1s;            intervall;     did you mean interval?",
        "readiness-probe,rise=0;                  rise=0;        a whole number from 1 to 100",
        "readiness-probe,interval=1s,timeout=2s;  timeout=2s;    a duration from 10ms to 1s",
        "readiness-probe,fall;                    fall;          fall=3",
      })
  void whatIsWrong(String text, String word, String expected) {
    assertThat(ProbeOverrides.parse(text))
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong -> {
              assertThat(wrong.word()).isEqualTo(word);
              assertThat(wrong.expected()).startsWith(expected);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"readiness-probe", " readiness-probe ,rise=2", "readiness-probe,x"})
  void isMeant(String text) {
    assertThat(ProbeOverrides.meant(text)).isTrue();
  }

  @Test
  void anotherWordIsNot() {
    assertThat(ProbeOverrides.meant("readiness-probes")).isFalse();
    assertThat(HealthCheck.parse("readines-probe"))
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong -> assertThat(wrong.expected()).startsWith("did you mean readiness-probe?"));
  }
}
