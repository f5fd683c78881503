package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class PaginationTest {
  @ParameterizedTest
  @CsvSource({
    "ec2, DescribeInstances, NextToken, NextToken",
    "sqs, ListQueues, NextToken, NextToken",
    "dynamodb, ListTables, ExclusiveStartTableName, LastEvaluatedTableName",
    "cloudfront, ListDistributions, Marker, DistributionList.NextMarker",
    "efs, DescribeFileSystems, Marker, NextMarker",
    "rds, DescribeDbInstances, Marker, Marker",
    "s3, ListBuckets, ContinuationToken, ContinuationToken",
    "apigateway, GetRestApis, position, position",
    "iam, GetAccountAuthorizationDetails, Marker, Marker",
    "lambda, ListFunctions, Marker, NextMarker"
  })
  void isFoundByTheNamesOfMembers(String module, String operation, String input, String output) {
    ServiceModel model = ServiceModel.of(module);
    assertThat(Pagination.of(model, model.operation(operation)))
        .hasValueSatisfying(
            page ->
                assertThat(page.members())
                    .isEqualTo(Map.of(input, List.of(output.split("\\.", -1)))));
  }

  @Test
  void goesOnWithEveryMemberThatTheAnswerHas() {
    SequencedMap<String, List<String>> members = new LinkedHashMap<>();
    members.put("StartRecordName", List.of("NextRecordName"));
    members.put("StartRecordIdentifier", List.of("NextRecordIdentifier"));
    Pagination page = new Pagination(members);
    assertThat(page.next(json("{\"NextRecordName\":\"a.\"}")))
        .isEqualTo(Map.of("StartRecordName", "a."));
    assertThat(page.next(json("{\"NextRecordName\":\"a.\",\"NextRecordIdentifier\":\"1\"}")))
        .isEqualTo(Map.of("StartRecordName", "a.", "StartRecordIdentifier", "1"));
    assertThat(page.next(json("{\"NextRecordIdentifier\":\"1\"}"))).isEmpty();
    assertThat(page.next(json("{\"NextRecordName\":\"\"}"))).isEmpty();
  }

  private static JsonNode json(String text) {
    return ModelFile.JSON.readTree(text);
  }
}
