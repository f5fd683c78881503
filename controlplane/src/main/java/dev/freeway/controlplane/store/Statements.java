package dev.freeway.controlplane.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A connection's prepared statements, each prepared once; parameters are numbered from 1. */
final class Statements implements AutoCloseable {
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  Statements(Connection connection) {
    this.connection = connection;
  }

  PreparedStatement of(String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < parameters.length; i++) {
      set(statement, i + 1, parameters[i]);
    }
    return statement;
  }

  /** Runs it at once. */
  int update(String sql, @Nullable Object... parameters) throws SQLException {
    return of(sql, parameters).executeUpdate();
  }

  /** Keeps it for {@link #send}. */
  void add(String sql, @Nullable Object... parameters) throws SQLException {
    of(sql, parameters).addBatch();
  }

  /** Runs what was added, in the order of the texts. */
  void send(String... sql) throws SQLException {
    for (String text : sql) {
      PreparedStatement statement = prepared.get(text);
      if (statement != null) {
        statement.executeBatch();
      }
    }
  }

  /** Drops what was added and not sent. */
  void forget() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.clearBatch();
    }
  }

  private static void set(PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    switch (value) {
      case null -> statement.setNull(index, java.sql.Types.BIGINT);
      case String text -> statement.setString(index, text);
      case Long number -> statement.setLong(index, number);
      case Integer number -> statement.setInt(index, number);
      case byte[] bytes -> statement.setBytes(index, bytes);
      default -> throw new IllegalArgumentException("a parameter of " + value.getClass());
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.close();
    }
    prepared.clear();
  }
}
