package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags that came in bulk are in no document, and stay nevertheless when they are refused. */
class BulkCarryTest {
  private static final String ARN = "arn:aws:sns:eu-west-1:123456789012:orders";
  private static final String BULK = "resourcegroupstaggingapi:GetResources";
  private static final String ONE = "sns:ListTagsForResource";

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();
  private final Clock clock = new Clock();
  private final Store store;

  BulkCarryTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "sns:ListTopics",
            "Topics[]",
            List.of(Rehearsal.json("{'TopicArn':'" + ARN + "'}")))
        .items(
            Rehearsal.REGION,
            BULK,
            "ResourceTagMappingList[]",
            List.of(
                Rehearsal.json(
                    "{'ResourceARN':'" + ARN + "','Tags':[{'Key':'Owner','Value':'ann'}]}")));
  }

  private Resource scanned() throws InterruptedException {
    clock.pass(3600);
    rehearsal.scan(Rehearsal.request(Rehearsal.TOPICS), store, clock.instant());
    try (Stream<StoredResource> all = store.resources(ResourceFilter.CURRENT)) {
      return all.map(StoredResource::resource).toList().getFirst();
    }
  }

  @Test
  void stayAsTheyWereLastSeen() throws InterruptedException {
    assertThat(scanned().tags()).isEqualTo(Map.of("Owner", "ann"));
    rehearsal.aws().faults().add(BULK, new Trigger.Always(), new Fault.Denied());
    rehearsal.aws().faults().add(ONE, new Trigger.Always(), new Fault.Denied());
    Resource refused = scanned();
    assertThat(refused.tags()).isEqualTo(Map.of("Owner", "ann"));
    assertThat(refused.document()).contains("\"FreewayNotSeen\":[\"Tags\"]");
  }
}
