package dev.freeway.controlplane.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link ServiceModel} as JSON, one line for each operation and each shape, so that a newer SDK
 * shows in a diff. What is as it mostly is, is left out.
 */
final class ModelFile {
  static final String DIRECTORY = "/dev/freeway/controlplane/aws/models/";
  static final JsonMapper JSON = new JsonMapper();

  private ModelFile() {}

  /**
   * Reads a model that was built in.
   *
   * @throws IllegalArgumentException when there is none of that module
   */
  static ServiceModel load(String module) {
    try (InputStream file = ModelFile.class.getResourceAsStream(DIRECTORY + module + ".json")) {
      if (file == null) {
        throw new IllegalArgumentException("no model of the SDK's module " + module);
      }
      return read(JSON.readTree(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a model. */
  static ServiceModel read(JsonNode file) {
    Map<String, Shape> shapes = new HashMap<>();
    file.path("shapes")
        .forEachEntry(
            (name, members) -> {
              List<Member> read = new ArrayList<>();
              members.forEach(member -> read.add(member(member)));
              shapes.put(name, new Shape(name, read));
            });
    Map<String, Operation> operations = new TreeMap<>();
    file.path("operations")
        .forEachEntry(
            (name, node) -> {
              String http = node.path("http").asString();
              operations.put(
                  name,
                  new Operation(
                      name,
                      node.path("id").asString(""),
                      http.substring(0, http.indexOf(' ')),
                      http.substring(http.indexOf(' ') + 1),
                      node.path("body").asBoolean(true),
                      node.path("explicit").asBoolean(false),
                      node.path("implicit").asBoolean(false),
                      node.path("host").asString(""),
                      known(shapes, node.path("in").asString()),
                      known(shapes, node.path("out").asString())));
            });
    Map<String, String> endpoints = new LinkedHashMap<>();
    file.path("endpoints").forEachEntry((region, host) -> endpoints.put(region, host.asString()));
    return new ServiceModel(
        file.path("module").asString(),
        ServiceModel.Protocol.valueOf(file.path("protocol").asString()),
        file.path("jsonVersion").asString(""),
        file.path("queryCompatible").asBoolean(false),
        file.path("apiVersion").asString(""),
        file.path("endpointPrefix").asString(),
        file.path("signingName").asString(),
        endpoints,
        operations,
        shapes);
  }

  private static Shape known(Map<String, Shape> shapes, String name) {
    Shape shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("no shape " + name);
    }
    return shape;
  }

  private static Member member(JsonNode node) {
    String name = node.path("n").asString("");
    return new Member(
        name,
        Member.Kind.valueOf(node.path("k").asString("STRING")),
        Member.Location.valueOf(node.path("at").asString("PAYLOAD")),
        node.path("l").asString(name),
        node.path("u").asString(""),
        node.path("ml").asString(""),
        node.path("kl").asString(""),
        node.path("flat").asBoolean(false),
        node.path("f").asString(""),
        node.path("req").asBoolean(false),
        node.path("payload").asBoolean(false),
        node.path("json").asBoolean(false),
        node.path("attribute").asBoolean(false),
        node.path("s").asString(""),
        node.has("of") ? Optional.of(member(node.path("of"))) : Optional.empty());
  }

  /** Writes a model. */
  static String write(ServiceModel model) {
    StringBuilder text = new StringBuilder("{\n");
    line(text, "module", model.module());
    line(text, "protocol", model.protocol().name());
    line(text, "jsonVersion", model.jsonVersion());
    if (model.queryCompatible()) {
      text.append("\"queryCompatible\":true,\n");
    }
    line(text, "apiVersion", model.apiVersion());
    line(text, "endpointPrefix", model.endpointPrefix());
    line(text, "signingName", model.signingName());
    ObjectNode endpoints = object();
    model.endpoints().forEach(endpoints::put);
    text.append("\"endpoints\":").append(JSON.writeValueAsString(endpoints)).append(",\n");
    List<String> lines = new ArrayList<>();
    for (Operation operation : model.operations().values()) {
      ObjectNode node = object();
      node.put("http", operation.method() + " " + operation.uri());
      put(node, "id", operation.identifier());
      if (!operation.payloadMembers()) {
        node.put("body", false);
      }
      flag(node, "explicit", operation.explicitPayload());
      flag(node, "implicit", operation.implicitPayload());
      put(node, "host", operation.hostPrefix());
      node.put("in", operation.input().name());
      node.put("out", operation.output().name());
      lines.add(quoted(operation.name()) + ":" + JSON.writeValueAsString(node));
    }
    text.append("\"operations\":{\n").append(String.join(",\n", lines)).append("},\n");
    lines.clear();
    for (String name : new TreeSet<>(model.shapes().keySet())) {
      ArrayNode members = JsonNodeFactory.instance.arrayNode();
      known(model.shapes(), name).members().forEach(member -> members.add(node(member)));
      lines.add(quoted(name) + ":" + JSON.writeValueAsString(members));
    }
    return text.append("\"shapes\":{\n")
        .append(String.join(",\n", lines))
        .append("}\n}\n")
        .toString();
  }

  private static ObjectNode node(Member member) {
    ObjectNode node = object();
    put(node, "n", member.name());
    if (member.kind() != Member.Kind.STRING) {
      node.put("k", member.kind().name());
    }
    if (member.location() != Member.Location.PAYLOAD) {
      node.put("at", member.location().name());
    }
    if (!member.locationName().equals(member.name())) {
      node.put("l", member.locationName());
    }
    if (!member.unmarshallName().equals(member.locationName())) {
      put(node, "u", member.unmarshallName());
    }
    put(node, "ml", member.memberLocation());
    put(node, "kl", member.keyLocation());
    flag(node, "flat", member.flattened());
    put(node, "f", member.format());
    flag(node, "req", member.required());
    flag(node, "payload", member.payload());
    flag(node, "json", member.jsonValue());
    flag(node, "attribute", member.xmlAttribute());
    put(node, "s", member.structure());
    member.of().ifPresent(of -> node.set("of", node(of)));
    return node;
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(quoted(name)).append(':').append(quoted(value)).append(",\n");
    }
  }

  private static String quoted(String text) {
    return JSON.writeValueAsString(text);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static void put(ObjectNode node, String name, String value) {
    if (!value.isEmpty()) {
      node.put(name, value);
    }
  }

  private static void flag(ObjectNode node, String name, boolean value) {
    if (value) {
      node.put(name, true);
    }
  }
}
