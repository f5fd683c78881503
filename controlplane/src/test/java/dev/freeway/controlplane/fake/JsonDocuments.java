package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Documents as JSON, named as a service's answers are.
 *
 * @param unknown whether each structure has a member that no model knows
 */
record JsonDocuments(ServiceModel model, boolean unknown) {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  ObjectNode members(Shape shape, JsonNode document) {
    ObjectNode out = NODES.objectNode();
    for (Member member : shape.members()) {
      JsonNode value = document.path(member.name());
      if (!value.isMissingNode() && member.location() == Member.Location.PAYLOAD) {
        out.set(XmlDocuments.tag(member), value(member, value));
      }
    }
    if (unknown) {
      out.set("memberOfTomorrow", NODES.objectNode().set("depth", NODES.arrayNode().add(1).add(2)));
    }
    return out;
  }

  JsonNode value(Member member, JsonNode value) {
    if (value.isNull()) {
      return value;
    }
    return switch (member.kind()) {
      case LIST -> {
        ArrayNode list = NODES.arrayNode();
        value.forEach(element -> list.add(value(member.of().orElseThrow(), element)));
        yield list;
      }
      case MAP -> {
        ObjectNode map = NODES.objectNode();
        value.forEachEntry(
            (key, element) -> map.set(key, value(member.of().orElseThrow(), element)));
        yield map;
      }
      case SDK_POJO -> members(model.shape(member.structure()), value);
      case INSTANT -> {
        String text = Times.text(member, "UNIX_TIMESTAMP", Instant.parse(value.asString()));
        yield List.of("ISO_8601", "RFC_822").contains(Times.format(member, "UNIX_TIMESTAMP"))
            ? NODES.stringNode(text)
            : NODES.numberNode(new BigDecimal(text));
      }
      default -> value;
    };
  }
}
