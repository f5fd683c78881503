package dev.freeway.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class LastingTest {
  private static final String DOCUMENT =
      "{\"Name\":\"a\",\"Count\":1,\"Deep\":{\"Seen\":2,\"Id\":\"d\"},"
          + "\"List\":[{\"Used\":3,\"Id\":\"x\"},{\"Used\":4}],\"FreewayNotSeen\":[\"Policy\"]}";

  @Test
  void whatIsFleetingAndWhatAScanNotesDoNotCount() {
    Lasting lasting =
        new Lasting(
            List.of(
                Path.parse("Count"),
                Path.parse("Deep.Seen"),
                Path.parse("List[].Used"),
                Path.parse("Missing.Member")));
    assertThat(lasting.of(DOCUMENT))
        .isEqualTo("{\"Name\":\"a\",\"Deep\":{\"Id\":\"d\"},\"List\":[{\"Id\":\"x\"},{}]}");
  }

  @Test
  void allElseCountsAsItIs() {
    String plain = "{\"Name\": \"a\",  \"Count\": 1}";
    assertThat(Lasting.ALL.of(plain)).isSameAs(plain);
    assertThat(Lasting.ALL.of("{\"a\":1,\"FreewayNotSeen\":[\"b\"]}")).isEqualTo("{\"a\":1}");
  }

  @Test
  void whatWasNotSeenIsRead() {
    assertThat(Lasting.notSeen(JsonMapper.shared().readTree(DOCUMENT))).containsExactly("Policy");
    assertThat(Lasting.notSeen(JsonMapper.shared().readTree("{}"))).isEmpty();
  }

  /** Tags that come in bulk are compared by themselves. */
  @Test
  void tagsThatComeInBulkDoNotCount() {
    CatalogService service =
        CatalogFiles.read(
            """
            service: sqs
            category: Test
            types:
              queue:
                list: ListQueues
                items: QueueUrls[]
                as: QueueUrl
                id: QueueUrl
                volatile: [Count]
                tags: {call: ListQueueTags, with: {QueueUrl: "{QueueUrl}"}, take: Tags, bulk: true}
              other:
                like: queue
                id: "{QueueUrl|last /}"
                tags: {call: ListQueueTags, with: {QueueUrl: "{QueueUrl}"}, take: Tags}
            """);
    String document = "{\"Name\":\"a\",\"Count\":1,\"Tags\":{\"Owner\":\"a\"}}";
    assertThat(service.types().getFirst().lasting().of(document)).isEqualTo("{\"Name\":\"a\"}");
    ResourceType other = service.types().getLast();
    assertThat(other.lasting().of(document))
        .isEqualTo("{\"Name\":\"a\",\"Tags\":{\"Owner\":\"a\"}}");
    assertThat(other.operation()).isEqualTo("ListQueues");
    assertThat(other.id().text()).isEqualTo("{QueueUrl|last /}");
    assertThat(service.operations())
        .extracting(OperationKey::operation)
        .containsExactly("ListQueueTags", "ListQueues");
  }
}
