package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * "Older than version 13": by the first number of a version. As one number with a fraction they
 * compare only where every second number has two digits, as Kubernetes': 12.19 is after 12.2.
 */
final class VersionRule implements Rule {
  /** A member that holds a database's version, such as {@code 8.0.37}. */
  static final String MEMBER = "EngineVersion";

  /** Of these the first number has one digit or two. */
  private static final Set<String> DATABASES = Set.of("rds", "docdb", "neptune", "elasticache");

  private static final String OLDER =
      "older than|earlier than|lower than|less than|below|before|under";
  private static final String NEWER =
      "newer than|later than|higher than|greater than|above|after|over";
  private static final Pattern THAN =
      Phrases.of(
          "(?:(?:is|are|on|running|with|a|an|whose|kubernetes|k8s) )*(?:versions? (?:is )?)?(?:("
              + OLDER
              + ")|(?:"
              + NEWER
              + "))(?: the)?(?: engine)?(?: kubernetes| k8s)?(?: version)? v?(\\d{1,4})(\\.\\d{1,2})?(?! (?:minute|hour|day|week|month|year|[kmgt]i?b|%)s?(?: |$))");

  private static final Pattern NUMBER = Pattern.compile("v?(\\d{1,2}(?:\\.\\d{1,3}){0,3})");

  /** "MySQL 5.7 databases": a version after its engine. */
  private static boolean ofEngine(Reading reading) {
    Matcher number = NUMBER.matcher(reading.question.lower(reading.at()));
    boolean engine =
        !reading.conditions.ofSubject().isEmpty()
            && reading.conditions.isOfSubject()
            && reading.conditions.ofSubject().getLast() instanceof Condition.Of of
            && of.fields().values().stream().allMatch(field -> field.path().text().equals("Engine"))
            && of.values().contains(reading.question.lower(reading.at() - 1));
    if (!engine || !number.matches()) {
      return false;
    }
    Map<ResourceType, Field> fields = reading.question.fields(reading.types(), "engine version");
    if (fields.isEmpty()) {
      return false;
    }
    reading.add(
        new Condition.Of(
            fields,
            Expression.Operator.EQUAL,
            Optional.of(Condition.Match.STARTS),
            List.of(number.group(1)),
            ""),
        reading.at() + 1);
    return true;
  }

  /** The first number of a version, in both databases' SQL. */
  static String first(String version) {
    return "rtrim(substr(" + version + ", 1, 2), '.')";
  }

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> match = reading.question.match(reading.at(), THAN);
    if (match.isEmpty() && ofEngine(reading)) {
      return true;
    }
    if (match.isEmpty() || reading.current().isEverything()) {
      return false;
    }
    Map<ResourceType, Field> fields = reading.question.fields(reading.types(), "version");
    if (fields.isEmpty()) {
      return false;
    }
    String major = match.get().group(2);
    String minor = match.get().group(3);
    boolean kubernetes = fields.keySet().stream().allMatch(type -> type.service().equals("eks"));
    if (!match.get().group().contains("version") && minor == null) {
      return false; // "older than 30 days"
    }
    if (!kubernetes
        && !fields.entrySet().stream()
            .allMatch(
                each ->
                    DATABASES.contains(each.getKey().service())
                        && each.getValue().path().text().endsWith(MEMBER))) {
      return false;
    }
    boolean older = match.get().group(1) != null;
    boolean first = older && ".0".equals(minor); // older than 8.0 is older than 8
    if (minor != null && !kubernetes && !first) {
      throw new NotUnderstood(major + minor, "only first numbers of versions can be compared");
    }
    if (kubernetes && (minor == null || minor.length() < 3)) {
      throw new NotUnderstood(major, "say both numbers of the version, as 1.31");
    }
    String number = kubernetes ? major + minor : older ? major : "" + (Integer.parseInt(major) + 1);
    reading.add(
        new Condition.Of(
            fields,
            older
                ? Expression.Operator.LESS
                : kubernetes ? Expression.Operator.MORE : Expression.Operator.AT_LEAST,
            Optional.empty(),
            List.of(number),
            ""),
        reading.at() + Phrases.words(match.get()));
    return true;
  }
}
