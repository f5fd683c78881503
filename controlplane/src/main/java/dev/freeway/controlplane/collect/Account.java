package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.aws.ServiceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whose credentials these are, and where the account may have anything.
 *
 * @param id twelve digits
 * @param caller the ARN that AWS sees
 * @param alias of the account; empty when it has none or it may not be seen
 * @param regions that are enabled, by name
 */
public record Account(
    String id, String caller, String alias, String partition, List<String> regions) {

  /** Copies the regions. */
  public Account {
    regions = List.copyOf(regions);
  }

  /**
   * Asks AWS.
   *
   * @param home the region that is asked first
   * @throws AwsException when the credentials do not hold, or the regions cannot be listed
   */
  public static Account of(AwsClient client, String home, AwsCredentialsIdentity credentials)
      throws AwsException {
    ObjectNode identity = ask(client, "sts", "GetCallerIdentity", home, Map.of(), credentials);
    ObjectNode listed = ask(client, "ec2", "DescribeRegions", home, Map.of(), credentials);
    List<String> regions = new ArrayList<>();
    for (JsonNode region : listed.path("Regions")) {
      if (!region.path("OptInStatus").asString("").equals("not-opted-in")) {
        regions.add(region.path("RegionName").asString());
      }
    }
    String alias = "";
    try {
      alias =
          ask(client, "iam", "ListAccountAliases", home, Map.of(), credentials)
              .path("AccountAliases")
              .path(0)
              .asString("");
    } catch (AwsException _) {
      // many may not see it, and nothing depends on it
    }
    return new Account(
        identity.path("Account").asString(),
        identity.path("Arn").asString(),
        alias,
        Endpoints.partition(home),
        regions.stream().sorted().toList());
  }

  private static ObjectNode ask(
      AwsClient client,
      String module,
      String operation,
      String region,
      Map<String, Object> input,
      AwsCredentialsIdentity credentials)
      throws AwsException {
    ServiceModel model = ServiceModel.of(module);
    return client.call(model, model.operation(operation), region, input, credentials);
  }
}
