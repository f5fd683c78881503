package dev.freeway.controlplane.settings;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.store.StoreAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What can be set. */
public enum Setting {
  /** {@code -p}. */
  PROFILE("profile of the AWS configuration that freeway scan takes, or several, with commas") {
    @Override
    Optional<String> fault(String value) {
      return unless(words(value).stream().noneMatch(String::isBlank), "a profile's name");
    }
  },
  /** {@code -r} of a scan. */
  REGIONS("regions that freeway scan asks in, with commas") {
    @Override
    Optional<String> fault(String value) {
      return unless(
          words(value).stream().allMatch(word -> word.matches("[a-z]{2,}(-[a-z]+)+-\\d+")),
          "regions as eu-west-1,us-east-1");
    }
  },
  /** {@code -s} of a scan. */
  SERVICES("services that freeway scan asks, with commas") {
    @Override
    Optional<String> fault(String value) {
      Catalog catalog = Catalog.builtIn();
      return unless(
          words(value).stream().allMatch(word -> catalog.service(word).isPresent()),
          "labels that freeway services lists");
    }
  },
  /** {@code -f}. */
  FORMAT("the format of commands that know it") {
    @Override
    Optional<String> fault(String value) {
      return unless(
          FORMATS.contains(value.toLowerCase(Locale.ROOT)),
          "table, wide, json, csv, yaml, html or xlsx");
    }
  },
  /** {@code -w}. */
  WORKERS("how many requests of freeway scan wait for an answer at the same time") {
    @Override
    Optional<String> fault(String value) {
      return unless(value.matches("[1-9]\\d{0,3}") && Integer.parseInt(value) <= 1024, "1 to 1024");
    }
  },
  /** {@code --exclude-defaults}. */
  EXCLUDE_DEFAULTS("whether scans and reports leave out what AWS made itself") {
    @Override
    Optional<String> fault(String value) {
      return unless(value.equals("true") || value.equals("false"), "true or false");
    }
  },
  /** {@code --db}. */
  DB("the inventory: a SQLite file or a PostgreSQL address") {
    @Override
    Optional<String> fault(String value) {
      try {
        StoreAddress.parse(value);
        return Optional.empty();
      } catch (IllegalArgumentException _) {
        return Optional.of("a file's path or " + StoreAddress.POSTGRESQL + "//HOST/NAME");
      }
    }
  },
  /** {@code -R}. */
  REQUIRED_TAGS("tags that freeway tags wants everywhere, with commas") {
    @Override
    Optional<String> fault(String value) {
      return unless(words(value).stream().noneMatch(String::isBlank), "keys as Owner,Environment");
    }
  };

  private static final Set<String> FORMATS =
      Set.of("table", "wide", "json", "csv", "yaml", "html", "xlsx");

  private final String description;

  Setting(String description) {
    this.description = description;
  }

  /** What it does, in words. */
  public String description() {
    return description;
  }

  /** What would be right instead of a value; empty when it is right. */
  abstract Optional<String> fault(String value);

  static List<String> words(String value) {
    return Arrays.asList(value.split(",", -1));
  }

  private static Optional<String> unless(boolean right, String expected) {
    return right ? Optional.empty() : Optional.of(expected);
  }

  /** A setting by its key, such as {@code exclude_defaults}. */
  public static Optional<Setting> named(String key) {
    return Arrays.stream(values()).filter(setting -> setting.toString().equals(key)).findFirst();
  }

  /** The key. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
