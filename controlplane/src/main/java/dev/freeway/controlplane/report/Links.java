package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** Relations between the rows of a report. */
final class Links {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Key(Scope scope, String id) {}

  private final Map<Key, Integer> rows = new HashMap<>();
  private final Map<String, Integer> byArn = new HashMap<>();
  private final Map<String, List<Key>> byId = new HashMap<>();

  /** Takes in a row; they come in order. */
  void add(Resource resource) {
    Key key = new Key(resource.scope(), resource.id());
    rows.put(key, rows.size());
    if (!resource.arn().isEmpty()) {
      byArn.putIfAbsent(resource.arn(), rows.size() - 1);
    }
    byId.computeIfAbsent(resource.id(), _ -> new ArrayList<>(1)).add(key);
  }

  /** The row that a relation's target is: by its ARN, else by an id that only one near it has. */
  Optional<Integer> row(Scope from, String target) {
    Integer row = byArn.get(target);
    if (row != null) {
      return Optional.of(row);
    }
    List<Key> named =
        byId.getOrDefault(target, List.of()).stream()
            .filter(key -> key.scope().account().equals(from.account()))
            .toList();
    if (named.size() > 1) {
      named = named.stream().filter(key -> key.scope().region().equals(from.region())).toList();
    }
    return named.size() == 1 ? Optional.ofNullable(rows.get(named.getFirst())) : Optional.empty();
  }

  /** Triples of row, path and target; a target that is no row is a text of its own. */
  void write(Stream<Relation> relations, OutputStream out) {
    Dictionary<String> paths = new Dictionary<>();
    Dictionary<String> elsewhere = new Dictionary<>();
    List<Integer> from = new ArrayList<>();
    List<Integer> path = new ArrayList<>();
    List<Integer> to = new ArrayList<>();
    relations.forEach(
        relation -> {
          Integer row = rows.get(new Key(relation.scope(), relation.from()));
          if (row != null) {
            from.add(row);
            path.add(paths.number(relation.path()));
            to.add(
                row(relation.scope(), relation.target())
                    .orElseGet(() -> -1 - elsewhere.number(relation.target())));
          }
        });
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writePOJOProperty("paths", paths.values());
      json.writePOJOProperty("elsewhere", elsewhere.values());
      json.writePOJOProperty("from", from);
      json.writePOJOProperty("path", path);
      json.writePOJOProperty("to", to);
      json.writeEndObject();
    }
  }
}
