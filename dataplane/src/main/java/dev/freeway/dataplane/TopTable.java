package dev.freeway.dataplane;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The router's document ({@link OverviewDocument}) as lines of text, names escaped. */
final class TopTable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private TopTable() {}

  /** How much attention a line wants. */
  enum Tone {
    PLAIN,
    TITLE,
    WARNING,
    BAD
  }

  /** A line without its end. */
  record Line(Tone tone, String text) {}

  /** By what services are sorted, each with the key that chooses it. */
  enum Order {
    UP('u'),
    NAME('n'),
    VIP('v'),
    ACTIVE('a'),
    CONNECTIONS('c'),
    IN('i'),
    OUT('o');

    private final char key;

    Order(char key) {
      this.key = key;
    }

    static Optional<Order> of(int key) {
      return Arrays.stream(values()).filter(order -> order.key == key).findFirst();
    }

    /** What is looked for first: trouble, then the larger figures; names from a. */
    private Comparator<Row> rows() {
      Comparator<Row> names = Comparator.comparing(Row::owner).thenComparing(Row::vip);
      return switch (this) {
        case UP -> Comparator.comparingDouble(Row::share).thenComparing(names);
        case NAME -> names;
        case VIP -> Comparator.comparing(Row::vip);
        case ACTIVE -> Comparator.comparingLong(Row::active).reversed().thenComparing(names);
        case CONNECTIONS -> figure("cps").thenComparing(names);
        case IN -> figure("inBps").thenComparing(names);
        case OUT -> figure("outBps").thenComparing(names);
      };
    }

    private static Comparator<Row> figure(String field) {
      return Comparator.comparingLong((Row row) -> row.node.path(field).asLong()).reversed();
    }
  }

  private record Row(String owner, String vip, JsonNode node) {
    private long sum(String field) {
      long sum = 0;
      for (JsonNode backend : node.path("backends")) {
        sum += backend.path(field).asLong();
      }
      return sum;
    }

    long active() {
      return sum("active");
    }

    int all() {
      return node.path("backends").size();
    }

    int serving() {
      int serving = 0;
      for (JsonNode backend : node.path("backends")) {
        serving += backend.path("state").asString("").equals("serving") ? 1 : 0;
      }
      return serving;
    }

    /** Of the backends those that serve. */
    double share() {
      return all() == 0 ? 0 : (double) serving() / all();
    }

    Tone tone() {
      return serving() == 0 ? Tone.BAD : serving() < all() ? Tone.WARNING : Tone.PLAIN;
    }
  }

  /** What the router is and does as a whole, in one line or two. */
  static List<Line> head(JsonNode document) {
    List<Row> rows = rows(document);
    JsonNode router = document.path("router");
    String unready = router.path("unready").asString("");
    long cps = 0;
    long in = 0;
    long out = 0;
    for (Row row : rows) {
      cps += row.node.path("cps").asLong();
      in += row.node.path("inBps").asLong();
      out += row.node.path("outBps").asLong();
    }
    return List.of(
        new Line(
            unready.isEmpty() ? Tone.TITLE : Tone.BAD,
            "ipvs-router "
                + text(router, "node")
                + ", "
                + text(router, "dataplane")
                + ": "
                + (unready.isEmpty() ? "ready" : "not ready: " + Printable.of(unready))),
        new Line(
            Tone.PLAIN,
            rows.size()
                + " services, "
                + rows.stream().mapToInt(Row::serving).sum()
                + " of "
                + rows.stream().mapToInt(Row::all).sum()
                + " backends serving, "
                + rows.stream().mapToLong(Row::active).sum()
                + " connections, "
                + cps
                + " new/s, in "
                + bytes(in)
                + "/s, out "
                + bytes(out)
                + "/s; draining "
                + router.path("draining").asLong()
                + ", drift repaired "
                + router.path("repaired").asLong()));
  }

  /** Services with their backends, below a line of titles. */
  static List<Line> services(JsonNode document, Order order, boolean reversed, boolean backends) {
    List<Row> rows = rows(document);
    rows.sort(reversed ? order.rows().reversed() : order.rows());
    TextTable table =
        new TextTable(
            "SERVICE",
            "ADDRESS",
            "SCHEDULER",
            "UP>",
            "ACTIVE>",
            "INACTIVE>",
            "CONN/S>",
            "IN/S>",
            "OUT/S>",
            "REASON");
    List<Tone> tones = new ArrayList<>(List.of(Tone.TITLE));
    for (Row row : rows) {
      String answers = text(row.node, "answers");
      table.row(
          row.owner,
          row.vip,
          text(row.node, "scheduler"),
          row.serving() + "/" + row.all(),
          row.active(),
          row.sum("inactive"),
          row.node.path("cps").asLong(),
          bytes(row.node.path("inBps").asLong()),
          bytes(row.node.path("outBps").asLong()),
          answers);
      tones.add(row.tone());
      if (backends) {
        for (JsonNode backend : row.node.path("backends")) {
          String state = text(backend, "state");
          int weight = backend.path("weight").asInt();
          table.row(
              "  " + text(backend, "address"),
              state,
              text(backend, "forwarding"),
              weight < 0 ? "-" : "w " + weight,
              backend.path("active").asLong(),
              backend.path("inactive").asLong(),
              backend.path("cps").asLong(),
              bytes(backend.path("inBps").asLong()),
              bytes(backend.path("outBps").asLong()),
              text(backend, "reason"));
          tones.add(tone(state));
        }
      }
    }
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    table.print(new PrintStream(printed, false, StandardCharsets.UTF_8));
    List<String> texts = printed.toString(StandardCharsets.UTF_8).lines().toList();
    List<Line> lines = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      lines.add(new Line(tones.get(i), texts.get(i)));
    }
    return lines;
  }

  private static Tone tone(String state) {
    return switch (state) {
      case "serving", "unknown" -> Tone.PLAIN;
      case "draining" -> Tone.WARNING;
      default -> Tone.BAD;
    };
  }

  /** What stands in the way, of the input and on the machine; nothing where nothing does. */
  static List<Line> problems(JsonNode document) {
    List<Line> lines = new ArrayList<>();
    for (JsonNode problem : document.path("problems")) {
      List<String> words = new ArrayList<>();
      for (String field : List.of("file", "document", "field", "value")) {
        if (!text(problem, field).isEmpty()) {
          words.add(text(problem, field));
        }
      }
      String expected = text(problem, "expected");
      lines.add(
          new Line(
              Tone.BAD,
              text(problem, "kind")
                  + ": "
                  + String.join(": ", words)
                  + (expected.isEmpty() ? "" : "; expected " + expected)));
    }
    for (JsonNode finding : document.path("doctor").path("findings")) {
      lines.add(
          new Line(
              Tone.WARNING,
              "doctor: " + text(finding, "problem") + ": " + text(finding, "command")));
    }
    long foreign = 0;
    for (Map.Entry<String, JsonNode> entry : document.path("services").properties()) {
      foreign += entry.getValue().path("ours").asBoolean() ? 0 : 1;
    }
    if (foreign > 0) {
      lines.add(new Line(Tone.PLAIN, "foreign entries, left alone: " + foreign));
    }
    return lines;
  }

  /** The last changes, the newest first. */
  static List<Line> changes(JsonNode document, int most) {
    List<Line> lines = new ArrayList<>();
    JsonNode changes = document.path("changes");
    for (int i = changes.size() - 1; i >= 0 && lines.size() < most; i--) {
      JsonNode change = changes.get(i);
      String destination = text(change, "destination");
      String service = text(change, "service");
      lines.add(
          new Line(
              Tone.PLAIN,
              Instant.ofEpochMilli(change.path("at").asLong())
                      .atZone(ZoneId.systemDefault())
                      .format(TIME)
                  + " "
                  + text(change, "action")
                  + " "
                  + text(change, "kind")
                  + (destination.isEmpty() ? "" : " " + destination)
                  + (service.isEmpty() ? "" : (destination.isEmpty() ? " " : " of ") + service)
                  + ": "
                  + text(change, "reason")));
    }
    return lines;
  }

  private static List<Row> rows(JsonNode document) {
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : document.path("services").properties()) {
      if (entry.getValue().path("ours").asBoolean()) {
        rows.add(
            new Row(
                text(entry.getValue(), "owner"), Printable.of(entry.getKey()), entry.getValue()));
      }
    }
    return rows;
  }

  private static String text(JsonNode node, String field) {
    return Printable.of(node.path(field).asString(""));
  }

  /** A number of bytes in three digits or so. */
  static String bytes(long number) {
    if (number < 1000) {
      return number + " B";
    }
    double value = number;
    int unit = -1;
    while (value >= 999.5 && unit < 4) {
      value /= 1000;
      unit++;
    }
    return String.format(
        Locale.ROOT, value < 9.95 ? "%.1f %cB" : "%.0f %cB", value, "kMGTP".charAt(unit));
  }
}
