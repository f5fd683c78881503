package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client sends, and what it takes from answers besides their bodies. */
class AwsClientTest {
  private static final String SKEWED =
      "{\"__type\":\"RequestTimeTooSkewed\",\"Message\":\"The difference is too large.\"}";

  private static AwsException refused(OneAnswer aws, String module, String operation) {
    return catchThrowableOfType(AwsException.class, () -> aws.call(module, operation));
  }

  /** A laptop whose clock is wrong by hours scans nevertheless. */
  @ParameterizedTest
  @CsvSource({"-7", "7"})
  void signsByAwssClockOnceAwsSaysThatOursIsWrong(int hours) throws IOException, AwsException {
    Instant there = Instant.now().plus(Duration.ofHours(hours));
    try (OneAnswer aws = new OneAnswer("")) {
      aws.says(
          400,
          Map.of(
              "Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(there.atOffset(ZoneOffset.UTC))),
          SKEWED);
      assertThat(refused(aws, "secretsmanager", "ListSecrets").kind())
          .isEqualTo(AwsException.Kind.SKEWED);
      aws.says(200, "", "{\"SecretList\":[]}").call("secretsmanager", "ListSecrets");
      String date = String.valueOf(aws.came().headers().get("X-Amz-Date"));
      Instant signed =
          LocalDateTime.parse(date, DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'"))
              .toInstant(ZoneOffset.UTC);
      assertThat(Duration.between(there, signed).abs()).isLessThan(Duration.ofMinutes(2));
    }
  }

  @Test
  void takesHowLongAwsAsksToWait() throws IOException {
    try (OneAnswer aws = new OneAnswer("")) {
      aws.says(429, Map.of("Retry-After", "17"), "");
      assertThat(refused(aws, "lambda", "ListFunctions").retryAfter())
          .contains(Duration.ofSeconds(17));
      aws.says(429, Map.of("Retry-After", "tomorrow"), "");
      assertThat(refused(aws, "lambda", "ListFunctions").retryAfter()).isEmpty();
    }
  }

  @Test
  void asksBelowTheEndpointsPath() throws IOException, AwsException {
    try (OneAnswer aws = new OneAnswer("/aws/")) {
      aws.says(200, "", "{\"Functions\":[]}").call("lambda", "ListFunctions");
      assertThat(aws.came().target()).startsWith("/aws/2015-03-31/functions");
    }
  }

  @Test
  void anAnswerThatIsCutOffIsNone() throws IOException {
    try (OneAnswer aws = new OneAnswer("")) {
      aws.says(200, "", "{\"Functions\":[{\"FunctionName\":\"f\"}");
      AwsException cut = refused(aws, "lambda", "ListFunctions");
      assertThat(cut.kind()).isEqualTo(AwsException.Kind.UNREACHABLE);
      assertThat(cut.said()).startsWith("the answer cannot be read: ");
    }
  }
}
