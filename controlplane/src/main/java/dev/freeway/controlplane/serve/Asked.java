package dev.freeway.controlplane.serve;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The members of a question. One of another kind, or of a name that the question does not have, is
 * an error: left out, it would be the answer to another question. Null is as if it were not there.
 *
 * @param object that was sent
 */
record Asked(JsonNode object) {
  /**
   * Refuses every member but these, and {@code scan}, which the page sends with all.
   *
   * @throws IllegalArgumentException with the first of the others
   */
  void only(String... members) {
    Set<String> known = Set.of(members);
    for (String name : object.propertyNames()) {
      if (!known.contains(name) && !name.equals("scan")) {
        throw new IllegalArgumentException(
            name
                + ": no such member; expected "
                + (members.length == 0 ? "none" : "of " + String.join(", ", members)));
      }
    }
  }

  /** Text; empty when there is none. */
  String text(String member) {
    return given(member, JsonNode::isString, "text") ? object.path(member).asString() : "";
  }

  /** Whether something is so; false when it is not said. */
  boolean flag(String member) {
    return given(member, JsonNode::isBoolean, "true or false") && object.path(member).asBoolean();
  }

  /**
   * A whole number.
   *
   * @param usual when there is none
   * @param most how large it may be; at least 0 it has to be
   */
  long number(String member, long usual, long most) {
    return given(
            member,
            node ->
                node.isIntegralNumber()
                    && node.canConvertToLong()
                    && node.asLong() >= 0
                    && node.asLong() <= most,
            most == Long.MAX_VALUE
                ? "a whole number from 0"
                : "a whole number from 0 to %,d".formatted(most))
        ? object.path(member).asLong()
        : usual;
  }

  /** A list of texts, stripped, without the blank ones. */
  List<String> texts(String member) {
    boolean given =
        given(
            member,
            node -> node.isArray() && stream(node.iterator()).allMatch(JsonNode::isString),
            "a list of texts");
    return given
        ? stream(object.path(member).iterator())
            .map(one -> one.asString().strip())
            .filter(text -> !text.isEmpty())
            .toList()
        : List.of();
  }

  /** Texts, or numbers as such, by name. */
  Map<String, @Nullable String> values(String member) {
    Map<String, @Nullable String> values = new LinkedHashMap<>();
    if (given(
        member,
        node -> node.isObject() && stream(node.iterator()).allMatch(JsonNode::isValueNode),
        "an object of texts")) {
      object
          .path(member)
          .forEachEntry((key, value) -> values.put(key, value.isNull() ? null : value.asString()));
    }
    return values;
  }

  private boolean given(String member, Predicate<JsonNode> right, String expected) {
    JsonNode value = object.path(member);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!right.test(value)) {
      String said = value.toString();
      throw new IllegalArgumentException(
          member
              + " "
              + (said.length() > 80 ? said.substring(0, 80) + "..." : said)
              + ": expected "
              + expected);
    }
    return true;
  }

  private static Stream<JsonNode> stream(Iterator<JsonNode> nodes) {
    List<JsonNode> all = new ArrayList<>();
    nodes.forEachRemaining(all::add);
    return all.stream();
  }
}
