package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Created by CloudFormation", "managed by auto scaling": who made it left its tag. */
final class ManagedRule implements Rule {
  private static final Pattern MANAGED =
      Phrases.of(
          "(?:(?:that|which|is|are|was|were) )*(?:(not) )?(?:(?:been|being) )?(?:created|managed|deployed|made|provisioned|launched|built|owned|controlled)(?: (in the (?:last|past) \\S+ \\S+|since \\S+|today|yesterday|this (?:week|month|year)))? (?:by|with|from|via|using|through|in)(?: (?:a|an|the|aws|any|some))*"
              + " (cloudformation|cfn|cloud formation|auto scaling|autoscaling|elastic beanstalk|beanstalk)(?: (?:stacks?|templates?|groups?|environments?))?");
  private static final Map<String, String> TAGS =
      Map.of(
          "c", "aws:cloudformation:stack-name",
          "a", "aws:autoscaling:groupName",
          "e", "elasticbeanstalk:environment-name",
          "b", "elasticbeanstalk:environment-name");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> found = reading.question.match(reading.at(), MANAGED);
    if (found.isEmpty()) {
      return false;
    }
    if (found.get().group(1) != null) {
      reading.conditions.negate(false);
    }
    Optional<Span> span =
        Optional.ofNullable(found.get().group(2)).flatMap(text -> Span.of(text, reading.now));
    if (span.isPresent()) {
      reading.add(
          new Condition.During(
              Condition.Life.CREATED, span.get().from(), span.get().to(), span.get().words()),
          reading.at());
    } else if (found.get().group(2) != null) {
      return false;
    }
    String tag = TAGS.getOrDefault(found.get().group(3).substring(0, 1), "");
    reading.addOfAnything(
        new Condition.Tag(tag, List.of()), reading.at() + Phrases.words(found.get()));
    return true;
  }

  /** Whether a word is within who made something. */
  static boolean isWithin(Question question, int index) {
    for (int from = Math.max(0, index - LONGEST); from <= index; from++) {
      Optional<Matcher> match = question.match(from, MANAGED);
      if (match.isPresent() && from + Phrases.words(match.get()) > index) {
        return true;
      }
    }
    return false;
  }

  private static final int LONGEST = 12;
}
