package dev.freeway.controlplane.store;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sqlite.Function;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteLimits;
import org.sqlite.SQLiteOpenMode;

/**
 * One file, in write-ahead mode: readers see what was committed while a scan writes. What was
 * committed survives the process at once; a power cut may cost the last seconds, never the file.
 */
record SqliteDatabase(StoreAddress.Sqlite address) implements Database {
  /** "FWAY", in the file's header: tells an inventory from another program's file. */
  private static final int APPLICATION = 0x46574159;

  private static final int BUSY_MILLIS = 60_000;

  /** Of a new file: documents of a kilobyte leave a fifth of the default's 4,096 empty. */
  private static final int PAGE_BYTES = 8_192;

  /** 80 MB: the default, a tenth of it, copies hot pages into the file again and again. */
  private static final int CHECKPOINT_PAGES = 10_000;

  @Override
  public String kind() {
    return "sqlite";
  }

  @Override
  public void migrate(List<String> migrations) {
    create();
    try (Connection connection = writing()) {
      Database.execute(connection, "PRAGMA page_size = " + PAGE_BYTES); // before all else
      begin(connection);
      refuseOthers(connection);
      rollback(connection);
      // Only outside of a transaction; it stays with the file.
      Database.execute(connection, "PRAGMA journal_mode = WAL");
      begin(connection);
      int version = (int) number(connection, "PRAGMA user_version");
      Database.refuseNewer(address, version, migrations.size());
      for (int next = version; next < migrations.size(); next++) {
        try (Statement statement = connection.createStatement()) {
          statement.executeUpdate(migrations.get(next));
          if (next + 1 == REWORDED) {
            Rewording.run(this, connection);
          }
          statement.executeUpdate("PRAGMA user_version = " + (next + 1));
          statement.executeUpdate("PRAGMA application_id = " + APPLICATION);
        }
      }
      commit(connection);
    } catch (SQLException e) {
      throw error(e);
    }
  }

  @Override
  public void verify() {
    if (!Files.exists(address.file())) {
      return; // said when it is read
    }
    if (Files.isDirectory(address.file())) {
      throw directory();
    }
    try (Connection connection = reading()) {
      refuseOthers(connection);
      Database.refuseOther(
          address,
          (int) number(connection, "PRAGMA user_version"),
          writable(address.file()) && writable(directory(address.file())));
    } catch (SQLException e) {
      throw error(e);
    }
  }

  private static boolean writable(Path path) {
    return Files.isWritable(path);
  }

  private static Path directory(Path file) {
    return java.util.Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  private void refuseOthers(Connection connection) throws SQLException {
    long application = number(connection, "PRAGMA application_id");
    if (application != APPLICATION
        && (application != 0 || number(connection, "SELECT count(*) FROM sqlite_schema") > 0)) {
      throw new StoreException(
          "is a database of another program", address, "give an inventory or a new file");
    }
  }

  /** Makes the file before SQLite does, so that nobody else can read it at any time. */
  private void create() {
    Path file = address.file();
    try {
      if (Files.isDirectory(file)) {
        throw directory();
      }
      if (Files.exists(file)) {
        return;
      }
      Path directory = file.getParent();
      if (directory != null) {
        OwnFile.createDirectories(directory);
      }
      OwnFile.create(file);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isRegularFile(file)) {
        throw new StoreException(
            e.getFile() + " is no directory", address, "give a path in a directory", e);
      }
    } catch (AccessDeniedException e) {
      throw new StoreException(
          "no permission to create " + e.getFile(),
          address,
          "give a path that you may write to",
          e);
    } catch (IOException e) {
      throw new StoreException("cannot be created: " + e, address, "", e);
    }
  }

  private StoreException directory() {
    return new StoreException("is a directory", address, "give a file in it");
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
    config.setCacheSize(-64 * 1024);
    config.enforceForeignKeys(
        false); // checked by damage(); on every row they cost a third of the time
    return config;
  }

  private Connection open(SQLiteConfig config) throws SQLException {
    return config.createConnection("jdbc:sqlite:" + address.file());
  }

  @Override
  public Connection writing() throws SQLException {
    Connection connection = open(config());
    Database.execute(connection, "PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
    Database.execute(connection, "PRAGMA journal_size_limit = 0");
    return connection;
  }

  @Override
  public Connection reading() throws SQLException {
    return reading(List.of());
  }

  @Override
  public Connection readingAt(long millis) throws SQLException {
    return reading(Database.viewsAt("main", millis));
  }

  private Connection reading(List<String> views) throws SQLException {
    if (!Files.exists(address.file())) {
      throw new StoreException(
          "there is no inventory yet", address, "scan first, or give its path");
    }
    Connection connection = opened();
    try {
      connection.unwrap(SQLiteConnection.class).setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
      for (String view : views) {
        Database.execute(connection, view);
      }
      Database.execute(connection, "PRAGMA query_only = ON");
      Function.create(connection, "url_decode", new UrlDecode(), 1, Function.FLAG_DETERMINISTIC);
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Where its directory cannot be written to, SQLite opens no file in write-ahead mode, as it would
   * make two more beside it; a file that lies there alone has nobody who writes it, and is read as
   * one that does not change.
   */
  private Connection opened() throws SQLException {
    try {
      return readOnly(address.file().toString());
    } catch (SQLiteException e) {
      if (!isNotLet(e) || !isAlone() || !Files.isReadable(address.file())) {
        throw e;
      }
      return readOnly("file:" + address.file().toUri().getRawPath() + "?immutable=1");
    }
  }

  /** Whether nothing lies in the log beside it that belongs into it. */
  private boolean isAlone() {
    try {
      return Files.size(Path.of(address.file() + "-wal")) == 0;
    } catch (IOException e) {
      return true; // there is none
    }
  }

  /** Whether the system did not let it open or write; the rest of the code says what in detail. */
  private static boolean isNotLet(SQLiteException e) {
    int code = e.getResultCode().code & 0xff;
    return code == SQLiteErrorCode.SQLITE_READONLY.code
        || code == SQLiteErrorCode.SQLITE_CANTOPEN.code
        || code == SQLiteErrorCode.SQLITE_PERM.code;
  }

  private static Connection readOnly(String file) throws SQLException {
    SQLiteConfig config = config();
    config.setReadOnly(true);
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    Connection connection = config.createConnection("jdbc:sqlite:" + file);
    try {
      number(connection, "PRAGMA user_version"); // reads the file, which opening does not
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  // Transactions by hand: the driver begins the next one with every commit, and would so keep other
  // writers out for good.

  @Override
  public void begin(Connection connection) throws SQLException {
    Database.execute(connection, "BEGIN IMMEDIATE");
  }

  @Override
  public void commit(Connection connection) throws SQLException {
    Database.execute(connection, "COMMIT");
  }

  @Override
  public void rollback(Connection connection) throws SQLException {
    try {
      Database.execute(connection, "ROLLBACK");
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
        throw e;
      }
    }
  }

  @Override
  public void learn(Connection connection) {
    // its plans follow the order of the text and the indices
  }

  @Override
  public Optional<Hold> hold(Connection connection, long scan) {
    return RunningFile.hold(RunningFile.beside(address.file()), scan);
  }

  @Override
  public boolean held(long scan) {
    return RunningFile.held(RunningFile.beside(address.file()), scan);
  }

  @Override
  public String searchCondition(String id) {
    return id + " IN (SELECT rowid FROM search WHERE search MATCH ?)";
  }

  @Override
  public String words(List<String> words) {
    return words.stream().map(word -> "\"" + word + "\" *").collect(Collectors.joining(" AND "));
  }

  @Override
  public String index() {
    return "INSERT INTO search (rowid, words) VALUES (?, ?)";
  }

  @Override
  public String reindex() {
    return "INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)";
  }

  @Override
  public String list(String alias) {
    return "json_each(?) " + alias;
  }

  @Override
  public List<String> damage(Connection connection) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
        while (rows.next()) {
          if (!rows.getString(1).equals("ok")) {
            found.add(rows.getString(1));
          }
        }
      }
      try (ResultSet rows = statement.executeQuery("PRAGMA foreign_key_check")) {
        while (rows.next()) {
          found.add(
              "table %s, row %s: what it refers to in %s is missing"
                  .formatted(rows.getString(1), rows.getString(2), rows.getString(3)));
        }
      }
    }
    return found;
  }

  @Override
  public StoreException error(SQLException e) {
    if (e instanceof SQLiteException sqlite) {
      if (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_NOTADB) {
        return new StoreException(
            "is no SQLite database", address, "give an inventory or a new file", e);
      }
      if (isNotLet(sqlite) && Files.exists(address.file()) && !Files.isReadable(address.file())) {
        return new StoreException(
            "may not be read by this user",
            address,
            "its owner alone may; ask for a copy, or be its owner",
            e);
      }
      if (isNotLet(sqlite)) {
        return new StoreException(
            "cannot be opened for writing: " + e.getMessage(),
            address,
            "it and its directory have to be writable; or copy it, and the -wal beside it, to where"
                + " they are",
            e);
      }
      if (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_FULL) {
        return new StoreException(
            "its disk is full; what was written before is kept",
            address,
            "make room, then freeway scan --resume",
            e);
      }
      if (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_CORRUPT) {
        return new StoreException(
            "is damaged: " + e.getMessage(), address, "restore a copy, or begin a new file", e);
      }
    }
    return new StoreException(String.valueOf(e.getMessage()), address, "", e);
  }

  /** A policy as IAM gives it, percent-encoded; what is not is left as it is. */
  private static final class UrlDecode extends Function {
    @Override
    protected void xFunc() throws SQLException {
      String text = value_text(0);
      if (text == null) {
        result();
        return;
      }
      try {
        // It is percent-encoding, not a form's: a plus is a plus.
        result(
            text.regionMatches(true, 0, "%7B", 0, 3)
                ? URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8)
                : text);
      } catch (IllegalArgumentException e) {
        result(text);
      }
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }
}
