package dev.freeway.controlplane.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A page of strangers' text runs nothing, and says so to the browser. */
class HtmlTableTest {
  private static final String HOSTILE = "</td><script>alert('1')</script>\" & \u202e";
  private static final String TEXT =
      "&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; &amp; \\u202e";

  private static String page() {
    StringWriter out = new StringWriter();
    RowsWriter.write(
        List.of("name " + HOSTILE, "count"),
        List.of(List.of(HOSTILE, 1), List.of("b", 22)),
        Format.HTML,
        80,
        new PrintWriter(out));
    return out.toString();
  }

  @Test
  void cellsAndHeadsAreText() {
    assertThat(page())
        .contains("<td>" + TEXT + "</td>")
        .contains("<th scope=\"col\">name " + TEXT + "</th>")
        .doesNotContain("<script", "alert('")
        .contains("<td class=\"number\">22</td>");
  }

  @Test
  void nothingRunsButItsOwnStyle() {
    String page = page();
    String style = page.substring(page.indexOf("<style>") + 7, page.indexOf("</style>"));
    assertThat(page)
        .startsWith("<!doctype html>")
        .contains(
            "content=\"default-src 'none'; style-src '"
                + SourceHash.of(style)
                + "'; base-uri 'none'; form-action 'none'\"");
  }
}
