package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import tools.jackson.databind.node.ObjectNode;

/** What an answer says that it is counts less than what it is. */
class AnswerTypesTest {
  /** A body and what its header says. */
  private record Sent(int status, String type, String body) {}

  private final AtomicReference<Sent> sent = new AtomicReference<>(new Sent(200, "", ""));
  private final Connections connections = new Connections(1);
  private final HttpServer http;

  AnswerTypesTest() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            Sent now = sent.get();
            byte[] body = now.body.getBytes(StandardCharsets.UTF_8);
            if (!now.type.isEmpty()) {
              exchange.getResponseHeaders().set("Content-Type", now.type);
            }
            exchange.sendResponseHeaders(now.status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
          }
        });
  }

  @BeforeEach
  void start() {
    http.start();
  }

  @AfterEach
  void stop() {
    connections.close();
    http.stop(0);
  }

  private ObjectNode call(String module, String operation) throws AwsException {
    ServiceModel model = ServiceModel.of(module);
    return new AwsClient(
            connections.http(),
            new Endpoints(
                Optional.of(URI.create("http://127.0.0.1:" + http.getAddress().getPort()))))
        .call(
            model,
            model.operation(operation),
            "eu-west-1",
            Map.of(),
            AwsBasicCredentials.create("AKIA", "secret"));
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
    sent.set(new Sent(200, type, " {\"SecretList\":[{\"Name\":\"<html>\"}]}"));
    assertThat(call("secretsmanager", "ListSecrets").toString())
        .isEqualTo("{\"SecretList\":[{\"Name\":\"<html>\"}]}");
    sent.set(new Sent(200, type, "{\"Functions\":[{\"FunctionName\":\"f\"}]}"));
    assertThat(call("lambda", "ListFunctions").toString())
        .isEqualTo("{\"Functions\":[{\"FunctionName\":\"f\"}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text/html", "text/plain"})
  void xmlIsReadWhateverItIsCalled(String type) throws AwsException {
    sent.set(
        new Sent(
            200,
            type,
            "<ListTopicsResponse><ListTopicsResult><Topics><member><TopicArn>a</TopicArn></member>"
                + "</Topics></ListTopicsResult></ListTopicsResponse>"));
    assertThat(call("sns", "ListTopics").toString())
        .isEqualTo("{\"Topics\":[{\"TopicArn\":\"a\"}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text/html"})
  void aRefusalIsReadWhateverItIsCalled(String type) {
    sent.set(new Sent(400, type, "{\"__type\":\"AccessDeniedException\",\"Message\":\"No.\"}"));
    AwsException refused =
        catchThrowableOfType(AwsException.class, () -> call("secretsmanager", "ListSecrets"));
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
    sent.set(new Sent(status, type, body));
    AwsException refused =
        catchThrowableOfType(AwsException.class, () -> call("secretsmanager", "ListSecrets"));
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
