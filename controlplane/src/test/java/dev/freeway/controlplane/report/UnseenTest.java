package dev.freeway.controlplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class UnseenTest {
  private final Clock clock = new Clock();
  private final Path directory;
  private final Store store;

  UnseenTest(@TempDir Path directory) {
    this.directory = directory;
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
  }

  private void scan(LedgerEntry... calls) {
    try (ScanWriter writer =
        store.begin(
            Samples.ACCOUNT,
            "prod",
            clock.pass(3600),
            List.of("eu-west-1"),
            List.of("kms", "logs", "ec2", "sqs", "sns"),
            List.of())) {
      List.of(calls).forEach(writer::called);
      writer.finish(Scan.Status.PARTIAL, clock.instant());
    }
  }

  private static LedgerEntry call(String service, String operation, String region, Outcome how) {
    return new LedgerEntry(
        Samples.ACCOUNT, region, service, operation, 1, 0, 0, 0, Duration.ZERO, how, "", "");
  }

  private static LedgerEntry listed(String service, String operation) {
    return new LedgerEntry(
        Samples.ACCOUNT,
        "eu-west-1",
        service,
        operation,
        1,
        1,
        5,
        0,
        Duration.ZERO,
        Outcome.OK,
        "",
        "");
  }

  private List<String> leftOut() {
    return LeftOut.of(store, store.scans(), Catalog.builtIn()).stream().map(LeftOut::call).toList();
  }

  @Test
  void whatWasLeftOutIsSoUntilItIsAsked() {
    scan(listed("kms", "ListKeys"), listed("logs", "DescribeLogGroups"));
    List<String> first = leftOut();
    assertThat(first).contains("kms GetKeyPolicy").isSorted().doesNotHaveDuplicates();
    assertThat(first).anyMatch(each -> each.startsWith("logs "));
    scan(listed("kms", "ListKeys"));
    assertThat(leftOut()).isEqualTo(first);
    scan(listed("kms", "ListKeys"), listed("kms", "GetKeyPolicy"));
    assertThat(leftOut()).doesNotContain("kms GetKeyPolicy").hasSize(first.size() - 1);
    scan(listed("kms", "ListKeys"));
    assertThat(leftOut()).isEqualTo(first);
  }

  @Test
  void everyReportHasWhatWasLeftOut() throws IOException {
    scan(listed("kms", "ListKeys"));
    Heading heading =
        new Heading(
            List.of(Samples.ACCOUNT),
            store.scans(),
            List.of(),
            LeftOut.of(store, store.scans(), Catalog.builtIn()),
            clock.instant());
    StringWriter json = new StringWriter();
    JsonReport.write(heading, Stream.of(), json);
    assertThat(JsonMapper.builder().build().readTree(json.toString()).get("not_asked").get(0))
        .hasToString(
            "{\"account\":\""
                + Samples.ACCOUNT
                + "\",\"service\":\"kms\",\"operation\":\"GetKeyPolicy\"}");
    Path book = directory.resolve("book.xlsx");
    try (OutputStream out = Files.newOutputStream(book)) {
      SheetReport.workbook(heading, Stream.of(), out);
    }
    try (ZipFile zip = new ZipFile(book.toFile());
        InputStream sheet = zip.getInputStream(zip.getEntry("xl/worksheets/sheet2.xml"))) {
      assertThat(new String(sheet.readAllBytes(), StandardCharsets.UTF_8))
          .contains("GetKeyPolicy", LeftOut.OUTCOME, LeftOut.WHY);
    }
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
