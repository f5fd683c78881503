package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes one scan, two thousand resources or a second's a transaction. Whoever fills a batch writes
 * it, and the others wait: that holds a scan to the disk's speed.
 *
 * <p>What a scope's end retires depends on times, not on who saw what last: a resource stays if
 * anybody saw it since this scan began. So two scans of one account that run at once cannot retire
 * what only the other saw. For that, a scan's beginning is later than all that was written before,
 * even when the clock is not.
 */
final class ScanRecorder implements ScanWriter {
  private static final int BATCH = 2_000;
  private static final int BATCH_CHARACTERS = 4_000_000;
  private static final long FLUSH_MILLIS = 1_000;

  /** Connections that read beside the one that writes: PostgreSQL takes 100 of everybody. */
  private static final int READING = 4;

  private static final String NEW_RESOURCE =
      "INSERT INTO resource (id, scope, key, arn, name, is_default, created, parent, first_seen,"
          + " version, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String CHANGE_RESOURCE =
      "UPDATE resource SET arn = ?, name = ?, is_default = ?, created = ?, parent = ?, version = ?,"
          + " digest = ? WHERE id = ?";
  private static final String NEW_VERSION =
      "INSERT INTO version (id, resource, since, scan, tags, document) VALUES (?, ?, ?, ?, ?, ?)";
  private static final String REFRESH = "UPDATE version SET document = ? WHERE id = ?";
  private static final String SIGHTING =
      "INSERT INTO sighting (resource, scan, at) VALUES (?, ?, ?)"
          + " ON CONFLICT (resource) DO UPDATE SET scan = excluded.scan, at = excluded.at";
  private static final String ABSENCE =
      "INSERT INTO absence (resource, gone, back) VALUES (?, ?, ?)";
  private static final String BACK = "UPDATE resource SET gone = NULL WHERE id = ?";
  private static final String NO_TAGS = "DELETE FROM tag WHERE resource = ?";
  private static final String TAG = "INSERT INTO tag (resource, key, value) VALUES (?, ?, ?)";
  private static final String NO_RELATIONS = "DELETE FROM relation WHERE resource = ?";
  private static final String RELATION =
      "INSERT INTO relation (resource, path, target) VALUES (?, ?, ?)"
          + " ON CONFLICT (resource, path, target) DO NOTHING";
  private static final String LEDGER =
      "INSERT INTO ledger (scan, account, region, service, operation, outcome, code, message, calls,"
          + " pages, items, retries, millis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (scan, account, region, service, operation, outcome, code) DO UPDATE SET"
          + " message = excluded.message, calls = ledger.calls + excluded.calls,"
          + " pages = ledger.pages + excluded.pages, items = ledger.items + excluded.items,"
          + " retries = ledger.retries + excluded.retries, millis = ledger.millis + excluded.millis";
  private static final String FORGET =
      "DELETE FROM ledger WHERE scan = ? AND account = ? AND region = ? AND service = ?"
          + " AND operation = ? AND outcome = ? AND code = ?";
  private static final String RETIRE =
      "UPDATE resource SET gone = ? WHERE scope = ? AND gone IS NULL AND EXISTS"
          + " (SELECT 1 FROM sighting s WHERE s.resource = resource.id AND s.at < ?)";
  private static final String WHOLE =
      "INSERT INTO whole (scan, scope) VALUES (?, ?) ON CONFLICT (scan, scope) DO NOTHING";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Database database;
  private final String find;
  private final Hold hold;
  private final InstantSource clock;
  private final Scan scan;
  private final long begun;
  private final Set<Scope> covered;
  private final List<LedgerEntry> hidden;
  private final Semaphore reading = new Semaphore(READING);

  /** Connections that nobody reads with now. */
  private final Queue<Connection> readers = new ConcurrentLinkedQueue<>();

  // Guarded by this.
  private final Connection connection;
  private final Statements statements;
  private final Map<Scope, Long> scopes = new HashMap<>();
  private final Map<Key, Sight> sights = new LinkedHashMap<>();
  private final Map<List<Object>, LedgerEntry> entries = new HashMap<>();
  private final List<LedgerEntry> asked = new ArrayList<>();
  private long characters;
  private long written;

  private record Key(Scope scope, String id) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Known(long id, long version, byte[] digest, @Nullable Long gone, long scan) {}

  ScanRecorder(
      Database database,
      Connection connection,
      Hold hold,
      InstantSource clock,
      Scan scan,
      long begun,
      Set<Scope> covered,
      List<LedgerEntry> hidden) {
    this.database = database;
    // From the keys to the resources, which SQLite takes CROSS JOIN for: the other way round reads
    // all of a scope for every batch.
    this.find =
        "SELECT r.key, r.id, r.version, r.digest, r.gone, s.scan FROM "
            + database.list("k")
            + " CROSS JOIN resource r JOIN sighting s ON s.resource = r.id"
            + " WHERE r.key = k.value AND r.scope = ?";
    this.connection = connection;
    this.hold = hold;
    this.statements = new Statements(connection);
    this.clock = clock;
    this.scan = scan;
    this.begun = begun;
    this.covered = Set.copyOf(covered);
    this.hidden = List.copyOf(hidden);
    this.written = begun;
  }

  @Override
  public long id() {
    return scan.id();
  }

  @Override
  public Set<Scope> covered() {
    return covered;
  }

  @Override
  public Map<String, Version> last(Scope scope, Collection<String> ids) {
    reading.acquireUninterruptibly();
    try {
      Connection idle = readers.poll();
      Connection reader = idle == null ? database.reading() : idle;
      try {
        Map<String, Version> last =
            Reads.last(reader, scope, ids.stream().map(Texts::clean).toList());
        reader.rollback(); // the next one is to see what is written by then
        readers.add(reader);
        return last;
      } catch (SQLException | RuntimeException e) {
        reader.close();
        throw e;
      }
    } catch (SQLException e) {
      throw database.error(e);
    } finally {
      reading.release();
    }
  }

  @Override
  public List<LedgerEntry> hidden() {
    return hidden;
  }

  @Override
  public synchronized void askedAgain(List<LedgerEntry> again) {
    asked.addAll(again);
  }

  @Override
  public void seen(Resource resource, List<Relation> relations) {
    seen(resource, relations, UnaryOperator.identity());
  }

  @Override
  public void seen(Resource seen, List<Relation> named, UnaryOperator<String> lasting) {
    Resource resource = Texts.clean(seen);
    List<Relation> relations = Texts.clean(named);
    String document = resource.document();
    if (!document.startsWith("{") || !document.endsWith("}")) {
      throw new IllegalArgumentException(
          "the document of " + resource.id() + " in " + resource.scope() + " is no JSON object");
    }
    Sight sight =
        Sight.of(resource, relations, lasting); // hashed by the caller's thread, before the lock
    synchronized (this) {
      sights.put(new Key(resource.scope(), resource.id()), sight);
      characters += document.length();
      if (sights.size() >= BATCH
          || characters >= BATCH_CHARACTERS
          || now() > written + FLUSH_MILLIS) {
        flush();
      }
    }
  }

  @Override
  public synchronized void called(LedgerEntry said) {
    LedgerEntry entry = Texts.clean(said);
    entries.merge(
        List.of(
            entry.account(),
            entry.region(),
            entry.service(),
            entry.operation(),
            entry.outcome(),
            entry.code()),
        entry,
        ScanRecorder::sum);
    if (entries.size() >= BATCH) {
      flush();
    }
  }

  @Override
  public void whole(Scope scope) {
    whole(List.of(scope));
  }

  @Override
  public synchronized void whole(Collection<Scope> all) {
    write(
        now -> {
          for (Scope scope : all) {
            statements.update(WHOLE, scan.id(), scope(scope));
            if (scan.filter().isEmpty()) {
              for (long each : covers(scope)) {
                statements.update(RETIRE, now, each, begun);
              }
            }
          }
        });
  }

  @Override
  public synchronized void flush() {
    write(now -> {});
  }

  @Override
  public synchronized void finish(Scan.Status status, Instant ended) {
    write(
        now ->
            statements.update(
                "UPDATE scan SET status = ?, ended = ? WHERE id = ?",
                status.name(),
                ended.toEpochMilli(),
                scan.id()));
    try {
      database.learn(connection);
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  @Override
  public synchronized void close() {
    try (connection;
        hold;
        statements) {
      for (Connection reader : readers) {
        reader.close();
      }
      database.rollback(connection);
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  /** What is written in a batch's transaction besides the batch. */
  private interface Further {
    void write(long now) throws SQLException;
  }

  private void write(Further further) {
    try {
      try {
        database.begin(connection);
        long now = Math.max(now(), begun);
        int seen = sights.isEmpty() ? 0 : writeSights(now);
        for (LedgerEntry entry : asked) {
          forget(entry);
        }
        statements.send(FORGET);
        for (LedgerEntry entry : entries.values()) {
          add(entry);
        }
        statements.send(LEDGER);
        further.write(now);
        statements.update(
            "UPDATE scan SET touched = ?, resources = resources + ? WHERE id = ?",
            now,
            seen,
            scan.id());
        database.commit(connection);
        sights.clear();
        entries.clear();
        asked.clear();
        characters = 0;
        written = now;
      } catch (SQLException | RuntimeException e) {
        statements.forget();
        database.rollback(connection);
        scopes.clear(); // those that the transaction made are gone with it
        throw e;
      }
    } catch (SQLException e) {
      throw database.error(e);
    }
  }

  private static LedgerEntry sum(LedgerEntry before, LedgerEntry next) {
    return new LedgerEntry(
        next.account(),
        next.region(),
        next.service(),
        next.operation(),
        before.calls() + next.calls(),
        before.pages() + next.pages(),
        before.items() + next.items(),
        before.retries() + next.retries(),
        before.time().plus(next.time()),
        next.outcome(),
        next.code(),
        next.message());
  }

  private void forget(LedgerEntry entry) throws SQLException {
    statements.add(
        FORGET,
        scan.id(),
        entry.account(),
        entry.region(),
        entry.service(),
        entry.operation(),
        entry.outcome().name(),
        entry.code());
  }

  private void add(LedgerEntry entry) throws SQLException {
    statements.add(
        LEDGER,
        scan.id(),
        entry.account(),
        entry.region(),
        entry.service(),
        entry.operation(),
        entry.outcome().name(),
        entry.code(),
        entry.message(),
        entry.calls(),
        entry.pages(),
        entry.items(),
        entry.retries(),
        entry.time().toMillis());
  }

  /** Returns how many of them this scan had not seen before. */
  private int writeSights(long now) throws SQLException {
    Map<Key, Known> known = find();
    long resources = next("resource");
    long versions = next("version");
    int seen = 0;
    for (Map.Entry<Key, Sight> each : sights.entrySet()) {
      Sight sight = each.getValue();
      Known before = known.get(each.getKey());
      if (before == null) {
        insert(resources, versions, sight, now);
        statements.add(SIGHTING, resources, scan.id(), now);
        resources++;
        versions++;
        seen++;
        continue;
      }
      if (before.gone() != null) {
        statements.add(ABSENCE, before.id(), before.gone(), now);
        statements.add(BACK, before.id());
      }
      if (!Arrays.equals(sight.digest(), before.digest()) && change(before, versions, sight, now)) {
        versions++;
      }
      statements.add(SIGHTING, before.id(), scan.id(), now);
      seen += before.scan() == scan.id() ? 0 : 1;
    }
    statements.send(NEW_RESOURCE, NEW_VERSION, REFRESH, CHANGE_RESOURCE, ABSENCE, BACK, SIGHTING);
    statements.send(NO_TAGS, TAG, NO_RELATIONS, RELATION, database.index(), database.reindex());
    return seen;
  }

  private Map<Key, Known> find() throws SQLException {
    Map<Scope, List<String>> ids = new LinkedHashMap<>();
    for (Key key : sights.keySet()) {
      ids.computeIfAbsent(key.scope(), scope -> new ArrayList<>()).add(key.id());
    }
    Map<Key, Known> known = new HashMap<>();
    for (Map.Entry<Scope, List<String>> each : ids.entrySet()) {
      String keys = JSON.writeValueAsString(each.getValue());
      try (ResultSet row = statements.of(find, keys, scope(each.getKey())).executeQuery()) {
        while (row.next()) {
          long gone = row.getLong(5); // 0 for NULL
          known.put(
              new Key(each.getKey(), row.getString(1)),
              new Known(
                  row.getLong(2),
                  row.getLong(3),
                  row.getBytes(4),
                  gone == 0 ? null : Long.valueOf(gone),
                  row.getLong(6)));
        }
      }
    }
    return known;
  }

  private void insert(long id, long version, Sight sight, long now) throws SQLException {
    Resource resource = sight.resource();
    statements.add(
        NEW_RESOURCE,
        id,
        scope(resource.scope()),
        resource.id(),
        resource.arn(),
        resource.name(),
        resource.isDefault() ? 1 : 0,
        millis(resource),
        resource.parent(),
        now,
        version,
        sight.digest());
    statements.add(NEW_VERSION, version, id, now, scan.id(), sight.tags(), resource.document());
    describe(id, sight, database.index());
  }

  /** Returns whether the document or the tags changed, and not merely what was made of them. */
  private boolean change(Known before, long version, Sight sight, long now) throws SQLException {
    Resource resource = sight.resource();
    boolean changed = true;
    boolean stale = false;
    try (ResultSet row =
        statements
            .of("SELECT tags, document FROM version WHERE id = ?", before.version())
            .executeQuery()) {
      if (row.next()) {
        String document = row.getString(2);
        stale = !document.equals(resource.document());
        changed =
            !row.getString(1).equals(sight.tags())
                || (stale
                    && !alike(
                        sight.lasting().apply(document),
                        sight.lasting().apply(resource.document())));
      }
    }
    if (changed) {
      statements.add(
          NEW_VERSION, version, before.id(), now, scan.id(), sight.tags(), resource.document());
    } else if (stale) {
      statements.add(REFRESH, resource.document(), before.version());
    }
    statements.add(
        CHANGE_RESOURCE,
        resource.arn(),
        resource.name(),
        resource.isDefault() ? 1 : 0,
        millis(resource),
        resource.parent(),
        changed ? version : before.version(),
        sight.digest(),
        before.id());
    statements.add(NO_TAGS, before.id());
    statements.add(NO_RELATIONS, before.id());
    describe(before.id(), sight, database.reindex());
    return changed;
  }

  /** In whichever order members are: what was carried on comes last. */
  private static boolean alike(String document, String other) {
    return document.equals(other) || JSON.readTree(document).equals(JSON.readTree(other));
  }

  private void describe(long id, Sight sight, String index) throws SQLException {
    for (Map.Entry<String, String> tag : sight.resource().tags().entrySet()) {
      statements.add(TAG, id, tag.getKey(), tag.getValue());
    }
    for (Relation relation : sight.relations()) {
      statements.add(RELATION, id, relation.path(), relation.target());
    }
    statements.add(index, id, Words.of(sight.resource()));
  }

  private static @Nullable Long millis(Resource resource) {
    return resource.created().map(Instant::toEpochMilli).orElse(null);
  }

  private long next(String table) throws SQLException {
    try (ResultSet row =
        statements.of("SELECT coalesce(max(id), 0) + 1 FROM " + table).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private long scope(Scope scope) throws SQLException {
    Long id = scopes.get(scope);
    if (id == null) {
      id = findScope(scope);
      scopes.put(scope, id);
    }
    return id;
  }

  private long findScope(Scope scope) throws SQLException {
    try (ResultSet row =
        statements
            .of(
                "SELECT id FROM scope WHERE service = ? AND type = ? AND account = ? AND region = ?",
                scope.service(),
                scope.type(),
                scope.account(),
                scope.region())
            .executeQuery()) {
      if (row.next()) {
        return row.getLong(1);
      }
    }
    long id = next("scope");
    statements.update(
        "INSERT INTO scope (id, account, service, region, type) VALUES (?, ?, ?, ?, ?)",
        id,
        scope.account(),
        scope.service(),
        scope.region(),
        scope.type());
    return id;
  }

  private Set<Long> covers(Scope scope) throws SQLException {
    Set<Long> ids = new HashSet<>();
    if (!scope.region().equals(Scope.GLOBAL)) {
      ids.add(scope(scope));
      return ids;
    }
    try (ResultSet row =
        statements
            .of(
                "SELECT id FROM scope WHERE service = ? AND type = ? AND account = ?",
                scope.service(),
                scope.type(),
                scope.account())
            .executeQuery()) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  private long now() {
    return clock.millis();
  }
}
