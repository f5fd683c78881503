package dev.freeway.controlplane.accounts;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A role of an account.
 *
 * @param partition such as {@code aws}
 * @param account twelve digits
 * @param name with its path, such as {@code audit/Reader}
 */
public record RoleArn(String partition, String account, String name) {
  private static final Pattern ARN =
      Pattern.compile("arn:(aws[a-z-]*):iam::(\\d{12}):role/([\\w+=,.@/-]{1,576})");
  private static final Pattern NAME = Pattern.compile("[\\w+=,.@-]+(/[\\w+=,.@-]+)*");

  /** Checks the name. */
  public RoleArn {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          name + ": no name of a role; expected one such as OrganizationAccountAccessRole");
    }
  }

  /**
   * Reads an ARN.
   *
   * @throws IllegalArgumentException when it is none of a role
   */
  public static RoleArn parse(String text) {
    Matcher arn = ARN.matcher(text);
    if (!arn.matches()) {
      throw new IllegalArgumentException(
          text + ": no ARN of a role; expected one such as arn:aws:iam::123456789012:role/Reader");
    }
    return new RoleArn(arn.group(1), arn.group(2), arn.group(3));
  }

  @Override
  public String toString() {
    return "arn:" + partition + ":iam::" + account + ":role/" + name;
  }
}
