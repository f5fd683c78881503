package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.InputError;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes whole JSON documents, each on a line of its own. */
final class JsonOutput {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonOutput() {}

  /** Writes one document that begins with its version. */
  static void document(PrintStream out, Consumer<JsonGenerator> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(bytes, fields);
    bytes.write('\n');
    out.writeBytes(bytes.toByteArray()); // at once: a document is whole or not there
    out.flush();
  }

  /** A document that begins with its version, on a line without its end. */
  static String line(Consumer<JsonGenerator> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(bytes, fields);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void write(ByteArrayOutputStream bytes, Consumer<JsonGenerator> fields) {
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeNumberProperty("version", StateDocument.VERSION);
      fields.accept(json);
      json.writeEndObject();
    }
  }

  /** One line with a time, a level, a message and pairs of names and values. */
  static String line(String time, String level, String message, Object... pairs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("time", time);
      json.writeStringProperty("level", level);
      json.writeStringProperty("message", message);
      for (int i = 0; i + 1 < pairs.length; i += 2) {
        String name = pairs[i].toString();
        switch (pairs[i + 1]) {
          case Long number -> json.writeNumberProperty(name, number);
          case Integer number -> json.writeNumberProperty(name, number);
          case Double number -> json.writeNumberProperty(name, number);
          case Boolean flag -> json.writeBooleanProperty(name, flag);
          case Object other -> json.writeStringProperty(name, other.toString());
        }
      }
      json.writeEndObject();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Writes the field {@code errors}. */
  static void errors(JsonGenerator json, List<InputError> errors) {
    errors(json, "errors", errors);
  }

  /** Writes such a field under another name. */
  static void errors(JsonGenerator json, String field, List<InputError> errors) {
    json.writeArrayPropertyStart(field);
    for (InputError error : errors) {
      json.writeStartObject();
      fields(json, error);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Writes the fields of one. */
  static void fields(JsonGenerator json, InputError error) {
    json.writeStringProperty("file", error.file());
    json.writeStringProperty("document", error.document());
    json.writeStringProperty("field", error.field());
    json.writeStringProperty("value", error.value());
    json.writeStringProperty("expected", error.expected());
  }
}
