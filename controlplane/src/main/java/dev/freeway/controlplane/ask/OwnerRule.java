package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Owned by alice", "belonging to the payments team". */
final class OwnerRule implements Rule {
  private static final Pattern OWNED =
      Phrases.of(
          "(?:(?:are|is|that are) )?(owned by|belonging to|that belong to|belong to|belongs to)");

  private static final String[] NOBODY = {"nobody", "no", "no-one", "noone", "none"};
  private static final String[] ANYBODY = {"anybody", "anyone", "somebody", "someone"};

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    Optional<Matcher> owned = question.match(reading.at(), OWNED);
    if (owned.isEmpty()) {
      return false;
    }
    String key = owned.get().group(1).equals("owned by") ? "Owner" : "Team";
    int value = reading.at() + Phrases.words(owned.get());
    while (question.is(value, "the", "team", "user", "owner", "project")) {
      key = question.is(value, "team") ? "Team" : question.is(value, "project") ? "Project" : key;
      value++;
    }
    if (!question.has(value) || !isOwner(reading, key, value)) {
      return false;
    }
    if (question.is(value, NOBODY) || question.is(value, ANYBODY)) {
      if (question.is(value, NOBODY)) {
        reading.conditions.negate(false);
      }
      int one = question.is(value, "no") && question.is(value + 1, "one") ? 2 : 1;
      reading.addOfAnything(
          new Condition.Tag(Tags.key(reading.known, key), List.of()), value + one);
      return true;
    }
    String said = question.get(value).text();
    if (question.is(value, "me", "us", "you", "them", "myself")) {
      throw new NotUnderstood(said, "who that is is not known; say a value of the tag " + key);
    }
    int end = value + 1;
    if (question.is(end, "team", "project")) {
      key = question.is(end, "team") ? "Team" : "Project";
      end++;
    } else if (key.equals("Owner")
        && Tags.has(reading.known, "Team", said)
        && !Tags.has(reading.known, "Owner", said)) {
      key = "Team";
    }
    reading.addOfAnything(new Condition.Tag(Tags.key(reading.known, key), List.of(said)), end);
    return true;
  }

  private static boolean isOwner(Reading reading, String key, int value) {
    Question question = reading.question;
    return question.mention(value).isEmpty()
        && Regions.of(question.lower(value)).isEmpty()
        && !(key.equals("Team") && reading.known.accounts().containsKey(question.lower(value)))
        && !question.is(value, "account");
  }
}
