package dev.freeway.controlplane.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A question about an item: {@code Path}, {@code !Path}, {@code Path = text}, {@code Path != text}
 * or {@code Path ~ regular expression}, with {@code and} or {@code or} between. A path alone asks
 * whether it is there and neither false, 0 nor empty; with several values any will do.
 *
 * @param text as it is written
 */
public record Condition(String text, boolean any, List<Term> terms) {
  private static final Pattern TERM =
      Pattern.compile("(!?)([A-Za-z0-9_.\\[\\]*:/-]+)(?:\\s*(!=|=|~)\\s*(.*))?");

  /** One of its questions. */
  public record Term(Path path, boolean negated, String operator, String value) {
    boolean holds(JsonNode item) {
      List<JsonNode> found = path.all(item);
      boolean holds =
          switch (operator) {
            case "=" -> found.stream().anyMatch(node -> node.asString("").equals(value));
            case "!=" -> found.stream().noneMatch(node -> node.asString("").equals(value));
            case "~" ->
                found.stream()
                    .anyMatch(node -> Pattern.compile(value).matcher(node.asString("")).find());
            default -> found.stream().anyMatch(Term::says);
          };
      return holds != negated;
    }

    private static boolean says(JsonNode node) {
      return switch (node.getNodeType()) {
        case BOOLEAN -> node.asBoolean();
        case NUMBER -> node.asDouble() != 0;
        case STRING -> !node.asString().isEmpty();
        case ARRAY, OBJECT -> !node.isEmpty();
        case NULL, MISSING -> false;
        case BINARY, POJO -> true;
      };
    }
  }

  /** Copies the terms. */
  public Condition {
    terms = List.copyOf(terms);
  }

  /**
   * Reads a condition.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Condition parse(String text) {
    boolean any = text.contains(" or ");
    List<Term> terms = new ArrayList<>();
    for (String part : text.split(any ? " or " : " and ", -1)) {
      Matcher term = TERM.matcher(part.strip());
      if (!term.matches()) {
        throw new IllegalArgumentException(part + ": expected a path, an operator and a value");
      }
      terms.add(
          new Term(
              Path.parse(term.group(2)),
              !term.group(1).isEmpty(),
              term.group(3) == null ? "" : term.group(3),
              term.group(4) == null ? "" : term.group(4).strip()));
    }
    return new Condition(text, any, terms);
  }

  /** Whether it holds of an item. */
  public boolean holds(JsonNode item) {
    return any
        ? terms.stream().anyMatch(term -> term.holds(item))
        : terms.stream().allMatch(term -> term.holds(item));
  }
}
