package dev.freeway.dataplane.admin;

import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.sync.Snapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What the kernel counts for our services, made from the last snapshot when asked: no meter is kept
 * for a service, so none outlives it, and thousands cost nothing between two questions.
 */
final class TableCollector implements MultiCollector {
  /** Prefix of the series of each service. */
  static final String SERVICE = "ipvs_router_service_";

  /** Prefix of the series of each destination. */
  static final String DESTINATION = "ipvs_router_destination_";

  private final Supplier<Snapshot> snapshots;
  private final boolean perDestination;

  TableCollector(Supplier<Snapshot> snapshots, boolean perDestination) {
    this.snapshots = snapshots;
    this.perDestination = perDestination;
  }

  /** A series' labels with what the kernel counts for it. */
  private record Row(
      Labels labels,
      Statistics statistics,
      long active,
      long inactive,
      long weight,
      boolean withoutBackend) {}

  @Override
  public MetricSnapshots collect() {
    Snapshot snapshot = snapshots.get();
    List<Row> services = new ArrayList<>();
    List<Row> destinations = new ArrayList<>();
    for (ObservedService service : snapshot.table()) {
      if (!snapshot.ours(service)) {
        continue;
      }
      ServiceKey key = service.value().orElseThrow().key();
      Labels labels =
          Labels.of(
              "protocol",
              key.protocol().name().toLowerCase(Locale.ROOT),
              "address",
              key.address().toString(),
              "port",
              Integer.toString(key.port()));
      long active = 0;
      long inactive = 0;
      for (ObservedDestination destination : service.destinations()) {
        active += destination.activeConnections();
        inactive += destination.inactiveConnections();
        if (perDestination) {
          destinations.add(
              new Row(
                  labels.add("destination", destination.value().key().toString()),
                  destination.statistics(),
                  destination.activeConnections(),
                  destination.inactiveConnections(),
                  destination.value().weight(),
                  false));
        }
      }
      services.add(
          new Row(
              labels,
              service.statistics(),
              active,
              inactive,
              service.destinations().size(),
              snapshot.withoutBackend().contains(key)));
    }
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    series(all, SERVICE, services);
    gauge(all, SERVICE + "destinations", "Destinations of the service.", services, Row::weight);
    gauge(
        all,
        SERVICE + "without_backend",
        "1 where the service has endpoints, ready or not, and none of them serves.",
        services,
        row -> row.withoutBackend ? 1 : 0);
    if (perDestination) {
      series(all, DESTINATION, destinations);
      gauge(all, DESTINATION + "weight", "Weight in the kernel.", destinations, Row::weight);
    }
    return all.build();
  }

  private static void series(MetricSnapshots.Builder all, String prefix, List<Row> rows) {
    counter(all, prefix + "connections", "Connections.", rows, r -> r.statistics().connections());
    counter(
        all, prefix + "in_packets", "Packets from clients.", rows, r -> r.statistics().inPackets());
    counter(
        all,
        prefix + "out_packets",
        "Packets to clients that passed this machine.",
        rows,
        r -> r.statistics().outPackets());
    counter(all, prefix + "in_bytes", "Bytes from clients.", rows, r -> r.statistics().inBytes());
    counter(
        all,
        prefix + "out_bytes",
        "Bytes to clients that passed this machine.",
        rows,
        r -> r.statistics().outBytes());
    gauge(all, prefix + "active_connections", "Established connections.", rows, Row::active);
    gauge(all, prefix + "inactive_connections", "Other connections.", rows, Row::inactive);
  }

  private static void counter(
      MetricSnapshots.Builder all,
      String name,
      String help,
      List<Row> rows,
      ToLongFunction<Row> value) {
    CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
    for (Row row : rows) {
      counter.dataPoint(
          CounterDataPointSnapshot.builder()
              .labels(row.labels)
              .value((double) value.applyAsLong(row))
              .build());
    }
    all.metricSnapshot(counter.build());
  }

  private static void gauge(
      MetricSnapshots.Builder all,
      String name,
      String help,
      List<Row> rows,
      ToLongFunction<Row> value) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    for (Row row : rows) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(row.labels)
              .value((double) value.applyAsLong(row))
              .build());
    }
    all.metricSnapshot(gauge.build());
  }
}
