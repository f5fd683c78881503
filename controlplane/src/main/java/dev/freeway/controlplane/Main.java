package dev.freeway.controlplane;

import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.output.StandardOutput;
import dev.freeway.controlplane.query.QueryException;
import dev.freeway.controlplane.settings.Settings;
import dev.freeway.controlplane.store.StoreException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * The command tree of {@code freeway}. Its root is made by hand, and of commands that a line does
 * not name there is no more than a name and a description: to read the annotations of all took most
 * of a start.
 */
public final class Main {
  private static final List<Entry> COMMANDS =
      List.of(
          new Entry("scan", ScanCommand.class, ScanCommand.DESCRIPTION),
          new Entry("query", QueryCommand.class, QueryCommand.DESCRIPTION),
          new Entry("report", ReportCommand.class, ReportCommand.DESCRIPTION),
          new Entry("serve", ServeCommand.class, ServeCommand.DESCRIPTION),
          new Entry("diff", DiffCommand.class, DiffCommand.DESCRIPTION),
          new Entry("waste", WasteCommand.class, WasteCommand.DESCRIPTION),
          new Entry("tags", TagsCommand.class, TagsCommand.DESCRIPTION),
          new Entry("relations", RelationsCommand.class, RelationsCommand.DESCRIPTION),
          new Entry("scans", ScansCommand.class, ScansCommand.DESCRIPTION),
          new Entry("errors", ErrorsCommand.class, ErrorsCommand.DESCRIPTION),
          new Entry("services", ServicesCommand.class, ServicesCommand.DESCRIPTION),
          new Entry("config", ConfigCommand.class, ConfigCommand.DESCRIPTION),
          new Entry("completion", CompletionCommand.class, CompletionCommand.DESCRIPTION),
          new Entry("demo", DemoCommand.class, DemoCommand.DESCRIPTION),
          new Entry("ask", AskCommand.class, AskCommand.DESCRIPTION),
          new Entry("examples", ExamplesCommand.class, ExamplesCommand.DESCRIPTION));

  /** A command's name, as in its annotation, and the first line of its description. */
  private record Entry(String name, Class<?> type, String description) {
    private CommandSpec inBrief() {
      CommandSpec spec = CommandSpec.create().name(name);
      spec.usageMessage().description(description);
      return spec;
    }
  }

  private Main() {}

  /** The whole tree. */
  static CommandLine commandLine() {
    return commandLine(name -> true, settings(), System.getenv());
  }

  /** As much of the tree as a line needs. */
  static CommandLine commandLine(List<String> line) {
    return commandLine(line, settings(), System.getenv());
  }

  /** As much of the tree as a line needs. */
  static CommandLine commandLine(
      List<String> line, Settings settings, Map<String, String> environment) {
    boolean file = line.stream().anyMatch(word -> word.startsWith("@")); // picocli reads it
    return commandLine(name -> file || line.contains(name), settings, environment);
  }

  private static CommandLine commandLine(
      Predicate<String> whole, Settings settings, Map<String, String> environment) {
    CommandLine commandLine = new CommandLine(root());
    for (Entry entry : COMMANDS) {
      commandLine.addSubcommand(
          entry.name(), whole.test(entry.name()) ? entry.type() : entry.inBrief());
    }
    commandLine.setDefaultValueProvider(new SettingDefaults(settings, environment));
    commandLine.setExecutionStrategy(arguments -> run(settings, arguments));
    exitCodes(commandLine);
    commandLine.setParameterExceptionHandler(Main::usage);
    commandLine.setExecutionExceptionHandler(Main::failed);
    return commandLine;
  }

  private static Settings settings() {
    return Settings.read(Settings.standard(System.getenv()));
  }

  private static CommandSpec root() {
    CommandSpec root = CommandSpec.create().name("freeway").version("freeway 0.1.0");
    root.usageMessage()
        .description("What is in an AWS account: seen, kept, asked.")
        .synopsisSubcommandLabel("COMMAND");
    return root.addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help message and exit.")
                .build())
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Print version information and exit.")
                .build());
  }

  /** A line of the settings that is wrong stops what might have gone by it. */
  private static int run(Settings settings, ParseResult arguments) {
    if (tells(arguments)) {
      return new RunLast().execute(arguments);
    }
    if (!arguments.hasSubcommand()) {
      CommandLine root = arguments.commandSpec().commandLine();
      throw new ParameterException(
          root, "expected a command: " + String.join(", ", root.getSubcommands().keySet()));
    }
    CommandSpec command = arguments.subcommand().commandSpec();
    if (!settings.faults().isEmpty() && !command.name().equals("config")) {
      throw new ParameterException(
          command.commandLine(),
          Printable.of(settings.faults().getFirst()) + "; see freeway config list");
    }
    return new RunLast().execute(arguments);
  }

  /** Whether it is a help text or the version that is asked for. */
  private static boolean tells(ParseResult arguments) {
    return arguments.asCommandLineList().stream()
        .anyMatch(command -> command.isUsageHelpRequested() || command.isVersionHelpRequested());
  }

  private static void exitCodes(CommandLine commandLine) {
    commandLine.getCommandSpec().exitCodeOnInvalidInput(ExitCode.USAGE);
    commandLine.getSubcommands().values().forEach(Main::exitCodes);
  }

  private static int usage(ParameterException wrong, String... args) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + said(wrong));
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err)) {
      err.println("see " + name + " --help");
    }
    err.flush();
    return ExitCode.USAGE;
  }

  /** What is wrong, and what would be right, where the parser leaves that to be guessed. */
  private static String said(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()) {
      String word = Printable.of("'" + unmatched.getUnmatched().getFirst() + "'");
      return command.getParent() == null
          ? word
              + " is no command; expected one of "
              + String.join(", ", command.getSubcommands().keySet())
          : word + " is one word too many";
    }
    return String.valueOf(wrong.getMessage())
        .replaceFirst("is not an? (int|long)$", "is not a whole number");
  }

  private static int failed(Exception thrown, CommandLine command, ParseResult arguments)
      throws Exception {
    if (thrown instanceof CommandException
        || thrown instanceof StoreException
        || thrown instanceof QueryException) {
      PrintWriter err = command.getErr();
      err.println(command.getCommandSpec().qualifiedName() + ": " + thrown.getMessage());
      err.flush();
      return ExitCode.FAILED;
    }
    throw thrown;
  }

  /** Runs a command line and ends the process with its exit code. */
  public static void main(String[] args) {
    StandardOutput standard = new StandardOutput();
    PrintWriter out = new PrintWriter(standard, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code;
    try {
      CommandLine commandLine = commandLine(List.of(args)).setOut(out).setErr(err);
      code = commandLine.execute(args);
      out.flush();
      if (standard.refused().isPresent()) {
        err.println(
            "freeway: standard output could not be written whole: " + standard.refused().get());
        code = ExitCode.FAILED;
      }
      ParseResult arguments = commandLine.getParseResult();
      if (arguments != null && tells(arguments)) {
        // An exit looks for a logger to tell, in every jar; no command ran that wants one.
        Runtime.getRuntime().halt(code);
      }
    } catch (OutOfMemoryError _) {
      err.println(
          "freeway: the result does not fit in memory; expected fewer rows, or"
              + " FREEWAY_JAVA_OPTIONS=-Xmx2g");
      code = ExitCode.FAILED;
    }
    System.exit(code);
  }
}
