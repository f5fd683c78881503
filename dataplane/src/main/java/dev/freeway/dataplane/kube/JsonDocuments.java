package dev.freeway.dataplane.kube;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** JSON values, one after another, as trees; about ten times as fast as reading them as YAML. */
final class JsonDocuments {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonDocuments() {}

  /** Ends at the first broken value: what follows it cannot be told apart. */
  static List<Document> parse(String text) {
    List<Document> documents = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      try {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          documents.add(new Document.Parsed(documents.size() + 1, value(parser, token, 0)));
        }
      } catch (Malformed e) {
        documents.add(broken(documents.size() + 1, text, parser, e.problem));
      } catch (JacksonException e) {
        documents.add(broken(documents.size() + 1, text, parser, e.getOriginalMessage()));
      }
    }
    return documents;
  }

  private static Document.Broken broken(
      int number, String text, JsonParser parser, String problem) {
    int line = Math.max(1, parser.currentLocation().getLineNr());
    int column = Math.max(1, parser.currentLocation().getColumnNr());
    String shown = text.lines().skip(line - 1).findFirst().orElse("").strip();
    return new Document.Broken(
        number,
        line,
        column,
        shown.length() <= 200 ? shown : shown.substring(0, 200) + "…",
        // Jackson explains its own parser after the first line.
        problem.lines().findFirst().orElse(problem));
  }

  private static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String problem;

    Malformed(String problem) {
      super(problem, null, false, false);
      this.problem = problem;
    }
  }

  /**
   * The value that the parser stands at the first token of.
   *
   * @throws IOException when it is none that a Kubernetes object can hold
   */
  static Tree value(JsonParser parser) throws IOException {
    try {
      return value(parser, parser.currentToken(), 0);
    } catch (Malformed e) {
      throw new IOException(e.problem, e);
    }
  }

  private static Tree value(JsonParser parser, JsonToken token, int depth) {
    if (depth > Tree.MAX_DEPTH) {
      throw new Malformed("nested deeper than " + Tree.MAX_DEPTH + " levels");
    }
    int line = parser.currentTokenLocation().getLineNr();
    return switch (token) {
      case VALUE_STRING -> new Tree.Scalar(parser.getString(), Tree.Kind.STRING, line);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          new Tree.Scalar(parser.getString(), Tree.Kind.NUMBER, line);
      case VALUE_TRUE, VALUE_FALSE -> new Tree.Scalar(parser.getString(), Tree.Kind.BOOLEAN, line);
      case VALUE_NULL -> new Tree.Scalar("null", Tree.Kind.NULL, line);
      case START_ARRAY -> {
        List<Tree> items = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
          items.add(value(parser, t, depth + 1));
        }
        yield new Tree.Sequence(items, line);
      }
      case START_OBJECT -> {
        Map<String, Tree> fields = new LinkedHashMap<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_OBJECT; t = parser.nextToken()) {
          String name = parser.currentName();
          if (fields.putIfAbsent(name, value(parser, parser.nextToken(), depth + 1)) != null) {
            throw new Malformed("key \"" + name + "\" is there twice");
          }
        }
        yield new Tree.Mapping(fields, line);
      }
      default -> throw new Malformed("unexpected " + token);
    };
  }
}
