package dev.freeway.controlplane.aws;

import dev.freeway.controlplane.aws.AwsException.Kind;
import java.util.Locale;
import java.util.Set;

/**
 * Tells AWS's refusals apart by their codes. Source: AWS's "Common error types" and the services'
 * own.
 */
final class Refusals {
  private static final Set<String> THROTTLED =
      Set.of(
          "RequestLimitExceeded",
          "BandwidthLimitExceeded",
          "PriorRequestNotComplete",
          "TooManyRequestsException",
          "TooManyRequests",
          "SlowDown",
          "RequestThrottled",
          "RequestThrottledException",
          "ProvisionedThroughputExceededException",
          "LimitExceededException",
          "EC2ThrottledException");

  private static final Set<String> NOT_HERE =
      Set.of(
          "OptInRequired",
          "SubscriptionRequiredException",
          "SubscriptionRequired",
          "InvalidRegion",
          "UnsupportedRegion",
          "IllegalLocationConstraintException",
          "RegionDisabledException");

  /** Of credentials that were good for a time. */
  static final Set<String> EXPIRED =
      Set.of("ExpiredToken", "ExpiredTokenException", "RequestExpired");

  private static final Set<String> CREDENTIALS =
      Set.of(
          "InvalidClientTokenId",
          "UnrecognizedClientException",
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "InvalidSignatureException",
          "AuthFailure",
          "MissingAuthenticationToken",
          "IncompleteSignature");

  private static final Set<String> SKEWED = Set.of("RequestTimeTooSkewed", "RequestInTheFuture");

  private Refusals() {}

  /**
   * The kind of a refusal.
   *
   * @param code AWS's; empty where it said none
   */
  static Kind kind(int status, String code, String message) {
    String words = message.toLowerCase(Locale.ROOT);
    boolean quota = // of how many things there may be
        code.equals("LimitExceededException") && status == 400 && !words.contains("rate");
    if (code.contains("Throttl") || status == 429 || (THROTTLED.contains(code) && !quota)) {
      return Kind.THROTTLED;
    }
    if (SKEWED.contains(code) || words.contains("signature not yet current")) {
      return Kind.SKEWED;
    }
    if (NOT_HERE.contains(code)
        || words.contains("not supported in this region")
        || words.contains("not available in this region")
        || words.contains("not supported in the region")) {
      return Kind.NOT_HERE;
    }
    if (CREDENTIALS.contains(code) || EXPIRED.contains(code)) {
      return Kind.CREDENTIALS;
    }
    if (code.startsWith("AccessDenied")
        || code.startsWith("Unauthorized")
        || code.equals("NotAuthorized")
        || code.equals("AuthorizationError")
        || code.equals("AuthorizationErrorException")
        || code.equals("NotAuthorizedException")
        || code.equals("ForbiddenException")
        || (code.isEmpty() && status == 403)) {
      return Kind.DENIED;
    }
    if (status == 503 && code.equals("ServiceUnavailable")) {
      return Kind.BROKEN;
    }
    if (status >= 500) {
      return Kind.BROKEN;
    }
    return code.isEmpty() ? Kind.FOREIGN : Kind.REFUSED;
  }
}
