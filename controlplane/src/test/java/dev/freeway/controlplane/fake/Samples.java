package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Made-up values that fill every member of a shape; of one that holds itself, once. Texts say where
 * they are, and hold what XML and JSON have to escape; only regions are real ones.
 */
public final class Samples {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Lists have two elements up to here, and one below. */
  private static final int PAIRS = 3;

  /** One item has fewer members than this. */
  private static final int ROOM = 100_000;

  private final ServiceModel model;
  private final Deque<String> open = new ArrayDeque<>();
  private int next;

  private Samples(ServiceModel model, int first) {
    this.model = model;
    this.next = first;
  }

  /** A whole answer. */
  public static ObjectNode answer(ServiceModel model, Operation operation) {
    return new Samples(model, 0).structure(operation.output());
  }

  /**
   * Items of a list.
   *
   * @param item what the list holds
   * @param count how many, no two alike
   */
  public static List<JsonNode> items(ServiceModel model, Member item, int count) {
    List<JsonNode> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(new Samples(model, i * ROOM).value(item));
    }
    return items;
  }

  /** An input that has what an operation requires, and what its path has. */
  public static Map<String, Object> input(Operation operation) {
    Map<String, Object> input = new LinkedHashMap<>();
    for (Member member : operation.input().members()) {
      boolean path =
          member.location() == Member.Location.PATH
              || member.location() == Member.Location.GREEDY_PATH;
      if (path || (member.required() && member.kind() == Member.Kind.STRING)) {
        input.put(member.name(), "a b/c-" + member.name());
      }
    }
    return input;
  }

  private ObjectNode structure(Shape shape) {
    ObjectNode document = NODES.objectNode();
    open.push(shape.name());
    for (Member member : shape.members()) {
      if (fits(member)) {
        document.set(member.name(), value(member));
      }
    }
    open.pop();
    return document;
  }

  /** Whether it does not lead back to where it is. */
  private boolean fits(Member member) {
    return switch (member.kind()) {
      case SDK_POJO -> !open.contains(member.structure());
      case LIST, MAP -> fits(member.of().orElseThrow());
      default -> true;
    };
  }

  private JsonNode value(Member member) {
    next++;
    return switch (member.kind()) {
      case STRING ->
          NODES.stringNode(
              member.location() == Member.Location.HEADER
                  ? "said " + next
                  : member.name().endsWith("Region")
                      ? "us-east-1"
                      : " <" + member.name() + "> & \"é\" " + next);
      case INTEGER, SHORT, BYTE ->
          NODES.numberNode(member.location() == Member.Location.STATUS_CODE ? 200 : next % 100);
      case LONG -> NODES.numberNode(5_000_000_000L + next);
      case FLOAT, DOUBLE -> NODES.numberNode(next % 1000 + 0.5);
      case BIG_DECIMAL -> NODES.numberNode(new java.math.BigDecimal(next + ".25"));
      case BOOLEAN -> NODES.booleanNode(next % 2 == 0);
      case INSTANT -> NODES.stringNode("2026-01-02T03:04:%02dZ".formatted(next % 60));
      case SDK_BYTES ->
          NODES.binaryNode(("bytes " + next).getBytes(java.nio.charset.StandardCharsets.UTF_8));
      case SDK_POJO -> structure(model.shape(member.structure()));
      case LIST -> {
        ArrayNode list = NODES.arrayNode();
        list.add(value(member.of().orElseThrow()));
        if (open.size() <= PAIRS) {
          list.add(value(member.of().orElseThrow()));
        }
        yield list;
      }
      case MAP -> NODES.objectNode().set("key & " + next, value(member.of().orElseThrow()));
      case DOCUMENT -> {
        ObjectNode document = NODES.objectNode().put("depth", next).put("text", "é");
        document.set("list", NODES.arrayNode().add(1).add("two").add(true));
        yield document;
      }
    };
  }
}
