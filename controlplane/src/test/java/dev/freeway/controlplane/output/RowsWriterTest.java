package dev.freeway.controlplane.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

class RowsWriterTest {
  private static final List<String> COLUMNS = List.of("name", "count");
  private static final String HOSTILE = "<b>\u001b[31m\u202e=cmd()\n\"x\"";

  private static String written(
      Format format, int width, List<? extends List<? extends @Nullable Object>> rows) {
    StringWriter out = new StringWriter();
    RowsWriter.write(COLUMNS, rows, format, width, new PrintWriter(out));
    return out.toString();
  }

  @Test
  void aTableAlignsNumbersToTheRightAndFits() {
    List<List<Object>> rows =
        List.of(List.of("a", 5), List.of("a name that is far too long", 1234));
    assertThat(written(Format.WIDE, 20, rows))
        .isEqualTo(
            """
            name                         count
            a                                5
            a name that is far too long   1234
            """);
    assertThat(written(Format.TABLE, 20, rows).lines())
        .allMatch(line -> Printable.columns(line) <= 20)
        .anyMatch(line -> line.startsWith("a name that"))
        .anyMatch(line -> line.contains("…"));
  }

  @Test
  void hostileTextMovesNoTerminal() {
    String table = written(Format.WIDE, 0, List.of(List.of(HOSTILE, 1)));
    assertThat(table.lines()).hasSize(2);
    assertThat(table)
        .contains("\\u001b[31m\\u202e=cmd()\\n\"x\"")
        .doesNotContain("\u001b", "\u202e");
  }

  @Test
  void hostileNamesOfColumnsMoveNoTerminal() {
    StringWriter out = new StringWriter();
    RowsWriter.write(List.of(HOSTILE), List.of(List.of(1)), Format.TABLE, 40, new PrintWriter(out));
    assertThat(out.toString()).doesNotContain("\u001b", "\u202e");
    assertThat(out.toString().lines()).hasSize(2);
  }

  @Test
  void jsonAndYamlAreOneDocumentThatSaysTheSame() {
    List<List<@Nullable Object>> rows =
        List.of(Arrays.asList(HOSTILE, null), Arrays.asList("b", 2));
    JsonNode json = new JsonMapper().readTree(written(Format.JSON, 0, rows));
    assertThat(json.path(0).path("name").asString()).isEqualTo(HOSTILE);
    assertThat(json.path(0).path("count").isNull()).isTrue();
    assertThat(json.path(1).path("count").asInt()).isEqualTo(2);
    assertThat(new YAMLMapper().readTree(written(Format.YAML, 0, rows))).isEqualTo(json);
    assertThat(written(Format.JSON, 0, List.of()).strip()).isEqualTo("[ ]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          plain      | plain
          =1+1       | '=1+1
          +1         | '+1
          -x         | '-x
          @SUM(A1)   | '@SUM(A1)
          a,b        | "a,b"
          a"b        | "a""b"
          """)
  void csvCellsRunNothing(String text, String cell) {
    assertThat(RowsWriter.csvCell(text)).isEqualTo(cell);
  }

  @Test
  void csvCellsThatBeginWithBlanksRunNothing() {
    assertThat(RowsWriter.csvCell("\t=1+1")).isEqualTo("'\t=1+1");
    assertThat(RowsWriter.csvCell("\r=1+1")).isEqualTo("\"'\r=1+1\"");
  }

  @Test
  void csvLineEndsAreQuoted() {
    assertThat(RowsWriter.csvCell("a\rb")).isEqualTo("\"a\rb\"");
    assertThat(RowsWriter.csvCell("a\nb")).isEqualTo("\"a\nb\"");
  }

  @Test
  void aDocumentIsOneInItsFormat() {
    JsonNode document = new JsonMapper().readTree("{\"a\":[1,{\"b\":null}]}");
    for (Format format : List.of(Format.JSON, Format.YAML)) {
      StringWriter out = new StringWriter();
      RowsWriter.document(document, format, new PrintWriter(out));
      assertThat(new YAMLMapper().readTree(out.toString())).isEqualTo(document);
      assertThat(out.toString().startsWith("{")).isEqualTo(format == Format.JSON);
    }
  }

  @Test
  void csvNumbersStayNumbers() {
    assertThat(RowsWriter.csvCell(-5)).isEqualTo("-5");
    assertThat(written(Format.CSV, 0, List.of(List.of("a", -5))))
        .isEqualTo("name,count\r\na,-5\r\n");
  }

  @Test
  void wideCharactersTakeTwoColumns() {
    assertThat(Printable.columns("日本")).isEqualTo(4);
    assertThat(Printable.cut("日本語", 5)).isEqualTo("日本…");
    assertThat(Printable.cut("abc", 3)).isEqualTo("abc");
  }
}
