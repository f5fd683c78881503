package dev.freeway.controlplane.waste;

import dev.freeway.controlplane.inventory.Resource;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A resource and its document, read. */
record Item(Resource resource, JsonNode document) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Item of(Resource resource) {
    return new Item(resource, JSON.readTree(resource.document()));
  }

  String type() {
    return resource.scope().service() + ":" + resource.scope().type();
  }

  /** A member's text; empty when there is none. */
  String text(String member) {
    return document.path(member).asString("");
  }

  /** The elements of a list; none when there is no list. */
  JsonNode list(String member) {
    return document.path(member);
  }

  Optional<Instant> time(String member) {
    try {
      return text(member).isEmpty()
          ? Optional.empty()
          : Optional.of(OffsetDateTime.parse(text(member)).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }
}
