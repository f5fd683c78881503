package dev.freeway.controlplane.output;

import java.io.PrintWriter;
import java.util.List;

/** A page with one table, light or dark, that runs nothing. */
final class HtmlTable {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 14px/1.4 system-ui, sans-serif; margin: 16px; }
      div { overflow-x: auto; }
      table { border-collapse: collapse; min-width: 100%; }
      th, td { border: 1px solid #8886; padding: 4px 9px; text-align: left; vertical-align: top; unicode-bidi: isolate; }
      td { overflow-wrap: anywhere; min-width: 60px; }
      th { position: sticky; top: 0; background: Canvas; }
      tr:nth-child(even) td { background: #8881; }
      td.number { text-align: right; font-variant-numeric: tabular-nums; }
      @media print { body { margin: 0; font-size: 8pt; } thead { display: table-header-group; } tr { break-inside: avoid; } }
      """;

  private HtmlTable() {}

  /**
   * Writes it.
   *
   * @param numbers which columns hold numbers alone
   */
  static void write(
      List<String> columns, List<List<String>> rows, List<Boolean> numbers, PrintWriter out) {
    out.println("<!doctype html>");
    out.println("<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.println(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '"
            + SourceHash.of(STYLE)
            + "'; base-uri 'none'; form-action 'none'\">");
    out.println("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.println("<title>freeway</title><style>" + STYLE + "</style></head>");
    out.println("<body><div tabindex=\"0\"><table><thead><tr>");
    columns.forEach(column -> out.print("<th scope=\"col\">" + escaped(column) + "</th>"));
    out.println("</tr></thead><tbody>");
    for (List<String> row : rows) {
      out.print("<tr>");
      for (int i = 0; i < row.size(); i++) {
        out.print(numbers.get(i) ? "<td class=\"number\">" : "<td>");
        out.print(escaped(row.get(i)) + "</td>");
      }
      out.println("</tr>");
    }
    out.println("</tbody></table></div></body></html>");
  }

  static String escaped(String text) {
    return Printable.of(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
