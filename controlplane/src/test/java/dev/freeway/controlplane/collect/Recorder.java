package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ScanWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps what a scan hands on. */
final class Recorder implements ScanWriter {
  private static final JsonMapper JSON = new JsonMapper();

  private final List<Resource> resources = new CopyOnWriteArrayList<>();
  private final List<Relation> relations = new CopyOnWriteArrayList<>();
  private final List<LedgerEntry> ledger = new CopyOnWriteArrayList<>();
  private final Set<Scope> whole = new ConcurrentSkipListSet<>();
  private volatile Optional<Scan.Status> status = Optional.empty();
  private volatile Consumer<Resource> watcher = _ -> {};

  /** Is told of each resource. */
  void watch(Consumer<Resource> watcher) {
    this.watcher = watcher;
  }

  List<Resource> resources() {
    return resources;
  }

  List<Relation> relations() {
    return relations;
  }

  List<LedgerEntry> ledger() {
    return ledger;
  }

  Set<Scope> whole() {
    return whole;
  }

  Scan.Status status() {
    return status.orElseThrow();
  }

  List<String> ids(String type) {
    return resources.stream()
        .filter(one -> one.scope().type().equals(type))
        .map(Resource::id)
        .sorted()
        .toList();
  }

  Resource resource(String id) {
    return resources.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }

  JsonNode document(String id) {
    return JSON.readTree(resource(id).document());
  }

  LedgerEntry entry(String operation) {
    List<LedgerEntry> found =
        ledger.stream().filter(one -> one.operation().equals(operation)).toList();
    if (found.size() != 1) {
      throw new IllegalStateException(operation + " in " + ledger);
    }
    return found.getFirst();
  }

  @Override
  public long id() {
    return 1;
  }

  @Override
  public void seen(Resource resource, List<Relation> named) {
    resources.add(resource);
    relations.addAll(named);
    watcher.accept(resource);
  }

  @Override
  public void called(LedgerEntry entry) {
    ledger.add(entry);
  }

  @Override
  public void whole(Scope scope) {
    whole.add(scope);
  }

  @Override
  public void flush() {}

  @Override
  public void finish(Scan.Status ended, Instant at) {
    status = Optional.of(ended);
  }

  @Override
  public void close() {}
}
