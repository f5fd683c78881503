package dev.freeway.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.IamActions.Grant;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The actions are held against the Service Authorization Reference: {@code iam-read-actions.txt}
 * has, of each prefix that Freeway uses, all actions that it calls List or Read.
 */
class IamActionsTest {
  private static final IamActions ACTIONS = IamActions.builtIn();
  private static final Set<String> READING = reading();

  private static Set<String> reading() {
    Set<String> actions = new TreeSet<>();
    try (InputStream file = IamActionsTest.class.getResourceAsStream("iam-read-actions.txt")) {
      for (String line :
          new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList()) {
        String prefix = line.substring(0, line.indexOf(':') + 1);
        for (String action : line.substring(prefix.length()).strip().split(" ", -1)) {
          actions.add((prefix + action).toLowerCase(Locale.ROOT));
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return actions;
  }

  private static List<Grant> of(OperationKey key) {
    ServiceModel model = ServiceModel.of(key.module());
    return ACTIONS.of(model, model.operation(key.operation()));
  }

  static List<CatalogService> services() {
    return Catalog.builtIn().services();
  }

  @ParameterizedTest
  @MethodSource("services")
  void everyOperationTakesActionsThatIamHasAndThatOnlyRead(CatalogService service) {
    assertThat(service.operations()).isNotEmpty();
    for (OperationKey key : service.operations()) {
      assertThat(of(key)).as("%s", key).isNotEmpty();
      for (Grant grant : of(key)) {
        assertThat(READING).as("%s", key).contains(grant.action().toLowerCase(Locale.ROOT));
      }
    }
  }

  @Test
  void whatTheFileNamesIsCalled() {
    Set<OperationKey> called = new TreeSet<>();
    services().forEach(service -> called.addAll(service.operations()));
    assertThat(called).containsAll(ACTIONS.named());
  }

  @ParameterizedTest
  @CsvSource({
    "s3, ListBuckets, s3:ListAllMyBuckets, *",
    "s3, GetBucketEncryption, s3:GetEncryptionConfiguration, *",
    "s3control, GetPublicAccessBlock, s3:GetAccountPublicAccessBlock, *",
    "rds, DescribeDbInstances, rds:DescribeDBInstances, *",
    "docdb, DescribeDbClusters, rds:DescribeDBClusters, *",
    "elasticloadbalancingv2, DescribeListeners, elasticloadbalancing:DescribeListeners, *",
    "lambda, ListFunctions, lambda:ListFunctions, *",
    "cloudwatch, DescribeAlarms, cloudwatch:DescribeAlarms, *",
    "apigateway, GetStages, apigateway:GET, arn:{partition}:apigateway:*::/restapis/*/stages",
    "resourcegroupstaggingapi, GetResources, tag:GetResources, *",
    "budgets, DescribeBudgets, budgets:ViewBudget, *"
  })
  void namesThatDiffer(String module, String operation, String action, String resource) {
    assertThat(of(new OperationKey(module, operation)))
        .containsExactly(new Grant(action, resource));
  }
}
