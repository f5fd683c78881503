package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Where credentials, the first region and the endpoint come from: a profile, else what the SDK's
 * environment says.
 *
 * @param profile of the SDK's files; empty for the SDK's usual chain
 * @param endpoint asked instead of AWS; empty for AWS
 */
public record Access(String profile, Optional<URI> endpoint) {
  /** How the SDK begins a list of all that it tried, two thousand characters long. */
  private static final String NOWHERE =
      "Unable to load credentials from any of the providers in the chain";

  /**
   * Access by options and environment.
   *
   * @param endpoint what the command line says; empty for {@code AWS_ENDPOINT_URL} or the profile's
   *     {@code endpoint_url}
   * @throws IllegalArgumentException when the profile is none, or the endpoint is no URL
   */
  public static Access of(String profile, String endpoint, Map<String, String> environment) {
    String named = profile.isEmpty() ? environment.getOrDefault("AWS_PROFILE", "") : profile;
    Optional<Profile> read = Optional.empty();
    if (!named.isEmpty()) {
      ProfileFile file = ProfileFile.defaultProfileFile();
      read = file.profile(named);
      if (read.isEmpty()) {
        throw new IllegalArgumentException(
            "profile "
                + named
                + ": not in the AWS configuration; "
                + (file.profiles().isEmpty()
                    ? "there is none: expected ~/.aws/config, or AWS_CONFIG_FILE, with it"
                    : "expected one of "
                        + String.join(", ", file.profiles().keySet().stream().sorted().toList())));
      }
    }
    boolean ignored =
        environment.getOrDefault("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").equals("true");
    String url = endpoint;
    if (url.isEmpty() && !ignored) {
      url = environment.getOrDefault("AWS_ENDPOINT_URL", "");
      if (url.isEmpty()) {
        url = read.flatMap(found -> found.property("endpoint_url")).orElse("");
      }
    }
    return new Access(named, url.isEmpty() ? Optional.empty() : Optional.of(url(url)));
  }

  private static URI url(String text) {
    try {
      URI url = new URI(text);
      if (url.getHost() != null
          && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
        return url;
      }
    } catch (URISyntaxException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "endpoint " + text + ": no URL; expected one such as http://127.0.0.1:5000");
  }

  /**
   * Credentials, asked of their source when they are needed. Where the source is a session of the
   * Identity Center that ended, the refusal says how to begin another.
   */
  public Credentials credentials() {
    AwsCredentialsProvider provider =
        profile.isEmpty()
            ? DefaultCredentialsProvider.builder().build()
            : ProfileCredentialsProvider.builder().profileName(profile).build();
    return new Credentials() {
      @Override
      public AwsCredentialsIdentity of(ServiceModel model, Operation operation)
          throws AwsException {
        try {
          return provider.resolveCredentials();
        } catch (SdkException | IllegalArgumentException e) {
          AwsException none = AwsException.withoutCredentials(e);
          if (none.said().contains(NOWHERE)) {
            none =
                none.saying(
                    "none found, neither in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, nor in the"
                        + " profile \"default\", nor of a web identity, a container or an instance;"
                        + " expected one of these, or -p PROFILE");
          }
          AwsException said = none;
          throw SsoLogin.of(profile)
              .map(login -> said.saying(said.said() + "; log in again: " + login))
              .orElse(said);
        }
      }

      @Override
      public void close() {
        if (provider instanceof SdkAutoCloseable closeable) {
          closeable.close();
        }
      }
    };
  }

  /** The region that is asked first: the profile's or the environment's, else us-east-1. */
  public String home(Map<String, String> environment) {
    if (profile.isEmpty()
        && environment.containsKey("AWS_DEFAULT_REGION")
        && !environment.containsKey("AWS_REGION")) {
      return environment.getOrDefault("AWS_DEFAULT_REGION", "");
    }
    try {
      return DefaultAwsRegionProviderChain.builder()
          .profileName(profile.isEmpty() ? null : profile)
          .build()
          .getRegion()
          .id();
    } catch (SdkClientException _) {
      return Region.US_EAST_1.id();
    }
  }
}
