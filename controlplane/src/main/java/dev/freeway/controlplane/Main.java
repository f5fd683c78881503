package dev.freeway.controlplane;

import dev.freeway.controlplane.query.QueryException;
import dev.freeway.controlplane.store.StoreException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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
      ScansCommand.class,
      ErrorsCommand.class,
      ServicesCommand.class,
      DemoCommand.class,
      AskCommand.class,
      ExamplesCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    exitCodes(commandLine);
    commandLine.setParameterExceptionHandler(Main::usage);
    commandLine.setExecutionExceptionHandler(Main::failed);
    return commandLine;
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
    System.exit(commandLine().setOut(out).setErr(err).execute(args));
  }
}
