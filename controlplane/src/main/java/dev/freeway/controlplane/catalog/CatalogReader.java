package dev.freeway.controlplane.catalog;

import dev.freeway.controlplane.aws.Pagination;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a file of the catalogue. An unknown or misplaced key is an error that says where. */
final class CatalogReader {
  private static final Set<String> SERVICE_KEYS =
      Set.of("service", "category", "sdk", "words", "scope", "types");
  private static final Set<String> TYPE_KEYS =
      Set.of(
          "sdk",
          "for",
          "when",
          "extra",
          "after",
          "each",
          "page",
          "list",
          "with",
          "items",
          "as",
          "where",
          "id",
          "arn",
          "name",
          "created",
          "region",
          "tags",
          "default",
          "redact",
          "decode",
          "volatile",
          "absent",
          "details",
          "scope",
          "service");
  private static final Set<String> DETAIL_KEYS =
      Set.of(
          "sdk", "call", "with", "batch", "take", "match", "key", "into", "absent", "when",
          "region", "bulk", "extra");

  private final String file;

  private CatalogReader(String file) {
    this.file = file;
  }

  /**
   * Reads one service.
   *
   * @param file that errors name
   * @throws IllegalArgumentException with the file, the key and what would be right
   */
  static CatalogService read(String file, JsonNode service) {
    return new CatalogReader(file).service(service);
  }

  private CatalogService service(JsonNode root) {
    keys("", root, SERVICE_KEYS);
    String label = string("", root, "service");
    String sdk = root.path("sdk").asString(label);
    ListScope scope =
        scope("", root.path("scope"), new ListScope(ListScope.Kind.REGION, List.of()));
    List<ResourceType> types = new ArrayList<>();
    Map<String, ObjectNode> before = new LinkedHashMap<>();
    root.path("types")
        .forEachEntry(
            (name, node) -> {
              ObjectNode whole = like(name, node, before);
              before.put(name, whole);
              types.add(type(label, sdk, scope, name, whole));
            });
    if (types.isEmpty()) {
      throw new IllegalArgumentException(file + ": types: missing; expected at least one");
    }
    return new CatalogService(
        label, string("", root, "category"), strings(root.path("words")), types);
  }

  /** A type with what it takes over from one before it. */
  private ObjectNode like(String type, JsonNode node, Map<String, ObjectNode> before) {
    if (!(node instanceof ObjectNode own)) {
      throw new IllegalArgumentException(at(type, "") + node + "; expected keys and values");
    }
    if (!own.has("like")) {
      return own;
    }
    ObjectNode model = before.get(own.path("like").asString());
    if (model == null) {
      throw new IllegalArgumentException(
          at(type, "like") + own.path("like") + "; expected a type that stands before it");
    }
    ObjectNode whole = model.deepCopy();
    own.forEachEntry(whole::set);
    whole.remove("like");
    return whole;
  }

  private ResourceType type(String label, String sdk, ListScope scope, String name, JsonNode node) {
    keys(name, node, TYPE_KEYS);
    String module = node.path("sdk").asString(sdk);
    List<Detail> details = new ArrayList<>();
    for (JsonNode detail : node.path("details")) {
      details.add(detail(name, module, detail, ""));
    }
    String tags = "";
    JsonNode tagged = node.path("tags");
    if (tagged.isObject()) {
      Detail asked = detail(name, module, tagged, "Tags");
      details.add(asked);
      tags = asked.into();
    } else {
      tags = tagged.asString("");
    }
    List<Path> fleeting = new ArrayList<>(paths(name, "volatile", node));
    // Tags are compared by themselves, and are in the document only where they did not come in
    // bulk.
    details.stream().filter(Detail::bulk).map(Detail::into).map(Path::parse).forEach(fleeting::add);
    String id = string(name, node, "id");
    return new ResourceType(
        node.path("service").asString(label),
        name,
        module,
        strings(node.path("for")),
        optional(name, node, "when", Condition::parse),
        node.path("extra").asBoolean(false),
        strings(node.path("after")),
        string(name, node, "list"),
        values(node.path("with")),
        values(node.path("each")),
        page(node.path("page")),
        parsed(name, "items", node.path("items").asString(""), Path::parse),
        node.path("as").asString(""),
        optional(name, node, "where", Condition::parse),
        parsed(name, "id", id, Template::parse),
        parsed(name, "arn", node.path("arn").asString("{none}"), Template::parse),
        parsed(name, "name", node.path("name").asString("{none}"), Template::parse),
        optional(name, node, "created", Path::parse),
        optional(name, node, "region", Template::parse),
        parsed(name, "tags", tags, Path::parse),
        optional(name, node, "default", Condition::parse),
        paths(name, "redact", node),
        paths(name, "decode", node),
        new Lasting(fleeting),
        strings(node.path("absent")),
        details,
        scope(name, node.path("scope"), scope));
  }

  private static Optional<Pagination> page(JsonNode node) {
    SequencedMap<String, List<String>> members = new LinkedHashMap<>();
    node.forEachEntry(
        (input, output) -> members.put(input, List.of(output.asString().split("\\."))));
    return members.isEmpty() ? Optional.empty() : Optional.of(new Pagination(members));
  }

  private List<Path> paths(String type, String key, JsonNode node) {
    return strings(node.path(key)).stream()
        .map(path -> parsed(type, key, path, Path::parse))
        .toList();
  }

  private Detail detail(String type, String sdk, JsonNode node, String into) {
    keys(type, node, DETAIL_KEYS);
    Map<String, Object> with = values(node.path("with"));
    int batch = node.path("batch").asInt(1);
    String key = node.path("key").asString("");
    if (key.isEmpty() && batch > 1) {
      key =
          with.values().stream()
              .filter(value -> value instanceof List<?>)
              .map(value -> String.valueOf(((List<?>) value).getFirst()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          file + ": " + type + ": a batch needs a list with one place in with"));
    }
    return new Detail(
        node.path("sdk").asString(sdk),
        string(type, node, "call"),
        with,
        batch,
        parsed(type, "take", node.path("take").asString(""), Path::parse),
        optional(type, node, "match", Path::parse),
        parsed(type, "key", key, Template::parse),
        node.path("into").asString(into),
        strings(node.path("absent")),
        optional(type, node, "when", Condition::parse),
        optional(type, node, "region", Template::parse),
        node.path("bulk").asBoolean(false),
        node.path("extra").asBoolean(false));
  }

  private ListScope scope(String type, JsonNode node, ListScope otherwise) {
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (node.isObject()) {
      keys(type, node, Set.of("global", "regions"));
      return node.has("global")
          ? new ListScope(ListScope.Kind.GLOBAL, strings(node.path("global")))
          : new ListScope(ListScope.Kind.REGION, strings(node.path("regions")));
    }
    return switch (node.asString()) {
      case "region" -> new ListScope(ListScope.Kind.REGION, List.of());
      case "global" -> new ListScope(ListScope.Kind.GLOBAL, List.of());
      case String other ->
          throw new IllegalArgumentException(
              at(type, "scope") + other + "; expected region, global or {global: [REGION]}");
    };
  }

  private void keys(String type, JsonNode node, Set<String> known) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(at(type, "") + node + "; expected keys and values");
    }
    for (String key : node.propertyNames()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            at(type, key)
                + "unknown; expected one of "
                + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  private String string(String type, JsonNode node, String key) {
    String text = node.path(key).asString("");
    if (text.isEmpty()) {
      throw new IllegalArgumentException(at(type, key) + "missing");
    }
    return text;
  }

  private <T> Optional<T> optional(
      String type, JsonNode node, String key, Function<String, T> parse) {
    String text = node.path(key).asString("");
    return text.isEmpty() ? Optional.empty() : Optional.of(parsed(type, key, text, parse));
  }

  private <T> T parsed(String type, String key, String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(at(type, key) + e.getMessage(), e);
    }
  }

  private String at(String type, String key) {
    return file + ": " + (type.isEmpty() ? "" : type + ": ") + (key.isEmpty() ? "" : key + ": ");
  }

  private static List<String> strings(JsonNode node) {
    List<String> strings = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(element -> strings.add(element.asString()));
    } else if (!node.isMissingNode() && !node.isNull()) {
      strings.add(node.asString());
    }
    return strings;
  }

  private static Map<String, Object> values(JsonNode node) {
    Map<String, Object> values = new LinkedHashMap<>();
    node.forEachEntry((key, value) -> values.put(key, value(value)));
    return values;
  }

  private static Object value(JsonNode node) {
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      node.forEach(element -> list.add(value(element)));
      return list;
    }
    return node.isObject() ? values(node) : node.asString();
  }
}
