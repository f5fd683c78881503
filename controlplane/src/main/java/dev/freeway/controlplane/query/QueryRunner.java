package dev.freeway.controlplane.query;

import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteLimits;

/** Runs queries of people on a store, each on a connection of its own that cannot write. */
public final class QueryRunner {
  private static final int FETCH = 500;

  /** Instructions of SQLite's machine between two looks at the clock: well under a millisecond. */
  private static final int INSTRUCTIONS = 10_000;

  /** What SQLite compiles into programs that do more than read. */
  private static final Set<String> CHANGING =
      Set.of("Vacuum", "JournalMode", "Checkpoint", "IncrVacuum", "ParseSchema", "SetCookie");

  /** PostgreSQL's. */
  private static final String UNDEFINED_TABLE = "42P01";

  private static final String QUERY_CANCELED = "57014";
  private static final Pattern SQLITE_SAYS =
      Pattern.compile(
          "\\[SQLITE_ERROR\\] SQL error or missing database \\((.*)\\)", Pattern.DOTALL);

  /** Bytes of one value, above the longest document: what is longer was made to fill the memory. */
  private static final int LONGEST_VALUE = 32 << 20;

  /** So many characters of rows are kept in memory, which is a quarter of the usual heap. */
  private static final long MOST_CHARACTERS = 128L << 20;

  private final Store store;
  private final Optional<Instant> at;

  /** A runner of queries on what is known now. */
  public QueryRunner(Store store) {
    this(store, Optional.empty());
  }

  private QueryRunner(Store store, Optional<Instant> at) {
    this.store = store;
    this.at = at;
  }

  /**
   * A runner of queries on {@code resources} as they were known at a time; for a scan, {@link
   * Store#lastWrite}. All of them are current then.
   */
  public QueryRunner at(Instant time) {
    return new QueryRunner(store, Optional.of(time));
  }

  /**
   * Runs one reading statement.
   *
   * @param parameters values for {@code :name}, which are bound, as texts
   * @throws QueryException when it is refused, a parameter is missing or unknown, or the database
   *     does not understand it
   * @throws dev.freeway.controlplane.store.StoreException when the store cannot be read
   */
  public Rows run(String sql, Map<String, ? extends @Nullable String> parameters, Limits limits) {
    Sql parsed = Sql.parse(sql);
    Set<String> wanted = new TreeSet<>(parsed.parameters());
    Set<String> missing = new LinkedHashSet<>(wanted);
    missing.removeAll(parameters.keySet());
    if (!missing.isEmpty()) {
      throw new QueryException(
          "no value for :"
              + String.join(", :", missing)
              + "; expected -P "
              + missing.iterator().next()
              + "=VALUE");
    }
    Set<String> unknown = new TreeSet<>(parameters.keySet());
    unknown.removeAll(wanted);
    if (!unknown.isEmpty()) {
      throw new QueryException(
          "the query has no parameter "
              + String.join(", ", unknown)
              + "; expected "
              + (wanted.isEmpty() ? "none" : String.join(", ", wanted)));
    }
    long deadline = System.nanoTime() + limits.time().toNanos();
    try (Connection connection = at.isPresent() ? store.reading(at.get()) : store.reading()) {
      boolean sqlite = store.address() instanceof StoreAddress.Sqlite;
      if (sqlite) {
        refuseChanges(connection, parsed.text());
        watch(connection, deadline);
      } else {
        try (Statement statement = connection.createStatement()) {
          statement.execute("SET LOCAL statement_timeout = " + limits.time().toMillis());
        }
      }
      return rows(connection, parsed, parameters, limits.rows(), deadline);
    } catch (SQLException e) {
      throw new QueryException(words(e), e);
    }
  }

  /** Runs a named query; what it does not get has its default. */
  public Rows run(
      NamedQuery query, Map<String, ? extends @Nullable String> parameters, Limits limits) {
    return run(query.sql(), query.values(parameters), limits);
  }

  /** SQLite's compiler says whether a program takes the lock to write or changes the connection. */
  static void refuseChanges(Connection connection, String sql) throws SQLException {
    if (sql.stripLeading().regionMatches(true, 0, "EXPLAIN", 0, 7)) {
      return; // does not run what it explains
    }
    try (PreparedStatement explain = connection.prepareStatement("EXPLAIN " + sql);
        ResultSet row = explain.executeQuery()) {
      while (row.next()) {
        String code = row.getString("opcode");
        if (CHANGING.contains(code) || (code.equals("Transaction") && row.getInt("p2") != 0)) {
          throw new QueryException("refused: queries only read, and SQLite says that this writes");
        }
      }
    }
  }

  private static void watch(Connection connection, long deadline) throws SQLException {
    connection
        .unwrap(SQLiteConnection.class)
        .setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
    ProgressHandler.setHandler(
        connection,
        INSTRUCTIONS,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return System.nanoTime() > deadline ? 1 : 0;
          }
        });
  }

  private static Rows rows(
      Connection connection,
      Sql sql,
      Map<String, ? extends @Nullable String> parameters,
      long most,
      long deadline)
      throws SQLException {
    List<String> columns = new ArrayList<>();
    List<List<@Nullable Object>> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
      statement.setFetchSize(FETCH);
      for (int i = 0; i < sql.parameters().size(); i++) {
        statement.setString(i + 1, parameters.get(sql.parameters().get(i)));
      }
      try (ResultSet row = statement.executeQuery()) {
        int width = row.getMetaData().getColumnCount();
        for (int i = 1; i <= width; i++) {
          columns.add(unique(row.getMetaData().getColumnLabel(i), columns));
        }
        long characters = 0;
        while (row.next()) {
          if (rows.size() >= most) {
            return new Rows(columns, rows, Rows.Cut.ROWS);
          }
          if (characters > MOST_CHARACTERS) {
            return new Rows(columns, rows, Rows.Cut.SIZE);
          }
          List<@Nullable Object> values = new ArrayList<>(width);
          for (int i = 1; i <= width; i++) {
            Object value = value(row, i);
            characters += value instanceof String text ? text.length() : 0;
            values.add(value);
          }
          rows.add(values);
          if (System.nanoTime() > deadline) {
            return new Rows(columns, rows, Rows.Cut.TIME);
          }
        }
      }
    } catch (SQLException e) {
      if (isTimeout(e)) {
        return new Rows(columns, rows, Rows.Cut.TIME);
      }
      throw e;
    }
    return new Rows(columns, rows, Rows.Cut.NONE);
  }

  /** A name that two columns have would hide the first in JSON. */
  private static String unique(String label, List<String> before) {
    String name = label;
    for (int i = 2; before.contains(name); i++) {
      name = label + "_" + i;
    }
    return name;
  }

  /** SQLite's own words, without what JDBC says of every error: that a database may be missing. */
  private static String words(SQLException e) {
    String said = String.valueOf(e.getMessage());
    Matcher sqlite = SQLITE_SAYS.matcher(said);
    String words = sqlite.matches() ? "SQLite: " + sqlite.group(1) : said;
    return words.contains("no such table") || UNDEFINED_TABLE.equals(e.getSQLState())
        ? words + "; expected the views resources and scans, or a table of STORE.md"
        : words;
  }

  private static boolean isTimeout(SQLException e) {
    return QUERY_CANCELED.equals(e.getSQLState())
        || (e instanceof SQLiteException sqlite
            && sqlite.getResultCode() == SQLiteErrorCode.SQLITE_INTERRUPT);
  }

  private static @Nullable Object value(ResultSet row, int column) throws SQLException {
    Object value = row.getObject(column);
    return switch (value) {
      case null -> null;
      case Integer number -> Long.valueOf(number);
      case Long number -> number;
      case Double number -> number;
      case Float number -> number.doubleValue();
      case java.math.BigDecimal number -> number;
      case Boolean flag -> flag ? 1L : 0L;
      case byte[] bytes -> HexFormat.of().formatHex(bytes);
      default -> row.getString(column);
    };
  }
}
