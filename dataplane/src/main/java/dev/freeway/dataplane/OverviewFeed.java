package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.Feed;
import dev.freeway.dataplane.admin.Page;
import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.Condition;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.kube.InputStatus;
import dev.freeway.dataplane.sync.Announced;
import dev.freeway.dataplane.sync.Snapshot;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Overviews as they become, for those who follow: each from what is known at that moment. */
final class OverviewFeed implements Feed {
  /** Where each part is from. */
  record Sources(
      Supplier<Snapshot> snapshots,
      Supplier<InputStatus> input,
      RecentChanges changes,
      DoctorRounds doctor,
      String node,
      boolean relay) {}

  private static final Overview.Condition SERVING =
      new Overview.Condition(Overview.State.SERVING, "");
  private static final Overview.Condition DRAINING =
      new Overview.Condition(
          Overview.State.DRAINING, "weight 0: keeps its connections, gets no new ones");
  private static final Overview.Condition UNKNOWN =
      new Overview.Condition(Overview.State.UNKNOWN, "");

  private final Sources sources;
  private final Function<Snapshot, Optional<String>> unready;
  private final LongSupplier clock;
  private final InstantSource time;
  private Optional<Overview> told = Optional.empty();

  /**
   * A feed.
   *
   * @param unready why the router is not ready
   * @param clock of the snapshots and of the input, in nanoseconds
   */
  OverviewFeed(
      Sources sources,
      Function<Snapshot, Optional<String>> unready,
      LongSupplier clock,
      InstantSource time) {
    this.sources = sources;
    this.unready = unready;
    this.clock = clock;
    this.time = time;
  }

  @Override
  public Optional<String> changes() {
    Overview now = now();
    Optional<String> changes =
        told.map(before -> OverviewDocument.changes(before, now))
            .orElseGet(() -> Optional.of(JsonOutput.line(json -> {})));
    told = Optional.of(now);
    return changes;
  }

  @Override
  public String whole() {
    Overview last = told.orElseGet(this::now);
    return JsonOutput.line(json -> OverviewDocument.whole(json, last));
  }

  /** The whole, as a page of its own. */
  Page page() {
    Overview now = now();
    String json = JsonOutput.line(out -> OverviewDocument.whole(out, now)) + "\n";
    return new Page(200, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  private Overview now() {
    Snapshot snapshot = sources.snapshots.get();
    InputStatus input = sources.input.get();
    Map<ServiceKey, Map<DestinationKey, Overview.Condition>> conditions = conditions(snapshot);
    SortedMap<String, Overview.Service> services = new TreeMap<>();
    for (ObservedService seen : snapshot.table()) {
      String name =
          seen.value().map(value -> value.key().toString()).orElse("fwmark " + seen.firewallMark());
      services.put(name, service(snapshot, seen, conditions));
    }
    return new Overview(
        new Overview.Times(
            time.millis(),
            snapshot.dumpedNanos() == 0 ? 0 : millis(snapshot.dumpedNanos()),
            millis(input.usableNanos())),
        new Overview.About(
            sources.node,
            sources.relay,
            unready.apply(snapshot).orElse(""),
            snapshot.draining(),
            snapshot.repaired(),
            RecentChanges.BOUNDS_MICROS),
        services,
        sources.changes.entries(),
        sources.changes.latency(),
        problems(snapshot, input),
        sources.doctor.latest());
  }

  /** A moment of the clock in milliseconds since the epoch. */
  private long millis(long nanos) {
    return time.millis() - (clock.getAsLong() - nanos) / 1_000_000;
  }

  private static Overview.Service service(
      Snapshot snapshot,
      ObservedService seen,
      Map<ServiceKey, Map<DestinationKey, Overview.Condition>> conditions) {
    boolean ours = snapshot.ours(seen);
    List<String> scheduler = new ArrayList<>(List.of(StateDocument.schedulerName(seen)));
    scheduler.addAll(StateDocument.flags(seen));
    Optional<ServiceKey> key = seen.value().map(VirtualService::key);
    return new Overview.Service(
        ours,
        key.filter(_ -> ours).map(one -> snapshot.owners().getOrDefault(one, "")).orElse(""),
        String.join(",", scheduler),
        key.map(service -> answers(snapshot, service)).orElse(""),
        seen.statistics(),
        backends(
            seen,
            key.filter(_ -> ours)
                .map(one -> conditions.getOrDefault(one, Map.of()))
                .orElse(Map.of()),
            ours));
  }

  private static Map<ServiceKey, Map<DestinationKey, Overview.Condition>> conditions(
      Snapshot snapshot) {
    Map<ServiceKey, Map<DestinationKey, Overview.Condition>> conditions = new HashMap<>();
    snapshot
        .conditions()
        .forEach(
            (which, condition) ->
                conditions
                    .computeIfAbsent(which.service(), _ -> new HashMap<>())
                    .put(which.destination(), condition(condition)));
    return conditions;
  }

  private static Overview.Condition condition(Condition condition) {
    return new Overview.Condition(
        switch (condition.state()) {
          case DRAINING, LEAVING -> Overview.State.DRAINING;
          case OUT, PANIC -> Overview.State.FAILING; // out of the table: removed
          case WARMING -> Overview.State.SERVING;
          case UNCHECKED -> Overview.State.UNKNOWN;
        },
        condition.reason());
  }

  private static String answers(Snapshot snapshot, ServiceKey service) {
    Announced.Answerer answerer = snapshot.announced().addresses().get(service.address());
    if (answerer == null) {
      return "";
    }
    return answerer.here()
        ? "answers on " + answerer.link()
        : answerer.router().isEmpty() ? "silent" : "silent: " + answerer.router() + " answers";
  }

  private static List<Overview.Backend> backends(
      ObservedService seen, Map<DestinationKey, Overview.Condition> known, boolean ours) {
    SortedMap<DestinationKey, Overview.Backend> backends = new TreeMap<>();
    known.forEach(
        (key, condition) ->
            backends.put(
                key,
                new Overview.Backend(
                    key.toString(), absent(condition), "", -1, 0, 0, Statistics.NONE)));
    for (ObservedDestination one : seen.destinations()) {
      Destination value = one.value();
      Overview.Condition otherwise = !ours ? UNKNOWN : value.weight() == 0 ? DRAINING : SERVING;
      String encapsulation = StateDocument.encapsulation(value);
      backends.put(
          value.key(),
          new Overview.Backend(
              value.key().toString(),
              known.getOrDefault(value.key(), otherwise),
              StateDocument.forwarding(value)
                  + (encapsulation.isEmpty() ? "" : " " + encapsulation),
              value.weight(),
              one.activeConnections(),
              one.inactiveConnections(),
              one.statistics()));
    }
    return List.copyOf(backends.values());
  }

  /** How one is that fails, and is not in the table for that. */
  private static Overview.Condition absent(Overview.Condition condition) {
    return condition.state() == Overview.State.FAILING
        ? new Overview.Condition(Overview.State.REMOVED, condition.reason())
        : condition;
  }

  private static List<Overview.Problem> problems(Snapshot snapshot, InputStatus input) {
    List<Overview.Problem> problems = new ArrayList<>();
    snapshot
        .held()
        .ifPresent(
            reason ->
                problems.add(
                    new Overview.Problem(
                        "held", new InputError("", "", "", reason, "the same at a second look"))));
    snapshot.panicking().stream()
        .sorted()
        .forEach(
            key ->
                problems.add(
                    new Overview.Problem(
                        "panic",
                        new InputError(
                            "",
                            snapshot.owners().getOrDefault(key, ""),
                            key.toString(),
                            "so many backends are not well that all are used",
                            "backends that pass their checks"))));
    input.frozen().forEach(error -> problems.add(new Overview.Problem("frozen", error)));
    input.refused().stream()
        .filter(name -> input.errors().stream().noneMatch(error -> isOf(name, error)))
        .sorted()
        .forEach(
            name ->
                problems.add(
                    new Overview.Problem(
                        "refused", new InputError("", "Service " + name, "", "", ""))));
    input.errors().forEach(error -> problems.add(new Overview.Problem("error", error)));
    input.unchecked().forEach(error -> problems.add(new Overview.Problem("unchecked", error)));
    Failures.of(snapshot.errors(), snapshot.refused())
        .forEach(error -> problems.add(new Overview.Problem("error", error)));
    return problems;
  }

  /** Whether an error says already that a Service is refused. */
  private static boolean isOf(String service, InputError error) {
    return error.document().contains("Service " + service + ")");
  }
}
