package dev.freeway.controlplane.accounts;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.collect.Credentials;
import dev.freeway.controlplane.collect.Session;
import java.util.Map;
import java.util.regex.Pattern;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import tools.jackson.databind.JsonNode;

/**
 * A second factor.
 *
 * @param serial the device's ARN, or the number on it
 * @param token six digits, good for one use
 */
public record Mfa(String serial, String token) {
  private static final Pattern SERIAL = Pattern.compile("[\\w+=/:,.@-]{9,256}");
  private static final Pattern TOKEN = Pattern.compile("\\d{6}");

  /** Checks both. */
  public Mfa {
    checked(serial);
    if (!TOKEN.matcher(token).matches()) {
      throw new IllegalArgumentException(
          "--mfa-token " + token + ": expected the six digits that the device shows");
    }
  }

  /**
   * A device.
   *
   * @throws IllegalArgumentException when it cannot be one
   */
  public static String checked(String serial) {
    if (!SERIAL.matcher(serial).matches()) {
      throw new IllegalArgumentException(
          "--mfa-serial "
              + serial
              + ": expected a device such as arn:aws:iam::123456789012:mfa/ann, or the number on"
              + " it");
    }
    return serial;
  }

  /**
   * The same caller with the second factor shown. A token is good for one call, and roles are
   * assumed by many: so it goes into a session of the caller's own (GetSessionToken, 12 hours),
   * which assumes them.
   *
   * @throws AwsException when AWS refuses it
   */
  public Session session(Session caller) throws AwsException {
    JsonNode answer =
        caller
            .ask(
                "sts",
                "GetSessionToken",
                Map.of("SerialNumber", serial, "TokenCode", token, "DurationSeconds", 43_200))
            .getFirst();
    AwsCredentialsIdentity identity = AssumedRole.identity(answer.path("Credentials"));
    Credentials shown = (_, _) -> identity;
    return caller.with(shown);
  }
}
