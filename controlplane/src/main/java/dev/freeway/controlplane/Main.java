package dev.freeway.controlplane;

import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.query.QueryException;
import dev.freeway.controlplane.settings.Settings;
import dev.freeway.controlplane.store.StoreException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command tree of {@code freeway}. */
@Command(
    name = "freeway",
    mixinStandardHelpOptions = true,
    version = "freeway 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    description = "What is in an AWS account: seen, kept, asked.",
    subcommands = {
      ScanCommand.class,
      QueryCommand.class,
      ReportCommand.class,
      ServeCommand.class,
      DiffCommand.class,
      WasteCommand.class,
      TagsCommand.class,
      RelationsCommand.class,
      ScansCommand.class,
      ErrorsCommand.class,
      ServicesCommand.class,
      ConfigCommand.class,
      CompletionCommand.class,
      DemoCommand.class,
      AskCommand.class,
      ExamplesCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  static CommandLine commandLine() {
    return commandLine(Settings.read(Settings.standard(System.getenv())), System.getenv());
  }

  static CommandLine commandLine(Settings settings, Map<String, String> environment) {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setDefaultValueProvider(new SettingDefaults(settings, environment));
    commandLine.setExecutionStrategy(arguments -> run(settings, arguments));
    exitCodes(commandLine);
    commandLine.setParameterExceptionHandler(Main::usage);
    commandLine.setExecutionExceptionHandler(Main::failed);
    return commandLine;
  }

  /** A line of the settings that is wrong stops what might have gone by it. */
  private static int run(Settings settings, CommandLine.ParseResult arguments) {
    boolean heeds =
        arguments.subcommand() != null
            && !arguments.subcommand().commandSpec().name().equals("config")
            && arguments.asCommandLineList().stream().noneMatch(CommandLine::isUsageHelpRequested);
    if (heeds && !settings.faults().isEmpty()) {
      throw new ParameterException(
          arguments.subcommand().commandSpec().commandLine(),
          Printable.of(settings.faults().getFirst()) + "; see freeway config list");
    }
    return new CommandLine.RunLast().execute(arguments);
  }

  private static void exitCodes(CommandLine commandLine) {
    commandLine.getCommandSpec().exitCodeOnInvalidInput(ExitCode.USAGE);
    commandLine.getSubcommands().values().forEach(Main::exitCodes);
  }

  private static int usage(ParameterException wrong, String... args) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + wrong.getMessage());
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err)) {
      err.println("see " + name + " --help");
    }
    err.flush();
    return ExitCode.USAGE;
  }

  private static int failed(
      Exception thrown, CommandLine command, CommandLine.ParseResult arguments) throws Exception {
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

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "expected a command: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** Runs a command line and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code;
    try {
      code = commandLine().setOut(out).setErr(err).execute(args);
    } catch (OutOfMemoryError _) {
      err.println(
          "freeway: the result does not fit in memory; expected fewer rows, or"
              + " FREEWAY_JAVA_OPTIONS=-Xmx2g");
      code = ExitCode.FAILED;
    }
    System.exit(code);
  }
}
