package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The fake as a process of its own, to hold scanners against each other: {@code [--tls] [--latency
 * MILLISECONDS] [--limits] [--items COUNT] [--snapshots COUNT] [--regions NAME,NAME] [--warm]}. It
 * says its URL, and the directory of {@code trust.p12} and {@code trust.pem}; at the end of its
 * input it says what it was asked, and ends.
 */
public final class FakeAwsMain {
  /** What AWS publishes; see its services' pages on throttling. */
  private static final Map<String, FakeAws.Limit> PUBLISHED =
      Map.ofEntries(
          Map.entry("ec2", new FakeAws.Limit(20, 100, true)),
          Map.entry("elasticloadbalancingv2", new FakeAws.Limit(10, 40)),
          Map.entry("lambda", new FakeAws.Limit(15, 15)),
          Map.entry("iam", new FakeAws.Limit(20, 60)),
          Map.entry("route53", new FakeAws.Limit(10, 50)),
          Map.entry("cloudwatchlogs", new FakeAws.Limit(10, 10, true)),
          Map.entry("resourcegroupstaggingapi", new FakeAws.Limit(10, 15)),
          // organizations/latest/userguide/orgs_reference_limits.html
          Map.entry("organizations", new FakeAws.Limit(5, 8, true)),
          Map.entry("organizations:DescribePolicy", new FakeAws.Limit(2, 2)),
          Map.entry("organizations:DescribeOrganizationalUnit", new FakeAws.Limit(2, 2)),
          Map.entry("organizations:DescribeOrganization", new FakeAws.Limit(1, 2)),
          Map.entry("organizations:ListRoots", new FakeAws.Limit(1, 2)),
          Map.entry("organizations:ListDelegatedServicesForAccount", new FakeAws.Limit(1, 3)),
          Map.entry("organizations:ListTagsForResource", new FakeAws.Limit(10, 15)),
          Map.entry("organizations:ListAccounts", new FakeAws.Limit(8, 12)),
          Map.entry(Estate.ANY, new FakeAws.Limit(25, 50)));

  private static final int AT_ONCE = 48;
  private static final int ROUNDS = 3;

  private FakeAwsMain() {}

  /** Serves until its input ends. */
  public static void main(String[] arguments) throws IOException {
    List<String> options = List.of(arguments);
    if (options.contains("--warm")) {
      warm();
    }
    try (FakeAws aws = options.contains("--tls") ? FakeAws.startWithTls() : FakeAws.start()) {
      aws.latency(Duration.ofMillis(number(options, "--latency", 0)));
      if (options.contains("--limits")) {
        PUBLISHED.forEach(aws::limit);
      }
      int regions = options.indexOf("--regions");
      if (regions >= 0) {
        aws.regions(options.get(regions + 1).split(",", -1));
      }
      int items = number(options, "--items", 0);
      if (items > 0) {
        aws.fillTagged(items);
      }
      snapshots(aws, number(options, "--snapshots", 0));
      PrintStream out = System.out;
      out.println("url " + aws.url());
      aws.trustDirectory().ifPresent(directory -> out.println("trust " + directory));
      out.flush();
      while (System.in.read() >= 0) {
        // whatever it says, it is still there
      }
      out.println("requests " + aws.requests());
      out.println("throttled " + aws.throttled());
      out.println("connections " + aws.connections());
      out.println("handshakes " + aws.handshakes());
      out.println("at once " + aws.mostAtOnce());
      out.println("least " + aws.least().toMillis());
      aws.byBucket().forEach((name, count) -> out.println("bucket " + name + " " + count));
      aws.byOperation().forEach((name, count) -> out.println(name + " " + count));
      aws.broken().forEach(one -> out.println("broken " + one));
    }
  }

  /**
   * Another fake, in this process, is asked for every list: a JVM that has just started answers
   * slowly for ten seconds, which is not what AWS does.
   */
  private static void warm() throws IOException {
    try (FakeAws other = FakeAws.startWithTls().fill(2)) {
      @Nullable TrustManager[] trusted = other.trust();
      try (SdkHttpClient http =
              ApacheHttpClient.builder()
                  .maxConnections(AT_ONCE)
                  .tlsTrustManagersProvider(() -> trusted)
                  .build();
          ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
        AwsClient client = new AwsClient(http, new Endpoints(Optional.of(other.url())));
        for (int round = 0; round < ROUNDS; round++) {
          for (ResourceType type : Catalog.builtIn().types()) {
            threads.execute(() -> ask(client, type));
          }
        }
      }
    }
  }

  private static void ask(AwsClient client, ResourceType type) {
    ServiceModel model = ServiceModel.of(type.sdk());
    Operation operation = model.operation(type.operation());
    try {
      client.call(
          model,
          operation,
          "us-east-1",
          Samples.input(operation),
          AwsBasicCredentials.create("AKIA123456789012", "secret"));
    } catch (AwsException _) {
      // that it was answered is enough
    }
  }

  private static int number(List<String> options, String name, int otherwise) {
    int at = options.indexOf(name);
    return at < 0 ? otherwise : Integer.parseInt(options.get(at + 1));
  }

  private static void snapshots(FakeAws aws, int count) {
    if (count > 0) {
      aws.estate()
          .items(
              Estate.ANY,
              "ec2:DescribeSnapshots",
              "Snapshots[]",
              IntStream.range(0, count)
                  .mapToObj(
                      i ->
                          JsonNodeFactory.instance
                              .objectNode()
                              .put("SnapshotId", "snap-%017x".formatted(i))
                              .put("VolumeId", "vol-%017x".formatted(i))
                              .put("VolumeSize", 8 + i % 100)
                              .put("State", "completed")
                              .put("StartTime", "2026-01-02T03:04:05Z"))
                  .toList());
    }
  }
}
