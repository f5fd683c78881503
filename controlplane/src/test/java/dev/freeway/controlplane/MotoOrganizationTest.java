package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Databases;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * An organisation of many accounts in moto, into PostgreSQL: by one process, and by the indexes of
 * a Job, each a process of its own. Twenty accounts; {@code FREEWAY_MOTO_ACCOUNTS} is another
 * number, of which 200 take some minutes.
 */
@Tag("moto")
class MotoOrganizationTest {
  private static final int ACCOUNTS =
      Integer.parseInt(System.getenv().getOrDefault("FREEWAY_MOTO_ACCOUNTS", "20"));
  private static final int INDEXES = 6;
  private static final int AT_ONCE = 3;
  private static final Map<String, String> CREDENTIALS =
      Map.of(
          "aws.accessKeyId",
          "testing",
          "aws.secretAccessKey",
          "testing",
          "aws.region",
          "us-east-1");
  private static final List<String> WHAT =
      List.of("-s", "iam,lambda,sns,sqs", "-r", "us-east-1,eu-west-1", "--include-global");

  @TempDir private Path directory;
  private final List<String> ids = new ArrayList<>();
  private MotoServer moto = MotoServer.NONE;

  @BeforeEach
  void found() throws Exception {
    CREDENTIALS.forEach(System::setProperty);
    moto = MotoServer.start();
    moto.json(
        "organizations",
        "AWSOrganizationsV20161128.CreateOrganization",
        "{\"FeatureSet\":\"ALL\"}");
    for (int i = 0; i < ACCOUNTS; i++) {
      String id =
          moto.json(
                  "organizations",
                  "AWSOrganizationsV20161128.CreateAccount",
                  "{\"AccountName\":\"shop-%d\",\"Email\":\"shop%d@example.com\"}".formatted(i, i))
              .path("CreateAccountStatus")
              .path("AccountId")
              .asString();
      ids.add(id);
      moto.as(moto.assume(id))
          .json("sqs", "AmazonSQS.CreateQueue", "{\"QueueName\":\"orders-" + id + "\"}");
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    CREDENTIALS.keySet().forEach(System::clearProperty);
    moto.stop();
  }

  private List<String> command(StoreAddress.Postgresql database) {
    List<String> command =
        new ArrayList<>(List.of("scan", "--endpoint-url", moto.url(), "--db", database.url()));
    command.addAll(WHAT);
    return command;
  }

  /** Names of queues by account. */
  private static Map<String, List<String>> queues(Store store) {
    Map<String, List<String>> queues = new TreeMap<>();
    try (Stream<StoredResource> all = store.resources(ResourceFilter.CURRENT)) {
      all.map(StoredResource::resource)
          .filter(one -> one.scope().type().equals("queue"))
          .forEach(
              one ->
                  queues
                      .computeIfAbsent(one.scope().account(), _ -> new ArrayList<>())
                      .add(one.name()));
    }
    return queues;
  }

  private void everyAccountHasItsOwn(Store store, List<String> accounts) {
    Map<String, List<String>> expected = new TreeMap<>();
    accounts.forEach(id -> expected.put(id, List.of("orders-" + id)));
    assertThat(queues(store)).isEqualTo(expected);
    assertThat(store.scans()).allMatch(scan -> scan.status() == Scan.Status.COMPLETE);
  }

  @Test
  void byOneProcess(TestReporter reporter) {
    StoreAddress.Postgresql database = Databases.postgresql();
    List<String> command = command(database);
    command.addAll(List.of("--organization", "--at-once", "8"));
    long started = System.nanoTime();
    Ran ran = Ran.of(command.toArray(String[]::new));
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains((ACCOUNTS + 1) + " accounts: " + (ACCOUNTS + 1) + " whole, 0 in part, 0 not");
    Store store = Store.existing(database);
    everyAccountHasItsOwn(store, ids);
    long requests =
        store.scans().stream()
            .flatMap(scan -> store.ledger(scan.id()).stream())
            .mapToLong(LedgerEntry::pages)
            .sum();
    reporter.publishEntry(
        "organisation",
        "%d accounts, %.1f s, %d answers, 0 failures"
            .formatted(ACCOUNTS + 1, took.toMillis() / 1000.0, requests));

    long before = moto.requests();
    assertThat(Ran.of(resumed(command)).out()).contains(ACCOUNTS + 1 + " whole before");
    assertThat(moto.requests() - before).isLessThan(ACCOUNTS); // it lists them, and scans none
  }

  private static String[] resumed(List<String> command) {
    List<String> resume = new ArrayList<>(command);
    resume.removeAll(WHAT);
    resume.add("--resume");
    return resume.toArray(String[]::new);
  }

  @Test
  void byTheIndexesOfAJob(TestReporter reporter) throws Exception {
    StoreAddress.Postgresql database = Databases.postgresql(); // the first to come makes its tables
    Path accounts = directory.resolve("accounts.txt");
    Files.write(accounts, ids);
    int indexes = Math.min(INDEXES, ACCOUNTS);
    long started = System.nanoTime();
    for (int from = 0; from < indexes; from += AT_ONCE) {
      List<Process> pods = new ArrayList<>();
      for (int index = from; index < Math.min(indexes, from + AT_ONCE); index++) {
        List<String> command = command(database);
        command.addAll(
            List.of("--accounts-file", accounts.toString(), "--index", Integer.toString(index)));
        pods.add(pod(command));
      }
      for (Process pod : pods) {
        try (BufferedReader said = pod.inputReader()) {
          String all = String.join("\n", said.lines().toList());
          assertThat(pod.waitFor()).as(all).isZero();
        }
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    everyAccountHasItsOwn(Store.existing(database), ids.subList(0, indexes));
    reporter.publishEntry(
        "job",
        "%d indexes, %d at once, %.1f s".formatted(indexes, AT_ONCE, took.toMillis() / 1000.0));
  }

  private static Process pod(List<String> command) throws IOException {
    ProcessBuilder pod =
        new ProcessBuilder(OtherJvm.command(Main.class, command.toArray(String[]::new)))
            .redirectErrorStream(true);
    pod.environment().put("AWS_ACCESS_KEY_ID", "testing");
    pod.environment().put("AWS_SECRET_ACCESS_KEY", "testing");
    pod.environment().put("AWS_REGION", "us-east-1");
    return pod.start();
  }
}
