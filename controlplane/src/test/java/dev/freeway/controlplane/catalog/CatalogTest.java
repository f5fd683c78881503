package dev.freeway.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.aws.ServiceModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogTest {
  private static final String FILE =
      """
      service: sqs
      category: Integration
      types:
        queue:
          list: ListQueues
          with: {MaxResults: 1000}
          items: QueueUrls[]
          as: QueueUrl
          id: "{QueueUrl|last /}"
          arn: Attributes.QueueArn
          details:
            - {call: GetQueueAttributes, with: {QueueUrl: "{QueueUrl}", AttributeNames: [All]}, take: Attributes, into: Attributes}
      """;

  static List<CatalogService> services() {
    return Catalog.builtIn().services();
  }

  @ParameterizedTest
  @MethodSource("services")
  void everythingItSaysExistsInTheSdk(CatalogService service) {
    assertThat(new CatalogCheck(ServiceModel::of).faults(service)).isEmpty();
  }

  @Test
  void aFileIsRead() {
    CatalogService sqs = CatalogFiles.read("sqs.yaml", FILE);
    assertThat(sqs.types()).hasSize(1);
    assertThat(new CatalogCheck(ServiceModel::of).faults(sqs)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ListQueues            | ListQueue              | sqs has no operation ListQueue
          QueueUrls[]           | Queues[]               | ListQueuesResponse has no member Queues
          MaxResults: 1000      | Limit: 1000            | with: ListQueues has no member Limit
          Attributes.QueueArn   | Attribute.QueueArn     | Attribute
          take: Attributes      | take: Attribute        | has no member Attribute
          """)
  void whatTheSdkDoesNotHaveIsAFault(String right, String wrong, String fault) {
    CatalogService sqs = CatalogFiles.read("sqs.yaml", FILE.replace(right, wrong));
    assertThat(new CatalogCheck(ServiceModel::of).faults(sqs))
        .anySatisfy(found -> assertThat(found).contains(fault));
  }

  @Test
  void aKeyThatIsNoneIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> CatalogFiles.read("sqs.yaml", FILE.replace("items:", "item:")))
        .hasMessageContaining("sqs.yaml: queue: item: unknown; expected one of");
    assertThatThrownBy(
            () ->
                CatalogFiles.read("sqs.yaml", FILE.replace("    id: \"{QueueUrl|last /}\"\n", "")))
        .hasMessageContaining("sqs.yaml: queue: id: missing");
  }
}
