package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What Grafana 10 needs to import the dashboard and to draw every panel of it. */
class DashboardTest {
  private static final Path FILE = Path.of("../deploy/observability/dashboard.json");
  private static final int COLUMNS = 24;

  /** The schema of Grafana 10.0; newer ones migrate it. */
  private static final int SCHEMA = 38;

  private final JsonNode dashboard = read();

  static JsonNode read() {
    try {
      return new ObjectMapper().readTree(Files.readString(FILE));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** All panels, rows and those inside of collapsed rows included. */
  static List<JsonNode> panels(JsonNode of) {
    List<JsonNode> panels = new ArrayList<>();
    for (JsonNode panel : of.get("panels")) {
      panels.add(panel);
      if (panel.has("panels")) {
        panels.addAll(panels(panel));
      }
    }
    return panels;
  }

  private static boolean isRow(JsonNode panel) {
    return panel.get("type").asString().equals("row");
  }

  @Test
  void itIsADashboardOfGrafana10() {
    assertThat(dashboard.get("schemaVersion").asInt()).isEqualTo(SCHEMA);
    assertThat(dashboard.get("uid").asString()).matches("[a-z-]{1,40}");
    assertThat(dashboard.get("title").asString()).isNotBlank();
    assertThat(dashboard.has("id")).as("an id is one Grafana's own").isFalse();
  }

  @Test
  void panelsHaveIdsOfTheirOwnTitlesAndTargets() {
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode panel : panels(dashboard)) {
      assertThat(panel.get("title").asString()).isNotBlank();
      assertThat(ids.add(panel.get("id").asInt())).as("id of %s", panel.get("title")).isTrue();
      if (isRow(panel)) {
        continue;
      }
      Set<String> references = new TreeSet<>();
      assertThat(panel.get("targets")).as("%s", panel.get("title")).isNotEmpty();
      for (JsonNode target : panel.get("targets")) {
        assertThat(references.add(target.get("refId").asString())).isTrue();
        assertThat(target.get("expr").asString()).isNotBlank();
      }
    }
  }

  @Test
  void panelsDoNotOverlap() {
    holdsNoOverlap(dashboard);
  }

  private static void holdsNoOverlap(JsonNode of) {
    Set<String> taken = new TreeSet<>();
    for (JsonNode panel : of.get("panels")) {
      JsonNode at = panel.get("gridPos");
      int x = at.get("x").asInt();
      int y = at.get("y").asInt();
      assertThat(x).isNotNegative();
      assertThat(x + at.get("w").asInt()).isBetween(x + 1, COLUMNS);
      assertThat(at.get("h").asInt()).isPositive();
      for (int column = x; column < x + at.get("w").asInt(); column++) {
        for (int line = y; line < y + at.get("h").asInt(); line++) {
          assertThat(taken.add(column + " " + line))
              .as("%s overlaps at %d, %d", panel.get("title"), column, line)
              .isTrue();
        }
      }
      if (isRow(panel)) {
        assertThat(panel.get("collapsed").asBoolean())
            .as("only a collapsed row has its panels inside")
            .isEqualTo(!panel.get("panels").isEmpty());
        holdsNoOverlap(panel);
      }
    }
  }

  @Test
  void everythingAsksTheDataSourceThatIsChosen() {
    List<JsonNode> sources = dashboard.findValues("datasource");
    assertThat(sources)
        .isNotEmpty()
        .allSatisfy(
            source -> {
              assertThat(source.get("type").asString()).isEqualTo("prometheus");
              assertThat(source.get("uid").asString()).isEqualTo("${datasource}");
            });
    for (JsonNode panel : panels(dashboard)) {
      if (!isRow(panel)) {
        assertThat(panel.has("datasource")).as("%s", panel.get("title")).isTrue();
        panel.get("targets").forEach(target -> assertThat(target.has("datasource")).isTrue());
      }
    }
  }

  @Test
  void variablesAreDefinedAndUsed() {
    Set<String> defined = new TreeSet<>();
    for (JsonNode variable : dashboard.get("templating").get("list")) {
      defined.add(variable.get("name").asString());
      boolean asks = variable.get("type").asString().equals("query");
      assertThat(variable.has("datasource")).isEqualTo(asks);
    }
    assertThat(defined).containsExactly("datasource", "instance", "service");
    Set<String> used = new TreeSet<>();
    Pattern.compile("\\$\\{?(?!__)(\\w+)")
        .matcher(dashboard.toString())
        .results()
        .forEach(use -> used.add(use.group(1)));
    assertThat(used).isEqualTo(defined);
  }
}
