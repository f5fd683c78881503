package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoreException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** A scan that is stopped keeps what it saw, says what it did not ask, and ends soon. */
@Timeout(60)
class StopTest {
  private static final CatalogService SNAPSHOTS =
      Rehearsal.service(
          "ec2",
          "ec2",
          """
          snapshot:
            list: DescribeSnapshots
            items: Snapshots[]
            id: SnapshotId
          """);

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  @Test
  void aStoreThatFailsEndsTheScanInItsWords() {
    rehearsal.aws().fill(1);
    Recorder full = new Recorder();
    StoreException refused = new StoreException("is full", StoreAddress.parse("x.db"), "make room");
    full.watch(
        _ -> {
          throw refused;
        });
    ScanRequest request = Rehearsal.request(Rehearsal.service("sns"));
    Scanner scanner = rehearsal.next();
    assertThatThrownBy(() -> scanner.scan(request, full)).isSameAs(refused);
    long asked = rehearsal.aws().requests();
    assertThatCode(() -> scanner.scan(request, new Recorder())).doesNotThrowAnyException();
    assertThat(rehearsal.aws().requests()).isEqualTo(asked); // it is stopped
  }

  /** Of a list for each table, the first of which takes its time. */
  @Test
  void nothingMoreIsAskedOfAStoreThatFails() {
    CountDownLatch all = new CountDownLatch(400);
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "dynamodb:ListTables",
            "TableNames[]",
            IntStream.range(0, 500).mapToObj(i -> StringNode.valueOf("t" + i)).toList())
        .made(
            Rehearsal.REGION,
            "dynamodb:ListBackups",
            Map.of(),
            asked -> {
              String table = asked.text("TableName");
              all.countDown();
              try {
                boolean _ = table.equals("t0") && all.await(2, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return Rehearsal.json("{'BackupSummaries':[{'BackupArn':'%s'}]}".formatted(table));
            });
    Recorder full = new Recorder();
    full.watch(
        one -> {
          if (one.scope().type().equals("backup")) {
            throw new StoreException("is full", StoreAddress.parse("x.db"), "make room");
          }
        });
    ScanRequest request =
        Rehearsal.request(
            Rehearsal.service(
                "dynamodb",
                "dynamodb",
                """
                table:
                  list: ListTables
                  items: TableNames[]
                  as: TableName
                  id: TableName
                backup:
                  for: [table]
                  list: ListBackups
                  with: {TableName: "{parent.TableName}"}
                  items: BackupSummaries[]
                  id: BackupArn
                """));
    Scanner scanner = rehearsal.next();
    assertThatThrownBy(() -> scanner.scan(request, full)).hasMessageContaining("is full");
    assertThat(rehearsal.aws().requests("dynamodb:ListBackups")).isLessThan(100);
  }

  @Test
  void whatWasSeenStaysAndTheRestIsStopped() throws InterruptedException {
    AtomicInteger pages = new AtomicInteger();
    rehearsal
        .aws()
        .estate()
        .made(
            Rehearsal.REGION,
            "ec2:DescribeSnapshots",
            Map.of(),
            _ -> {
              int page = pages.incrementAndGet();
              if (page == 3) {
                rehearsal.next().stop();
              }
              ObjectNode answer =
                  Rehearsal.json("{'Snapshots':[{'SnapshotId':'snap-" + page + "'}]}");
              answer.put("NextToken", "t" + page);
              return answer;
            });
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    assertThat(seen.ids("snapshot")).containsExactly("snap-1", "snap-2", "snap-3");
    assertThat(seen.whole()).isEmpty();
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
    LedgerEntry entry = seen.entry("DescribeSnapshots");
    assertThat(entry.outcome()).isEqualTo(Outcome.STOPPED);
    assertThat(entry.calls()).isEqualTo(3);
    assertThat(rehearsal.aws().requests()).isEqualTo(3);
  }

  @Test
  void whatWasNotYetAskedIsInTheLedger() throws InterruptedException {
    rehearsal
        .queues(50)
        .made(
            Rehearsal.REGION,
            "sqs:GetQueueAttributes",
            Map.of(),
            _ -> {
              rehearsal.next().stop();
              return Rehearsal.json("{'Attributes':{}}");
            });
    Recorder seen = rehearsal.scan(Rehearsal.service("sqs"));
    assertThat(seen.ids("queue")).hasSize(50);
    assertThat(seen.whole()).isEmpty();
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
    long answered =
        seen.ledger().stream()
            .filter(entry -> entry.operation().equals("GetQueueAttributes"))
            .filter(entry -> entry.outcome() == Outcome.OK)
            .mapToLong(LedgerEntry::calls)
            .sum();
    assertThat(answered)
        .isPositive()
        .isEqualTo(rehearsal.aws().requests("sqs:GetQueueAttributes"))
        .isLessThan(50);
    assertThat(seen.ledger())
        .anySatisfy(
            entry -> {
              assertThat(entry.operation()).isEqualTo("GetQueueAttributes");
              assertThat(entry.outcome()).isEqualTo(Outcome.STOPPED);
              assertThat(entry.calls()).isZero();
            });
  }

  @Test
  void nobodyWaitsForHisTurnAnyMore() throws InterruptedException {
    CountDownLatch waits = new CountDownLatch(1);
    rehearsal.waiting(
        new Waiting() {
          @Override
          public long nanos() {
            return 0;
          }

          @Override
          public boolean goesOn(Duration wait, CountDownLatch stop) throws InterruptedException {
            waits.countDown();
            stop.await(); // as long as the scan goes on
            return false;
          }
        });
    rehearsal.queues(900);
    Scanner scanner = rehearsal.next();
    Thread ctrlC =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    waits.await();
                    scanner.stop();
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });
    Recorder seen = rehearsal.scan(Rehearsal.service("sqs"));
    ctrlC.join();
    assertThat(seen.ids("queue")).hasSize(900);
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
  }
}
