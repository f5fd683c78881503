package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.StoredResource;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** One JSON document in AWSMap's shape, {@code metadata} and {@code resources}, and more in it. */
public final class JsonReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonReport() {}

  /** Writes it, a resource at a time. Does not close. */
  public static void write(Heading heading, Stream<StoredResource> resources, Writer out) {
    JsonGenerator json = JSON.createGenerator(out);
    json.writeStartObject();
    json.writeName("resources");
    json.writeStartArray();
    long[] count = {0};
    resources.forEachOrdered(
        stored -> {
          count[0]++;
          json.writeRaw('\n');
          resource(json, stored);
        });
    json.writeEndArray();
    json.writeName("metadata");
    metadata(json, heading, count[0]);
    json.writeName("not_seen");
    json.writeStartArray();
    heading.unseen().forEach(entry -> entry(json, entry));
    json.writeEndArray();
    json.writeName("not_asked");
    json.writeStartArray();
    heading.leftOut().forEach(left -> left(json, left));
    json.writeEndArray();
    json.writeEndObject();
    json.writeRaw('\n');
    json.flush();
  }

  private static void resource(JsonGenerator json, StoredResource stored) {
    Resource resource = stored.resource();
    json.writeStartObject();
    json.writeStringProperty("account", resource.scope().account());
    json.writeStringProperty("service", resource.scope().service());
    json.writeStringProperty("type", resource.scope().type());
    json.writeStringProperty("id", resource.id());
    json.writeStringProperty("arn", resource.arn());
    json.writeStringProperty("name", resource.name());
    json.writeStringProperty("region", resource.scope().region());
    json.writeBooleanProperty("is_default", resource.isDefault());
    json.writeStringProperty("parent", resource.parent());
    json.writeName("created");
    time(json, resource.created().map(Instant::toString).orElse(""));
    json.writeStringProperty("first_seen", stored.firstSeen().toString());
    json.writeStringProperty("last_seen", stored.lastSeen().toString());
    json.writeName("details");
    json.writeRawValue(resource.document());
    json.writePOJOProperty("tags", resource.tags());
    json.writeEndObject();
  }

  private static void time(JsonGenerator json, String time) {
    if (time.isEmpty()) {
      json.writeNull();
    } else {
      json.writeString(time);
    }
  }

  /** AWSMap's keys are those of one scan: the newest's. */
  private static void metadata(JsonGenerator json, Heading heading, long count) {
    TreeSet<String> services = new TreeSet<>();
    TreeSet<String> regions = new TreeSet<>();
    for (Scan scan : heading.scans()) {
      services.addAll(scan.services());
      regions.addAll(scan.regions());
    }
    json.writeStartObject();
    json.writeStringProperty("account_id", String.join(",", heading.accounts()));
    json.writePOJOProperty("accounts", heading.accounts());
    json.writeStringProperty("timestamp", heading.written().toString());
    json.writeName("scan_duration_seconds");
    List<Scan> ended = heading.scans().stream().filter(scan -> scan.ended().isPresent()).toList();
    if (ended.isEmpty()) {
      json.writeNull();
    } else {
      Scan newest = ended.getFirst();
      json.writeNumber(
          Duration.between(newest.started(), newest.ended().orElseThrow()).toMillis() / 1000.0);
    }
    json.writeNumberProperty("services_scanned", services.size());
    json.writePOJOProperty("services_scanned_list", services);
    json.writePOJOProperty("regions_scanned", regions);
    json.writeNumberProperty("resource_count", count);
    json.writeNumberProperty("not_seen_count", heading.unseen().size());
    json.writeEndObject();
  }

  private static void left(JsonGenerator json, LeftOut left) {
    json.writeStartObject();
    json.writeStringProperty("account", left.account());
    json.writeStringProperty("service", left.service());
    json.writeStringProperty("operation", left.operation());
    json.writeEndObject();
  }

  private static void entry(JsonGenerator json, LedgerEntry entry) {
    json.writeStartObject();
    json.writeStringProperty("account", entry.account());
    json.writeStringProperty("region", entry.region());
    json.writeStringProperty("service", entry.service());
    json.writeStringProperty("operation", entry.operation());
    json.writeStringProperty("outcome", entry.outcome().name().toLowerCase(Locale.ROOT));
    json.writeStringProperty("code", entry.code());
    json.writeNumberProperty("calls", entry.calls());
    json.writeStringProperty("message", entry.message());
    json.writeEndObject();
  }
}
