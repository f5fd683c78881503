package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What scans ask for each resource: a call that comes back, and one that is lost, both change these
 * tables. Each line of {@code services} of which there are the most resources in accounts.
 */
class CallsTest {
  private static final int ITEMS = 7;

  private final Rehearsal rehearsal = new Rehearsal();

  @AfterEach
  void stop() {
    rehearsal.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sqs            | GetQueueAttributes
          sns            | GetTopicAttributes
          dynamodb       | DescribeContinuousBackups DescribeTable
          kms            | DescribeKey
          secretsmanager | ''
          logs           | ''
          lambda         | ''
          s3             | GetBucketAcl GetBucketEncryption GetBucketLifecycleConfiguration GetBucketLogging GetBucketPolicy GetBucketVersioning GetPublicAccessBlock
          ecr            | GetLifecyclePolicy ListImages
          ec2            | DescribeLaunchTemplateVersions GetManagedPrefixListEntries
          iam            | GetAccessKeyLastUsed GetLoginProfile ListAccessKeys ListMFADevices
          """)
  void eachResourceIsAskedForWhatIsNeeded(String label, String operations)
      throws InterruptedException {
    CatalogService service = Rehearsal.service(label);
    rehearsal.aws().fill(ITEMS);
    rehearsal.scan(service);
    Map<String, Long> asked = new TreeMap<>(rehearsal.aws().byOperation());
    TreeSet<String> often = new TreeSet<>();
    asked.forEach(
        (name, calls) -> {
          if (calls >= ITEMS) {
            often.add(name.substring(name.indexOf(':') + 1));
          }
        });
    assertThat(String.join(" ", often)).as(asked.toString()).isEqualTo(operations);
  }

  @Test
  void whatIsLeftOutIsThis() {
    Stream<String> details =
        Catalog.builtIn().types().stream()
            .flatMap(
                type ->
                    type.details().stream()
                        .filter(detail -> detail.extra())
                        .map(detail -> type.key() + " " + detail.operation()));
    Stream<String> lists =
        Catalog.builtIn().types().stream()
            .filter(type -> type.extra())
            .map(type -> type.key() + " " + type.operation());
    assertThat(Stream.concat(details, lists).distinct().sorted())
        .containsExactly(
            "backup:vault GetBackupVaultAccessPolicy");
  }
}
