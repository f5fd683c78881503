package dev.freeway.controlplane.accounts;

import java.util.regex.Pattern;

/**
 * With what roles are assumed.
 *
 * @param sessionName what the account's CloudTrail says who it was
 * @param externalId what the role's trust policy asks for; empty for nothing
 */
public record RoleRequest(String sessionName, String externalId) {
  private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]{2,64}");
  private static final Pattern EXTERNAL_ID = Pattern.compile("[\\w+=,.@:/-]{2,1224}");

  /** Checks both. */
  public RoleRequest {
    if (!SESSION_NAME.matcher(sessionName).matches()) {
      throw new IllegalArgumentException(
          "--role-session-name "
              + sessionName
              + ": expected 2 to 64 letters, digits and _+=,.@- without spaces");
    }
    if (!externalId.isEmpty() && !EXTERNAL_ID.matcher(externalId).matches()) {
      throw new IllegalArgumentException(
          "--external-id "
              + externalId
              + ": expected 2 to 1224 letters, digits and _+=,.@:/- without spaces");
    }
  }
}
