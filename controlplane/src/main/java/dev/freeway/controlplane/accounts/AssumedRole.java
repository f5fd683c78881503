package dev.freeway.controlplane.accounts;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.collect.Credentials;
import dev.freeway.controlplane.collect.Session;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import tools.jackson.databind.JsonNode;

/**
 * A role's credentials. One session policy has no room for the actions of all operations, so there
 * are several sessions, each for some of them; each begins with the first call that needs it, and
 * is renewed shortly before its end. No session may do what the role may and its operations do not
 * take.
 */
public final class AssumedRole implements Credentials {
  /** What every role grants; also the most for one that was assumed by a role. */
  private static final Duration LENGTH = Duration.ofHours(1);

  private static final Duration MARGIN = Duration.ofMinutes(5);

  /** How long a refusal stands before it is tried again. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final String TOO_LARGE = "PackedPolicyTooLarge";

  private final Session base;
  private final RoleArn role;
  private final RoleRequest request;
  private final InstantSource clock;
  private final Map<OperationKey, Group> groups = new HashMap<>(); // not changed after it is made

  /**
   * Credentials of a role; nothing is asked yet.
   *
   * @param base who assumes it
   * @param operations what will be called
   */
  public AssumedRole(
      Session base,
      RoleArn role,
      RoleRequest request,
      Collection<OperationKey> operations,
      InstantSource clock) {
    this.base = base;
    this.role = role;
    this.request = request;
    this.clock = clock;
    for (SessionPolicy policy : SessionPolicy.of(operations, role.partition())) {
      Group group = new Group(policy);
      policy.grants().keySet().forEach(operation -> groups.put(operation, group));
    }
  }

  /** How many sessions it takes to call all of some operations. */
  public static int sessions(Collection<OperationKey> operations) {
    return SessionPolicy.of(operations, "aws").size();
  }

  @Override
  public AwsCredentialsIdentity of(ServiceModel model, Operation operation) throws AwsException {
    OperationKey key = new OperationKey(model.module(), operation.name());
    Group group = groups.get(key);
    if (group == null) {
      throw new IllegalArgumentException("no session of " + role + " is for " + key);
    }
    return group.credentials(key);
  }

  private record Granted(AwsCredentialsIdentity identity, Instant end) {}

  private record Refused(AwsException refusal, Instant until) {}

  /** A session for some operations. Its lock guards what it holds, and makes others wait for it. */
  private final class Group {
    private final SessionPolicy policy;
    private Optional<Granted> granted = Optional.empty();
    private Optional<Refused> refused = Optional.empty();

    /** Where STS packs the policy into more than it takes, by operation. */
    private Map<OperationKey, Group> parts = Map.of();

    Group(SessionPolicy policy) {
      this.policy = policy;
    }

    AwsCredentialsIdentity credentials(OperationKey operation) throws AwsException {
      Group part;
      synchronized (this) {
        Instant now = clock.instant();
        if (granted.isPresent() && now.isBefore(granted.get().end.minus(MARGIN))) {
          return granted.get().identity;
        }
        if (refused.isPresent() && now.isBefore(refused.get().until)) {
          throw refused.get().refusal;
        }
        if (parts.isEmpty()) {
          try {
            granted = Optional.of(assume(policy.document(), now));
            return granted.get().identity;
          } catch (AwsException e) {
            List<SessionPolicy> halves = policy.halves();
            if (!e.code().contains(TOO_LARGE) || halves.size() < 2) {
              AwsException said = e.saying("AssumeRole of " + role + ": " + e.said());
              refused = Optional.of(new Refused(said, now.plus(PATIENCE)));
              throw said;
            }
            parts = parts(halves);
          }
        }
        part = Objects.requireNonNull(parts.get(operation));
      }
      return part.credentials(operation);
    }

    private Map<OperationKey, Group> parts(List<SessionPolicy> halves) {
      Map<OperationKey, Group> made = new HashMap<>();
      for (SessionPolicy half : halves) {
        Group group = new Group(half);
        half.grants().keySet().forEach(operation -> made.put(operation, group));
      }
      return made;
    }
  }

  private Granted assume(String policy, Instant now) throws AwsException {
    Map<String, Object> input = new LinkedHashMap<>();
    input.put("RoleArn", role.toString());
    input.put("RoleSessionName", request.sessionName());
    input.put("DurationSeconds", (int) LENGTH.toSeconds());
    input.put("Policy", policy);
    if (!request.externalId().isEmpty()) {
      input.put("ExternalId", request.externalId());
    }
    JsonNode answer = base.ask("sts", "AssumeRole", input).getFirst().path("Credentials");
    return new Granted(identity(answer), end(answer, now.plus(LENGTH)));
  }

  static AwsCredentialsIdentity identity(JsonNode credentials) {
    return AwsSessionCredentials.create(
        credentials.path("AccessKeyId").asString(),
        credentials.path("SecretAccessKey").asString(),
        credentials.path("SessionToken").asString());
  }

  private static Instant end(JsonNode credentials, Instant otherwise) {
    String end = credentials.path("Expiration").asString("");
    return end.isEmpty() ? otherwise : Instant.parse(end);
  }
}
