package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.io.Writer;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One file that needs no other: a page that a browser opens from a disk. Its data are compressed;
 * documents in blocks of their own. Nothing of what AWS answered is ever markup: the page makes
 * text of it, and its policy lets no other script run.
 */
public final class HtmlReport {
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
    Parts parts = Parts.of(heading, resources, () -> relations, true);
    String[] around = Page.OF_A_FILE.text().split("<!--(?:DATA|DOCUMENTS)-->", -1);
    out.write(around[0]);
    // What the script needs at once stands before it.
    block(out, "data", parts.part("data").orElseThrow());
    out.write(around[1]);
    for (Map.Entry<String, byte[]> part : parts.all().entrySet()) {
      if (!part.getKey().equals("data")) {
        block(out, part.getKey(), part.getValue());
      }
    }
    out.write(around[2]);
    out.flush();
  }

  private static void block(Writer out, String id, byte[] packed) throws IOException {
    out.write("<script type=\"application/gzip\" id=\"" + id + "\">");
    out.write(Packed.text(packed));
    out.write("</script>\n");
  }
}
