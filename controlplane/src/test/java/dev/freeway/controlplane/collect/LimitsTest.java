package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests share a bucket, and how large it is. */
class LimitsTest {
  @ParameterizedTest
  @CsvSource({
    "ec2, DescribeInstances, ec2:DescribeInstances, 20, 100",
    "elasticloadbalancingv2, DescribeTags, elasticloadbalancingv2, 10, 40",
    "route53, ListHostedZones, route53, 10, 50",
    "lambda, ListFunctions, lambda, 15, 15",
    "lambda, GetFunction, lambda:GetFunction, 100, 100",
    "kms, GetKeyPolicy, kms:GetKeyPolicy, 1000, 1000",
    "organizations, DescribePolicy, organizations:DescribePolicy, 2, 2",
    "apigateway, GetResources, apigateway:GetResources, 2.5, 5",
    "athena, ListWorkGroups, athena, 25, 50"
  })
  void asPublished(String module, String operation, String bucket, double rate, double burst) {
    assertThat(Limits.bucket(module, operation)).isEqualTo(bucket);
    assertThat(Limits.of(module, operation).rate()).isEqualTo(rate);
    assertThat(Limits.of(module, operation).burst()).isEqualTo(burst);
  }
}
