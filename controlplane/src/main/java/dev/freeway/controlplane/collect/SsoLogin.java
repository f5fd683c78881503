package dev.freeway.controlplane.collect;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;

/** How a person logs in whose profile is of the IAM Identity Center, which was AWS SSO. */
final class SsoLogin {
  private static final String USUAL = "default";

  private SsoLogin() {}

  /**
   * The command.
   *
   * @param profile empty for the usual one
   * @return empty where neither the profile nor one that it takes its credentials from is of SSO
   */
  static Optional<String> of(String profile) {
    ProfileFile file = ProfileFile.defaultProfileFile();
    Set<String> passed = new HashSet<>();
    String name = profile.isEmpty() ? USUAL : profile;
    while (passed.add(name)) {
      Optional<Profile> read = file.profile(name);
      if (read.isEmpty()) {
        return Optional.empty();
      }
      if (read.get().property("sso_session").isPresent()
          || read.get().property("sso_start_url").isPresent()) {
        return Optional.of("aws sso login --profile " + name);
      }
      name = read.get().property("source_profile").orElse(name);
    }
    return Optional.empty();
  }
}
