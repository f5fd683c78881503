package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsTest {
  private static final Endpoints AWS = new Endpoints(Optional.empty());

  @ParameterizedTest
  @CsvSource({
    "ec2, eu-west-1, ec2.eu-west-1.amazonaws.com, ec2, eu-west-1",
    "ec2, cn-north-1, ec2.cn-north-1.amazonaws.com.cn, ec2, cn-north-1",
    "iam, eu-west-1, iam.amazonaws.com, iam, us-east-1",
    "iam, us-gov-west-1, iam.us-gov.amazonaws.com, iam, us-gov-west-1",
    "iam, cn-north-1, iam.cn-north-1.amazonaws.com.cn, iam, cn-north-1",
    "route53, us-east-1, route53.amazonaws.com, route53, us-east-1",
    "s3, eu-west-1, s3.eu-west-1.amazonaws.com, s3, eu-west-1",
    "s3control, eu-west-1, s3-control.eu-west-1.amazonaws.com, s3, eu-west-1",
    "sfn, us-east-2, states.us-east-2.amazonaws.com, states, us-east-2",
    "cloudwatchlogs, us-east-2, logs.us-east-2.amazonaws.com, logs, us-east-2",
    // a region that the SDK does not know yet
    "ec2, eu-west-9, ec2.eu-west-9.amazonaws.com, ec2, eu-west-9"
  })
  void areWhereTheSdkPutsThem(
      String module, String region, String host, String signingName, String signingRegion) {
    assertThat(AWS.of(ServiceModel.of(module), region))
        .isEqualTo(
            new Endpoints.Endpoint(URI.create("https://" + host), signingName, signingRegion));
  }

  @Test
  void anotherEndpointIsAskedForEverything() {
    Endpoints other = new Endpoints(Optional.of(URI.create("http://127.0.0.1:5000")));
    assertThat(other.of(ServiceModel.of("iam"), "eu-west-1"))
        .isEqualTo(new Endpoints.Endpoint(URI.create("http://127.0.0.1:5000"), "iam", "us-east-1"));
  }

  @Test
  void regionsBelongToPartitions() {
    assertThat(Endpoints.partition("us-gov-west-1")).isEqualTo("aws-us-gov");
    assertThat(Endpoints.partition("eu-west-9")).isEqualTo("aws");
    assertThat(Endpoints.lists(ServiceModel.of("ec2"), "eu-west-1")).isTrue();
  }
}
