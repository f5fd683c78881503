package dev.freeway.controlplane.output;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Writes rows. Cells are text, numbers, booleans, JSON, lists and maps of them, or null. */
public final class RowsWriter {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final int NARROWEST = 8;

  private RowsWriter() {}

  /**
   * Writes rows in a format.
   *
   * @param columns their names, unique
   * @param rows as many cells each as there are columns
   * @param width of the terminal, in columns; for {@link Format#TABLE} alone
   */
  public static void write(
      List<String> columns,
      List<? extends List<? extends @Nullable Object>> rows,
      Format format,
      int width,
      PrintWriter out) {
    switch (format) {
      case TABLE -> table(columns, rows, width, out);
      case WIDE -> table(columns, rows, Integer.MAX_VALUE, out);
      case CSV -> csv(columns, rows, out);
      case JSON -> json(columns, rows, out);
      case YAML -> out.print(YAML.writeValueAsString(objects(columns, rows)));
      case HTML -> html(columns, rows, out);
    }
    out.flush();
  }

  /** One JSON or YAML document; anything but YAML is JSON. */
  public static void document(JsonNode document, Format format, PrintWriter out) {
    ObjectMapper mapper = format == Format.YAML ? YAML : JSON;
    out.println(mapper.writeValueAsString(document).strip());
    out.flush();
  }

  /** Row by row: a large result is not held as text besides. */
  private static void json(
      List<String> columns,
      List<? extends List<? extends @Nullable Object>> rows,
      PrintWriter out) {
    String before = "[ ";
    for (List<? extends @Nullable Object> row : rows) {
      out.print(before);
      out.print(JSON.writeValueAsString(object(columns, row)));
      before = ", ";
    }
    out.println(rows.isEmpty() ? "[ ]" : " ]");
  }

  private static ArrayNode objects(
      List<String> columns, List<? extends List<? extends @Nullable Object>> rows) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    rows.forEach(row -> array.add(object(columns, row)));
    return array;
  }

  private static ObjectNode object(List<String> columns, List<? extends @Nullable Object> row) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < columns.size(); i++) {
      object.set(columns.get(i), JSON.valueToTree(row.get(i)));
    }
    return object;
  }

  private static void csv(
      List<String> columns,
      List<? extends List<? extends @Nullable Object>> rows,
      PrintWriter out) {
    line(columns, out);
    rows.forEach(row -> line(row, out));
  }

  private static void line(List<? extends @Nullable Object> cells, PrintWriter out) {
    StringJoiner line = new StringJoiner(",");
    for (Object cell : cells) {
      line.add(csvCell(cell));
    }
    out.print(line);
    out.print("\r\n");
  }

  /** A cell as RFC 4180 has it; text that a spreadsheet would take for a formula is made text. */
  static String csvCell(@Nullable Object cell) {
    String text = text(cell);
    if (!(cell instanceof Number) && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
      text = "'" + text;
    }
    boolean quoted = text.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  private static void html(
      List<String> columns,
      List<? extends List<? extends @Nullable Object>> rows,
      PrintWriter out) {
    List<List<String>> texts = new ArrayList<>();
    for (List<? extends @Nullable Object> row : rows) {
      List<String> line = new ArrayList<>();
      for (Object cell : row) {
        line.add(text(cell));
      }
      texts.add(line);
    }
    List<Boolean> numbers = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      int column = i;
      numbers.add(
          !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column) instanceof Number));
    }
    HtmlTable.write(columns, texts, numbers, out);
  }

  private static String text(@Nullable Object cell) {
    return switch (cell) {
      case null -> "";
      case JsonNode node when node.isValueNode() -> node.asString("");
      case Map<?, ?> map ->
          JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(map);
      default -> cell.toString();
    };
  }

  private static void table(
      List<String> columns,
      List<? extends List<? extends @Nullable Object>> rows,
      int width,
      PrintWriter out) {
    int[] widths = new int[columns.size()];
    boolean[] right = new boolean[columns.size()];
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(Printable::of).toList());
    for (List<? extends @Nullable Object> row : rows) {
      List<String> line = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        Object cell = row.get(i);
        right[i] |= cell instanceof Number;
        line.add(Printable.of(text(cell)));
      }
      lines.add(line);
    }
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], Printable.columns(line.get(i)));
      }
    }
    fit(widths, width);
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = Printable.cut(line.get(i), widths[i]);
        String padding = " ".repeat(widths[i] - Printable.columns(cell));
        text.append(i == 0 ? "" : "  ").append(right[i] ? padding + cell : cell + padding);
      }
      out.println(text.toString().stripTrailing());
    }
  }

  /** Takes from the widest columns until all fit. */
  private static void fit(int[] widths, int width) {
    long total = 2L * (widths.length - 1);
    for (int one : widths) {
      total += one;
    }
    while (total > width) {
      int widest = 0;
      for (int i = 1; i < widths.length; i++) {
        widest = widths[i] > widths[widest] ? i : widest;
      }
      if (widths[widest] <= NARROWEST) {
        return;
      }
      widths[widest]--;
      total--;
    }
  }
}
