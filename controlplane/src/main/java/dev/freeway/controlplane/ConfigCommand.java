package dev.freeway.controlplane;

import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.settings.Setting;
import dev.freeway.controlplane.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freeway config}. */
@Command(name = "config", description = ConfigCommand.DESCRIPTION, mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Sets what options are when they are not given: profile, regions, services, format,"
          + " workers, exclude_defaults, db, required_tags. Kept in freeway/config of"
          + " $XDG_CONFIG_HOME. Without a command it lists.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();

  private Settings settings() {
    Path file =
        spec.root().commandLine().getDefaultValueProvider() instanceof SettingDefaults defaults
            ? defaults.settings().file()
            : Settings.standard(System.getenv());
    return Settings.read(file);
  }

  @Override
  public Integer call() {
    return list(output);
  }

  private int list(OutputOptions to) {
    Settings settings = settings();
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    for (Setting setting : Setting.values()) {
      rows.add(
          List.of(setting.toString(), settings.get(setting).orElse(""), setting.description()));
    }
    to.rows(List.of("key", "value", "sets"), rows);
    PrintWriter err = spec.commandLine().getErr();
    settings.faults().forEach(fault -> err.println(Printable.of(fault)));
    err.flush();
    return settings.faults().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  @Command(
      name = "list",
      description = "Lists what is set, and lines of the file that are wrong.",
      mixinStandardHelpOptions = true)
  int listed(@Mixin OutputOptions to) {
    return list(to);
  }

  @Command(
      name = "get",
      description = "Prints a value; exit code 1 when it is not set.",
      mixinStandardHelpOptions = true)
  int get(@Parameters(paramLabel = "KEY") String key) {
    Setting setting = setting(key);
    PrintWriter out = spec.commandLine().getOut();
    settings().get(setting).ifPresent(out::println);
    out.flush();
    return settings().get(setting).isPresent() ? ExitCode.DONE : ExitCode.FAILED;
  }

  @Command(name = "set", description = "Sets a value.", mixinStandardHelpOptions = true)
  int set(
      @Parameters(paramLabel = "KEY") String key, @Parameters(paramLabel = "VALUE") String value) {
    try {
      write(settings().with(key, value));
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
    return ExitCode.DONE;
  }

  @Command(name = "delete", description = "Sets a value no more.", mixinStandardHelpOptions = true)
  int delete(@Parameters(paramLabel = "KEY") String key) {
    write(settings().without(setting(key)));
    return ExitCode.DONE;
  }

  private Setting setting(String key) {
    try {
      return Settings.key(key);
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  private ParameterException wrong(IllegalArgumentException e) {
    return new ParameterException(
        spec.commandLine(), Printable.of(String.valueOf(e.getMessage())), e);
  }

  private static void write(Settings settings) {
    Path file = settings.file();
    try {
      settings.write();
    } catch (IOException e) {
      throw new CommandException(file + ": cannot be written: " + e, e);
    }
  }
}
