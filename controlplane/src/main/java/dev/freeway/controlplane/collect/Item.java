package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.catalog.Template;
import dev.freeway.controlplane.inventory.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** An item of a list on its way to a resource; its details are added by the threads of its unit. */
final class Item implements Template.Values {
  private final ResourceType type;
  private final ObjectNode document;
  private final @Nullable Item parent;
  private final String account;
  private final String partition;
  private final String listRegion;
  private final Set<Detail> refused = ConcurrentHashMap.newKeySet();

  Item(
      ResourceType type,
      JsonNode found,
      @Nullable Item parent,
      String account,
      String partition,
      String listRegion) {
    this.type = type;
    this.document =
        found instanceof ObjectNode object
            ? object.deepCopy()
            : JsonNodeFactory.instance.objectNode().set(type.as(), found).asObject();
    this.parent = parent;
    this.account = account;
    this.partition = partition;
    this.listRegion = listRegion;
  }

  ResourceType type() {
    return type;
  }

  ObjectNode document() {
    return document;
  }

  /** A further call was refused: what it gives, or more of it, was not seen. */
  void refused(Detail detail) {
    refused.add(detail);
  }

  /** The further calls that were refused. */
  Set<Detail> refused() {
    return refused;
  }

  Optional<Item> belongsTo() {
    return Optional.ofNullable(parent);
  }

  /** Where it is, as AWS names regions. */
  String region() {
    return type.region()
        .flatMap(region -> region.fill(this))
        .orElseGet(
            () ->
                parent != null && parent.type.region().isPresent() ? parent.region() : listRegion);
  }

  /** Its region, or {@link Scope#GLOBAL} where it is in none. */
  String column(boolean global) {
    boolean own = type.region().isPresent() || (parent != null && parent.type.region().isPresent());
    return global && !own ? Scope.GLOBAL : region();
  }

  String id() {
    return type.id().fill(this).orElse("");
  }

  String arn() {
    return type.arn().fill(this).orElse("");
  }

  @Override
  public String variable(String name) {
    return switch (name) {
      case "account" -> account;
      case "partition" -> partition;
      case "region" -> region();
      case "arn" -> arn();
      case "id" -> id();
      case "name" -> type.displayName().fill(this).orElse("");
      default -> "";
    };
  }

  @Override
  public JsonNode item() {
    return document;
  }

  @Override
  public JsonNode parent() {
    return parent == null ? MissingNode.getInstance() : parent.document;
  }

  /**
   * A call's input with every place filled; empty when one has no value, and then there is nothing
   * to ask.
   */
  Optional<Map<String, Object>> input(Map<String, Object> with) {
    return input(with, this);
  }

  static Optional<Map<String, Object>> input(Map<String, Object> with, Template.Values values) {
    Map<String, Object> filled = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : with.entrySet()) {
      Optional<Object> value = value(entry.getValue(), values);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      filled.put(entry.getKey(), value.get());
    }
    return Optional.of(filled);
  }

  @SuppressWarnings("unchecked") // the catalogue's maps have strings as keys
  private static Optional<Object> value(Object value, Template.Values values) {
    return switch (value) {
      case Map<?, ?> map -> input((Map<String, Object>) map, values).map(filled -> (Object) filled);
      case List<?> list -> {
        List<Object> filled = new java.util.ArrayList<>();
        for (Object element : list) {
          Optional<Object> one = value(element, values);
          if (one.isEmpty()) {
            yield Optional.empty();
          }
          filled.add(one.get());
        }
        yield Optional.of(filled);
      }
      default ->
          Template.literal(String.valueOf(value)).fill(values).map(filled -> (Object) filled);
    };
  }
}
