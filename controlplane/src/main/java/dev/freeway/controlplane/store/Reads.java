package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What a store answers, each on a connection of its own. */
record Reads(Database database) {
  private static final int FETCH = 500;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What {@link #stored} reads; which version is to follow. */
  private static final String SELECT =
      "SELECT c.account, c.service, c.region, c.type, r.key, r.arn, r.name, r.is_default,"
          + " r.created, r.parent, v.tags, v.document, s.scan, r.first_seen, s.at, r.gone"
          + " FROM resource r JOIN scope c ON c.id = r.scope"
          + " JOIN sighting s ON s.resource = r.id JOIN version v ON ";

  private static final String ORDER = " ORDER BY c.account, c.service, c.type, c.region, r.key";

  private interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> list(String sql, List<Object> parameters, Row<T> reader) {
    try (Connection connection = database.reading()) {
      return list(connection, sql, parameters, reader);
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private static <T> List<T> list(
      Connection connection, String sql, List<Object> parameters, Row<T> reader)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, parameters);
        ResultSet row = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (row.next()) {
        all.add(reader.read(row));
      }
      return all;
    }
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, List<Object> parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setFetchSize(FETCH);
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i) instanceof Long number) {
        statement.setLong(i + 1, number);
      } else {
        statement.setString(i + 1, String.valueOf(parameters.get(i)));
      }
    }
    return statement;
  }

  List<Scan> scans() {
    return list(
        "SELECT id, account, alias, started, ended, status, regions, services, filter, resources"
            + " FROM scan ORDER BY id DESC",
        List.of(),
        row ->
            new Scan(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                Instant.ofEpochMilli(row.getLong(4)),
                instant(row, 5),
                Scan.Status.valueOf(row.getString(6)),
                texts(row.getString(7)),
                texts(row.getString(8)),
                texts(row.getString(9)),
                row.getLong(10)));
  }

  Optional<Instant> lastWrite(long scan) {
    return list(
            "SELECT touched FROM scan WHERE id = ?",
            List.of(scan),
            row -> Instant.ofEpochMilli(row.getLong(1)))
        .stream()
        .findFirst();
  }

  List<LedgerEntry> ledger(long scan) {
    return list(
        "SELECT account, region, service, operation, calls, pages, items, retries, millis, outcome,"
            + " code, message FROM ledger WHERE scan = ?"
            + " ORDER BY account, region, service, operation, outcome, code",
        List.of(scan),
        row ->
            new LedgerEntry(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                Duration.ofMillis(row.getLong(9)),
                LedgerEntry.Outcome.valueOf(row.getString(10)),
                row.getString(11),
                row.getString(12)));
  }

  /** How many ids a statement names. */
  private static final int AT_ONCE = 500;

  private static final String VERSIONS =
      "SELECT v.since, v.scan, v.tags, v.document, r.key FROM version v"
          + " JOIN resource r ON r.id = v.resource JOIN scope c ON c.id = r.scope"
          + " WHERE c.account = ? AND c.service = ? AND c.region = ? AND c.type = ?";

  List<Version> history(Scope scope, String id) {
    return list(
        VERSIONS + " AND r.key = ? ORDER BY v.since, v.id", of(scope, List.of(id)), Reads::version);
  }

  /** The latest versions of resources that are not gone. */
  static Map<String, Version> last(Connection connection, Scope scope, Collection<String> ids)
      throws SQLException {
    List<String> all = List.copyOf(ids);
    Map<String, Version> last = new HashMap<>();
    for (int from = 0; from < all.size(); from += AT_ONCE) {
      List<String> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
      last.putAll(
          list(
                  connection,
                  VERSIONS
                      + " AND r.gone IS NULL AND v.id = r.version AND r.key IN (?"
                      + ", ?".repeat(some.size() - 1)
                      + ")",
                  of(scope, some),
                  row -> Map.entry(row.getString(5), version(row)))
              .stream()
              .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }
    return last;
  }

  private static List<Object> of(Scope scope, List<String> ids) {
    List<Object> parameters =
        new ArrayList<>(List.of(scope.account(), scope.service(), scope.region(), scope.type()));
    parameters.addAll(ids);
    return parameters;
  }

  private static Version version(ResultSet row) throws SQLException {
    return new Version(
        Instant.ofEpochMilli(row.getLong(1)),
        row.getLong(2),
        tags(row.getString(3)),
        row.getString(4));
  }

  Neighbours relations(String idOrArn) {
    if (idOrArn.isEmpty()) {
      return new Neighbours(List.of(), List.of()); // many have no ARN
    }
    String relation =
        "SELECT c.account, c.service, c.region, c.type, r.key, n.path, n.target FROM relation n"
            + " JOIN resource r ON r.id = n.resource JOIN scope c ON c.id = r.scope"
            + " WHERE r.gone IS NULL AND ";
    String order = " ORDER BY c.account, c.service, c.region, c.type, r.key, n.path, n.target";
    try (Connection connection = database.reading()) {
      Set<String> names = new LinkedHashSet<>(List.of(idOrArn));
      list(
              connection,
              "SELECT key, arn FROM resource WHERE key = ? OR (arn = ? AND arn <> '')",
              List.of(idOrArn, idOrArn),
              row -> List.of(row.getString(1), row.getString(2)))
          .forEach(names::addAll);
      names.remove("");
      return new Neighbours(
          list(
              connection,
              relation + "(r.key = ? OR (r.arn = ? AND r.arn <> ''))" + order,
              List.of(idOrArn, idOrArn),
              Reads::relation),
          list(
              connection,
              relation + "n.target IN (?" + ", ?".repeat(names.size() - 1) + ")" + order,
              List.copyOf(names),
              Reads::relation));
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  Stream<Relation> relations() {
    return stream(
        "SELECT c.account, c.service, c.region, c.type, r.key, n.path, n.target FROM relation n"
            + " JOIN resource r ON r.id = n.resource JOIN scope c ON c.id = r.scope"
            + " WHERE r.gone IS NULL"
            + " ORDER BY c.account, c.service, c.type, c.region, r.key, n.path, n.target",
        List.of(),
        Reads::relation);
  }

  private static Relation relation(ResultSet row) throws SQLException {
    return new Relation(
        new Scope(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
        row.getString(5),
        row.getString(6),
        row.getString(7));
  }

  List<TagCount> tags() {
    return list(
        "SELECT t.key, t.value, count(*) FROM tag t JOIN resource r ON r.id = t.resource"
            + " WHERE r.gone IS NULL GROUP BY t.key, t.value ORDER BY t.key, t.value",
        List.of(),
        row -> new TagCount(row.getString(1), row.getString(2), row.getLong(3)));
  }

  List<String> check() {
    try (Connection connection = database.reading()) {
      List<String> found = new ArrayList<>(database.damage(connection));
      check(
          connection,
          found,
          "without its latest version",
          "SELECT r.id, r.key FROM resource r LEFT JOIN version v"
              + " ON v.id = r.version AND v.resource = r.id WHERE v.id IS NULL");
      check(
          connection,
          found,
          "that no scan saw",
          "SELECT r.id, r.key FROM resource r LEFT JOIN sighting s ON s.resource = r.id"
              + " WHERE s.resource IS NULL");
      check(
          connection,
          found,
          "gone before it was seen",
          "SELECT r.id, r.key FROM resource r JOIN sighting s ON s.resource = r.id"
              + " WHERE r.gone < s.at OR r.gone < r.first_seen");
      return found;
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private static void check(Connection connection, List<String> found, String what, String sql)
      throws SQLException {
    found.addAll(
        list(
            connection,
            sql + " ORDER BY r.id LIMIT 20",
            List.of(),
            row -> "resource %d (%s) %s".formatted(row.getLong(1), row.getString(2), what)));
  }

  Stream<StoredResource> resources(ResourceFilter filter) {
    List<Object> parameters = new ArrayList<>();
    StringBuilder where = new StringBuilder("1 = 1");
    String version = "v.id = r.version";
    if (filter.at().isPresent()) {
      long at = filter.at().get().toEpochMilli();
      version =
          "v.id = (SELECT w.id FROM version w WHERE w.resource = r.id AND w.since <= ?"
              + " ORDER BY w.since DESC, w.id DESC LIMIT 1)";
      parameters.add(at);
      where.append(" AND r.first_seen <= ?");
      parameters.add(at);
      if (!filter.gone()) {
        where.append(
            " AND (r.gone IS NULL OR r.gone > ?) AND NOT EXISTS (SELECT 1 FROM absence a"
                + " WHERE a.resource = r.id AND a.gone <= ? AND a.back > ?)");
        parameters.addAll(List.of(at, at, at));
      }
    } else if (!filter.gone()) {
      where.append(" AND r.gone IS NULL");
    }
    in(where, parameters, "c.account", filter.accounts());
    in(where, parameters, "c.service", filter.services());
    in(where, parameters, "c.region", filter.regions());
    in(where, parameters, "c.type", filter.types());
    filter
        .tags()
        .forEach(
            (key, values) -> {
              where.append(
                  " AND EXISTS (SELECT 1 FROM tag t WHERE t.resource = r.id AND t.key = ?");
              parameters.add(key);
              in(where, parameters, "t.value", values);
              where.append(')');
            });
    List<String> words = Words.in(filter.text());
    if (!words.isEmpty()) {
      where.append(" AND ").append(database.searchCondition("r.id"));
      parameters.add(database.words(words));
    }
    return stream(SELECT + version + " WHERE " + where + ORDER, parameters, Reads::stored);
  }

  List<StoredResource> named(String idOrArn) {
    return list(
        SELECT
            + "v.id = r.version"
            + " WHERE r.gone IS NULL AND (r.key = ? OR (r.arn = ? AND r.arn <> ''))"
            + ORDER,
        List.of(idOrArn, idOrArn),
        Reads::stored);
  }

  private static void in(
      StringBuilder where, List<Object> parameters, String column, List<String> values) {
    if (!values.isEmpty()) {
      where
          .append(" AND ")
          .append(column)
          .append(" IN (?")
          .append(", ?".repeat(values.size() - 1))
          .append(')');
      parameters.addAll(values);
    }
  }

  private static StoredResource stored(ResultSet row) throws SQLException {
    return new StoredResource(
        new Resource(
            new Scope(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
            row.getString(5),
            row.getString(6),
            row.getString(7),
            row.getInt(8) == 1,
            instant(row, 9),
            row.getString(10),
            tags(row.getString(11)),
            row.getString(12)),
        row.getLong(13),
        Instant.ofEpochMilli(row.getLong(14)),
        Instant.ofEpochMilli(row.getLong(15)),
        instant(row, 16));
  }

  /** Rows while they are read; its close is the connection's. */
  private <T> Stream<T> stream(String sql, List<Object> parameters, Row<T> reader) {
    try {
      Connection connection = database.reading();
      try {
        ResultSet row = prepare(connection, sql, parameters).executeQuery();
        Iterator<T> rows = new Rows<>(database, row, reader);
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                    rows, Spliterator.ORDERED | Spliterator.NONNULL),
                false)
            .onClose(() -> close(connection));
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private static final class Rows<T> implements Iterator<T> {
    private final Database database;
    private final ResultSet row;
    private final Row<T> reader;
    private boolean more;

    Rows(Database database, ResultSet row, Row<T> reader) throws SQLException {
      this.database = database;
      this.row = row;
      this.reader = reader;
      this.more = row.next();
    }

    @Override
    public boolean hasNext() {
      return more;
    }

    @Override
    public T next() {
      if (!more) {
        throw new NoSuchElementException();
      }
      try {
        T value = reader.read(row);
        more = row.next();
        return value;
      } catch (SQLException e) {
        throw database.error(e);
      }
    }
  }

  private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static List<String> texts(String json) {
    return JSON.readValue(json, new TypeReference<>() {});
  }

  private static SortedMap<String, String> tags(String json) {
    return JSON.readValue(json, new TypeReference<TreeMap<String, String>>() {});
  }
}
