package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.StoredResource;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything of resources but their documents, a list for each column: what repeats is a number in
 * a dictionary. The page reads it by these names.
 */
final class Columns {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Tag(String key, String value) {}

  /** An ARN around its resource's id; without it, whole in {@code before}. */
  private record Arn(String before, boolean withId, String after) {
    static Arn of(String arn, String id) {
      int at = arn.lastIndexOf(id);
      return at < 0
          ? new Arn(arn, false, "")
          : new Arn(arn.substring(0, at), true, arn.substring(at + id.length()));
    }
  }

  private final Dictionary<Scope> scopes = new Dictionary<>();
  private final Dictionary<Tag> tags = new Dictionary<>();
  private final Dictionary<Arn> arns = new Dictionary<>();
  private final Dictionary<Long> times = new Dictionary<>();
  private final Dictionary<String> parents = new Dictionary<>();
  private final List<Integer> scope = new ArrayList<>();
  private final List<String> id = new ArrayList<>();
  private final List<String> name = new ArrayList<>();
  private final List<Integer> arn = new ArrayList<>();
  private final List<Integer> tagCount = new ArrayList<>();
  private final List<Integer> tag = new ArrayList<>();
  private final List<Integer> defaults = new ArrayList<>();
  private final List<Long> created = new ArrayList<>();
  private final List<Integer> first = new ArrayList<>();
  private final List<Integer> last = new ArrayList<>();
  private final List<Integer> parent = new ArrayList<>();

  int rows() {
    return id.size();
  }

  void add(StoredResource stored) {
    Resource resource = stored.resource();
    if (resource.isDefault()) {
      defaults.add(rows());
    }
    scope.add(scopes.number(resource.scope()));
    id.add(resource.id());
    name.add(resource.name());
    arn.add(arns.number(Arn.of(resource.arn(), resource.id())));
    tagCount.add(resource.tags().size());
    for (Map.Entry<String, String> each : resource.tags().entrySet()) {
      tag.add(tags.number(new Tag(each.getKey(), each.getValue())));
    }
    created.add(resource.created().map(Instant::getEpochSecond).orElse(0L));
    first.add(times.number(stored.firstSeen().getEpochSecond()));
    last.add(times.number(stored.lastSeen().getEpochSecond()));
    parent.add(parents.number(resource.parent()));
  }

  void write(Heading heading, int blockRows, OutputStream out) {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringProperty("written", heading.written().toString());
      json.writeNumberProperty("rows", rows());
      json.writeNumberProperty("blockRows", blockRows);
      json.writeName("accounts");
      json.writeStartArray();
      heading.accounts().forEach(each -> strings(json, List.of(each, heading.alias(each))));
      json.writeEndArray();
      json.writeName("scans");
      json.writeStartArray();
      heading.scans().forEach(each -> scan(json, each));
      json.writeEndArray();
      json.writeName("unseen");
      json.writeStartArray();
      heading.unseen().forEach(each -> entry(json, each));
      json.writeEndArray();
      json.writeName("leftOut");
      json.writeStartArray();
      heading
          .leftOut()
          .forEach(
              each -> strings(json, List.of(each.account(), each.service(), each.operation())));
      json.writeEndArray();
      columns(json);
      json.writeEndObject();
    }
  }

  private void columns(JsonGenerator json) {
    json.writeName("scopes");
    json.writeStartArray();
    scopes
        .values()
        .forEach(s -> strings(json, List.of(s.account(), s.service(), s.region(), s.type())));
    json.writeEndArray();
    json.writeName("arns");
    json.writeStartArray();
    arns.values()
        .forEach(
            a -> strings(json, a.withId() ? List.of(a.before(), a.after()) : List.of(a.before())));
    json.writeEndArray();
    json.writeName("tags");
    json.writeStartArray();
    tags.values().forEach(t -> strings(json, List.of(t.key(), t.value())));
    json.writeEndArray();
    json.writeName("parents");
    strings(json, parents.values());
    numbers(json, "times", times.values());
    json.writeName("id");
    strings(json, id);
    json.writeName("name");
    json.writeStartArray();
    for (int i = 0; i < rows(); i++) {
      if (name.get(i).equals(id.get(i))) {
        json.writeNumber(0);
      } else {
        json.writeString(name.get(i));
      }
    }
    json.writeEndArray();
    numbers(json, "scope", scope);
    numbers(json, "arn", arn);
    numbers(json, "tagCount", tagCount);
    numbers(json, "tag", tag);
    numbers(json, "defaults", defaults);
    numbers(json, "created", created);
    numbers(json, "first", first);
    numbers(json, "last", last);
    numbers(json, "parent", parent);
  }

  private static void scan(JsonGenerator json, Scan scan) {
    json.writeStartObject();
    json.writeNumberProperty("id", scan.id());
    json.writeStringProperty("account", scan.account());
    json.writeStringProperty("started", scan.started().toString());
    json.writeStringProperty("ended", scan.ended().map(Instant::toString).orElse(""));
    json.writeStringProperty("status", scan.status().name().toLowerCase(Locale.ROOT));
    json.writeNumberProperty("services", scan.services().size());
    json.writeNumberProperty("regions", scan.regions().size());
    json.writeStringProperty("filter", String.join(" ", scan.filter()));
    json.writeNumberProperty("resources", scan.resources());
    json.writeEndObject();
  }

  private static void entry(JsonGenerator json, LedgerEntry entry) {
    strings(
        json,
        List.of(
            entry.account(),
            entry.region(),
            entry.service(),
            entry.operation(),
            entry.outcome().name().toLowerCase(Locale.ROOT),
            entry.code(),
            Long.toString(entry.calls()),
            entry.message()));
  }

  private static void strings(JsonGenerator json, List<String> values) {
    json.writeStartArray();
    values.forEach(json::writeString);
    json.writeEndArray();
  }

  private static void numbers(JsonGenerator json, String name, List<? extends Number> values) {
    json.writeName(name);
    json.writeStartArray();
    values.forEach(value -> json.writeNumber(value.longValue()));
    json.writeEndArray();
  }
}
