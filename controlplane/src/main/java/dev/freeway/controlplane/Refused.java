package dev.freeway.controlplane;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.output.Printable;
import java.time.Duration;

/** An account that could not be asked at all. */
final class Refused {
  private Refused() {}

  /** What AWS said, and what would be right. */
  static String words(AwsException refusal) {
    return Printable.of(
        refusal.operation()
            + ": "
            + (refusal.status() == 0 || refusal.code().isEmpty() ? "" : refusal.code() + ": ")
            + refusal.said()
            + (refusal.kind() == AwsException.Kind.CREDENTIALS
                    && !refusal.said().contains("login")
                    && !refusal.said().contains("expected")
                ? "; expected valid credentials, see aws sts get-caller-identity"
                : ""));
  }

  /** The entry of an account's ledger that stands for all that was not asked. */
  static LedgerEntry entry(String account, String region, AwsException refusal) {
    Outcome outcome =
        switch (refusal.kind()) {
          case DENIED, CREDENTIALS -> Outcome.DENIED;
          case THROTTLED -> Outcome.THROTTLED;
          case UNREACHABLE, NO_HOST -> Outcome.UNREACHABLE;
          case NOT_HERE, SKEWED, REFUSED, BROKEN, FOREIGN -> Outcome.FAILED;
        };
    String operation = refusal.operation();
    return entry(
        account,
        region,
        operation.substring(operation.indexOf(':') + 1),
        outcome,
        refusal.code(),
        refusal.said());
  }

  /** The same for a scan that was stopped before it came to the account. */
  static LedgerEntry stopped(String account, String region) {
    return entry(account, region, "AssumeRole", Outcome.STOPPED, "", "");
  }

  /** The same where what was asked for is not there. */
  static LedgerEntry wrongly(String account, String region, String why) {
    return entry(account, region, "DescribeRegions", Outcome.FAILED, "", why);
  }

  private static LedgerEntry entry(
      String account,
      String region,
      String operation,
      Outcome outcome,
      String code,
      String message) {
    return new LedgerEntry(
        account, region, "sts", operation, 1, 0, 0, 0, Duration.ZERO, outcome, code, message);
  }
}
