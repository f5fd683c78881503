package dev.freeway.controlplane;

import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.settings.Setting;
import dev.freeway.controlplane.settings.Settings;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What options are when they are not given: what the file of settings says, if it does. */
record SettingDefaults(Settings settings, Map<String, String> environment)
    implements IDefaultValueProvider {
  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? value(argument.command().name(), option.longestName()).orElse(null)
        : null;
  }

  private Optional<String> value(String command, String option) {
    boolean scan = command.equals("scan");
    return switch (option) {
      case "--profile" -> scan ? settings.get(Setting.PROFILE) : Optional.empty();
      case "--region" -> scan ? settings.get(Setting.REGIONS) : Optional.empty();
      case "--service", "--services" -> scan ? settings.get(Setting.SERVICES) : Optional.empty();
      case "--workers" -> scan ? settings.get(Setting.WORKERS) : Optional.empty();
      case "--exclude-defaults" -> settings.get(Setting.EXCLUDE_DEFAULTS);
      case "--required" -> settings.get(Setting.REQUIRED_TAGS);
      case "--format" ->
          settings
              .get(Setting.FORMAT)
              .filter(
                  format ->
                      command.equals("report")
                          ? ReportCommand.FORMATS.contains(format)
                          : Format.named(format).isPresent());
      // A variable of the environment is nearer than a file.
      case "--db" ->
          environment.getOrDefault("FREEWAY_DB", "").isEmpty()
              ? settings.get(Setting.DB)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /**
   * What picocli asks for at each start, for a log that is off; a record's own is slow at first.
   */
  @Override
  public String toString() {
    return "defaults of " + settings.file();
  }
}
