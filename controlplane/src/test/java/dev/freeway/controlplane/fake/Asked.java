package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request that was understood.
 *
 * @param account whose credentials it was signed with
 * @param region that it was signed for
 * @param input its members by the model's names: scalars and lists of them; of JSON all, as it came
 * @param key the same for the same request, whoever sends it and however often
 */
public record Asked(
    String account,
    String region,
    ServiceModel model,
    Operation operation,
    ObjectNode input,
    String key) {

  /** As in {@code ec2:DescribeInstances}. */
  public String name() {
    return model.module() + ":" + operation.name();
  }

  /** A member of the input as text; empty without. */
  public String text(String member) {
    return input.path(member).asString("");
  }
}
