package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.store.StoredResource;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the page shows, each part JSON under gzip: {@code data} is everything but the documents,
 * {@code relations}, and {@code documents-N} the documents in blocks, which the page opens when one
 * is looked at.
 */
public final class Parts {
  private static final int BLOCK_ROWS = 256;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SequencedMap<String, byte[]> parts = new LinkedHashMap<>();

  private Parts() {}

  /**
   * Makes them.
   *
   * @param resources by account, service, type, region and id; read once
   * @param relations of any resources, asked for after these; those of others are left out
   * @param small whether few bytes count, or little time
   */
  public static Parts of(
      Heading heading,
      Stream<StoredResource> resources,
      Supplier<Stream<Relation>> relations,
      boolean small) {
    Columns columns = new Columns();
    Links links = new Links();
    List<byte[]> blocks = new ArrayList<>();
    List<String> documents = new ArrayList<>(BLOCK_ROWS);
    resources.forEachOrdered(
        stored -> {
          columns.add(stored);
          links.add(stored.resource());
          documents.add(stored.resource().document());
          if (documents.size() == BLOCK_ROWS) {
            blocks.add(Packed.of(json -> texts(documents, json), small));
            documents.clear();
          }
        });
    if (!documents.isEmpty()) {
      blocks.add(Packed.of(json -> texts(documents, json), small));
    }
    Parts parts = new Parts();
    parts.parts.put("data", Packed.of(json -> columns.write(heading, BLOCK_ROWS, json), small));
    try (Stream<Relation> all = relations.get()) {
      parts.parts.put("relations", Packed.of(json -> links.write(all, json), small));
    }
    for (int i = 0; i < blocks.size(); i++) {
      parts.parts.put("documents-" + i, blocks.get(i));
    }
    return parts;
  }

  private static void texts(List<String> documents, OutputStream out) {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      documents.forEach(json::writeString);
      json.writeEndArray();
    }
  }

  /** A part by its name; empty when there is none. Not to be changed. */
  public Optional<byte[]> part(String name) {
    return Optional.ofNullable(parts.get(name));
  }

  Map<String, byte[]> all() {
    return parts;
  }
}
