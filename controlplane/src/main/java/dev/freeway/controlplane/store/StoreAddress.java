package dev.freeway.controlplane.store;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/** Where an inventory is kept. Its text form is for messages and holds no password. */
public sealed interface StoreAddress {
  /** What begins the text of a PostgreSQL address. */
  String POSTGRESQL = "jdbc:postgresql:";

  /** A file of SQLite's; it and its directory are created when they are missing. */
  record Sqlite(Path file) implements StoreAddress {
    /** Makes the path absolute. */
    public Sqlite {
      file = file.toAbsolutePath().normalize();
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }

  /** A database of PostgreSQL's, by the JDBC driver's own address. */
  record Postgresql(String url) implements StoreAddress {
    @Override
    public String toString() {
      return url.replaceAll("(?i)([?&](?:ssl)?password=)[^&]*", "$1***")
          .replaceAll("//[^/@?]*@", "//***@");
    }
  }

  /**
   * Reads what {@code --db} takes: a file's path, or {@code jdbc:postgresql:...}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  static StoreAddress parse(String text) {
    if (text.startsWith(POSTGRESQL)) {
      return new Postgresql(text);
    }
    if (text.isBlank() || text.startsWith("jdbc:") || text.matches("[a-z][a-z0-9+]+://.*")) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no database; expected a file's path or "
              + POSTGRESQL
              + "//HOST/NAME");
    }
    try {
      return new Sqlite(Path.of(text));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no file's path", e);
    }
  }

  /** {@code freeway/inventory.db} in XDG's data directory, which is ~/.local/share by default. */
  static StoreAddress standard(Map<String, String> environment) {
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    // The specification: a path that is not absolute is to be ignored.
    Path home =
        data.startsWith("/")
            ? Path.of(data)
            : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")))
                .resolve(".local/share");
    return new Sqlite(home.resolve("freeway/inventory.db"));
  }
}
