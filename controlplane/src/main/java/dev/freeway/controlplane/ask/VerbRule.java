package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What one does with another: "that log to bucket x", "run as role y". */
final class VerbRule implements Rule {
  private static final Pattern TO =
      Phrases.of(
          "(?:logs?|writes?|writing|delivers?|delivering|sends?|sending|ships?|shipping|go|goes|going|exports?|exporting|stores?)"
              + "(?: (?:their|its))?(?: logs)? (?:in|to|into)(?= )");
  private static final Pattern AS =
      Phrases.of("(?:runs?|running|executes?|acts?) as(?: role)?(?= )");
  private static final Pattern USED_AS =
      Phrases.of("(?:used|serving|serves?|acting|acts?) as(?= )");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    if (!reading.isSubjectSeen()) {
      return false;
    }
    Optional<Matcher> to = question.match(reading.at(), TO);
    if (to.isPresent()) {
      int next =
          question.skip(
              reading.at() + Phrases.words(to.get()), "a", "an", "the", "any", "s3", "no");
      if (question.mention(next).filter(mention -> !mention.isEverything()).isEmpty()) {
        return false;
      }
      reading.skip(Phrases.words(to.get()));
      return true;
    }
    if (question.match(reading.at(), USED_AS).isPresent()) {
      throw new NotUnderstood(
          question.words(reading.at(), reading.at() + 2), "what a thing is used as is not known");
    }
    return as(reading);
  }

  private static boolean as(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    Optional<Matcher> as = question.match(reading.at(), AS);
    if (as.isEmpty()) {
      return false;
    }
    int name = reading.at() + Phrases.words(as.get());
    List<ResourceType> roles = question.types("role");
    if (!reading.known.isName(roles, question.get(name).text())) {
      return false;
    }
    SubjectRule.relate(reading, Subject.of(roles), Expression.Operator.AT_LEAST, 1, name);
    reading.add(new Condition.Named(Condition.Match.IS, question.get(name).text()), name + 1);
    return true;
  }
}
