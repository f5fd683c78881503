package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/** Resources as rows: AWSMap's eight columns first. */
public final class SheetReport {
  /** The columns of {@link #row}. */
  public static final List<String> COLUMNS =
      List.of(
          "service",
          "type",
          "id",
          "name",
          "region",
          "arn",
          "is_default",
          "tags",
          "account",
          "parent",
          "created",
          "first_seen",
          "last_seen");

  /** Excel's own limits. */
  private static final int MOST_ROWS = 1_048_576;

  private static final int MOST_CHARACTERS = 32_767;
  private static final int FLUSH_ROWS = 1_000;

  private SheetReport() {}

  /** A resource's cells. */
  public static List<Object> row(StoredResource stored) {
    Resource resource = stored.resource();
    List<String> tags = new ArrayList<>();
    resource.tags().forEach((key, value) -> tags.add(key + "=" + value));
    return List.of(
        resource.scope().service(),
        resource.scope().type(),
        resource.id(),
        resource.name(),
        resource.scope().region(),
        resource.arn(),
        resource.isDefault(),
        String.join("; ", tags),
        resource.scope().account(),
        resource.parent(),
        resource.created().map(Instant::toString).orElse(""),
        stored.firstSeen().toString(),
        stored.lastSeen().toString());
  }

  /**
   * Writes a workbook: resources with their documents, what was not seen, scans. Every cell is
   * text, so none is a formula; control characters, which XML cannot have, are escaped.
   *
   * @throws IOException when it cannot be written
   */
  public static void workbook(Heading heading, Stream<StoredResource> resources, OutputStream out)
      throws IOException {
    try (Workbook book = new Workbook(out, "freeway", "1.0")) {
      Worksheet sheet = sheet(book, "Resources", with(COLUMNS, "details"), 14, 26, 30, 30, 14, 44);
      int[] row = {0};
      resources.forEachOrdered(
          stored -> {
            if (row[0] + 1 >= MOST_ROWS) {
              throw new IllegalArgumentException(
                  "a sheet has at most 1,048,576 rows; choose an account with -a, or csv");
            }
            row[0]++;
            line(sheet, row[0], with(row(stored), stored.resource().document()));
            if (row[0] % FLUSH_ROWS == 0) {
              flush(sheet);
            }
          });
      sheet.setAutoFilter(0, 0, Math.max(1, row[0]), COLUMNS.size());
      sheet.finish();
      Worksheet unseen =
          sheet(
              book,
              "Not seen",
              List.of(
                  "account",
                  "region",
                  "service",
                  "operation",
                  "outcome",
                  "code",
                  "calls",
                  "message"),
              14,
              14,
              14,
              30,
              12,
              24,
              8,
              80);
      for (int i = 0; i < heading.unseen().size(); i++) {
        LedgerEntry entry = heading.unseen().get(i);
        line(
            unseen,
            i + 1,
            List.of(
                entry.account(),
                entry.region(),
                entry.service(),
                entry.operation(),
                entry.outcome().name().toLowerCase(Locale.ROOT),
                entry.code(),
                entry.calls(),
                entry.message()));
      }
      for (int i = 0; i < heading.leftOut().size(); i++) {
        LeftOut left = heading.leftOut().get(i);
        line(
            unseen,
            heading.unseen().size() + i + 1,
            List.of(
                left.account(),
                "",
                left.service(),
                left.operation(),
                LeftOut.OUTCOME,
                "",
                0,
                LeftOut.WHY));
      }
      unseen.finish();
      Worksheet scans =
          sheet(
              book,
              "Scans",
              List.of("scan", "account", "alias", "started", "ended", "status", "resources"),
              8,
              14,
              20,
              26,
              26,
              10,
              10);
      for (int i = 0; i < heading.scans().size(); i++) {
        Scan scan = heading.scans().get(i);
        line(
            scans,
            i + 1,
            List.of(
                scan.id(),
                scan.account(),
                scan.alias(),
                scan.started().toString(),
                scan.ended().map(Instant::toString).orElse(""),
                scan.status().name().toLowerCase(Locale.ROOT),
                scan.resources()));
      }
      scans.finish();
    }
  }

  private static <T> List<T> with(List<? extends T> cells, T more) {
    List<T> all = new ArrayList<>(cells);
    all.add(more);
    return all;
  }

  private static Worksheet sheet(Workbook book, String name, List<String> head, int... widths) {
    Worksheet sheet = book.newWorksheet(name);
    for (int i = 0; i < widths.length; i++) {
      sheet.width(i, widths[i]);
    }
    sheet.freezePane(0, 1);
    for (int i = 0; i < head.size(); i++) {
      sheet.value(0, i, head.get(i));
      sheet.style(0, i).bold().set();
    }
    return sheet;
  }

  private static void line(Worksheet sheet, int row, List<?> cells) {
    for (int i = 0; i < cells.size(); i++) {
      switch (cells.get(i)) {
        case Number number -> sheet.value(row, i, number);
        case Boolean flag -> sheet.value(row, i, flag);
        case Object text -> {
          String safe = Printable.of(text.toString());
          sheet.inlineString(
              row,
              i,
              safe.length() > MOST_CHARACTERS
                  ? safe.substring(0, MOST_CHARACTERS - 1) + "…"
                  : safe);
        }
      }
    }
  }

  private static void flush(Worksheet sheet) {
    try {
      sheet.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
