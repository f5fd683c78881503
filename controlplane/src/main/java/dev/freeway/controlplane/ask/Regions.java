package dev.freeway.controlplane.ask;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What regions are called. */
final class Regions {
  private static final Pattern CODE =
      Pattern.compile("(us|eu|ap|sa|ca|me|af|il|mx|cn)(-(gov|iso|isob))?-[a-z]+-\\d");

  /** A prefix that ends in a hyphen stands for all regions that begin so. */
  private static final Map<String, String> PLACES =
      Map.ofEntries(
          Map.entry("ireland", "eu-west-1"),
          Map.entry("dublin", "eu-west-1"),
          Map.entry("london", "eu-west-2"),
          Map.entry("paris", "eu-west-3"),
          Map.entry("frankfurt", "eu-central-1"),
          Map.entry("zurich", "eu-central-2"),
          Map.entry("stockholm", "eu-north-1"),
          Map.entry("milan", "eu-south-1"),
          Map.entry("spain", "eu-south-2"),
          Map.entry("virginia", "us-east-1"),
          Map.entry("n virginia", "us-east-1"),
          Map.entry("north virginia", "us-east-1"),
          Map.entry("northern virginia", "us-east-1"),
          Map.entry("ohio", "us-east-2"),
          Map.entry("california", "us-west-1"),
          Map.entry("oregon", "us-west-2"),
          Map.entry("tokyo", "ap-northeast-1"),
          Map.entry("seoul", "ap-northeast-2"),
          Map.entry("osaka", "ap-northeast-3"),
          Map.entry("mumbai", "ap-south-1"),
          Map.entry("singapore", "ap-southeast-1"),
          Map.entry("sydney", "ap-southeast-2"),
          Map.entry("jakarta", "ap-southeast-3"),
          Map.entry("melbourne", "ap-southeast-4"),
          Map.entry("canada", "ca-central-1"),
          Map.entry("sao paulo", "sa-east-1"),
          Map.entry("bahrain", "me-south-1"),
          Map.entry("cape town", "af-south-1"),
          Map.entry("tel aviv", "il-central-1"),
          Map.entry("europe", "eu-"),
          Map.entry("european region", "eu-"),
          Map.entry("eu region", "eu-"),
          Map.entry("the eu", "eu-"),
          Map.entry("us region", "us-"),
          Map.entry("the us", "us-"),
          Map.entry("america", "us-"),
          Map.entry("asia", "ap-"),
          Map.entry("asia pacific", "ap-"),
          Map.entry("global", "global"));

  private Regions() {}

  /** A region that a word or two name. */
  static Optional<String> of(String lower) {
    return CODE.matcher(lower).matches()
        ? Optional.of(lower)
        : Optional.ofNullable(PLACES.get(lower.replace(".", "").replaceAll("regions$", "region")));
  }
}
