package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.query.NamedQuery;
import dev.freeway.controlplane.settings.Setting;
import dev.freeway.controlplane.waste.WasteRule;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.regions.Region;

/** {@code freeway completion}. */
@Command(
    name = "completion",
    description = {
      CompletionCommand.DESCRIPTION,
      "  bash: source <(freeway completion bash)",
      "  zsh:  source <(freeway completion zsh)",
      "  fish: freeway completion fish > ~/.config/fish/completions/freeway.fish"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Prints what makes a shell complete commands, options, regions, services and names:";

  private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
  private String shell = "";

  @Override
  public Integer call() {
    if (!SHELLS.contains(shell)) {
      throw new ParameterException(
          spec.commandLine(), shell + ": expected " + String.join(", ", SHELLS));
    }
    CommandLine tree = Main.commandLine();
    tree.getSubcommands().values().forEach(CompletionCommand::candidates);
    PrintWriter out = spec.commandLine().getOut();
    if (shell.equals("fish")) {
      tree.getSubcommands().forEach((name, command) -> fish(name, command.getCommandSpec(), out));
    } else {
      // The script tells the two shells apart itself.
      out.print(AutoComplete.bash("freeway", tree));
    }
    out.flush();
    return ExitCode.DONE;
  }

  /** Gives options the words that they take. */
  private static void candidates(CommandLine command) {
    CommandSpec each = command.getCommandSpec();
    for (OptionSpec option : new ArrayList<>(each.options())) {
      List<String> words = words(each.name(), option);
      if (!words.isEmpty()) {
        each.remove(option);
        each.addOption(option.toBuilder().completionCandidates(words).build());
      }
    }
    for (PositionalParamSpec parameter : new ArrayList<>(each.positionalParameters())) {
      List<String> words =
          switch (parameter.paramLabel()) {
            case "KEY" -> Arrays.stream(Setting.values()).map(Setting::toString).toList();
            case "SHELL" -> SHELLS;
            default -> List.of();
          };
      if (!words.isEmpty()) {
        each.remove(parameter);
        each.addPositional(parameter.toBuilder().completionCandidates(words).build());
      }
    }
    command.getSubcommands().values().forEach(CompletionCommand::candidates);
  }

  private static List<String> words(String command, OptionSpec option) {
    return switch (option.paramLabel()) {
      case "REGION" ->
          Region.regions().stream()
              .filter(region -> !region.isGlobalRegion())
              .map(Region::id)
              .sorted()
              .toList();
      case "SERVICE" ->
          Catalog.builtIn().services().stream().map(CatalogService::label).sorted().toList();
      case "NAME" ->
          command.equals("query")
              ? NamedQueries.load(List.of()).all().stream().map(NamedQuery::name).toList()
              : List.of();
      case "FORMAT" ->
          command.equals("report")
              ? ReportCommand.FORMATS
              : Arrays.stream(Format.values()).map(Object::toString).toList();
      case "RULE" -> Arrays.stream(WasteRule.values()).map(WasteRule::toString).toList();
      case "CHANGE" -> List.of("all", "added", "removed", "modified");
      default -> List.of();
    };
  }

  private static void fish(String name, CommandSpec command, PrintWriter out) {
    out.printf(
        "complete -c freeway -f -n __fish_use_subcommand -a %s -d %s%n",
        name, quoted(first(command.usageMessage().description())));
    String when = " -n '__fish_seen_subcommand_from " + name + "'";
    Map<String, CommandLine> further = new TreeMap<>(command.subcommands());
    further.forEach(
        (sub, below) ->
            out.printf(
                "complete -c freeway -f%s -a %s -d %s%n",
                when, sub, quoted(first(below.getCommandSpec().usageMessage().description()))));
    for (OptionSpec option : command.options()) {
      StringBuilder line = new StringBuilder("complete -c freeway").append(when);
      for (String each : option.names()) {
        line.append(each.startsWith("--") ? " -l " : " -s ").append(each.replaceFirst("^-+", ""));
      }
      List<String> words = list(option.completionCandidates());
      if (!words.isEmpty()) {
        line.append(" -x -a ").append(quoted(String.join(" ", words)));
      } else if (option.arity().max() > 0) {
        line.append(" -r");
      }
      out.println(line.append(" -d ").append(quoted(first(option.description()))));
    }
    Stream.concat(
            command.positionalParameters().stream(),
            further.values().stream()
                .flatMap(below -> below.getCommandSpec().positionalParameters().stream()))
        .map(parameter -> list(parameter.completionCandidates()))
        .filter(words -> !words.isEmpty())
        .distinct()
        .forEach(
            words ->
                out.printf(
                    "complete -c freeway -f%s -a %s%n", when, quoted(String.join(" ", words))));
  }

  private static List<String> list(@Nullable Iterable<String> words) {
    List<String> all = new ArrayList<>();
    if (words != null) {
      words.forEach(all::add);
    }
    return all;
  }

  private static String first(String... description) {
    return description.length == 0 ? "" : description[0];
  }

  /** As fish quotes: a backslash before a quote or another backslash. */
  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("%n", " ") + "'";
  }
}
