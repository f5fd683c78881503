package dev.freeway.controlplane.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a scan left, after others have come: nothing of theirs is in it. */
class ThenTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Scope VOLUMES = Samples.scope("ec2", "eu-west-1", "volume");
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final String OTHER = "999999999999";

  private final Clock clock = new Clock();
  private final Store store;
  private final Answers answers;

  ThenTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    answers =
        new Answers(
            store,
            () -> NamedQueries.load(List.of()),
            (_, _) -> new Understanding.Not("", List.of()),
            clock);
    scan(
        Samples.ACCOUNT,
        writer -> {
          writer.seen(
              Samples.resource(INSTANCES, "i-1", "{\"VolumeId\":\"vol-0123456789abcdef0\"}"),
              List.of(new Relation(INSTANCES, "i-1", "VolumeId", "vol-0123456789abcdef0")));
          writer.seen(
              Samples.resource(
                  VOLUMES,
                  "vol-0123456789abcdef0",
                  "{\"State\":\"available\"}",
                  Map.of("Owner", "a")),
              List.of());
          writer.called(call("DescribeAddresses", Outcome.DENIED));
        });
    scan(
        Samples.ACCOUNT,
        writer -> {
          writer.seen(Samples.resource(INSTANCES, "i-1", "{}"), List.of());
          writer.whole(VOLUMES);
          writer.called(call("DescribeSnapshots", Outcome.DENIED));
        });
    scan(
        OTHER,
        writer ->
            writer.seen(
                Samples.resource(new Scope(OTHER, "ec2", "eu-west-1", "volume"), "vol-2", "{}"),
                List.of()));
  }

  private interface Writing {
    void to(ScanWriter writer);
  }

  private void scan(String account, Writing writing) {
    clock.pass(3600);
    try (ScanWriter writer =
        store.begin(
            account, "", clock.instant(), List.of("eu-west-1"), List.of("ec2"), List.of())) {
      writing.to(writer);
      writer.finish(Scan.Status.PARTIAL, clock.pass(60));
    }
  }

  private static LedgerEntry call(String operation, Outcome outcome) {
    return new LedgerEntry(
        Samples.ACCOUNT, "eu-west-1", "ec2", operation, 1, 0, 0, 0, Duration.ZERO, outcome, "", "");
  }

  private ObjectNode ask(String name, String members) {
    return answers.answer(name, JSON.readTree(("{" + members + "}").replace('\'', '"')));
  }

  @Test
  void wasteIsThatOfThenWithTheCallsOfThen() {
    assertThat(ask("waste", "").get("rows").toString()).isEqualTo("[]");
    assertThat(ask("waste", "").get("unseen").asInt()).isEqualTo(2);
    assertThat(ask("waste", "'scan':1").get("rows").toString()).contains("vol-0123456789abcdef0");
    assertThat(ask("waste", "'scan':1").get("unseen").asInt()).isEqualTo(1);
  }

  @Test
  void tagsAreThoseOfThenAndOfTheAccountThatIsAskedFor() {
    assertThat(shares("")).isEqualTo("[\"all\",\"\",0,2,0.0]");
    assertThat(shares("'account':['" + Samples.ACCOUNT + "']")).isEqualTo("[\"all\",\"\",0,1,0.0]");
    assertThat(shares("'scan':1")).isEqualTo("[\"all\",\"\",1,2,50.0]");
    assertThat(shares("'region':['us-east-1']")).isEqualTo("[\"all\",\"\",0,0,100.0]");
    assertThat(shares("'service':['vpc']")).isEqualTo("[\"all\",\"\",0,0,100.0]");
  }

  private String shares(String members) {
    return ask("tags", members).get("shares").get("rows").get(0).toString();
  }

  @Test
  void thePageHasTheRelationsAndTheCallsOfThen() throws IOException {
    Snapshots snapshots = new Snapshots(store);
    Snapshots.Snapshot then = snapshots.of(OptionalLong.of(1));
    assertThat(part(then, "data").get("unseen").size()).isEqualTo(1);
    assertThat(part(then, "data").get("rows").asInt()).isEqualTo(2);
    assertThat(part(then, "relations").get("from").size()).isEqualTo(1);
    Snapshots.Snapshot now = snapshots.of(OptionalLong.empty());
    assertThat(part(now, "data").get("unseen").size()).isEqualTo(2);
    assertThat(part(now, "relations").get("from").size()).isZero();
    assertThat(snapshots.of(OptionalLong.of(1)).parts()).isSameAs(then.parts());
    assertThat(snapshots.kept(now.version())).containsSame(now.parts());
  }

  private static JsonNode part(Snapshots.Snapshot snapshot, String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(snapshot.parts().part(name).orElseThrow()))) {
      return JSON.readTree(in);
    }
  }

  @Test
  void aTableIsCutAndSaysSo() {
    scan(
        Samples.ACCOUNT,
        writer -> {
          for (int i = 0; i <= 10_000; i++) {
            writer.called(call("Describe" + i, Outcome.OK));
          }
        });
    ObjectNode all = ask("errors", "'all':true");
    assertThat(all.get("rows").size()).isEqualTo(10_000);
    assertThat(all.get("cut").asString()).isEqualTo("rows");
    assertThat(ask("errors", "").get("cut").asString()).isEqualTo("none");
  }
}
