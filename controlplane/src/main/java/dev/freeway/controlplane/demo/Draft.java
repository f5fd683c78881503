package dev.freeway.controlplane.demo;

import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.collect.Found;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A resource as the newest scan sees it, and what earlier ones saw. */
final class Draft {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ResourceType type;
  private final Site site;
  private final @Nullable Draft parent;
  private final Map<String, Object> document;
  private Optional<Consumer<Map<String, Object>>> before = Optional.empty();
  private int changed;
  private int gone = Integer.MAX_VALUE;

  Draft(ResourceType type, Site site, @Nullable Draft parent, Map<String, Object> document) {
    this.type = type;
    this.site = site;
    this.parent = parent;
    this.document = document;
  }

  ResourceType type() {
    return type;
  }

  Site site() {
    return site;
  }

  Map<String, Object> document() {
    return document;
  }

  String text(String name) {
    return Json.text(document, name);
  }

  String id() {
    return seen().resource().id();
  }

  String arn() {
    return seen().resource().arn();
  }

  /** Scans before one saw it otherwise; 0 is the newest, 1 the one before. */
  Draft changedIn(int scansAgo, Consumer<Map<String, Object>> earlier) {
    changed = scansAgo;
    before = Optional.of(earlier);
    return this;
  }

  /** Deleted before a scan: it and the newer ones do not see it. */
  Draft goneIn(int scansAgo) {
    gone = scansAgo;
    return this;
  }

  boolean isGone() {
    return gone != Integer.MAX_VALUE;
  }

  private Found seen() {
    return Found.of(type, node(document), site.account(), site.region(), parents());
  }

  private List<Found.Parent> parents() {
    List<Found.Parent> parents = new ArrayList<>();
    for (Draft above = parent; above != null; above = above.parent) {
      parents.add(new Found.Parent(above.type, node(above.document)));
    }
    return parents;
  }

  private static JsonNode node(Map<String, Object> document) {
    return JSON.valueToTree(document);
  }

  /** What a scan sees of it; nothing when it is not there yet or no more. */
  Optional<Found> seenBy(int scansAgo, java.time.Instant at) {
    if (gone != Integer.MAX_VALUE && scansAgo <= gone) {
      return Optional.empty();
    }
    Map<String, Object> then = document;
    if (before.isPresent() && scansAgo > changed) {
      then = new LinkedHashMap<>(document);
      before.get().accept(then);
    }
    Found found = Found.of(type, node(then), site.account(), site.region(), parents());
    return found.resource().created().filter(created -> created.isAfter(at)).isPresent()
        ? Optional.empty()
        : Optional.of(found);
  }
}
