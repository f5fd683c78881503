package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreException;
import dev.freeway.controlplane.store.TagCount;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a store knows, read once; names are looked up one by one. */
record StoreKnown(Store store, Map<String, String> accounts, Map<String, Set<String>> tags)
    implements Known {
  /** Of keys with more values than this, such as Name, values are no words of questions. */
  private static final int FEW = 200;

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
    Map<String, Set<String>> tags = new TreeMap<>();
    for (TagCount tag : store.tags()) {
      tags.computeIfAbsent(tag.key(), key -> new HashSet<>())
          .add(tag.value().toLowerCase(Locale.ROOT));
    }
    tags.values().removeIf(values -> values.size() > FEW);
    return new StoreKnown(store, accounts, tags);
  }

  @Override
  public boolean areRelated(ResourceType one, ResourceType other) {
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
  public boolean isName(String word) {
    return exists("SELECT 1 FROM resource WHERE name = ? OR key = ? LIMIT 1", word, word);
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
