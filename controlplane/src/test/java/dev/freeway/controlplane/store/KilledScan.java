package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Scope;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A scan that goes on until it is killed: instances one by one, each flush told on standard output
 * with how many are in.
 */
final class KilledScan {
  static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");

  private KilledScan() {}

  /** Writes for ever; the argument is the database's file. */
  public static void main(String[] arguments) {
    Store store = Store.open(new StoreAddress.Sqlite(Path.of(arguments[0])));
    ScanWriter writer = Samples.scan(store, Instant.now());
    for (int i = 0; ; i++) {
      writer.seen(
          Samples.resource(INSTANCES, "i-" + i, "{\"N\":\"" + "x".repeat(2000) + i + "\"}"),
          List.of());
      if (i % 50 == 49) {
        writer.flush();
        System.out.println(i + 1);
        System.out.flush();
      }
    }
  }
}
