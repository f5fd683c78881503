package dev.freeway.controlplane.serve;

import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server of a small inventory that was scanned twice, with hostile names. */
final class Served implements AutoCloseable {
  static final String HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
  static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  static final Scope VOLUMES = Samples.scope("ec2", "eu-west-1", "volume");

  final Store store;
  final Server server;
  private final Clock clock = new Clock();

  Served(Path directory) throws IOException {
    this(directory, (_, _) -> new Understanding.Not("I did not understand", List.of()));
  }

  Served(Path directory, Questions questions) throws IOException {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    scan("t3.small", true);
    clock.pass(3600);
    scan("t3.large", false);
    server =
        Server.start(
            store,
            () -> NamedQueries.load(List.of()),
            questions,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /** Scans once more. */
  void scan(String type, boolean withGone) {
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(
          Samples.resource(
              INSTANCES,
              "i-web",
              "{\"InstanceType\":\"" + type + "\",\"VolumeId\":\"vol-1\"}",
              Map.of("Name", HOSTILE, "Owner", "ann")),
          List.of(new Relation(INSTANCES, "i-web", "VolumeId", "vol-1")));
      if (withGone) {
        writer.seen(Samples.resource(INSTANCES, "i-gone", "{}"), List.of());
      }
      writer.seen(
          Samples.resource(VOLUMES, "vol-1", "{\"State\":\"available\",\"Size\":8}"), List.of());
      writer.called(
          new LedgerEntry(
              Samples.ACCOUNT,
              "eu-west-1",
              "ec2",
              "DescribeAddresses",
              1,
              0,
              0,
              0,
              Duration.ZERO,
              LedgerEntry.Outcome.DENIED,
              "AccessDenied",
              HOSTILE));
      writer.whole(INSTANCES);
      clock.pass(60);
      writer.finish(Scan.Status.PARTIAL, clock.instant());
    }
  }

  String url() {
    return server.url();
  }

  @Override
  public void close() {
    server.close();
  }
}
