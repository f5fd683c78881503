package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.catalog.IamActions;
import dev.freeway.controlplane.catalog.IamActions.Grant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Roles that may be assumed, in every account all of them but those that are closed, and their
 * sessions: what a session's policy does not allow is refused.
 */
public final class Roles {
  private static final Pattern ARN = Pattern.compile("arn:aws:iam::(\\d{12}):role/(.+)");
  private static final int LARGEST = 2048;
  private static final JsonMapper JSON = new JsonMapper();

  private final IamActions actions = IamActions.builtIn();
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final Map<String, Refusal> closed = new ConcurrentHashMap<>();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final AtomicInteger made = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private volatile int packed = LARGEST;
  private volatile String externalId = "";
  private volatile boolean mfa;

  /** What may be done: an action, on resources of a pattern. */
  private record Allowed(String action, Pattern resource) {}

  /** A session; one of a user with its second factor has no policy. */
  private record Session(List<Allowed> allowed, boolean restricted, boolean mfa) {}

  /** Nobody may assume the roles of an account. */
  public Roles close(String account) {
    return close(
        account, new Refusal(403, "AccessDenied", "not authorized to perform: sts:AssumeRole"));
  }

  Roles close(String account, Refusal refusal) {
    closed.put(account, refusal);
    return this;
  }

  /** The account's roles may be assumed again. */
  public Roles open(String account) {
    closed.remove(account);
    return this;
  }

  /** Every role's trust policy asks for it. */
  public Roles externalId(String id) {
    externalId = id;
    return this;
  }

  /** Every role's trust policy asks for a second factor. */
  public Roles requireMfa() {
    mfa = true;
    return this;
  }

  /** Policies of more characters pack into too much. */
  public Roles packed(int characters) {
    packed = characters;
    return this;
  }

  /** How many sessions there were. */
  public int sessions() {
    return sessions.size();
  }

  /** How many requests went beyond their session's policy. */
  public long refused() {
    return refused.sum();
  }

  ObjectNode assume(Asked asked, String key) {
    Matcher arn = ARN.matcher(asked.text("RoleArn"));
    if (!arn.matches()) {
      throw new RefusedException(new Refusal(400, "ValidationError", "RoleArn is invalid"));
    }
    Refusal refusal = closed.get(arn.group(1));
    if (refusal != null) {
      throw new RefusedException(refusal);
    }
    Session caller = sessions.get(key);
    if (!asked.text("ExternalId").equals(externalId) || (mfa && (caller == null || !caller.mfa))) {
      throw new RefusedException(
          new Refusal(403, "AccessDenied", "the trust policy does not let the caller in"));
    }
    String policy = asked.text("Policy");
    if (policy.length() > LARGEST) {
      throw new RefusedException(
          new Refusal(400, "ValidationError", "policy: at most 2048 characters"));
    }
    if (policy.length() > packed) {
      throw new RefusedException(
          new Refusal(400, "PackedPolicyTooLarge", "Packed size of session tags consumes 120%"));
    }
    return credentials(arn.group(1), new Session(allowed(policy), !policy.isEmpty(), false), asked);
  }

  ObjectNode withMfa(Asked asked) {
    if (!asked.text("TokenCode").matches("\\d{6}") || !tokens.add(asked.text("TokenCode"))) {
      throw new RefusedException(
          new Refusal(
              403,
              "AccessDenied",
              "MultiFactorAuthentication failed with invalid MFA one time pass code."));
    }
    return credentials(asked.account(), new Session(List.of(), false, true), asked);
  }

  private ObjectNode credentials(String account, Session session, Asked asked) {
    String key = "ASIA%04d%s".formatted(made.incrementAndGet(), account);
    sessions.put(key, session);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer
        .putObject("Credentials")
        .put("AccessKeyId", key)
        .put("SecretAccessKey", "secret")
        .put("SessionToken", "token" + key)
        .put(
            "Expiration",
            Instant.now()
                .plus(Duration.ofSeconds(asked.input().path("DurationSeconds").asLong(3600)))
                .toString());
    return answer;
  }

  private static List<Allowed> allowed(String policy) {
    if (policy.isEmpty()) {
      return List.of();
    }
    JsonNode read;
    try {
      read = JSON.readTree(policy);
    } catch (JacksonException e) {
      throw new RefusedException(new Refusal(400, "MalformedPolicyDocument", "no JSON"));
    }
    List<Allowed> allowed = new ArrayList<>();
    for (JsonNode statement : read.path("Statement")) {
      for (String action : texts(statement.path("Action"))) {
        for (String resource : texts(statement.path("Resource"))) {
          allowed.add(
              new Allowed(
                  action, Pattern.compile(Pattern.quote(resource).replace("*", "\\E.*\\Q"))));
        }
      }
    }
    return allowed;
  }

  private static Set<String> texts(JsonNode node) {
    Set<String> texts = new HashSet<>();
    if (node.isArray()) {
      node.forEach(one -> texts.add(one.asString()));
    } else {
      texts.add(node.asString());
    }
    return texts;
  }

  /** Whether a request goes beyond what its session's policy allows. */
  boolean refuses(Asked asked, String key) {
    Session session = sessions.get(key);
    if (session == null || !session.restricted) {
      return false;
    }
    for (Grant grant : actions.of(asked.model(), asked.operation())) {
      String resource = grant.resource().replace("{partition}", "aws").replace("*", "any");
      boolean may =
          session.allowed.stream()
              .anyMatch(
                  one ->
                      one.action.equals(grant.action())
                          && one.resource.matcher(resource).matches());
      if (!may) {
        refused.increment();
        return true;
      }
    }
    return false;
  }
}
