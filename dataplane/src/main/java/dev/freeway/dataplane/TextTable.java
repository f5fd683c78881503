package dev.freeway.dataplane;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows in aligned columns: numbers to the right, the last column unpadded. Cells are {@link
 * Printable}.
 */
final class TextTable {
  private final List<String[]> rows = new ArrayList<>();
  private final boolean[] right;

  /** A table whose columns have these titles; a title that ends in {@code >} aligns right. */
  TextTable(String... titles) {
    right = new boolean[titles.length];
    String[] row = new String[titles.length];
    for (int i = 0; i < titles.length; i++) {
      right[i] = titles[i].endsWith(">");
      row[i] = right[i] ? titles[i].substring(0, titles[i].length() - 1) : titles[i];
    }
    rows.add(row);
  }

  void row(Object... cells) {
    String[] row = new String[right.length];
    for (int i = 0; i < right.length; i++) {
      row[i] = i < cells.length ? Printable.of(cells[i].toString()) : "";
    }
    rows.add(row);
  }

  void print(PrintStream out) {
    int[] widths = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder line = new StringBuilder();
    for (String[] row : rows) {
      line.setLength(0);
      for (int i = 0; i < row.length; i++) {
        String padding = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : "  ");
        line.append(right[i] ? padding + row[i] : row[i] + padding);
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
