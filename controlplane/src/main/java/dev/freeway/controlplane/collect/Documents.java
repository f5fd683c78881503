package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scope;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is read out of a document. */
final class Documents {
  private static final JsonMapper JSON = new JsonMapper();

  private static final Pattern ARN = Pattern.compile("arn:aws[a-z-]*:[a-z0-9-]+:.*");

  /** As EC2 and its neighbours make them: {@code vpc-0abc…}, {@code tgw-attach-0abc…}. */
  private static final Pattern ID =
      Pattern.compile("[a-z][a-z0-9]{0,15}(-[a-z]{2,12}){0,2}-([0-9a-f]{17}|[0-9a-f]{8})");

  private Documents() {}

  /** A time, as AWS's services write it: ISO 8601, seconds or milliseconds, as text in SQS. */
  static Optional<Instant> time(JsonNode node) {
    if (node.isNumber() || node.asString("").matches("\\d{9,13}")) {
      double number = node.asDouble();
      return Optional.of(
          number > 1e11
              ? Instant.ofEpochMilli((long) number)
              : Instant.ofEpochMilli((long) (number * 1000)));
    }
    String text = node.asString("");
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException _) {
      try {
        return Optional.of(
            OffsetDateTime.parse(text.replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2")).toInstant());
      } catch (DateTimeException _) {
        return Optional.empty();
      }
    }
  }

  /** Tags, as AWS's services write them: a list of keys and values, or a map. */
  static SortedMap<String, String> tags(JsonNode node) {
    SortedMap<String, String> tags = new TreeMap<>();
    if (node.isObject()) {
      node.forEachEntry((key, value) -> tags.put(key, value.asString("")));
    }
    for (JsonNode tag : node.isArray() ? node : List.<JsonNode>of()) {
      String key = "";
      String value = "";
      for (var member : tag.properties()) {
        switch (member.getKey().toLowerCase(java.util.Locale.ROOT)) {
          case "key", "tagkey", "k" -> key = member.getValue().asString("");
          case "value", "tagvalue", "v" -> value = member.getValue().asString("");
          default -> {}
        }
      }
      if (!key.isEmpty()) {
        tags.put(key, value);
      }
    }
    return tags;
  }

  /** Puts what text in a document says in the place of the text: JSON, mostly a policy. */
  static void decode(ObjectNode document, List<Path> encoded) {
    for (Path path : encoded) {
      change(document, path.steps(), Documents::decoded);
    }
  }

  private static JsonNode decoded(JsonNode node) {
    String text = node.asString("").strip();
    try {
      if (text.startsWith("%7B") || text.startsWith("%5B")) {
        // It is percent-encoding, not a form's: a plus is a plus.
        text = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
      } else if (text.startsWith("{\\\"")) { // as API Gateway has it: a string's inside
        text = JSON.readTree('"' + text + '"').asString();
      }
      return text.startsWith("{") || text.startsWith("[") ? JSON.readTree(text) : node;
    } catch (IllegalArgumentException | JacksonException _) {
      return node; // what it says is for its reader to find out
    }
  }

  /** Changes what is at a path. */
  static void change(JsonNode node, List<String> steps, UnaryOperator<JsonNode> change) {
    String step = steps.getFirst();
    List<String> rest = steps.subList(1, steps.size());
    boolean every = step.equals("[]") || step.equals("*");
    if (!rest.isEmpty()) {
      if (every) {
        node.forEach(element -> change(element, rest, change));
      } else {
        change(node.path(step), rest, change);
      }
    } else if (node instanceof ArrayNode array && every) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, change.apply(array.get(i)));
      }
    } else if (node instanceof ObjectNode object) {
      for (String name : every ? List.copyOf(object.propertyNames()) : List.of(step)) {
        if (object.has(name)) {
          object.set(name, change.apply(object.path(name)));
        }
      }
    }
  }

  /** What a document names that may be another resource. */
  static List<Relation> relations(Scope scope, String id, String arn, ObjectNode document) {
    Set<Relation> relations = new LinkedHashSet<>();
    collect(scope, id, arn, "", document, relations);
    return new ArrayList<>(relations);
  }

  private static void collect(
      Scope scope, String id, String arn, String path, JsonNode node, Set<Relation> into) {
    switch (node.getNodeType()) {
      case OBJECT ->
          node.forEachEntry(
              (name, value) ->
                  collect(scope, id, arn, path.isEmpty() ? name : path + "." + name, value, into));
      case ARRAY -> node.forEach(element -> collect(scope, id, arn, path + "[]", element, into));
      case STRING -> {
        String text = node.asString();
        if (text.length() < 2048
            && !text.equals(id)
            && !text.equals(arn)
            && (ARN.matcher(text).matches() || ID.matcher(text).matches())) {
          into.add(new Relation(scope, id, path, text));
        }
      }
      default -> {}
    }
  }
}
