package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command line, read. By hand: a library for it took 0.15 s of every start, half of what a
 * start takes before the first manifest.
 */
final class Arguments {
  private static final String SHORT_OUTPUT = "-o";

  private final Verb verb;
  private final Map<Setting, List<String>> values = new EnumMap<>(Setting.class);

  private Arguments(Verb verb) {
    this.verb = verb;
  }

  /** What a command line asks for. */
  sealed interface Request {
    /** One of the commands. */
    record Run(Verb verb, RouterConfig config) implements Request {}

    /** Help or the version, as text. */
    record Tell(String text) implements Request {}
  }

  /**
   * Reads a command line.
   *
   * @throws UsageException when it cannot be understood
   */
  static Request parse(String version, String... args) {
    String first = args.length == 0 ? "" : args[0];
    Optional<Request> told = tell(first, version, Usage::ofTheProgram);
    if (told.isPresent()) {
      return told.get();
    }
    for (Verb verb : Verb.values()) {
      if (verb.begins(args)) {
        return new Arguments(verb).options(version, args);
      }
    }
    List<String> seconds = seconds(first);
    if (!seconds.isEmpty()) {
      String second = args.length < 2 ? "" : args[1];
      return tell(second, version, () -> Usage.ofTheGroup(first))
          .orElseThrow(
              () ->
                  new UsageException(
                      "",
                      (first + " " + second).strip(),
                      "one of "
                          + String.join(", ", seconds)
                          + " after "
                          + first
                          + meant(second, seconds)));
    }
    throw new UsageException("", first, "a command first: " + commands() + meant(first, starts()));
  }

  /** What may follow the first word of commands of two. */
  private static List<String> seconds(String first) {
    return Arrays.stream(Verb.values())
        .map(Verb::command)
        .filter(command -> command.startsWith(first + " "))
        .map(command -> command.substring(first.length() + 1))
        .toList();
  }

  private static Optional<Request> tell(String word, String version, Supplier<String> help) {
    return switch (word) {
      case "-h", "--help" -> Optional.of(new Request.Tell(help.get()));
      case "-V", "--version" -> Optional.of(new Request.Tell(version + "\n"));
      default -> Optional.empty();
    };
  }

  private Request options(String version, String... args) {
    for (int at = verb.words(); at < args.length; at++) {
      String word = args[at];
      Optional<Request> told = tell(word, version, () -> Usage.of(verb));
      if (told.isPresent()) {
        return told.get();
      }
      if (verb.settings().contains(Setting.POD) && !word.startsWith("-")) {
        add(Setting.POD, word);
        continue;
      }
      Setting setting = setting(word).orElseThrow(() -> unknown(word));
      Optional<String> attached = attached(setting, word);
      if (setting.isFlag()) {
        if (attached.isPresent()) {
          throw new UsageException(setting.option(), attached.get(), "no value: it is a flag");
        }
        add(setting, "true");
      } else if (attached.isPresent()) {
        add(setting, attached.get());
      } else if (at + 1 < args.length && setting(args[at + 1]).isEmpty()) {
        add(setting, args[++at]);
      } else {
        throw new UsageException(
            setting.option(), "nothing after it", "a value: " + setting.takes());
      }
    }
    RouterConfig config = RouterConfig.from(setting -> values.getOrDefault(setting, List.of()));
    config.backend().check(verb);
    if (verb.needsManifests() && config.manifests().isEmpty()) {
      throw new UsageException(
          Setting.MANIFESTS.option(), "missing", "a file, a directory or - after it");
    }
    return new Request.Run(verb, config);
  }

  /** The command's option that a word is, its value attached or not. */
  private Optional<Setting> setting(String word) {
    for (Setting setting : verb.settings()) {
      if (word.equals(setting.option())
          || word.startsWith(setting.option() + "=")
          || (setting == Setting.OUTPUT && word.startsWith(SHORT_OUTPUT))) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }

  /** The value in {@code --output=json}, {@code -o=json} and {@code -ojson}. */
  private static Optional<String> attached(Setting setting, String word) {
    String name = word.startsWith("--") ? setting.option() : SHORT_OUTPUT;
    String rest = word.substring(name.length());
    return rest.isEmpty()
        ? Optional.empty()
        : Optional.of(rest.startsWith("=") ? rest.substring(1) : rest);
  }

  private void add(Setting setting, String value) {
    List<String> given = values.computeIfAbsent(setting, _ -> new ArrayList<>());
    if (!given.isEmpty() && !setting.isRepeatable()) {
      throw new UsageException(setting.option(), "given twice", "it once");
    }
    given.add(value);
  }

  private UsageException unknown(String word) {
    if (!word.startsWith("-")) {
      String option =
          Arrays.stream(Setting.values())
              .filter(setting -> verb.settings().contains(setting) && !setting.isFlag())
              .map(Setting::option)
              .findFirst()
              .orElse("--help");
      return new UsageException("", word, "an option before it, such as " + option + " " + word);
    }
    String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
    return new UsageException(
        "",
        word,
        "an option that "
            + Usage.PROGRAM
            + " "
            + verb.command()
            + " --help lists"
            + meant(
                name,
                verb.settings().stream()
                    .map(Setting::option)
                    .filter(option -> option.startsWith("-"))
                    .toList()));
  }

  private static String meant(String word, List<String> known) {
    return Nearest.to(word, known).map(near -> "; did you mean " + near + "?").orElse("");
  }

  private static String commands() {
    return Arrays.stream(Verb.values()).map(Verb::command).collect(Collectors.joining(", "));
  }

  private static List<String> starts() {
    return Stream.concat(
            Arrays.stream(Verb.values()).map(Verb::command), Stream.of("--help", "--version"))
        .toList();
  }

  /**
   * The command that a line names, even when the rest of it is wrong; empty when its first word,
   * after a request for help, is none.
   */
  static Optional<Verb> verbOf(String... args) {
    for (int at = 0; at < args.length; at++) {
      switch (args[at]) {
        case "-h", "--help", "-V", "--version" -> {}
        default -> {
          String[] rest = Arrays.copyOfRange(args, at, args.length);
          return Arrays.stream(Verb.values()).filter(verb -> verb.begins(rest)).findFirst();
        }
      }
    }
    return Optional.empty();
  }

  /** Whether a line asks for JSON, even when the rest of it is wrong. */
  static boolean wantsJson(String... args) {
    boolean json = false;
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      String value =
          switch (arg) {
            case "-o", "--output" -> i + 1 < args.length ? args[i + 1] : "";
            case String with when with.startsWith("--output=") ->
                with.substring("--output=".length());
            case String with when with.startsWith("-o=") -> with.substring("-o=".length());
            case String with when with.startsWith("-o") -> with.substring("-o".length());
            default -> null;
          };
      if (value != null) {
        json = value.equalsIgnoreCase("json");
      }
    }
    return json;
  }
}
