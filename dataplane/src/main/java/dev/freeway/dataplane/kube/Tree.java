package dev.freeway.dataplane.kube;

import java.util.List;
import java.util.Map;

/**
 * A YAML or JSON value with the line it begins at: what both parsers build and one binder reads.
 */
sealed interface Tree {
  /** Values deeper than this are refused: Kubernetes objects are far shallower. */
  int MAX_DEPTH = 200;

  /** 1-based line of the first character. */
  int line();

  /** The value in a few words, for a message. */
  String show();

  /** What a scalar means by YAML's core schema or JSON's grammar. */
  enum Kind {
    STRING,
    NUMBER,
    BOOLEAN,
    NULL
  }

  record Scalar(String text, Kind kind, int line) implements Tree {
    @Override
    public String show() {
      return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    /** A plain YAML scalar, its kind found by the core schema. */
    static Scalar plain(String text, int line) {
      return new Scalar(text, kindOf(text), line);
    }

    private static Kind kindOf(String text) {
      if (text.isEmpty()) {
        return Kind.NULL;
      }
      return switch (text.charAt(0)) {
        case '~' -> text.length() == 1 ? Kind.NULL : Kind.STRING;
        case 'n', 'N' ->
            text.equals("null") || text.equals("Null") || text.equals("NULL")
                ? Kind.NULL
                : Kind.STRING;
        case 't', 'T', 'f', 'F' ->
            switch (text) {
              case "true", "True", "TRUE", "false", "False", "FALSE" -> Kind.BOOLEAN;
              default -> Kind.STRING;
            };
        case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '.' ->
            isNumber(text) ? Kind.NUMBER : Kind.STRING;
        default -> Kind.STRING;
      };
    }

    /** {@code [-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?}, read by hand: it is asked very often. */
    private static boolean isNumber(String text) {
      int at = text.charAt(0) == '+' || text.charAt(0) == '-' ? 1 : 0;
      int whole = digits(text, at);
      at += whole;
      int fraction = 0;
      if (at < text.length() && text.charAt(at) == '.') {
        fraction = digits(text, ++at);
        at += fraction;
      }
      if (whole + fraction == 0) {
        return false;
      }
      if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
        at++;
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
          at++;
        }
        int exponent = digits(text, at);
        if (exponent == 0) {
          return false;
        }
        at += exponent;
      }
      return at == text.length();
    }

    private static int digits(String text, int from) {
      int at = from;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      return at - from;
    }
  }

  record Sequence(List<Tree> items, int line) implements Tree {
    @Override
    public String show() {
      return "a list of " + items.size();
    }
  }

  record Mapping(Map<String, Tree> fields, int line) implements Tree {
    /** An object in it; one without fields where there is none. */
    Mapping mapping(String field) {
      return fields.get(field) instanceof Mapping found ? found : new Mapping(Map.of(), 1);
    }

    /** The objects of a list in it. */
    List<Mapping> mappings(String field) {
      return fields.get(field) instanceof Sequence found
          ? found.items().stream()
              .filter(Mapping.class::isInstance)
              .map(Mapping.class::cast)
              .toList()
          : List.of();
    }

    /** A text, number or truth in it as text; empty where there is none. */
    String word(String field) {
      return fields.get(field) instanceof Scalar scalar && scalar.kind() != Kind.NULL
          ? scalar.text()
          : "";
    }

    @Override
    public String show() {
      return "an object with " + (fields.isEmpty() ? "no fields" : String.join(", ", firstKeys()));
    }

    private List<String> firstKeys() {
      return fields.keySet().stream().limit(3).toList();
    }
  }
}
