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

/** What differs between the databases. */
sealed interface Database permits SqliteDatabase, PostgresqlDatabase {
  /** The schema's version that this program writes and reads. */
  int SCHEMA = 1;

  static Database of(StoreAddress address) {
    return switch (address) {
      case StoreAddress.Sqlite sqlite -> new SqliteDatabase(sqlite);
      case StoreAddress.Postgresql postgresql -> new PostgresqlDatabase(postgresql);
    };
  }

  StoreAddress address();

  /** Creates it where it is missing and brings its schema up to the migrations given. */
  void migrate(List<String> migrations);

  /** A connection to write with, between {@link #begin} and {@link #commit}. */
  Connection writing() throws SQLException;

  /** A connection that the database itself refuses to write on, in a transaction: one snapshot. */
  Connection reading() throws SQLException;

  /** Waits until no other writes, and begins a transaction during which none will. */
  void begin(Connection connection) throws SQLException;

  /** Ends the transaction. */
  void commit(Connection connection) throws SQLException;

  /** Undoes the transaction; without one it does nothing. */
  void rollback(Connection connection) throws SQLException;

  /** Which resources' ids match words: SQL with one parameter, which {@link #words} gives. */
  String searchCondition(String id);

  /** Every one of the words, each as it is or as the beginning of a longer one. */
  String words(List<String> words);

  /** The statement that replaces the words of a resource: parameters id and words. */
  String index();

  /** The statement that drops the words of a resource before {@link #index}; empty without need. */
  String unindex();

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

  /** Runs statements that give no rows. */
  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
