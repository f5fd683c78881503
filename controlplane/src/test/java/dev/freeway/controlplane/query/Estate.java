package dev.freeway.controlplane.query;

import dev.freeway.controlplane.collect.Found;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An account with something of everything that the named queries look for, right and wrong. In the
 * file, {@code @-10} is ten days ago.
 */
final class Estate {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern DAYS = Pattern.compile("@(-?\\d+)");

  private Estate() {}

  static String file(String name) {
    try (InputStream file = Estate.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException(name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Resource> resources() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    String text =
        Pattern.compile("\"@(-?\\d+)\"")
            .matcher(file("estate.jsonl"))
            .replaceAll(
                days -> "\"" + now.plus(Duration.ofDays(Long.parseLong(days.group(1)))) + "\"");
    return text.lines().map(line -> resource(JSON.readTree(line))).toList();
  }

  /** A cell as it is expected: a date by its day. */
  static String cell(String text) {
    return DAYS.matcher(text).matches()
        ? Instant.now()
            .plus(Duration.ofDays(Long.parseLong(text.substring(1))))
            .toString()
            .substring(0, 10)
        : text;
  }

  private static Resource resource(JsonNode node) {
    String created = node.get("created").asString();
    return new Resource(
        Samples.scope(
            node.get("service").asString(),
            node.get("region").asString(),
            node.get("type").asString()),
        node.get("id").asString(),
        node.get("arn").asString(),
        node.get("name").asString(),
        node.get("isDefault").asBoolean(),
        created.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(created)),
        node.get("parent").asString(),
        new TreeMap<>(
            JSON.convertValue(node.get("tags"), new TypeReference<Map<String, String>>() {})),
        JSON.writeValueAsString(node.get("document")));
  }

  /** Two scans: what the first saw besides the estate is gone in the second. */
  static void write(Store store) {
    Scope instances = Samples.scope("ec2", "eu-west-1", "instance");
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      writer.seen(Samples.resource(instances, "i-gone", "{}"), List.of());
      writer.called(entry("ListGone"));
      writer.finish(Scan.Status.PARTIAL, Instant.now());
    }
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      resources().forEach(resource -> writer.seen(resource, Found.relations(resource)));
      writer.whole(instances);
      writer.called(entry("GetBucketAcl"));
      writer.finish(Scan.Status.PARTIAL, Instant.now());
    }
  }

  private static LedgerEntry entry(String operation) {
    return new LedgerEntry(
        Samples.ACCOUNT,
        "eu-west-1",
        "s3",
        operation,
        1,
        1,
        0,
        0,
        Duration.ofMillis(5),
        LedgerEntry.Outcome.DENIED,
        "AccessDenied",
        "no");
  }
}
