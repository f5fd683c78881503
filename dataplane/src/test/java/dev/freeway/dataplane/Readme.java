package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tables that the README has from the code, each between two markers. {@code mvn test
 * -Dfreeway.readme=write} writes them; without it, one that differs fails the test and is shown.
 */
public final class Readme {
  private static final Path FILE = Path.of("../README.md");

  private Readme() {}

  /** Rows of cells as Markdown, the first row the titles. */
  public static String table(List<List<String>> rows) {
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      table.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
      if (i == 0) {
        table.append("|---".repeat(rows.getFirst().size())).append("|\n");
      }
    }
    return table.toString();
  }

  /** Checks, or writes, what stands between {@code <!-- NAME -->} and {@code <!-- /NAME -->}. */
  public static void holds(String name, String table) throws IOException {
    String text = Files.readString(FILE);
    String begin = "<!-- " + name + " -->\n";
    String end = "<!-- /" + name + " -->\n";
    assertThat(text).as("README.md has the markers").containsOnlyOnce(begin).containsOnlyOnce(end);
    int from = text.indexOf(begin) + begin.length();
    int to = text.indexOf(end);
    if ("write".equals(System.getProperty("freeway.readme"))) {
      Files.writeString(FILE, text.substring(0, from) + table + text.substring(to));
      return;
    }
    assertThat(text.substring(from, to))
        .as("the README's table; mvn test -Dfreeway.readme=write writes it")
        .isEqualTo(table);
  }
}
