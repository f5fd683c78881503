package dev.freeway.controlplane.catalog;

import java.util.List;

/**
 * Where a list is asked.
 *
 * @param kind in every region, or once
 * @param regions for {@link Kind#REGION}: in these alone; empty for every region that has it. For
 *     {@link Kind#GLOBAL}: the control plane's region of each partition, first that the partition
 *     has
 */
public record ListScope(Kind kind, List<String> regions) {
  /** In every region or once. */
  public enum Kind {
    /** In every region that is enabled and has the service. */
    REGION,
    /** Once in an account; what is found is in no region unless it says so itself. */
    GLOBAL
  }

  /** Copies the regions. */
  public ListScope {
    regions = List.copyOf(regions);
  }
}
