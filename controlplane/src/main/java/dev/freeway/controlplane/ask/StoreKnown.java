package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What a store knows, read once; names and what is related are looked up when they are asked for.
 */
record StoreKnown(
    Store store,
    Map<String, String> accounts,
    Map<String, Set<String>> tags,
    Map<List<ResourceType>, Boolean> related)
    implements Known {
  /** Of keys with more values than this, such as Name, values are no words of questions. */
  private static final int FEW = 200;

  // From each to the next greater one in the index: a million resources have few keys.
  private static final String KEYS =
      "WITH RECURSIVE k (key) AS (SELECT min(key) FROM tag UNION ALL"
          + " SELECT (SELECT min(t.key) FROM tag t WHERE t.key > k.key) FROM k WHERE k.key IS NOT NULL)"
          + " SELECT key FROM k WHERE key IS NOT NULL";
  private static final String VALUES =
      "WITH RECURSIVE v (value) AS (SELECT min(value) FROM tag WHERE key = ? UNION ALL"
          + " SELECT (SELECT min(t.value) FROM tag t WHERE t.key = ? AND t.value > v.value) FROM v"
          + " WHERE v.value IS NOT NULL) SELECT value FROM v WHERE value IS NOT NULL AND EXISTS"
          + " (SELECT 1 FROM tag t JOIN resource r ON r.id = t.resource WHERE t.key = ?"
          + " AND t.value = v.value AND r.gone IS NULL)";

  /** What of a ledger hides something, and was not asked again since. */
  static final String STILL_UNSEEN =
      "l.outcome NOT IN ('OK', 'NOT_HERE') AND NOT EXISTS (SELECT 1 FROM ledger n"
          + " WHERE n.scan > l.scan AND n.account = l.account AND n.region = l.region"
          + " AND n.service = l.service AND n.operation = l.operation)";

  /** A ledger that is older than so many scans says nothing of what is there now. */
  private static final String UNSEEN =
      "SELECT count(*) FROM ledger l WHERE l.scan IN (SELECT id FROM scan ORDER BY id DESC LIMIT 30) AND "
          + STILL_UNSEEN;

  static StoreKnown of(Store store) {
    Map<String, String> accounts = new TreeMap<>();
    store
        .scans()
        .forEach(
            scan -> {
              if (!scan.alias().isEmpty()) {
                accounts.putIfAbsent(scan.alias().toLowerCase(Locale.ROOT), scan.account());
              }
            });
    try (Connection connection = store.reading()) {
      Map<String, Set<String>> tags = new TreeMap<>();
      for (String key : texts(connection, KEYS, Integer.MAX_VALUE)) {
        Set<String> values = texts(connection, VALUES, FEW, key, key, key);
        if (!values.isEmpty() && values.size() <= FEW) {
          tags.put(key, lower(values));
        }
      }
      return new StoreKnown(store, accounts, tags, new ConcurrentHashMap<>());
    } catch (SQLException e) {
      throw new StoreException(String.valueOf(e.getMessage()), store.address(), "", e);
    }
  }

  private static Set<String> lower(Set<String> values) {
    Set<String> lower = new HashSet<>();
    values.forEach(value -> lower.add(value.toLowerCase(Locale.ROOT)));
    return lower;
  }

  /** The first column, until there is one more than so many. */
  private static Set<String> texts(Connection connection, String sql, int most, String... values)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        select.setString(i + 1, values[i]);
      }
      select.setFetchSize(FEW);
      Set<String> texts = new HashSet<>();
      try (ResultSet row = select.executeQuery()) {
        while (texts.size() <= most && row.next()) {
          texts.add(row.getString(1));
        }
      }
      return texts;
    }
  }

  @Override
  public boolean areRelated(ResourceType one, ResourceType other) {
    return related.computeIfAbsent(List.of(one, other), types -> relation(one, other));
  }

  private boolean relation(ResourceType one, ResourceType other) {
    return exists(
        "SELECT 1 FROM resources r JOIN relation x ON x.resource = r.rowid"
            + " WHERE r.service = ? AND r.type = ? AND EXISTS (SELECT 1 FROM resources o"
            + " WHERE o.service = ? AND o.type = ? AND x.target IN (o.id, o.arn)) LIMIT 1",
        one.service(),
        one.name(),
        other.service(),
        other.name());
  }

  @Override
  public long unseen(Collection<ResourceType> types, Optional<String> account) {
    List<String> values = new ArrayList<>();
    String lists =
        types.stream()
            .map(type -> List.of(type.service(), type.operation()))
            .distinct()
            .map(
                list -> {
                  values.addAll(list);
                  return "(l.service = ? AND l.operation = ?)";
                })
            .collect(Collectors.joining(" OR "));
    account.ifPresent(values::add);
    String sql =
        UNSEEN
            + (lists.isEmpty() ? "" : " AND (" + lists + ")")
            + (account.isEmpty() ? "" : " AND l.account = ?");
    try (Connection connection = store.reading();
        PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.size(); i++) {
        select.setString(i + 1, values.get(i));
      }
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    } catch (SQLException e) {
      throw new StoreException(String.valueOf(e.getMessage()), store.address(), "", e);
    }
  }

  @Override
  public boolean isName(String word) {
    return exists("SELECT 1 FROM resource WHERE name = ? OR key = ? LIMIT 1", word, word);
  }

  @Override
  public boolean isName(List<ResourceType> types, String word) {
    return types.stream()
        .anyMatch(
            type ->
                exists(
                    "SELECT 1 FROM resources WHERE (name = ? OR id = ?) AND service = ? AND type = ? LIMIT 1",
                    word,
                    word,
                    type.service(),
                    type.name()));
  }

  private boolean exists(String sql, String... values) {
    try (Connection connection = store.reading();
        PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        select.setString(i + 1, values[i]);
      }
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    } catch (SQLException e) {
      throw new StoreException(String.valueOf(e.getMessage()), store.address(), "", e);
    }
  }
}
