package dev.freeway.controlplane.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/** A server of PostgreSQL's, 14 or later; the tables are in the connection's first schema. */
record PostgresqlDatabase(StoreAddress.Postgresql address) implements Database {
  /** The advisory lock that writers hold, and nobody else: "FWAY". */
  private static final long LOCK = 0x46574159;

  @Override
  public String kind() {
    return "postgresql";
  }

  @Override
  public void migrate(List<String> migrations) {
    try (Connection connection = writing()) {
      begin(connection);
      Database.execute(
          connection, "CREATE TABLE IF NOT EXISTS freeway_schema (version INTEGER PRIMARY KEY)");
      int version = version(connection);
      Database.refuseNewer(address, version, migrations.size());
      for (int next = version; next < migrations.size(); next++) {
        Database.execute(connection, migrations.get(next));
        if (next + 1 == REWORDED) {
          Rewording.run(this, connection);
        }
        Database.execute(
            connection, "INSERT INTO freeway_schema (version) VALUES (" + (next + 1) + ")");
      }
      commit(connection);
    } catch (SQLException e) {
      throw error(e);
    }
  }

  @Override
  public void verify() {
    try (Connection connection = reading()) {
      Database.refuseOther(address, version(connection), true);
    } catch (SQLException e) {
      throw error(e);
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT coalesce(max(version), 0) FROM freeway_schema")) {
      row.next();
      return row.getInt(1);
    }
  }

  private Connection open(Properties properties) throws SQLException {
    properties.setProperty("reWriteBatchedInserts", "true");
    properties.setProperty("ApplicationName", "freeway");
    Connection connection = DriverManager.getConnection(address.url(), properties);
    connection.setAutoCommit(false);
    return connection;
  }

  @Override
  public Connection writing() throws SQLException {
    Connection connection = open(new Properties());
    // A scan fills tables that were empty when its statements were planned first.
    Database.execute(connection, "SET plan_cache_mode = force_custom_plan");
    connection.commit();
    return connection;
  }

  @Override
  public Connection reading() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("readOnly", "true");
    properties.setProperty("readOnlyMode", "always");
    Connection connection = open(properties);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    return connection;
  }

  @Override
  public Connection readingAt(long millis) throws SQLException {
    Connection connection = writing(); // a view is made before the session may only read
    try {
      String schema;
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT quote_ident(current_schema())")) {
        row.next();
        schema = row.getString(1);
      }
      for (String view : Database.viewsAt(schema, millis)) {
        Database.execute(connection, view);
      }
      connection.commit();
      Database.execute(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
      connection.commit();
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public void begin(Connection connection) throws SQLException {
    Database.execute(connection, "SELECT pg_advisory_xact_lock(" + LOCK + ")");
  }

  @Override
  public void commit(Connection connection) throws SQLException {
    connection.commit();
  }

  @Override
  public void rollback(Connection connection) throws SQLException {
    connection.rollback();
  }

  /** The first time; from then on the server does it when a tenth of a table has changed. */
  @Override
  public void learn(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT count(*) FROM pg_stats"
                  + " WHERE schemaname = current_schema() AND tablename = 'resource'")) {
        row.next();
        if (row.getLong(1) > 0) {
          connection.rollback();
          return;
        }
      }
      statement.execute("ANALYZE scope, resource, version, tag, relation");
      connection.commit();
    }
  }

  /** A lock of the session's, which ends with it; of the schema's, as scans are. */
  private static final String SCAN_LOCK =
      "(hashtextextended('freeway ' || current_schema() || ' ' || ?, 0))";

  @Override
  public Optional<Hold> hold(Connection connection, long scan) throws SQLException {
    return ask(connection, "SELECT pg_try_advisory_lock" + SCAN_LOCK, scan)
        ? Optional.of(() -> free(connection, scan))
        : Optional.empty();
  }

  @Override
  public boolean held(long scan) throws SQLException {
    try (Connection connection = reading()) {
      return !ask(connection, "SELECT pg_try_advisory_xact_lock_shared" + SCAN_LOCK, scan);
    }
  }

  private static void free(Connection connection, long scan) {
    try {
      ask(connection, "SELECT pg_advisory_unlock" + SCAN_LOCK, scan);
    } catch (SQLException _) {
      // the connection's end frees it, a little later
    }
  }

  private static boolean ask(Connection connection, String sql, long scan) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, Long.toString(scan));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  @Override
  public String searchCondition(String id) {
    return id + " IN (SELECT resource FROM search WHERE words @@ CAST(? AS tsquery))";
  }

  @Override
  public String words(List<String> words) {
    return words.stream().map(word -> "'" + word + "':*").collect(Collectors.joining(" & "));
  }

  @Override
  public String index() {
    return "INSERT INTO search (resource, words)"
        + " VALUES (?, array_to_tsvector(string_to_array(?, ' ')))";
  }

  @Override
  public String reindex() {
    return index() + " ON CONFLICT (resource) DO UPDATE SET words = excluded.words";
  }

  @Override
  public String list(String alias) {
    return "json_array_elements_text(?::json) " + alias + " (value)";
  }

  @Override
  public List<String> damage(Connection connection) throws SQLException {
    List<String> found = new ArrayList<>(); // files are the server's
    for (String table : List.of("sighting", "version", "tag", "relation", "search")) {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT DISTINCT t.resource FROM "
                      + table
                      + " t LEFT JOIN resource r ON r.id = t.resource WHERE r.id IS NULL"
                      + " ORDER BY t.resource LIMIT 20")) {
        while (rows.next()) {
          found.add(
              "table %s, resource %d: what it refers to in resource is missing"
                  .formatted(table, rows.getLong(1)));
        }
      }
    }
    return found;
  }

  @Override
  public StoreException error(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String right =
        switch (state.length() == 5 ? state.substring(0, 2) : state) {
          case "08" -> "is the server up, and the address right?";
          case "28" -> "give a user and password that it lets in";
          case "3D" -> "create the database first";
          case "42" ->
              state.equals("42501")
                  ? "the user has to own the schema"
                  : state.equals("42P01") ? "scan first" : "";
          default -> "";
        };
    return new StoreException(String.valueOf(e.getMessage()), address, right, e);
  }
}
