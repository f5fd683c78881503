package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.output.SourceHash;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * One file that needs no other: a page that a browser opens from a disk. Its data are compressed;
 * documents in blocks of their own, which the page opens when one is looked at. Nothing of what AWS
 * answered is ever markup: the page makes text of it, and its policy lets no other script run.
 */
public final class HtmlReport {
  private static final int BLOCK_ROWS = 256;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private HtmlReport() {}

  /**
   * Writes a page.
   *
   * @param resources by account, service, type, region and id; read once
   * @param relations of any resources; those of others are left out
   * @throws IOException when it cannot be written
   */
  public static void write(
      Heading heading, Stream<StoredResource> resources, Stream<Relation> relations, Writer out)
      throws IOException {
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
            blocks.add(Packed.of(json -> texts(documents, json)));
            documents.clear();
          }
        });
    if (!documents.isEmpty()) {
      blocks.add(Packed.of(json -> texts(documents, json)));
    }
    String style = part("page.css");
    String script = part("page.js");
    String page =
        part("page.html")
            .replace("STYLE-HASH", SourceHash.of(style))
            .replace("SCRIPT-HASH", SourceHash.of(script));
    String[] around = page.split("<!--(STYLE|DATA|SCRIPT|DOCUMENTS)-->", -1);
    out.write(around[0]);
    out.write("<style>" + style + "</style>");
    out.write(around[1]);
    block(out, "data", Packed.of(json -> columns.write(heading, BLOCK_ROWS, json)));
    out.write(around[2]);
    out.write("<script>" + script + "</script>");
    out.write(around[3]);
    block(out, "relations", Packed.of(json -> links.write(relations, json)));
    for (int i = 0; i < blocks.size(); i++) {
      block(out, "documents-" + i, blocks.get(i));
    }
    out.write(around[4]);
    out.flush();
  }

  private static void texts(List<String> documents, OutputStream out) {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      documents.forEach(json::writeString);
      json.writeEndArray();
    }
  }

  private static void block(Writer out, String id, byte[] packed) throws IOException {
    out.write("<script type=\"application/gzip\" id=\"" + id + "\">");
    out.write(Packed.text(packed));
    out.write("</script>\n");
  }

  private static String part(String name) {
    try (InputStream file = HtmlReport.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("the report has no part " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
