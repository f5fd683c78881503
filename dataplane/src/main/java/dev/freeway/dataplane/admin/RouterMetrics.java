package dev.freeway.dataplane.admin;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Condition;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.sync.Snapshot;
import dev.freeway.dataplane.sync.SyncListener;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;

/**
 * What is measured, as Prometheus text. Counters and timers are told by the writer; gauges and what
 * the kernel counts are read from the last snapshot when somebody asks.
 */
public final class RouterMetrics implements SyncListener {
  // Micrometer's names: Prometheus sees ipvs_router_event_to_kernel_seconds_bucket, and so on.
  /** From the receipt of an event to the kernel's last acknowledgement of it. */
  public static final String EVENT_TO_KERNEL = "ipvs.router.event.to.kernel";

  /** The same for changes of endpoints alone, which is what users wait for. */
  public static final String ENDPOINT_EVENT_TO_KERNEL = "freeway.endpoint.event.to.kernel";

  /** Time in the kernel for each batch of changes. */
  public static final String KERNEL = "ipvs.router.kernel";

  /** Changes of the table, by action and kind. */
  public static final String CHANGES = "ipvs.router.changes";

  /** Changes of other programs that were undone. */
  public static final String REPAIRED = "ipvs.router.repaired";

  /** Destinations of {@code mh} that were put back into the order that routers agree on. */
  public static final String REORDERED = "ipvs.router.reordered.destinations";

  /** Changes of the machine around the table: addresses, sysctls, modules, source NAT. */
  public static final String HOST_CHANGES = "ipvs.router.host.changes";

  /** Readings of the whole table, repairs included. */
  public static final String AUDIT = "ipvs.router.audit";

  /** 1 once a first whole desired state is programmed, but for what is refused. */
  public static final String PROGRAMMED = "ipvs.router.programmed";

  /** Changes that the kernel refuses now. */
  public static final String ERRORS = "ipvs.router.errors";

  /** Services that are refused now, for their manifest or for another program. */
  public static final String REFUSED = "ipvs.router.refused.services";

  /** Destinations that keep their connections and get no new ones. */
  public static final String DRAINING = "ipvs.router.draining.destinations";

  /** Destinations that were removed after they had drained. */
  public static final String DRAINED = "ipvs.router.drained.destinations";

  /** Parts of the input that cannot be used now. */
  public static final String FROZEN = "ipvs.router.input.frozen";

  /** 1 while a desired state that lost too much at once waits for a second look. */
  public static final String HELD = "ipvs.router.input.held";

  /** Since all of the input could last be read and used. */
  public static final String INPUT_AGE = "ipvs.router.input.age";

  /** Services in the table, by owner. */
  public static final String SERVICES = "ipvs.router.services";

  /** Destinations in the table, by owner. */
  public static final String DESTINATIONS = "ipvs.router.destinations";

  /** Desired destinations that do not serve as the others, by why. */
  public static final String UNWELL = "ipvs.router.unwell.destinations";

  /** Services of which so many destinations are not well that all are used. */
  public static final String PANICKING = "ipvs.router.panicking.services";

  /** Destinations that were taken out for their health. */
  public static final String TAKEN_OUT = "ipvs.router.taken.out.destinations";

  /** Addresses that this router answers for on layer-2 networks, or holds silently. */
  public static final String ADDRESSES = "ipvs.router.addresses";

  /** Connections at once of all services, where the program carries them itself. */
  public static final String RELAY_CONNECTIONS = "ipvs.router.relay.connections";

  /** As many of them as heap and descriptors allow; more wait in the kernel's queue. */
  public static final String RELAY_LIMIT = "ipvs.router.relay.connections.limit";

  /** Times that there began to be no room for more of them, as the log says it. */
  public static final String RELAY_FULL = "ipvs.router.relay.full";

  private static final Duration[] BUCKETS =
      LongStream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 4000, 8000, 16000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private static final Duration[] ENDPOINT_BUCKETS =
      LongStream.of(1, 5, 10, 25, 50, 100).mapToObj(Duration::ofMillis).toArray(Duration[]::new);

  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final Path STATUS = Path.of("/proc/self/status");

  /** Where gauges read. */
  public interface Source {
    /** The writer's last snapshot. */
    Snapshot snapshot();

    /** Parts of the input that cannot be used. */
    int frozen();

    /** Services that the input refuses. */
    int refused();

    /** Nanoseconds since all of the input could be used. */
    long inputAgeNanos();
  }

  private final PrometheusMeterRegistry registry;
  private final Timer events;
  private final Timer endpointEvents;
  private final Timer kernel;
  private final Timer audits;
  private final Counter repaired;
  private final Counter drained;
  private final Counter takenOut;
  private final Counter reordered;
  private final Counter hostChanges;
  private final Map<Change.Action, Map<Change.Kind, Counter>> changes =
      new EnumMap<>(Change.Action.class);

  /**
   * Metrics, all at zero.
   *
   * @param perDestination whether each destination has series of its own
   */
  public RouterMetrics(Source source, boolean perDestination) {
    PrometheusRegistry prometheus = new PrometheusRegistry();
    registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, Clock.SYSTEM);
    events =
        Timer.builder(EVENT_TO_KERNEL)
            .description("From the receipt of an event to the kernel's acknowledgement.")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    endpointEvents =
        Timer.builder(ENDPOINT_EVENT_TO_KERNEL)
            .description(
                "From the receipt of a change of endpoints to the kernel's acknowledgement.")
            .serviceLevelObjectives(ENDPOINT_BUCKETS)
            .register(registry);
    kernel =
        Timer.builder(KERNEL)
            .description("Time in the kernel, for each batch of changes.")
            .register(registry);
    audits =
        Timer.builder(AUDIT)
            .description("Reading and comparing the whole table, repairs included.")
            .register(registry);
    repaired = counter(REPAIRED, "Changes of other programs that were undone.");
    takenOut = counter(TAKEN_OUT, "Destinations that were taken out for their health.");
    drained = counter(DRAINED, "Destinations removed after they had drained.");
    reordered = counter(REORDERED, "Destinations of mh put into the order that routers agree on.");
    hostChanges = counter(HOST_CHANGES, "Changes of addresses, sysctls, modules and source NAT.");
    for (Change.Action action : Change.Action.values()) {
      Map<Change.Kind, Counter> kinds = new EnumMap<>(Change.Kind.class);
      for (Change.Kind kind : Change.Kind.values()) {
        kinds.put(
            kind,
            Counter.builder(CHANGES)
                .description("Changes of the kernel's table.")
                .tags("action", word(action), "kind", word(kind))
                .register(registry));
      }
      changes.put(action, kinds);
    }
    gauges(source);
    process();
    prometheus.register(new TableCollector(source::snapshot, perDestination));
  }

  /**
   * Adds what a relay carries.
   *
   * @param connections at once, now
   * @param limit how many there may be
   * @param full how often it was said that there is no room for more
   */
  public void relay(IntSupplier connections, IntSupplier limit, LongSupplier full) {
    Gauge.builder(RELAY_CONNECTIONS, connections::getAsInt)
        .description("Connections at once of all services.")
        .register(registry);
    Gauge.builder(RELAY_LIMIT, limit::getAsInt)
        .description("As many of them as heap and descriptors allow.")
        .register(registry);
    // What it is given to read is kept weakly: nothing that only it has.
    FunctionCounter.builder(RELAY_FULL, registry, _ -> full.getAsLong())
        .description("Times that there began to be no room for more of them.")
        .register(registry);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private Counter counter(String name, String help) {
    return Counter.builder(name).description(help).register(registry);
  }

  private void gauges(Source source) {
    gauge(
        PROGRAMMED,
        "1 once a first whole desired state is programmed.",
        source,
        s -> s.snapshot().programmed() ? 1 : 0);
    gauge(
        ERRORS, "Changes that the kernel refuses now.", source, s -> s.snapshot().errors().size());
    gauge(
        REFUSED,
        "Services that are refused now.",
        source,
        s -> s.refused() + s.snapshot().refused().size());
    gauge(DRAINING, "Destinations that drain.", source, s -> s.snapshot().draining());
    gauge(FROZEN, "Parts of the input that cannot be used now.", source, Source::frozen);
    gauge(
        HELD,
        "1 while a desired state waits for a second look.",
        source,
        s -> s.snapshot().held().isPresent() ? 1 : 0);
    TimeGauge.builder(INPUT_AGE, source, TimeUnit.NANOSECONDS, Source::inputAgeNanos)
        .description("Since all of the input could last be read and used.")
        .register(registry);
    for (Condition.State state : Condition.State.values()) {
      Gauge.builder(
              UNWELL,
              source,
              s ->
                  s.snapshot().conditions().values().stream()
                      .filter(condition -> condition.state() == state)
                      .count())
          .description("Desired destinations that do not serve as the others.")
          .tags(Tags.of("state", word(state)))
          .register(registry);
    }
    gauge(
        PANICKING,
        "Services of which so many destinations are not well that all are used.",
        source,
        s -> s.snapshot().panicking().size());
    for (boolean here : List.of(true, false)) {
      Gauge.builder(ADDRESSES, source, s -> s.snapshot().announced().count(here))
          .description("Addresses of services on layer-2 networks (--announce l2).")
          .tags(Tags.of("state", here ? "announced" : "silent"))
          .register(registry);
    }
    for (boolean ours : List.of(true, false)) {
      Tags owner = Tags.of("owner", ours ? "ours" : "foreign");
      Gauge.builder(SERVICES, source, s -> count(s.snapshot(), ours, _ -> 1))
          .description("Services in the kernel's table.")
          .tags(owner)
          .register(registry);
      Gauge.builder(
              DESTINATIONS,
              source,
              s -> count(s.snapshot(), ours, one -> one.destinations().size()))
          .description("Destinations in the kernel's table.")
          .tags(owner)
          .register(registry);
    }
  }

  private static double count(
      Snapshot snapshot, boolean ours, ToDoubleFunction<ObservedService> each) {
    double sum = 0;
    for (ObservedService service : snapshot.table()) {
      if (snapshot.ours(service) == ours) {
        sum += each.applyAsDouble(service);
      }
    }
    return sum;
  }

  private void gauge(String name, String help, Source source, ToDoubleFunction<Source> value) {
    Gauge.builder(name, source, value).description(help).register(registry);
  }

  private void process() {
    long start = System.nanoTime();
    Runtime runtime = Runtime.getRuntime();
    TimeGauge.builder(
            "process.uptime", runtime, TimeUnit.NANOSECONDS, _ -> System.nanoTime() - start)
        .description("Since the program's start.")
        .register(registry);
    Gauge.builder("process.resident.memory", runtime, _ -> residentBytes())
        .description("Resident set size.")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("jvm.memory.used", runtime, r -> r.totalMemory() - r.freeMemory())
        .description("Heap in use, garbage included.")
        .baseUnit("bytes")
        .tag("area", "heap")
        .register(registry);
    Gauge.builder("jvm.memory.max", runtime, Runtime::maxMemory)
        .description("The most that the heap can be.")
        .baseUnit("bytes")
        .tag("area", "heap")
        .register(registry);
  }

  private static double residentBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024.0;
        }
      }
    } catch (IOException _) {
      // no /proc: not known
    }
    return Double.NaN;
  }

  @Override
  public void programmed(Event event, long nanos) {
    events.record(nanos, TimeUnit.NANOSECONDS);
    if (event instanceof Event.EndpointsChanged) {
      endpointEvents.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void changed(List<Change> done, long kernelNanos) {
    kernel.record(kernelNanos, TimeUnit.NANOSECONDS);
    for (Change change : done) {
      count(change);
      if (change.drained()) { // one that was out for its health has weight 0 as well
        drained.increment();
      }
    }
  }

  private void count(Change change) {
    Map<Change.Kind, Counter> kinds = changes.get(change.action());
    Counter counter = kinds == null ? null : kinds.get(change.kind());
    if (counter != null) {
      counter.increment();
    }
  }

  @Override
  public void tookOut(ServiceDestination of, String owner, String reason) {
    takenOut.increment();
  }

  @Override
  public void audited(long nanos) {
    audits.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void reordered(int destinations) {
    reordered.increment(destinations);
  }

  @Override
  public void hostChanged(List<HostChange> done) {
    hostChanges.increment(done.size());
  }

  @Override
  public void repaired(long count) {
    repaired.increment((double) count);
  }

  /** Everything, in Prometheus' text format. */
  public Page page() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      registry.scrape(out, TEXT);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return new Page(200, TEXT, out.toByteArray());
  }
}
