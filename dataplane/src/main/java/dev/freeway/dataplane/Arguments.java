package dev.freeway.dataplane;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line, read: built by hand, for reflection would double the time to start. */
final class Arguments {
  private static final String PROGRAM = "ipvs-router";

  private Arguments() {}

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
    CommandLine commandLine = commandLine(version);
    ParseResult root;
    for (String arg : args) {
      checkFlag(arg);
    }
    try {
      root = commandLine.parseArgs(args);
    } catch (ParameterException e) {
      throw usage(e);
    }
    ParseResult result = root.hasSubcommand() ? root.subcommand() : root;
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    if (result.isUsageHelpRequested()) {
      result.commandSpec().commandLine().usage(out, Ansi.OFF);
      return new Request.Tell(text.toString());
    }
    if (result.isVersionHelpRequested()) {
      result.commandSpec().commandLine().printVersionHelp(out, Ansi.OFF);
      return new Request.Tell(text.toString());
    }
    if (!root.hasSubcommand()) {
      throw new UsageException("", "", "a command first: " + commands());
    }
    Verb verb = verb(result.commandSpec().name());
    RouterConfig config =
        RouterConfig.from(
            setting -> {
              if (!verb.settings().contains(setting)) {
                return List.of();
              }
              Object value = result.matchedOptionValue(setting.option(), null);
              return switch (value) {
                case null -> List.of();
                case String[] many -> List.of(many);
                default -> List.of(value.toString());
              };
            });
    if (verb.needsManifests() && config.manifests().isEmpty()) {
      throw new UsageException(
          Setting.MANIFESTS.option(), "missing", "a file, a directory or - after it");
    }
    return new Request.Run(verb, config);
  }

  /**
   * The command that a line names, even when the rest of it is wrong; empty when its first word,
   * after a request for help, is none.
   */
  static Optional<Verb> verbOf(String... args) {
    for (String arg : args) {
      switch (arg) {
        case "-h", "--help", "-V", "--version" -> {}
        default -> {
          for (Verb verb : Verb.values()) {
            if (verb.command().equals(arg)) {
              return Optional.of(verb);
            }
          }
          return Optional.empty();
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

  /** The parser's words for a value at a flag name neither. */
  private static void checkFlag(String arg) {
    for (Setting setting : Setting.values()) {
      String start = setting.option() + "=";
      if (setting.isFlag() && arg.startsWith(start)) {
        throw new UsageException(
            setting.option(), arg.substring(start.length()), "no value: it is a flag");
      }
    }
  }

  private static Verb verb(String command) {
    for (Verb verb : Verb.values()) {
      if (verb.command().equals(command)) {
        return verb;
      }
    }
    throw new IllegalStateException(command);
  }

  private static String commands() {
    StringBuilder names = new StringBuilder();
    for (Verb verb : Verb.values()) {
      names.append(names.isEmpty() ? "" : ", ").append(verb.command());
    }
    return names.toString();
  }

  private static UsageException usage(ParameterException e) {
    boolean atCommand = e.getCommandLine().getParent() == null;
    return switch (e) {
      case UnmatchedArgumentException unmatched when !unmatched.getUnmatched().isEmpty() -> {
        String word = unmatched.getUnmatched().getFirst();
        String meant =
            unmatched.getSuggestions().stream()
                .findFirst()
                .map(suggestion -> "; did you mean " + suggestion + "?")
                .orElse("");
        if (atCommand) {
          yield new UsageException("", word, "a command first: " + commands() + meant);
        }
        String command = PROGRAM + " " + e.getCommandLine().getCommandName();
        yield new UsageException(
            "",
            word,
            word.startsWith("-")
                ? "an option that " + command + " --help lists" + meant
                : "an option before it, such as " + Setting.MANIFESTS.option() + " " + word);
      }
      case MissingParameterException missing
          when !missing.getMissing().isEmpty()
              && missing.getMissing().getFirst() instanceof OptionSpec option ->
          new UsageException(
              option.longestName(), "nothing after it", "a value: " + option.paramLabel());
      case OverwrittenOptionException twice when twice.getOverwritten() instanceof OptionSpec o ->
          new UsageException(o.longestName(), "given twice", "it once");
      default -> {
        String option = e.getArgSpec() instanceof OptionSpec spec ? spec.longestName() : "";
        String value = e.getValue() == null ? "" : e.getValue();
        yield new UsageException(option, value, "another command line: " + e.getMessage());
      }
    };
  }

  private static CommandLine commandLine(String version) {
    CommandSpec root = spec(PROGRAM, version, "Kubernetes manifests in, IPVS on this kernel out.");
    root.usageMessage()
        .footer(
            "",
            "Exit codes: 0 done, nothing pending; 1 failed, nothing changed;",
            "2 changes pending (plan) or findings (doctor); 3 partial: the good was done,",
            "the bad is listed; 64 the command line is wrong.");
    for (Verb verb : Verb.values()) {
      CommandSpec command = spec(verb.command(), version, verb.help());
      for (Setting setting : verb.settings()) {
        command.addOption(option(setting));
      }
      root.addSubcommand(verb.command(), new CommandLine(command));
    }
    return new CommandLine(root);
  }

  private static CommandSpec spec(String name, String version, String help) {
    CommandSpec spec =
        CommandSpec.create().name(name).version(version).mixinStandardHelpOptions(true);
    spec.usageMessage().description(help).width(100).sortOptions(false).abbreviateSynopsis(true);
    return spec;
  }

  private static OptionSpec option(Setting setting) {
    String[] names =
        setting == Setting.OUTPUT
            ? new String[] {"-o", setting.option()}
            : new String[] {setting.option()};
    String suffix =
        setting.isFlag() || setting.fallback().isEmpty()
            ? ""
            : " Default: " + setting.fallback() + ".";
    OptionSpec.Builder builder =
        OptionSpec.builder(names).description(setting.help() + (suffix.isEmpty() ? "" : suffix));
    if (setting.isFlag()) {
      return builder.arity("0").type(boolean.class).build();
    }
    builder.paramLabel(setting.takes()).arity("1");
    return setting.isRepeatable()
        ? builder.type(String[].class).build()
        : builder.type(String.class).build();
  }

  /** The options and their defaults, for the frozen table. */
  static Map<String, String> defaults() {
    Map<String, String> defaults = new TreeMap<>();
    for (Setting setting : Setting.values()) {
      defaults.put(setting.option(), setting.fallback());
    }
    return defaults;
  }
}
