package dev.freeway.dataplane;

import java.util.ArrayList;
import java.util.List;

/** What {@code --help} says. */
final class Usage {
  static final String PROGRAM = "ipvs-router";

  private static final int WIDTH = 100;

  /** A line of a list: a name, and words that start in one column for all. */
  private record Entry(String name, String words) {}

  private static final List<Entry> STANDARD =
      List.of(
          new Entry("-h, --help", "show this help message and exit"),
          new Entry("-V, --version", "print version information and exit"));

  private Usage() {}

  static String ofTheProgram() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(PROGRAM).append(" COMMAND [OPTION]...\n");
    text.append("Kubernetes manifests in, IPVS on this kernel out.\n");
    list(STANDARD, text);
    text.append("Commands:\n");
    List<Entry> commands = new ArrayList<>();
    for (Verb verb : Verb.values()) {
      commands.add(new Entry(verb.command(), verb.help()));
    }
    list(commands, text);
    return text.append(
            """

            Exit codes: 0 done, nothing pending; 1 failed, nothing changed;
            2 changes pending (plan) or findings (doctor); 3 partial: the good was done,
            the bad is listed; 64 the command line is wrong.
            """)
        .toString();
  }

  /** Of the commands whose first word is the same. */
  static String ofTheGroup(String first) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(PROGRAM).append(' ').append(first).append(" COMMAND");
    text.append(" [OPTION]...\n");
    list(STANDARD, text);
    text.append("Commands:\n");
    List<Entry> commands = new ArrayList<>();
    for (Verb verb : Verb.values()) {
      if (verb.command().startsWith(first + " ")) {
        commands.add(new Entry(verb.command(), verb.help()));
      }
    }
    list(commands, text);
    return text.toString();
  }

  static String of(Verb verb) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(PROGRAM).append(' ').append(verb.command());
    text.append(verb.settings().contains(Setting.POD) ? " [POD] [OPTION]...\n" : " [OPTION]...\n");
    wrap(verb.help(), 0, 0, text);
    List<Entry> options = new ArrayList<>(STANDARD);
    for (Setting setting : Setting.values()) {
      if (verb.settings().contains(setting)) {
        options.add(entry(setting));
      }
    }
    list(options, text);
    return text.toString();
  }

  private static Entry entry(Setting setting) {
    if (setting == Setting.POD) {
      return new Entry("    " + setting.takes(), setting.help());
    }
    String name =
        (setting == Setting.OUTPUT ? "-o, " : "    ")
            + setting.option()
            + (setting.isFlag() ? "" : "=" + setting.takes());
    if (setting.isFlag() || setting.fallback().isEmpty()) {
      return new Entry(name, setting.help());
    }
    String end = setting.help().endsWith(".") ? "" : ".";
    return new Entry(name, setting.help() + end + " Default: " + setting.fallback());
  }

  private static void list(List<Entry> entries, StringBuilder text) {
    int widest = entries.stream().mapToInt(entry -> entry.name.length()).max().orElse(0);
    int column = 2 + widest + 2;
    for (Entry entry : entries) {
      text.append("  ").append(entry.name).append(" ".repeat(column - 2 - entry.name.length()));
      wrap(entry.words, column, column + 2, text);
    }
  }

  /** Appends words from a column on; lines after the first are indented. */
  private static void wrap(String words, int column, int indent, StringBuilder text) {
    int at = column;
    for (String word : words.split(" ", -1)) {
      if (at > column && at + word.length() > WIDTH) {
        text.setLength(text.length() - 1); // the space after the last word
        text.append('\n').append(" ".repeat(indent));
        at = indent;
      }
      text.append(word).append(' ');
      at += word.length() + 1;
    }
    text.setLength(text.length() - 1);
    text.append('\n');
  }
}
