package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.kube.api.ApiClient;
import java.io.StringWriter;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/** What all writes to the API server have in common: their bodies, and what their answers mean. */
final class ApiWrites {
  static final String MERGE = "application/merge-patch+json";
  static final String STRATEGIC_MERGE = "application/strategic-merge-patch+json";
  static final String JSON = "application/json";

  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  private final ApiClient client;
  private final Consumer<Optional<InputError>> problems;

  /**
   * Writes to one server.
   *
   * @param problems told of a refusal, and of its end
   */
  ApiWrites(ApiClient client, Consumer<Optional<InputError>> problems) {
    this.client = client;
    this.problems = problems;
  }

  /** A conflict is none: somebody was faster, and the watch brings what they wrote. */
  void ended(String request, ApiClient.@Nullable Answer answer, @Nullable Throwable failure) {
    if (answer != null
        && (answer.ok() || answer.status() == CONFLICT || answer.status() == NOT_FOUND)) {
      problems.accept(Optional.empty());
      return;
    }
    String said =
        answer == null
            ? ApiClient.reason(failure == null ? new IllegalStateException("no answer") : failure)
            : answer.status() + " " + message(answer.body());
    problems.accept(
        Optional.of(
            new InputError(
                "API server " + client.server(),
                request,
                "",
                said,
                answer != null && answer.status() == 403
                    ? "a role that allows it: apply deploy/kubernetes/"
                    : "an answer; it is asked again")));
  }

  /** What the server says of a refusal. */
  static String message(String body) {
    try {
      return tools.jackson.databind.json.JsonMapper.shared()
          .readTree(body)
          .path("message")
          .asString("");
    } catch (tools.jackson.core.JacksonException e) {
      return body.strip();
    }
  }

  /** Writes the fields of an object. */
  interface Content {
    void write(JsonGenerator json);
  }

  /** An object as text. */
  static String json(Content content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(tools.jackson.core.ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    }
    return text.toString();
  }
}
