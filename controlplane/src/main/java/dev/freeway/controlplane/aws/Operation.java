package dev.freeway.controlplane.aws;

/**
 * One operation of a service.
 *
 * @param name as the SDK has it, such as {@code DescribeInstances}
 * @param identifier what the request says it is: an action, or a target; empty where the path does
 * @param uri path and query, with places for members
 * @param hostPrefix put before the host, with places for members; mostly empty
 */
public record Operation(
    String name,
    String identifier,
    String method,
    String uri,
    boolean payloadMembers,
    boolean explicitPayload,
    boolean implicitPayload,
    String hostPrefix,
    Shape input,
    Shape output) {

  /** As AWS writes it, such as {@code DescribeDBInstances} where the SDK has Db. */
  public String awsName() {
    return identifier.isEmpty() ? name : identifier.substring(identifier.lastIndexOf('.') + 1);
  }
}
