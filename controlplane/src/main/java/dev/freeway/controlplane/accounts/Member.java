package dev.freeway.controlplane.accounts;

/**
 * An account of an organisation.
 *
 * @param id twelve digits
 * @param name as the organisation calls it; empty where nobody was asked
 * @param status such as {@code ACTIVE} or {@code SUSPENDED}
 */
public record Member(String id, String name, String status) {
  /** Whether its APIs answer. */
  public boolean isActive() {
    return status.equals("ACTIVE");
  }
}
