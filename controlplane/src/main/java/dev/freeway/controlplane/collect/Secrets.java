package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Takes secrets out of documents: what the catalogue calls one, members that are named like one,
 * settings that somebody named like one, and text that looks like one wherever it is. Policies stay
 * as they are.
 */
final class Secrets {
  static final String REDACTED = "REDACTED";

  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(password|passphrase|privatekey|secretaccesskey|clientsecret|authtoken"
              + "|accesstoken|refreshtoken|connectionstring|sharedsecret|secretkey|secretstring"
              + "|apikey).*");

  /** Of a secret's, not the secret. */
  private static final Pattern ABOUT =
      Pattern.compile(
          "(?i).*(arn|id|ids|enabled|policy|length|age|status|used|changed|required|allowed|type"
              + "|name|date|time|version|expires?|expiry|strategy|source|location|rotated|reset"
              + "|prevention|characters|numbers|symbols|settings|method|format|expression)$");

  /** Names that people give: of variables, parameters, options. */
  private static final Pattern GIVEN_SECRET =
      Pattern.compile(
          "(?i).*(passw|passphrase|passcode|secret|token|credential|(api|access|private|signing"
              + "|encryption|license|account|auth|shared)key|connectionstring|connstr|dsn$"
              + "|databaseurl|dburl).*|pwd|pass|.*[-_. ](pwd|pass)|(?-i:.*(Pwd|Pass))");

  private static final Pattern GIVEN_ABOUT =
      Pattern.compile(
          "(?i).*[-_. ](arn|id|ids|enabled|policy|length|age|status|type|name|date|ttl|expiry"
              + "|version|region|timeout|lifetime|header)|.*(Arn|Id|Ids|Enabled|Name|Type|Length"
              + "|Policy|Version|Ttl|Expiry|Timeout|Lifetime|Header)");

  /** A password within a URL. */
  private static final Pattern IN_URL =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*://[^\\s/:@?#]*):([^\\s/@]+)@");

  /** One in a connection's text or a command line; a variable in its place is none. */
  private static final Pattern IN_TEXT =
      Pattern.compile(
          "(?i)((?:password|passwd|pwd|secret_?(?:access_?)?key|client_?secret|api_?key"
              + "|auth_?token|access_?token)\\s*=\\s*)(?![\\s${<%*&;,'\"])[^\\s&;,'\"]+");

  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(-----END \\1-----|$)", Pattern.DOTALL);

  private static final Pattern NAME =
      Pattern.compile(
          "(?i)((parameter|option|attribute|property|header|variable)?name|"
              + "(parameter|output|property)?key)");
  private static final Pattern VALUE =
      Pattern.compile(
          "(?i)(parameter|option|attribute|property|header|output|default|resolved)?value");
  private static final Pattern TAGS = Pattern.compile("(?i)tags?(list|set)?");

  /** What a member's name says of its value, and of what is beside it. */
  private record Signs(boolean secret, boolean name, boolean value, boolean tags) {
    static Signs of(String name) {
      return new Signs(
          Secrets.secret(name) || (isGiven(name) && given(name)),
          NAME.matcher(name).matches(),
          VALUE.matcher(name).matches(),
          TAGS.matcher(name).matches());
    }
  }

  /** What is known of names: there are few, and each is asked for thousands of times. */
  private static final Map<String, Signs> KNOWN = new ConcurrentHashMap<>();

  private static final int NAMES = 20_000;

  private Secrets() {}

  private static Signs signs(String name) {
    Signs known = KNOWN.get(name);
    if (known == null) {
      known = Signs.of(name);
      if (KNOWN.size() < NAMES) { // members of maps are called as people like
        KNOWN.put(name, known);
      }
    }
    return known;
  }

  /** Puts a word in their place. */
  static void redact(ObjectNode document, List<Path> secrets) {
    for (Path secret : secrets) {
      Documents.change(document, secret.steps(), _ -> StringNode.valueOf(REDACTED));
    }
    redact(document);
  }

  /** Whether a member of this name, which AWS gave it, holds a secret. */
  static boolean secret(String name) {
    return SECRET.matcher(name).matches() && !ABOUT.matcher(name).matches();
  }

  /** Whether what somebody gave this name is a secret. */
  static boolean given(String name) {
    // "token.actions.githubusercontent.com:sub": a policy's, and what it says is no secret
    return !name.contains(":")
        && (GIVEN_SECRET.matcher(name).matches()
            || GIVEN_SECRET.matcher(name.replaceAll("[-_. ]", "")).matches())
        && !GIVEN_ABOUT.matcher(name).matches();
  }

  /** AWS's own members have none of these signs, and are not written in capitals alone. */
  private static boolean isGiven(String name) {
    boolean capitals = true;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '-' || c == '_' || c == '.' || c == ' ') {
        return true;
      }
      capitals &= !Character.isLowerCase(c);
    }
    return capitals;
  }

  private static void redact(JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.has("Statement")) {
        return;
      }
      redactPair(object);
      for (Map.Entry<String, JsonNode> member : List.copyOf(object.properties())) {
        String name = member.getKey();
        JsonNode value = member.getValue();
        if (value.isString()) {
          String text = value.asString();
          String kept = signs(name).secret() && !text.isEmpty() ? REDACTED : within(text);
          if (!kept.equals(text)) {
            object.put(name, kept);
          }
        } else if (!signs(name).tags()) {
          redact(value);
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        JsonNode element = array.get(i);
        if (element.isString()) {
          String kept = within(element.asString());
          if (!kept.equals(element.asString())) {
            array.set(i, StringNode.valueOf(kept));
          }
        } else {
          redact(element);
        }
      }
    }
  }

  /** A name and a value beside it, as parameters and variables come. */
  private static void redactPair(ObjectNode object) {
    boolean valued = false;
    for (String member : object.propertyNames()) {
      valued |= signs(member).value();
    }
    if (!valued) { // as nearly all are
      return;
    }
    boolean secret = false;
    for (Map.Entry<String, JsonNode> member : object.properties()) {
      secret |= signs(member.getKey()).name() && given(member.getValue().asString(""));
    }
    if (!secret) {
      return;
    }
    for (String member : List.copyOf(object.propertyNames())) {
      if (signs(member).value() && !object.path(member).asString("").isEmpty()) {
        object.put(member, REDACTED);
      }
    }
  }

  /** Text without the secrets that are within it. */
  static String within(String text) {
    String kept = text;
    if (kept.contains("://")) {
      kept = IN_URL.matcher(kept).replaceAll("$1:" + REDACTED + "@");
    }
    if (kept.indexOf('=') >= 0) {
      kept = IN_TEXT.matcher(kept).replaceAll("$1" + REDACTED);
    }
    if (kept.contains("PRIVATE KEY")) {
      kept = KEY.matcher(kept).replaceAll(REDACTED);
    }
    return kept;
  }
}
