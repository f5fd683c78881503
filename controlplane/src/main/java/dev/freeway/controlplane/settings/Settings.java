package dev.freeway.controlplane.settings;

import dev.freeway.controlplane.store.OwnFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The file: a line {@code key=value} each, {@code #} before a comment.
 *
 * @param values that are right
 * @param faults of lines that are not, in words
 */
public record Settings(Path file, Map<Setting, String> values, List<String> faults) {
  /** Copies. */
  public Settings {
    Map<Setting, String> copy = new EnumMap<>(Setting.class);
    copy.putAll(values);
    values = Collections.unmodifiableMap(copy);
    faults = List.copyOf(faults);
  }

  /** {@code freeway/config} in XDG's configuration directory, which is ~/.config by default. */
  public static Path standard(Map<String, String> environment) {
    String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path home =
        configured.startsWith("/")
            ? Path.of(configured)
            : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")))
                .resolve(".config");
    return home.resolve("freeway/config");
  }

  /** Reads a file; one that is missing sets nothing. */
  public static Settings read(Path file) {
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    List<String> faults = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return new Settings(file, values, List.of(file + ": cannot be read: " + e));
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      String key = equals < 0 ? line : line.substring(0, equals).strip();
      String value = equals < 0 ? "" : line.substring(equals + 1).strip();
      try {
        Setting setting = check(key, value);
        values.put(setting, value);
      } catch (IllegalArgumentException e) {
        faults.add(file + ", line " + (i + 1) + ": " + e.getMessage());
      }
    }
    return new Settings(file, values, faults);
  }

  /** A value; empty when it is not set. */
  public Optional<String> get(Setting setting) {
    return Optional.ofNullable(values.get(setting));
  }

  /**
   * The same with a value.
   *
   * @throws IllegalArgumentException when there is no such key, or the value is wrong
   */
  public Settings with(String key, String value) {
    Map<Setting, String> more = new EnumMap<>(Setting.class);
    more.putAll(values);
    more.put(check(key, value.strip()), value.strip());
    return new Settings(file, more, faults);
  }

  /** The same without one. */
  public Settings without(Setting setting) {
    Map<Setting, String> less = new EnumMap<>(Setting.class);
    less.putAll(values);
    less.remove(setting);
    return new Settings(file, less, faults);
  }

  private static Setting check(String key, String value) {
    Setting setting = key(key);
    Optional<String> fault =
        value.isEmpty() || value.chars().anyMatch(c -> c == '\n' || c == '\r')
            ? Optional.of("a value in one line")
            : setting.fault(value);
    if (fault.isPresent()) {
      throw new IllegalArgumentException(key + "=" + value + ": expected " + fault.get());
    }
    return setting;
  }

  /**
   * A setting by its key.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Setting key(String key) {
    StringJoiner known = new StringJoiner(", ");
    for (Setting setting : Setting.values()) {
      known.add(setting.toString());
    }
    return Setting.named(key)
        .orElseThrow(
            () -> new IllegalArgumentException(key + ": no such key; expected one of " + known));
  }

  /**
   * Writes the file, for its owner alone, whole or not at all. Lines that were wrong are gone then.
   *
   * @throws IOException when it cannot be written
   */
  public void write() throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(file + " is no file");
    }
    Files.createDirectories(directory);
    StringBuilder text = new StringBuilder();
    values.forEach((setting, value) -> text.append(setting).append('=').append(value).append('\n'));
    OwnFile.replace(file, out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
