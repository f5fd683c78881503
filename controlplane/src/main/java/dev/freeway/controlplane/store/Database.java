package dev.freeway.controlplane.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What differs between the databases. */
sealed interface Database permits SqliteDatabase, PostgresqlDatabase {
  /** The schema's version that this program writes and reads. */
  int SCHEMA = 3;

  /** What queries and commands can read: what came since makes them faster and nothing else. */
  int READABLE = 2;

  /** From this version on words are kept as {@link Words} gives them, and are written anew. */
  int REWORDED = 2;

  static Database of(StoreAddress address) {
    return switch (address) {
      case StoreAddress.Sqlite sqlite -> new SqliteDatabase(sqlite);
      case StoreAddress.Postgresql postgresql -> new PostgresqlDatabase(postgresql);
    };
  }

  StoreAddress address();

  /** Creates it where it is missing and brings its schema up to the migrations given. */
  void migrate(List<String> migrations);

  /** Whether this program reads it; an error says why not. Changes nothing. */
  void verify();

  /** Refuses a schema that a later program wrote. */
  static void refuseNewer(StoreAddress address, int version, int known) {
    if (version > known) {
      throw new StoreException(
          "its schema is " + version + ", newer than this program's " + known,
          address,
          "use the newer freeway that wrote it");
    }
  }

  /**
   * Refuses any schema that this program does not read, where it cannot be changed.
   *
   * @param writable whether whoever asks may bring it up to date where it is
   */
  static void refuseOther(StoreAddress address, int version, boolean writable) {
    refuseNewer(address, version, SCHEMA);
    if (version < READABLE) {
      throw new StoreException(
          "its schema is " + version + ", older than this program's " + SCHEMA,
          address,
          writable
              ? "scan into it once, which brings it up to date"
              : "it cannot be written to: copy it to a place that you may write to, and scan into"
                  + " the copy once (freeway scan --db COPY), which brings that up to date");
    }
  }

  /** A connection to write with, between {@link #begin} and {@link #commit}. */
  Connection writing() throws SQLException;

  /** A connection that the database itself refuses to write on, in a transaction: one snapshot. */
  Connection reading() throws SQLException;

  /**
   * A connection as {@link #reading}, on which {@code resources} and {@code tag} are what was
   * current at a time: views of the session's own hide those of the store.
   *
   * @param millis since 1970
   */
  Connection readingAt(long millis) throws SQLException;

  /** Waits until no other writes, and begins a transaction during which none will. */
  void begin(Connection connection) throws SQLException;

  /** Ends the transaction. */
  void commit(Connection connection) throws SQLException;

  /** Undoes the transaction; without one it does nothing. */
  void rollback(Connection connection) throws SQLException;

  /**
   * After a scan: what the planner of queries has to know of the tables, if it knows nothing yet.
   */
  void learn(Connection connection) throws SQLException;

  /**
   * Holds a scan that is to be written over a connection; empty when somebody else writes it.
   *
   * @param connection with its end the scan is free, if not before
   */
  Optional<Hold> hold(Connection connection, long scan) throws SQLException;

  /** Whether somebody holds a scan now. */
  boolean held(long scan) throws SQLException;

  /** Which resources' ids match words: SQL with one parameter, which {@link #words} gives. */
  String searchCondition(String id);

  /** Every one of the words, each as it is or as the beginning of a longer one. */
  String words(List<String> words);

  /** The statement that writes the words of a resource that has none: parameters id and words. */
  String index();

  /** The statement that replaces the words of a resource: parameters id and words. */
  String reindex();

  /** Rows with one column, {@code value}, from a parameter: a list of texts as JSON. */
  String list(String alias);

  /** What is wrong with the file or the tables themselves; empty when nothing is. */
  List<String> damage(Connection connection) throws SQLException;

  /** What a refusal of the database means to a person. */
  StoreException error(SQLException e);

  /** The kind in the names of the migrations' files. */
  String kind();

  /** Every migration's text, in order. */
  default List<String> migrations() {
    List<String> texts = new ArrayList<>();
    for (int version = 1; version <= SCHEMA; version++) {
      String name = kind() + "-" + version + ".sql";
      try (InputStream file = Database.class.getResourceAsStream(name)) {
        if (file == null) {
          throw new IllegalStateException("no migration " + name);
        }
        texts.add(new String(file.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return texts;
  }

  /** The views for {@link #readingAt}, from those of today: what they take, in another way. */
  static List<String> viewsAt(String schema, long millis) {
    return List.of(
        """
        CREATE TEMP VIEW resources AS
        SELECT r.id AS rowid, v.scan AS scan_id, c.service AS service, c.type AS type, r.key AS id,
          r.arn AS arn, r.name AS name, c.region AS region, c.account AS account_id,
          r.is_default AS is_default, 1 AS is_current, v.document AS details, v.tags AS tags,
          r.parent AS parent, n.created AS created, n.first_seen AS first_seen,
          n.last_seen AS last_seen, NULL AS gone
        FROM {schema}.resource r
        JOIN {schema}.scope c ON c.id = r.scope
        JOIN {schema}.resources n ON n.rowid = r.id
        JOIN {schema}.version v ON v.id = (
          SELECT w.id FROM {schema}.version w WHERE w.resource = r.id AND w.since <= {at}
          ORDER BY w.since DESC, w.id DESC LIMIT 1)
        WHERE r.first_seen <= {at} AND (r.gone IS NULL OR r.gone > {at})
          AND NOT EXISTS (
            SELECT 1 FROM {schema}.absence a
            WHERE a.resource = r.id AND a.gone <= {at} AND a.back > {at})
        """
            .replace("{schema}", schema)
            .replace("{at}", Long.toString(millis)),
        "CREATE TEMP VIEW tag AS SELECT r.rowid AS resource, j.key AS key, j.value AS value"
            + " FROM resources r, json_each(r.tags) j");
  }

  /** Runs statements that give no rows. */
  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
