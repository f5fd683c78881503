package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Relation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Documents within documents are kept as what they say. */
class DecodeTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String POLICY =
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Sid\":\"a+b c\","
          + "\"Principal\":{\"AWS\":\"arn:aws:iam::210987654321:role/other\"}}]}";

  enum How {
    PERCENT,
    TEXT,
    ESCAPED
  }

  private static String as(How how) {
    return switch (how) {
      case PERCENT -> URLEncoder.encode(POLICY, StandardCharsets.UTF_8).replace("+", "%20");
      case TEXT -> POLICY;
      case ESCAPED -> POLICY.replace("\"", "\\\"");
    };
  }

  @ParameterizedTest
  @CsvSource({
    "iam, role, RoleId, AssumeRolePolicyDocument, PERCENT",
    "iam, role, RoleId, RolePolicyList[].PolicyDocument, PERCENT",
    "iam, user, UserId, UserPolicyList[].PolicyDocument, PERCENT",
    "iam, group, GroupId, GroupPolicyList[].PolicyDocument, PERCENT",
    "iam, policy, PolicyId, PolicyVersionList[].Document, PERCENT",
    "s3, bucket, Name, Policy, TEXT",
    "sqs, queue, QueueUrl, Attributes.Policy, TEXT",
    "sns, topic, TopicArn, Attributes.Policy, TEXT",
    "kms, key, KeyId, Policy, TEXT",
    "secretsmanager, secret, Name, ResourcePolicy, TEXT",
    "ecr, repository, repositoryName, repositoryPolicy, TEXT",
    "vpc, vpc-endpoint, VpcEndpointId, PolicyDocument, TEXT",
    "apigateway, rest-api, id, policy, ESCAPED",
  })
  void asTheCatalogueSays(String service, String name, String id, String path, How how) {
    ResourceType type =
        Catalog.builtIn().service(service).orElseThrow().types().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow();
    ObjectNode document = JSON.createObjectNode();
    // Whatever else its id may be made of.
    for (String member : List.of(id, "Arn", "Name", "RoleName", "UserName", "PolicyName")) {
      document.put(member, "arn:aws:x:eu-west-1:123456789012:some/thing");
    }
    ObjectNode at = document;
    String[] steps = path.split("\\.", -1);
    for (int i = 0; i < steps.length - 1; i++) {
      String step = steps[i].replace("[]", "");
      at = steps[i].endsWith("[]") ? at.putArray(step).addObject() : at.putObject(step);
    }
    at.put(steps[steps.length - 1], as(how));

    Found found = Found.of(type, document, "123456789012", "eu-west-1", List.of());
    JsonNode kept = JSON.readTree(found.resource().document());
    for (String step : steps) {
      kept = kept.get(step.replace("[]", ""));
      kept = step.endsWith("[]") ? kept.get(0) : kept;
    }
    assertThat(kept).isEqualTo(JSON.readTree(POLICY));
    assertThat(found.relations())
        .extracting(Relation::target)
        .contains("arn:aws:iam::210987654321:role/other");
  }
}
