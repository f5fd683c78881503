package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is in no region is asked where its partition has it, and nowhere where it does not. */
class PartitionsTest {
  @ParameterizedTest
  @CsvSource({
    "aws, iam, role, us-east-1",
    "aws, globalaccelerator, accelerator, us-west-2",
    "aws-us-gov, iam, role, us-gov-west-1",
    "aws-us-gov, s3, bucket, us-gov-west-1",
    "aws-us-gov, route53, hosted-zone, us-gov-west-1",
    "aws-us-gov, cloudfront, distribution,",
    "aws-us-gov, budgets, budget,",
    "aws-us-gov, wafv2, web-acl-cloudfront,",
    "aws-us-gov, globalaccelerator, accelerator,",
    "aws-cn, iam, role, cn-north-1",
    "aws-cn, cloudfront, distribution, cn-northwest-1",
    "aws-cn, route53, hosted-zone, cn-northwest-1",
    "aws-cn, shield, protection,",
    "aws-iso-e, iam, role, eu-isoe-west-1",
  })
  void globalServices(String partition, String service, String type, String region) {
    ListScope scope =
        Rehearsal.service(service).types().stream()
            .filter(one -> one.name().equals(type))
            .map(ResourceType::scope)
            .findFirst()
            .orElseThrow();
    ScanRequest request =
        new ScanRequest("1", partition, List.of(), true, List.of(), Map.of(), true, 1);
    assertThat(Scanner.control(scope, request).orElse(null)).isEqualTo(region);
    assertThat(
            Scanner.control(
                scope,
                new ScanRequest("1", partition, List.of("x"), false, List.of(), Map.of(), true, 1)))
        .isEmpty();
  }
}
