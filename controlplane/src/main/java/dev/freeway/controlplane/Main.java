package dev.freeway.controlplane;

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
    description = "Inventory, cost and migration of AWS load balancing. No command is built yet.")
public final class Main implements Runnable {
  /** Exit code for a command line that cannot be understood, as in sysexits.h. */
  static final int USAGE = 64;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.getCommandSpec().exitCodeOnInvalidInput(USAGE);
    return commandLine;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "freeway: expected --help or --version");
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
