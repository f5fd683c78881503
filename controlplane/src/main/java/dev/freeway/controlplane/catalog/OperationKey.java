package dev.freeway.controlplane.catalog;

import java.util.Comparator;

/**
 * An operation of one of the SDK's modules.
 *
 * @param module such as {@code elasticloadbalancingv2}
 * @param operation as the SDK has it, such as {@code DescribeListeners}
 */
public record OperationKey(String module, String operation) implements Comparable<OperationKey> {
  private static final Comparator<OperationKey> ORDER =
      Comparator.comparing(OperationKey::module).thenComparing(OperationKey::operation);

  @Override
  public int compareTo(OperationKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return module + ":" + operation;
  }
}
