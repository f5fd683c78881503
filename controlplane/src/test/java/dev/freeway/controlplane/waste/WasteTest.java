package dev.freeway.controlplane.waste;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules over an inventory, and what they do not claim. */
class WasteTest {
  private static final Instant NOW = Instant.parse("2026-11-30T00:00:00Z");
  private static final String OTHER = "999999999999";

  private final Store store;

  WasteTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
  }

  private void seen(Resource... resources) {
    try (ScanWriter writer = Samples.scan(store, NOW)) {
      for (Resource each : resources) {
        writer.seen(each, List.of());
      }
      writer.flush();
    }
  }

  private static Resource volume(String account, String region, String id, boolean isDefault) {
    return new Resource(
        new Scope(account, "ec2", region, "volume"),
        id,
        "",
        id,
        isDefault,
        Optional.empty(),
        "",
        new TreeMap<>(),
        "{\"State\":\"available\",\"Size\":8}");
  }

  private List<String> found(boolean defaults, LedgerEntry... unseen) {
    return Waste.find(
            store,
            ResourceFilter.CURRENT,
            Arrays.asList(WasteRule.values()),
            List.of(unseen),
            Duration.ofDays(90),
            defaults,
            NOW)
        .stream()
        .map(
            finding ->
                finding.resource().scope().account()
                    + " "
                    + finding.rule()
                    + " "
                    + finding.resource().scope().region()
                    + " "
                    + finding.resource().id())
        .toList();
  }

  @Test
  void comesByAccountRuleRegionAndId() {
    seen(
        volume(OTHER, "eu-west-1", "v-1", false),
        Samples.resource(
            Samples.scope("ec2", "eu-west-1", "instance"),
            "i-1",
            "{\"State\":{\"Name\":\"stopped\"}}"),
        Samples.resource(
            Samples.scope("ec2", "eu-west-1", "network-interface"),
            "z-eni",
            "{\"Status\":\"available\"}"),
        volume(Samples.ACCOUNT, "us-east-1", "v-2", false),
        volume(Samples.ACCOUNT, "eu-west-1", "v-4", false),
        volume(Samples.ACCOUNT, "eu-west-1", "v-3", false));
    assertThat(found(false))
        .containsExactly(
            Samples.ACCOUNT + " available-eni eu-west-1 z-eni",
            Samples.ACCOUNT + " stopped-instance eu-west-1 i-1",
            Samples.ACCOUNT + " unattached-ebs eu-west-1 v-3",
            Samples.ACCOUNT + " unattached-ebs eu-west-1 v-4",
            Samples.ACCOUNT + " unattached-ebs us-east-1 v-2",
            OTHER + " unattached-ebs eu-west-1 v-1");
  }

  @Test
  void whatAwsMadeIsNoWasteUnlessItIsAskedFor() {
    seen(volume(Samples.ACCOUNT, "eu-west-1", "v-1", true));
    assertThat(found(false)).isEmpty();
    assertThat(found(true)).hasSize(1);
  }

  /** The use of each would be in another answer of its service, which was refused. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          old-snapshot        | ec2   | snapshot                  | {"StartTime":"2025-01-01T00:00:00Z"}
          old-ami             | ec2   | ami                       | {"CreationDate":"2025-01-01T00:00:00Z"}
          idle-target-group   | elbv2 | target-group              | {"LoadBalancerArns":["arn:lb"],"TargetHealth":[]}
          empty-load-balancer | elbv2 | application-load-balancer | {"LoadBalancerArn":"arn:lb"}
          unused-nat-gateway  | vpc   | nat-gateway               | {"State":"available"}
          """)
  void isNotClaimedWhereWhatUsesItWasHidden(
      String rule, String service, String type, String document) {
    seen(Samples.resource(Samples.scope(service, "eu-west-1", type), "x", document));
    assertThat(found(false)).containsExactly(Samples.ACCOUNT + " " + rule + " eu-west-1 x");
    assertThat(found(false, refused(Samples.ACCOUNT, "eu-west-1", service, Outcome.DENIED)))
        .isEmpty();
    assertThat(
            found(
                false,
                refused(Samples.ACCOUNT, "us-east-1", service, Outcome.DENIED),
                refused(OTHER, "eu-west-1", service, Outcome.DENIED),
                refused(Samples.ACCOUNT, "eu-west-1", "sns", Outcome.DENIED),
                refused(Samples.ACCOUNT, "eu-west-1", service, Outcome.NOT_HERE)))
        .hasSize(1);
  }

  private static LedgerEntry refused(
      String account, String region, String service, Outcome outcome) {
    return new LedgerEntry(
        account, region, service, "Describe", 1, 0, 0, 0, Duration.ZERO, outcome, "", "");
  }

  @Test
  void anAddressOfAnInterfaceIsUsedAndASnapshotOfRdsItsOwn() {
    seen(
        Samples.resource(
            Samples.scope("ec2", "eu-west-1", "elastic-ip"),
            "e-1",
            "{\"NetworkInterfaceId\":\"eni-1\"}"),
        new Resource(
            Samples.scope("rds", "eu-west-1", "db-snapshot"),
            "s-1",
            "",
            "s-1",
            false,
            Optional.of(NOW.minus(Duration.ofDays(400))),
            "",
            new TreeMap<>(),
            "{\"SnapshotType\":\"automated\"}"));
    assertThat(found(false)).isEmpty();
  }
}
