package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Writes the words of all resources anew, into a table without any, within a migration. */
final class Rewording {
  private static final int BATCH = 500;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Rewording() {}

  static void run(Database database, Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT r.id, c.account, c.service, c.region, c.type, r.key, r.arn, r.name, v.tags,"
                    + " v.document FROM resource r JOIN scope c ON c.id = r.scope"
                    + " JOIN version v ON v.id = r.version ORDER BY r.id");
        Statements statements = new Statements(connection)) {
      select.setFetchSize(BATCH);
      try (ResultSet row = select.executeQuery()) {
        for (int rows = 1; row.next(); rows++) {
          statements.add(database.index(), row.getLong(1), Words.of(resource(row)));
          if (rows % BATCH == 0) {
            statements.send(database.index());
          }
        }
      }
      statements.send(database.index());
    }
  }

  /** As far as its words are concerned. */
  private static Resource resource(ResultSet row) throws SQLException {
    return new Resource(
        new Scope(row.getString(2), row.getString(3), row.getString(4), row.getString(5)),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        false,
        Optional.empty(),
        "",
        JSON.readValue(row.getString(9), new TypeReference<TreeMap<String, String>>() {}),
        row.getString(10));
  }
}
