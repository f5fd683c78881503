package dev.freeway.controlplane.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.IamActions;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.collect.Account;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SessionPolicyTest {
  private static final Set<OperationKey> ALL = operations();

  private static Set<OperationKey> operations() {
    Set<OperationKey> all = new TreeSet<>(Account.asks());
    Catalog.builtIn().services().forEach(service -> all.addAll(service.operations()));
    return all;
  }

  private static Set<String> actions(SessionPolicy policy) {
    Set<String> actions = new TreeSet<>();
    for (JsonNode statement : new JsonMapper().readTree(policy.document()).path("Statement")) {
      assertThat(statement.path("Effect").asString()).isEqualTo("Allow");
      if (statement.path("Action").isArray()) {
        statement.path("Action").forEach(action -> actions.add(action.asString()));
      } else {
        actions.add(statement.path("Action").asString());
      }
    }
    return actions;
  }

  @Test
  void eachIsAsLongAsStsTakesAndEachOperationIsInOne() {
    List<SessionPolicy> policies = SessionPolicy.of(ALL, "aws");
    List<OperationKey> placed = new ArrayList<>();
    for (SessionPolicy policy : policies) {
      assertThat(policy.document().length()).isBetween(1, 2048);
      placed.addAll(policy.grants().keySet());
    }
    assertThat(placed).containsExactlyElementsOf(ALL);
    assertThat(policies).hasSizeLessThanOrEqualTo(20);
  }

  @Test
  void theyAllowExactlyWhatTheOperationsTake() {
    IamActions iam = IamActions.builtIn();
    Set<String> needed = new TreeSet<>();
    for (OperationKey key : ALL) {
      ServiceModel model = ServiceModel.of(key.module());
      iam.of(model, model.operation(key.operation())).forEach(grant -> needed.add(grant.action()));
    }
    Set<String> allowed = new TreeSet<>();
    SessionPolicy.of(ALL, "aws").forEach(policy -> allowed.addAll(actions(policy)));
    assertThat(allowed).isEqualTo(needed).noneMatch(action -> action.contains("*"));
  }

  @Test
  void fewServicesTakeOneSession() {
    Set<OperationKey> few = Catalog.builtIn().service("sqs").orElseThrow().operations();
    List<SessionPolicy> policies = SessionPolicy.of(few, "aws");
    assertThat(policies).hasSize(1);
    assertThat(policies.getFirst().document())
        .startsWith("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[")
        .contains("\"sqs:ListQueues\"")
        .endsWith("],\"Resource\":\"*\"}]}");
  }

  @Test
  void pathsAreResourcesOfTheAccountsPartition() {
    Set<OperationKey> gateway = Catalog.builtIn().service("apigateway").orElseThrow().operations();
    assertThat(SessionPolicy.of(gateway, "aws-cn").getFirst().document())
        .contains("\"Action\":\"apigateway:GET\"")
        .contains("\"arn:aws-cn:apigateway:*::/restapis\"");
  }

  @Test
  void halvesHaveAllOfIt() {
    SessionPolicy policy = SessionPolicy.of(ALL, "aws").getFirst();
    List<SessionPolicy> halves = policy.halves();
    assertThat(halves).hasSize(2);
    Set<String> both = new TreeSet<>();
    halves.forEach(half -> both.addAll(actions(half)));
    assertThat(both).isEqualTo(actions(policy));
  }
}
