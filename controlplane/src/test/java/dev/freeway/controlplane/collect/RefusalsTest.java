package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Scan;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;

/** Each thing that goes wrong ends in the ledger as what it is, in every protocol. */
class RefusalsTest {
  private static final List<CatalogService> PROTOCOLS =
      List.of(
          service("sns", "{list: ListTopics, items: 'Topics[]', id: TopicArn}"),
          service("ec2", "{list: DescribeVolumes, items: 'Volumes[]', id: VolumeId}"),
          service("sqs", "{list: ListQueues, items: 'QueueUrls[]', as: QueueUrl, id: QueueUrl}"),
          service("secretsmanager", "{list: ListSecrets, items: 'SecretList[]', id: Name}"),
          service("lambda", "{list: ListFunctions, items: 'Functions[]', id: FunctionName}"),
          service("route53", "{list: ListHostedZones, items: 'HostedZones[]', id: Id}"),
          service("s3", "{list: ListBuckets, items: 'Buckets[]', id: Name}"));

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  private static CatalogService service(String sdk, String type) {
    return Rehearsal.service(sdk, sdk, "thing: " + type);
  }

  record Case(String name, Trigger when, Fault what, Outcome outcome, long retries) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Case> cases() {
    Trigger always = new Trigger.Always();
    return List.of(
        new Case("denied", always, new Fault.Denied(), Outcome.DENIED, 0),
        new Case("throttled out", always, new Fault.Throttled(), Outcome.THROTTLED, 8),
        new Case(
            "throttled for a while", new Trigger.First(5), new Fault.Throttled(), Outcome.OK, 5),
        new Case("not opted in", always, new Fault.OptInRequired(), Outcome.NOT_HERE, 0),
        new Case("expired", always, new Fault.Expired(), Outcome.DENIED, 0),
        new Case(
            "refused",
            always,
            new Fault.Refused(400, "ValidationException", "No."),
            Outcome.FAILED,
            0),
        new Case(
            "broken", always, new Fault.Refused(500, "InternalFailure", "No."), Outcome.FAILED, 2),
        new Case(
            "broken once",
            new Trigger.First(1),
            new Fault.Refused(503, "ServiceUnavailable", "No."),
            Outcome.OK,
            1),
        new Case(
            "broken without a word", always, new Fault.Refused(503, "", ""), Outcome.FAILED, 2),
        new Case("an emulator's 404", always, new Fault.Html(404), Outcome.FAILED, 0),
        new Case("an emulator's 500", always, new Fault.Html(500), Outcome.FAILED, 0),
        new Case("a proxy's 502", always, new Fault.Html(502), Outcome.FAILED, 1),
        new Case("a proxy's 504 once", new Trigger.First(1), new Fault.Html(504), Outcome.OK, 1),
        new Case("a page instead of an answer", always, new Fault.Html(200), Outcome.FAILED, 0),
        new Case("a portal's page", always, new Fault.Html(200, "text/xml"), Outcome.FAILED, 0),
        new Case("nothing at all", always, new Fault.Refused(200, "", ""), Outcome.UNREACHABLE, 2),
        new Case("reset", always, new Fault.Reset(), Outcome.UNREACHABLE, 2),
        new Case("reset once", new Trigger.First(1), new Fault.Reset(), Outcome.OK, 1),
        new Case("cut", always, new Fault.Cut(), Outcome.UNREACHABLE, 2),
        new Case("cut twice", new Trigger.First(2), new Fault.Cut(), Outcome.OK, 2));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isToldInEveryProtocol(Case one) throws InterruptedException {
    for (CatalogService service : PROTOCOLS) {
      String name = service.types().getFirst().sdk() + ":" + service.types().getFirst().operation();
      rehearsal.aws().faults().clear();
      rehearsal.aws().faults().add(name, one.when, one.what);
      long before = rehearsal.aws().requests();
      Recorder seen = rehearsal.scan(service);
      assertThat(seen.ledger()).as(name).hasSize(1);
      LedgerEntry entry = seen.ledger().getFirst();
      assertThat(entry.outcome()).as(entry.toString()).isEqualTo(one.outcome);
      assertThat(entry.retries()).as(entry.toString()).isEqualTo(one.retries);
      assertThat(entry.calls()).isEqualTo(1);
      assertThat(rehearsal.aws().requests() - before).isEqualTo(1 + one.retries);
      assertThat(seen.whole()).hasSize(one.outcome == Outcome.OK ? 1 : 0);
      assertThat(seen.status())
          .isEqualTo(one.outcome.hides() ? Scan.Status.PARTIAL : Scan.Status.COMPLETE);
      if (one.outcome != Outcome.OK) {
        assertThat(entry.message()).isNotEmpty().doesNotContain("own fault");
      }
      if (one.what instanceof Fault.Refused refused) {
        assertThat(entry.code()).isEqualTo(one.outcome == Outcome.OK ? "" : refused.code());
      }
    }
  }

  @Test
  void waitsAsLongAsAwsSays() throws InterruptedException {
    rehearsal
        .aws()
        .faults()
        .add(
            "sns:ListTopics",
            new Trigger.First(2),
            new Fault.Throttled(Optional.of(Duration.ofSeconds(7))));
    Recorder seen = rehearsal.scan(PROTOCOLS.getFirst());
    assertThat(seen.ledger().getFirst().retries()).isEqualTo(2);
    assertThat(rehearsal.time().passed()).isBetween(Duration.ofSeconds(14), Duration.ofSeconds(40));
  }

  @Test
  void anAnswerThatDoesNotComeIsGivenUp() throws InterruptedException {
    rehearsal.over(ApacheHttpClient.builder().socketTimeout(Duration.ofMillis(80)).build());
    rehearsal.aws().faults().add("sns:.*", new Trigger.Always(), new Fault.Silent());
    LedgerEntry entry = rehearsal.scan(PROTOCOLS.getFirst()).ledger().getFirst();
    assertThat(entry.outcome()).isEqualTo(Outcome.UNREACHABLE);
    assertThat(entry.message()).contains("timed out");
    assertThat(entry.retries()).isEqualTo(2);
  }

  /** Names no host, as a resolver does of a service that a region does not have. */
  private static final class NoHost implements SdkHttpClient {
    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
      return new ExecutableHttpRequest() {
        @Override
        public HttpExecuteResponse call() throws IOException {
          throw new UnknownHostException(request.httpRequest().host());
        }

        @Override
        public void abort() {}
      };
    }

    @Override
    public void close() {}
  }

  @Test
  void noSuchHostMeansNotHereWhereTheSdkDoesNotListTheServiceEither() throws InterruptedException {
    rehearsal.over(new NoHost());
    CatalogService here = PROTOCOLS.getFirst();
    CatalogService elsewhere =
        Rehearsal.service(
            "apprunner",
            "apprunner",
            "thing: {list: ListServices, items: 'ServiceSummaryList[]', id: ServiceName}");
    Recorder seen =
        rehearsal.scan(
            Rehearsal.request(List.of(here, elsewhere), Map.of(), true, "eu-north-1"),
            new Recorder());
    assertThat(seen.entry("ListTopics").outcome()).isEqualTo(Outcome.UNREACHABLE);
    assertThat(seen.entry("ListServices").outcome()).isEqualTo(Outcome.NOT_HERE);
    assertThat(seen.entry("ListServices").retries()).isZero();
  }

  @Test
  void credentialsThatEndInMidScanAreNoFaultOfOurs() throws InterruptedException {
    rehearsal.with(
        () -> {
          throw SdkClientException.create("the SSO session has expired");
        });
    LedgerEntry entry = rehearsal.scan(PROTOCOLS.getFirst()).ledger().getFirst();
    assertThat(entry.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(entry.message()).isEqualTo("the SSO session has expired");
    assertThat(entry.calls()).isZero();
    assertThat(rehearsal.aws().requests()).isZero();
  }

  @Test
  void aTokenThatExpiresInMidScanEndsTheRest() throws InterruptedException {
    rehearsal.aws().faults().add(".*", new Trigger.After(3), new Fault.Expired());
    Recorder seen = rehearsal.scan(PROTOCOLS.toArray(CatalogService[]::new));
    assertThat(seen.whole()).hasSize(3);
    assertThat(seen.ledger()).filteredOn(entry -> entry.outcome() == Outcome.DENIED).hasSize(4);
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
  }

  @Test
  void aRefusalThatSaysThatThereIsNothingIsNone() throws InterruptedException {
    CatalogService service =
        Rehearsal.service(
            "sns",
            "sns",
            "thing: {list: ListTopics, items: 'Topics[]', id: TopicArn, absent: ['Gone ~ never had']}");
    rehearsal
        .aws()
        .faults()
        .add("sns:.*", Trigger.Nth.of(1), new Fault.Refused(400, "Gone", "You never had one."))
        .add("sns:.*", Trigger.Nth.of(2), new Fault.Refused(400, "Gone", "Somebody took it."));
    assertThat(rehearsal.scan(service).whole()).hasSize(1);
    Recorder second = rehearsal.scan(service);
    assertThat(second.whole()).isEmpty();
    assertThat(second.ledger().getFirst().outcome()).isEqualTo(Outcome.FAILED);
  }
}
