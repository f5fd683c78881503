package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * An inventory. Holds no connection itself: every writer and every read has its own, so all of it
 * may be used by any thread, and by other processes at the same time.
 *
 * <p>Every method throws {@link StoreException} when the database refuses.
 */
public final class Store {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final InstantSource clock;
  private final Reads reads;

  private Store(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
    this.reads = new Reads(database);
  }

  /** Opens an inventory, creates it where there is none, and brings its tables up to date. */
  public static Store open(StoreAddress address) {
    return open(address, InstantSource.system());
  }

  /**
   * The same with another clock.
   *
   * @param clock when resources are first seen, last seen and gone; it may not go below one
   *     millisecond after 1970
   */
  public static Store open(StoreAddress address, InstantSource clock) {
    Database database = Database.of(address);
    database.migrate(database.migrations());
    return new Store(database, clock);
  }

  /** Opens an inventory to read only: it has to be there, and may be on a read-only disk. */
  public static Store existing(StoreAddress address) {
    Database database = Database.of(address);
    database.verify();
    return new Store(database, InstantSource.system());
  }

  /** Where it is. */
  public StoreAddress address() {
    return database.address();
  }

  /**
   * Begins a scan.
   *
   * @param account twelve digits
   * @param alias of the account or its profile's name; may be empty
   * @param started for people; what is gone is decided by the store's own clock
   * @param filter tags that were asked for, or whatever else leaves some out; a scan with one
   *     retires nothing
   */
  public ScanWriter begin(
      String account,
      String alias,
      Instant started,
      List<String> regions,
      List<String> services,
      List<String> filter) {
    return writing(
        connection -> {
          long id = number(connection, "SELECT coalesce(max(id), 0) + 1 FROM scan");
          // After all that was written, even when the clock was set back.
          long begun =
              Math.max(
                  clock.millis(),
                  number(connection, "SELECT coalesce(max(touched), 0) + 1 FROM scan"));
          Scan scan =
              new Scan(
                  id,
                  account,
                  alias,
                  started,
                  Optional.empty(),
                  Scan.Status.RUNNING,
                  regions,
                  services,
                  filter,
                  0);
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO scan (id, account, alias, started, begun, touched, status, regions,"
                      + " services, filter, resources) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)")) {
            insert.setLong(1, id);
            insert.setString(2, account);
            insert.setString(3, alias);
            insert.setLong(4, started.toEpochMilli());
            insert.setLong(5, begun);
            insert.setLong(6, begun);
            insert.setString(7, Scan.Status.RUNNING.name());
            insert.setString(8, JSON.writeValueAsString(regions));
            insert.setString(9, JSON.writeValueAsString(services));
            insert.setString(10, JSON.writeValueAsString(filter));
            insert.executeUpdate();
          }
          return new ScanRecorder(
              database, connection, hold(connection, id), clock, scan, begun, Set.of(), List.of());
        });
  }

  /**
   * Goes on with a scan that was killed, was stopped or ended partial: what it saw still counts as
   * seen by it, and {@link ScanWriter#covered} says what need not be listed again.
   *
   * @throws StoreException when there is no such scan, it is complete, or it still runs
   */
  public ScanWriter resume(long id) {
    return resume(id, List.of());
  }

  /**
   * The same with a scan that did not know its regions yet.
   *
   * @param regions what it asks in from now on; empty when it knows
   */
  public ScanWriter resume(long id, List<String> regions) {
    Scan scan =
        scans().stream()
            .filter(each -> each.id() == id)
            .findFirst()
            .orElseThrow(
                () -> new StoreException("has no scan " + id, address(), "see the table scans"));
    if (scan.status() == Scan.Status.COMPLETE) {
      throw new StoreException("scan " + id + " is complete", address(), "begin a new one");
    }
    List<LedgerEntry> hidden =
        ledger(id).stream().filter(entry -> entry.outcome().hides()).toList();
    return writing(
        connection -> {
          if (!regions.isEmpty()) {
            try (PreparedStatement update =
                connection.prepareStatement("UPDATE scan SET regions = ? WHERE id = ?")) {
              update.setString(1, JSON.writeValueAsString(regions));
              update.setLong(2, id);
              update.executeUpdate();
            }
          }
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE scan SET status = ?, ended = NULL WHERE id = ?")) {
            update.setString(1, Scan.Status.RUNNING.name());
            update.setLong(2, id);
            update.executeUpdate();
          }
          // What was not asked then is asked now.
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM ledger WHERE scan = ? AND outcome = ?")) {
            delete.setLong(1, id);
            delete.setString(2, LedgerEntry.Outcome.STOPPED.name());
            delete.executeUpdate();
          }
          return new ScanRecorder(
              database,
              connection,
              hold(connection, id),
              clock,
              scan,
              number(connection, "SELECT begun FROM scan WHERE id = " + id),
              whole(connection, id),
              hidden);
        });
  }

  /** The last that is done before a writer is there to free it. */
  private Hold hold(Connection connection, long scan) throws SQLException {
    return database
        .hold(connection, scan)
        .orElseThrow(
            () ->
                new StoreException(
                    "scan " + scan + " still runs", address(), "wait for its end, or end it"));
  }

  /** Whether a process writes a scan now. One that has not ended and does not run was cut off. */
  public boolean runs(long scan) {
    try {
      return database.held(scan);
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private interface Opening {
    ScanWriter open(Connection connection) throws SQLException;
  }

  private ScanWriter writing(Opening opening) {
    try {
      Connection connection = database.writing();
      try {
        database.begin(connection);
        ScanWriter writer = opening.open(connection);
        database.commit(connection);
        return writer;
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private static Set<Scope> whole(Connection connection, long scan) throws SQLException {
    Set<Scope> scopes = new HashSet<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT c.account, c.service, c.region, c.type FROM whole w"
                + " JOIN scope c ON c.id = w.scope WHERE w.scan = ?")) {
      select.setLong(1, scan);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          scopes.add(
              new Scope(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
        }
      }
    }
    return scopes;
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** All scans, the newest first. */
  public List<Scan> scans() {
    return reads.scans();
  }

  /** A scan's ledger, by account, region, service and operation. */
  public List<LedgerEntry> ledger(long scan) {
    return reads.ledger(scan);
  }

  /** Resources by account, service, type, region and id; to be closed. One snapshot. */
  public Stream<StoredResource> resources(ResourceFilter filter) {
    return reads.resources(filter);
  }

  /** Resources as they were known at a time: {@link ResourceFilter#at} of all. To be closed. */
  public Stream<StoredResource> current(Instant at) {
    return reads.resources(ResourceFilter.CURRENT.at(at));
  }

  /** A resource's versions, the oldest first; empty when it was never seen. */
  public List<Version> history(Scope scope, String id) {
    return reads.history(scope, id);
  }

  /** Current resources by their id or ARN, in their order; ids are unique within a scope alone. */
  public List<StoredResource> named(String idOrArn) {
    return reads.named(idOrArn);
  }

  /** The relations of current resources from and to one, by its id or ARN. */
  public Neighbours relations(String idOrArn) {
    return reads.relations(idOrArn);
  }

  /** All relations of current resources, in their order; to be closed. One snapshot. */
  public Stream<Relation> relations() {
    return reads.relations();
  }

  /** Every tag of current resources with how many have it, by key and value. */
  public List<TagCount> tags() {
    return reads.tags();
  }

  /**
   * Looks for damage: in the file, in what tables refer to, and whether every resource has a
   * version and was seen. Reads all of it.
   *
   * @return what is wrong, in words; empty when nothing is
   */
  public List<String> check() {
    return new ArrayList<>(reads.check());
  }

  /**
   * A connection that the database refuses to write on, for queries of people; to be closed. Its
   * reads are of one moment.
   *
   * @throws SQLException when it cannot be opened
   */
  public Connection reading() throws SQLException {
    return database.reading();
  }

  /**
   * The same, but {@code resources} and {@code tag} are what was current at a time, with the
   * documents and tags of then.
   *
   * @throws SQLException when it cannot be opened
   */
  public Connection reading(Instant at) throws SQLException {
    return database.readingAt(at.toEpochMilli());
  }

  /**
   * When a scan last wrote, by the store's clock: what was current then is what the scan left.
   *
   * @throws StoreException when there is no such scan
   */
  public Instant lastWrite(long scan) {
    return reads
        .lastWrite(scan)
        .orElseThrow(
            () -> new StoreException("has no scan " + scan, address(), "see the table scans"));
  }
}
