package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.catalog.OperationKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whose credentials these are, and where the account may have anything.
 *
 * @param id twelve digits
 * @param caller the ARN that AWS sees
 * @param alias of the account; empty when it has none or it may not be seen
 * @param regions that are enabled, by name; empty where it may not be seen which are
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
   * @throws AwsException when the credentials do not hold, or the regions cannot be listed for
   *     another reason than that it is not allowed
   */
  static Account of(Session session) throws AwsException {
    ObjectNode identity = identity(session);
    List<String> regions = regions(session);
    String alias = "";
    try {
      alias =
          session
              .ask("iam", "ListAccountAliases", Map.of())
              .getFirst()
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
        session.partition(),
        regions.stream().sorted().toList());
  }

  private static List<String> regions(Session session) throws AwsException {
    List<String> regions = new ArrayList<>();
    try {
      for (ObjectNode page : session.ask("ec2", "DescribeRegions", Map.of())) {
        for (JsonNode region : page.path("Regions")) {
          if (!region.path("OptInStatus").asString("").equals("not-opted-in")) {
            regions.add(region.path("RegionName").asString());
          }
        }
      }
    } catch (AwsException e) {
      if (e.kind() != AwsException.Kind.DENIED) {
        throw e;
      }
    }
    return regions;
  }

  private static ObjectNode identity(Session session) throws AwsException {
    return session.ask("sts", "GetCallerIdentity", Map.of()).getFirst();
  }

  /**
   * The twelve digits of a caller's account.
   *
   * @throws AwsException when the credentials do not hold
   */
  public static String id(Session session) throws AwsException {
    return identity(session).path("Account").asString();
  }

  /** What {@link #of} asks, which whoever scans needs besides the lists. */
  public static List<OperationKey> asks() {
    return List.of(
        new OperationKey("sts", "GetCallerIdentity"),
        new OperationKey("ec2", "DescribeRegions"),
        new OperationKey("iam", "ListAccountAliases"),
        new OperationKey("resourcegroupstaggingapi", "GetResources"));
  }
}
