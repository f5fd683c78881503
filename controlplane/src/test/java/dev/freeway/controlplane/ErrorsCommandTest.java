package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErrorsCommandTest {
  private final String db;

  ErrorsCommandTest(@TempDir Path directory) {
    Path file = directory.resolve("inventory.db");
    db = file.toString();
    Store store = Store.open(new StoreAddress.Sqlite(file));
    scan(
        store,
        call("kms", "ListKeys", 2, Outcome.OK),
        call("kms", "DescribeKey", 2, Outcome.OK),
        call("logs", "DescribeLogGroups", 1, Outcome.OK),
        call("secretsmanager", "ListSecrets", 0, Outcome.OK),
        call("dynamodb", "DescribeTable", 1, Outcome.OK));
    scan(
        store,
        call("kms", "ListKeys", 2, Outcome.OK),
        call("kms", "GetKeyPolicy", 2, Outcome.OK),
        call("kms", "ListAliases", 0, Outcome.DENIED));
  }

  private static void scan(Store store, LedgerEntry... calls) {
    try (ScanWriter writer =
        store.begin(
            Samples.ACCOUNT,
            "prod",
            Instant.now(),
            List.of("eu-west-1"),
            List.of("kms", "logs", "secretsmanager"),
            List.of())) {
      List.of(calls).forEach(writer::called);
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
  }

  private static LedgerEntry call(String service, String operation, long items, Outcome outcome) {
    return new LedgerEntry(
        Samples.ACCOUNT,
        "eu-west-1",
        service,
        operation,
        1,
        1,
        items,
        0,
        Duration.ZERO,
        outcome,
        "",
        "");
  }

  private Ran errors(String... options) {
    String[] all = new String[options.length + 3];
    all[0] = "errors";
    all[1] = "--db";
    all[2] = db;
    System.arraycopy(options, 0, all, 3, options.length);
    return Ran.of(all);
  }

  @Test
  void saysWhatWasNotAskedByIntentOfWhatWasListed() {
    Ran ran = errors("--scan", "1");
    assertThat(ran.err())
        .startsWith("not asked, as no query needs it: kms GetKeyPolicy, logs ")
        .endsWith("; freeway scan --details all asks" + System.lineSeparator())
        .doesNotContain("secretsmanager", "dynamodb");
    assertThat(ran.out()).doesNotContain("GetKeyPolicy");
  }

  @Test
  void tellsMachinesByAnOutcomeOfItsOwn() {
    String csv = errors("--scan", "1", "-f", "csv").out();
    assertThat(csv.lines())
        .contains(
            Samples.ACCOUNT
                + ",,kms,GetKeyPolicy,not_asked,,0,0,0,0,0,"
                + "no query needs it; freeway scan --details all asks");
    assertThat(csv).doesNotContain("secretsmanager", "dynamodb");
    assertThat(errors("-f", "json").out())
        .contains("ListAliases")
        .doesNotContain("GetKeyPolicy", "not_asked");
  }

  @Test
  void saysNothingOfWhatWasAskedNorToMachines() {
    assertThat(errors().err()).isEmpty();
    assertThat(errors("--scan", "1", "-f", "json").err()).isEmpty();
  }

  @Test
  void showsTheNewestScanAndItsFaultsAlone() {
    Ran ran = errors("-f", "csv");
    assertThat(ran.out()).contains("ListAliases,denied").doesNotContain("ListKeys");
    assertThat(errors("-f", "csv", "--all").out()).contains("ListKeys,ok");
    assertThat(errors("-f", "csv", "--scan", "1").out()).doesNotContain("ListAliases", "ListKeys");
    Ran unknown = errors("--scan", "9");
    assertThat(unknown.code()).isEqualTo(ExitCode.FAILED);
    assertThat(unknown.err()).contains("--scan 9: no such scan; freeway scans lists them");
  }
}
