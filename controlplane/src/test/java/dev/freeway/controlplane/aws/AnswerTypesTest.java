package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer says that it is counts less than what it is. */
class AnswerTypesTest {
  private final OneAnswer aws;

  AnswerTypesTest() throws IOException {
    aws = new OneAnswer("");
  }

  @AfterEach
  void stop() throws IOException {
    aws.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/html",
        "text/html; charset=utf-8",
        "TEXT/HTML",
        "text/plain",
        "application/octet-stream",
        "application/json",
        "application/x-amz-json-1.1"
      })
  void jsonIsReadWhateverItIsCalled(String type) throws AwsException {
    aws.says(200, type, " {\"SecretList\":[{\"Name\":\"<html>\"}]}");
    assertThat(aws.call("secretsmanager", "ListSecrets").toString())
        .isEqualTo("{\"SecretList\":[{\"Name\":\"<html>\"}]}");
    aws.says(200, type, "{\"Functions\":[{\"FunctionName\":\"f\"}]}");
    assertThat(aws.call("lambda", "ListFunctions").toString())
        .isEqualTo("{\"Functions\":[{\"FunctionName\":\"f\"}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text/html", "text/plain"})
  void xmlIsReadWhateverItIsCalled(String type) throws AwsException {
    aws.says(
        200,
        type,
        "<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>a</TopicArn></member>"
            + "</Topics></ListTopicsResult></ListTopicsResponse>");
    assertThat(aws.call("sns", "ListTopics").toString())
        .isEqualTo("{\"Topics\":[{\"TopicArn\":\"a\"}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text/html"})
  void aRefusalIsReadWhateverItIsCalled(String type) {
    aws.says(400, type, "{\"__type\":\"AccessDeniedException\",\"Message\":\"No.\"}");
    AwsException refused =
        catchThrowableOfType(AwsException.class, () -> aws.call("secretsmanager", "ListSecrets"));
    assertThat(refused.kind()).isEqualTo(AwsException.Kind.DENIED);
    assertThat(refused.code()).isEqualTo("AccessDeniedException");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          200 | application/json | <!DOCTYPE html><html>Log in</html> | FOREIGN
          200 | ''               | '  <HTML><body>Log in</body></html>' | FOREIGN
          404 | text/html        | <html>Not Found</html>              | FOREIGN
          403 | text/html        | ''                                  | FOREIGN
          503 | text/html        | <html>Service Unavailable</html>    | BROKEN
          200 | text/html        | {"SecretList":                      | UNREACHABLE
          200 | ''               | ''                                  | UNREACHABLE
          """)
  void whatIsNoAnswerIsNone(int status, String type, String body, AwsException.Kind kind) {
    aws.says(status, type, body);
    AwsException refused =
        catchThrowableOfType(AwsException.class, () -> aws.call("secretsmanager", "ListSecrets"));
    assertThat(refused.kind()).isEqualTo(kind);
    assertThat(refused.said()).isNotEmpty();
  }

  @Test
  void whoseCredentialsEndedIsToldFromWhoNeverHadAny() {
    assertThat(AwsException.ended("ExpiredToken")).isTrue();
    assertThat(AwsException.ended("ExpiredTokenException")).isTrue();
    assertThat(AwsException.ended("RequestExpired")).isTrue();
    assertThat(
            AwsException.ended(AwsException.withoutCredentials(new IllegalStateException()).code()))
        .isTrue();
    assertThat(AwsException.ended("AccessDenied")).isFalse();
    assertThat(AwsException.ended("InvalidClientTokenId")).isFalse();
    assertThat(AwsException.ended("")).isFalse();
  }
}
