package dev.freeway.controlplane.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A migration that goes on until it is killed: what it has done is in the file's log, written out
 * and not committed.
 */
final class KilledMigration {
  /** Never ends; more than is kept in memory, so that SQLite writes out what is not committed. */
  private static final String ENDLESS =
      "CREATE TABLE filler (x TEXT); INSERT INTO filler WITH RECURSIVE x (n) AS"
          + " (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT hex(zeroblob(4000)) FROM x;";

  private KilledMigration() {}

  /**
   * The arguments are the database's file, how many migrations are whole before it is stuck, and
   * {@code within} when it is stuck in the last of these and not after it.
   */
  public static void main(String[] arguments) {
    Database database = Database.of(new StoreAddress.Sqlite(Path.of(arguments[0])));
    int whole = Integer.parseInt(arguments[1]);
    List<String> migrations = new ArrayList<>(database.migrations().subList(0, whole));
    if (arguments[2].equals("within")) {
      migrations.add(migrations.removeLast() + ";\n" + ENDLESS);
    } else {
      migrations.add(ENDLESS);
    }
    database.migrate(migrations);
  }
}
