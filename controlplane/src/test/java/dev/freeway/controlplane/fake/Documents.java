package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import dev.freeway.controlplane.catalog.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Answers as JSON documents, by the model's names. */
final class Documents {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Documents() {}

  /**
   * Holds a document against a shape.
   *
   * @throws IllegalArgumentException when it has a member that the shape does not have
   */
  static void check(ServiceModel model, Shape shape, JsonNode document) {
    document.forEachEntry(
        (name, value) -> {
          Member member = shape.member(name);
          if (member == null) {
            throw new IllegalArgumentException(
                model.module()
                    + ": "
                    + shape.name()
                    + " has no member "
                    + name
                    + "; it has "
                    + shape.members().stream().map(Member::name).toList());
          }
          check(model, member, value);
        });
  }

  private static void check(ServiceModel model, Member member, JsonNode value) {
    switch (member.kind()) {
      case LIST, MAP -> value.forEach(element -> check(model, member.of().orElseThrow(), element));
      case SDK_POJO -> check(model, model.shape(member.structure()), value);
      default -> {}
    }
  }

  /** What a service answers that has nothing: its lists are there, and empty. */
  static ObjectNode empty(ServiceModel model, Operation operation) {
    return empty(model, operation.output(), true);
  }

  private static ObjectNode empty(ServiceModel model, Shape shape, boolean deeper) {
    ObjectNode empty = NODES.objectNode();
    for (Member member : shape.members()) {
      if (member.kind() == Member.Kind.LIST && member.location() == Member.Location.PAYLOAD) {
        empty.set(member.name(), NODES.arrayNode());
      } else if (member.kind() == Member.Kind.SDK_POJO && deeper && member.payload()) {
        empty.set(member.name(), empty(model, model.shape(member.structure()), false));
      }
    }
    return empty;
  }

  /** Puts items where an answer has them: each in structures of its own below a list on the way. */
  static void put(ObjectNode answer, Path path, List<JsonNode> items) {
    put(answer, path.steps(), items);
  }

  private static void put(ObjectNode at, List<String> steps, List<JsonNode> items) {
    String name = steps.getFirst();
    List<String> rest = steps.subList(1, steps.size());
    if (rest.isEmpty()) {
      items.forEach(item -> at.set(name, item));
    } else if (!rest.getFirst().equals("[]")) {
      put(at.withObject("/" + name), rest, items);
    } else {
      ArrayNode list = at.putArray(name);
      List<String> inner = rest.subList(1, rest.size());
      for (JsonNode item : items) {
        if (inner.isEmpty()) {
          list.add(item);
        } else {
          put(list.addObject(), inner, List.of(item));
        }
      }
    }
  }
}
