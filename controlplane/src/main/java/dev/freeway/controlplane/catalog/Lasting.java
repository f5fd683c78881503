package dev.freeway.controlplane.catalog;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What of documents of a type counts when two are compared: all but what changes without anybody
 * changing the resource, and but what a scan notes of itself.
 *
 * @param fleeting paths whose values do not count
 */
public record Lasting(List<Path> fleeting) {
  /** Everything counts. */
  public static final Lasting ALL = new Lasting(List.of());

  /**
   * The member in which a scan names the members of a document that it could not see: they are as
   * they were when they were last seen, or missing when they never were.
   */
  public static final String NOT_SEEN = "FreewayNotSeen";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Copies the paths. */
  public Lasting {
    fleeting = List.copyOf(fleeting);
  }

  /** A document's text with what counts alone. */
  public String of(String document) {
    if (fleeting.isEmpty() && !document.contains(NOT_SEEN)) {
      return document;
    }
    return of(JSON.readTree(document).asObject()).toString();
  }

  /** Takes out of a document what does not count, and gives it back. */
  public ObjectNode of(ObjectNode document) {
    document.remove(NOT_SEEN);
    fleeting.forEach(path -> path.removeFrom(document));
    return document;
  }

  /** The members that a scan could not see, as it noted them. */
  public static List<String> notSeen(JsonNode document) {
    List<String> names = new ArrayList<>();
    document.path(NOT_SEEN).forEach(name -> names.add(name.asString("")));
    return names;
  }
}
