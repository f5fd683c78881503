package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.fake.FakeAws;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that end before the scan does: said once, and the rest is asked later. */
@Timeout(60)
class ExpiredCredentialsTest {
  private static final Map<String, String> PROPERTIES =
      Map.of("aws.accessKeyId", "AKIA111111111111", "aws.secretAccessKey", "secret");

  @TempDir private Path directory;
  private final FakeAws aws = FakeAws.start();

  @BeforeEach
  void start() {
    PROPERTIES.forEach(System::setProperty);
    aws.fill(3);
  }

  @AfterEach
  void stop() {
    PROPERTIES.keySet().forEach(System::clearProperty);
    aws.close();
  }

  private Ran scan(String... options) {
    List<String> all = new ArrayList<>(List.of("scan", "--endpoint-url", aws.url().toString()));
    all.addAll(List.of("--db", directory.resolve("inventory.db").toString()));
    all.addAll(List.of(options));
    return Ran.of(all.toArray(String[]::new));
  }

  private Store store() {
    return Store.existing(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
  }

  @Test
  void isSaidOnceAndResumeAsksTheRest() {
    aws.faults()
        .add("(sqs|secretsmanager|lambda|kinesis):.*", new Trigger.Always(), new Fault.Expired())
        .add("dynamodb:.*", new Trigger.Always(), new Fault.Denied());
    Ran ran = scan("-s", "sns,sqs,secretsmanager,lambda,kinesis,dynamodb", "-r", "us-east-1");
    assertThat(ran.code()).isEqualTo(ExitCode.PARTIAL);
    assertThat(ran.err().split("the credentials ended before the scan did", -1)).hasSize(2);
    assertThat(ran.err())
        .contains(
            "The security token included in the request is expired",
            " operations of 4 services were not answered, and the scan is partial",
            "freeway scan --resume")
        .contains("dynamodb: denied")
        .doesNotContain("sqs: denied", "lambda: denied");
    assertThat(store().ledger(1))
        .filteredOn(entry -> entry.service().equals("sqs"))
        .isNotEmpty()
        .allMatch(entry -> entry.outcome() == LedgerEntry.Outcome.DENIED);
    aws.faults().clear();
    Ran again = scan("--resume");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).isEmpty();
    assertThat(store().scans())
        .singleElement()
        .satisfies(scan -> assertThat(scan.status()).isEqualTo(Scan.Status.COMPLETE));
  }

  @Test
  void anotherRefusalIsNotTakenForIt() {
    aws.faults().add("sns:.*", new Trigger.Always(), new Fault.Denied());
    Ran ran = scan("-s", "sns", "-r", "us-east-1");
    assertThat(ran.code()).isEqualTo(ExitCode.PARTIAL);
    assertThat(ran.err()).contains("sns: denied").doesNotContain("the credentials ended");
  }
}
