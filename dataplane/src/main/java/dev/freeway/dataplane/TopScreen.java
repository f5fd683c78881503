package dev.freeway.dataplane;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What {@code top} draws, and what its keys change of that. Closing it twice does nothing more. */
final class TopScreen implements AutoCloseable {
  private static final String KEYS =
      "q quit  b backends  j k scroll  sort, again reverses: u up n name v address a active c"
          + " conn/s i in o out";

  /** The screen beside the usual one, without a cursor. */
  private static final String BEGIN = "\033[?1049h\033[?25l";

  private static final String END = "\033[?25h\033[?1049l";
  private static final String REST_OF_LINE = "\033[K";
  private static final String REST_OF_SCREEN = "\033[J";

  private final PrintStream out;
  private final Terminal terminal;
  private TopTable.Order order = TopTable.Order.UP;
  private boolean reversed;
  private boolean backends = true;
  private int scrolled;
  private boolean closed;

  TopScreen(PrintStream out, Terminal terminal) {
    this.out = out;
    this.terminal = terminal;
    out.print(BEGIN);
    out.flush();
  }

  /** A key; one that means nothing is ignored. */
  void press(int key) {
    Optional<TopTable.Order> chosen = TopTable.Order.of(key);
    if (chosen.isPresent()) {
      reversed = order == chosen.get() && !reversed;
      order = chosen.get();
      scrolled = 0;
      return;
    }
    switch (key) {
      case 'b' -> backends = !backends;
      case 'j', 'B' -> scrolled++; // arrows end in B and A
      case 'k', 'A' -> scrolled = Math.max(0, scrolled - 1);
      default -> {}
    }
  }

  /** Draws a document over the one before. */
  synchronized void draw(JsonNode document) {
    if (closed) {
      return;
    }
    StringBuilder text = new StringBuilder("\033[H");
    boolean first = true;
    for (TopTable.Line line : lines(document, terminal.size())) {
      text.append(first ? "" : "\r\n").append(coloured(line)).append(REST_OF_LINE);
      first = false;
    }
    out.print(text.append(REST_OF_SCREEN));
    out.flush();
  }

  /** As many lines as there are on the screen at most, none longer than it is wide. */
  List<TopTable.Line> lines(JsonNode document, Terminal.Size size) {
    List<TopTable.Line> lines = new ArrayList<>(TopTable.head(document));
    List<TopTable.Line> problems = TopTable.problems(document);
    lines.addAll(problems.subList(0, Math.min(problems.size(), Math.max(1, size.lines() / 6))));
    List<TopTable.Line> changes = TopTable.changes(document, Math.max(1, size.lines() / 5));
    List<TopTable.Line> services = TopTable.services(document, order, reversed, backends);
    // One line for titles, and at the end one for keys.
    int room = Math.max(1, size.lines() - lines.size() - changes.size() - 2);
    scrolled = Math.max(0, Math.min(scrolled, services.size() - 1 - room));
    lines.add(services.getFirst());
    List<TopTable.Line> rows = services.subList(1, services.size());
    lines.addAll(rows.subList(scrolled, Math.min(rows.size(), scrolled + room)));
    for (int i = rows.size() - scrolled; i < room; i++) {
      lines.add(new TopTable.Line(TopTable.Tone.PLAIN, ""));
    }
    lines.addAll(changes);
    lines.add(new TopTable.Line(TopTable.Tone.TITLE, KEYS));
    return lines.stream()
        .limit(size.lines())
        .map(line -> new TopTable.Line(line.tone(), cut(line.text(), size.columns())))
        .toList();
  }

  private static String cut(String text, int columns) {
    if (text.codePointCount(0, text.length()) <= columns) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, columns));
  }

  private static String coloured(TopTable.Line line) {
    return switch (line.tone()) {
      case PLAIN -> line.text();
      case TITLE -> "\033[1m" + line.text() + "\033[0m";
      case WARNING -> "\033[33m" + line.text() + "\033[0m";
      case BAD -> "\033[31m" + line.text() + "\033[0m";
    };
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      out.print(END);
      out.flush();
      terminal.close();
    }
  }
}
