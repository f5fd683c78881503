package dev.freeway.controlplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnseenTest {
  private final Clock clock = new Clock();
  private final Store store;

  UnseenTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
  }

  private void scan(LedgerEntry... calls) {
    try (ScanWriter writer = Samples.scan(store, clock.pass(3600))) {
      List.of(calls).forEach(writer::called);
      writer.finish(Scan.Status.PARTIAL, clock.instant());
    }
  }

  private static LedgerEntry call(String service, String operation, String region, Outcome how) {
    return new LedgerEntry(
        Samples.ACCOUNT, region, service, operation, 1, 0, 0, 0, Duration.ZERO, how, "", "");
  }

  @Test
  void isWhatNoNewerScanMadeGoodInItsOrder() {
    scan(
        call("sqs", "ListQueues", "us-east-1", Outcome.DENIED),
        call("sqs", "ListQueues", "eu-west-1", Outcome.DENIED),
        call("ec2", "DescribeVolumes", "eu-west-1", Outcome.THROTTLED),
        call("ec2", "DescribeImages", "eu-west-1", Outcome.SKIPPED),
        call("ec2", "DescribeHosts", "eu-west-1", Outcome.NOT_HERE),
        call("ec2", "DescribeVpcs", "eu-west-1", Outcome.OK));
    scan(
        call("sqs", "ListQueues", "us-east-1", Outcome.OK),
        call("ec2", "DescribeVolumes", "eu-west-1", Outcome.NOT_HERE),
        call("sns", "ListTopics", "eu-west-1", Outcome.UNREACHABLE));
    assertThat(
            Unseen.of(store, store.scans()).stream()
                .map(one -> one.service() + " " + one.operation() + " " + one.region()))
        .containsExactly(
            "ec2 DescribeImages eu-west-1", "sns ListTopics eu-west-1", "sqs ListQueues eu-west-1");
  }
}
