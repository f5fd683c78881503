package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Words of the table of meanings: "encrypted", "versioning disabled". */
final class MeaningRule implements Rule {
  /** Of everything these mean too little. */
  private static final Set<String> WEAK = Set.of("with", "in", "policy", "open", "set");

  private static final int AHEAD = 4;
  private static final String[] LEAD = {
    "is",
    "are",
    "not",
    "has",
    "been",
    "turned",
    "switched",
    "set",
    "status",
    "state",
    "architecture",
    "mode",
    "attached",
    "access",
    "configured",
    "to"
  };
  private static final String[] ON = {
    "enabled", "on", "active", "configured", "present", "true", "yes"
  };
  private static final String[] OFF = {"disabled", "off", "inactive", "missing", "false", "absent"};

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    Optional<Found<Meanings.Said>> found = question.meaning(at, reading.types(), 1);
    boolean ofSubject = false;
    if (found.isEmpty() && !reading.conditions.isOfSubject() && !reading.conditions.isOfNone()) {
      found = question.meaning(at, reading.subject().types(), 1);
      ofSubject = true;
    }
    if (reading.is("protected", "unprotected")
        && question.is(at + 1, "by", "with")
        && found.filter(said -> said.end() > at + 1).isEmpty()) {
      return false; // by what is not said there
    }
    if (reading.is("running")
        && WordRule.isVerb(reading)
        && found.filter(said -> said.end() > at + 1).isEmpty()) {
      return false;
    }
    if (found.isPresent()
        && (isVerb(reading, found.get().end()) || isAround(reading, found.get().end()))) {
      return false;
    }
    if (found.isEmpty() || isOther(reading, found.get().end())) {
      return ahead(reading);
    }
    if (reading.isBeforeOther(found.get().end()) && ahead(reading)) {
      return true;
    }
    if (reading.current().isEverything()
        && found.get().end() == at + 1
        && WEAK.contains(question.lower(at))) {
      return false;
    }
    if (ofSubject) {
      reading.conditions.backToSubject();
    }
    said(reading, found.get());
    return true;
  }

  /** A subnet is public by what it gives, and not by its routes: that is said. */
  static Meanings.Meaning precise(Meanings.Meaning meaning, List<ResourceType> types) {
    return meaning.name().equals("public")
            && types.stream().allMatch(type -> type.key().equals("vpc:subnet"))
            && !types.isEmpty()
        ? new Meanings.Meaning("public (MapPublicIpOnLaunch)", meaning.byType(), meaning.through())
        : meaning;
  }

  /** Whether a word turns what is before it on or off, and is no value of it. */
  static boolean isSwitch(Question question, int index) {
    return question.is(index, ON) || question.is(index, OFF);
  }

  /** "What is in the VPC vpc-1": another that is named, and no quality. */
  private static boolean isAround(Reading reading, int end) {
    if (reading.current().isEverything()) {
      for (int i = reading.at(); i < end; i++) {
        if (reading
            .question
            .mention(i)
            .filter(mention -> reading.around.filter(one -> one.isAt(mention)).isPresent())
            .isPresent()) {
          return true;
        }
      }
    }
    return false;
  }

  /** "Attached to an instance", "used by a function": what follows says it. */
  private static boolean isVerb(Reading reading, int end) {
    Question question = reading.question;
    boolean negated = reading.is("not");
    boolean use = question.is(end - 1, "use") && question.is(end, "by", "with"); // "in use by"
    boolean alone =
        end == reading.at() + (negated ? 2 : 1)
            && question.is(end - 1, "attached", "associated", "used");
    if (!(use || alone) || !question.is(end, "to", "with", "by", "in")) {
      return false;
    }
    int other = question.skip(end + 1, "a", "an", "the", "any", "no");
    for (int i = other; i < other + AHEAD && question.has(i); i++) {
      if (reading.isBeforeOther(i)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the words are a type or a member with something to compare. */
  private static boolean isOther(Reading reading, int end) {
    Question question = reading.question;
    Optional<Mention> mention = question.mention(reading.at());
    if (mention.isPresent()
        && (mention.get().end() > end
            || (!reading.isSubjectSeen() && mention.get().end() == reading.subjectEnd()))) {
      return true;
    }
    return reading
        .field(reading.at())
        .filter(
            field ->
                Comparing.follows(question, field.end())
                    || (field.what().values().stream()
                            .allMatch(each -> each.kind() == Field.Kind.TIME)
                        && LifeRule.span(reading, field.end()).isPresent()))
        .isPresent();
  }

  private static void said(Reading reading, Found<Meanings.Said> found) throws NotUnderstood {
    Question question = reading.question;
    int start = reading.at();
    boolean contrary = found.what().contrary();
    int end = found.end();
    int next = question.skip(end, LEAD);
    boolean not = false;
    for (int i = end; i < next; i++) {
      not |= question.is(i, "not");
    }
    if (question.is(next, ON)) {
      end = next + 1;
      contrary ^= not;
    } else if (question.is(next, OFF)) {
      end = next + 1;
      contrary ^= !not;
    } else if (not && !question.has(next)) {
      end = next;
      contrary = !contrary;
    }
    Meanings.Meaning meaning = precise(found.what().meaning(), reading.types());
    if (question.is(start - 1, "are", "is")
        && meaning.name().startsWith("with a ")
        && isThing(question, end - 1)) {
      throw new NotUnderstood(
          question.get(end - 1).text(), "which have one is known, and not which are one");
    }
    if (!reading.isSubjectSeen() && meaning.name().equals("with a dead-letter queue")) {
      throw new NotUnderstood(
          question.words(start, end), "which have one is known, and not which are one");
    }
    if (question.is(start, "private")
        && end == start + 1
        && question.is(end, "ip", "ips", "address", "addresses", "dns")) {
      throw new NotUnderstood(
          question.words(start, end + 1),
          "every one has it; say \"private ip of instances\" or \"without a public ip\"");
    }
    if (question.is(start - 1, "and", ",")) {
      reading.conditions.and(isThing(question, end - 1));
    }
    List<Meanings.Said> all =
        reading.current().isEverything()
            ? question.meanings(start, found.end())
            : List.of(found.what());
    boolean turned = contrary != found.what().contrary();
    Condition condition =
        all.size() > 1
            ? new Condition.Any(
                all.stream().map(each -> meant(each.meaning(), each.contrary() != turned)).toList())
            : meant(meaning, contrary);
    reading.add(condition, ofMember(reading, end));
  }

  private static Condition meant(Meanings.Meaning meaning, boolean contrary) {
    Condition condition = new Condition.Meant(meaning);
    return contrary ? new Condition.Not(condition) : condition;
  }

  /** Whether a word is a thing and not a quality: "encryption", not "encrypted". */
  private static boolean isThing(Question question, int index) {
    return !question
        .lower(index)
        .matches(
            ".*ed|public|private|idle|empty|running|active|inactive|global|privileged|expiring|unused|enabled|disabled");
  }

  /** The end of the member that a value before it is of: "x86_64 architecture", "redis engine". */
  static int ofMember(Reading reading, int end) {
    Question question = reading.question;
    if (!question.has(end)
        || WordRule.isNothing(question.lower(end))
        || question.mention(end).isPresent()) {
      return end;
    }
    return reading
        .field(end)
        .filter(
            field ->
                !Comparing.follows(question, field.end())
                    && (!question.has(field.end()) || !FieldRule.isValue(question, field.end())))
        .map(Found::end)
        .orElse(end);
  }

  /** What comes may be of what it is related to: "attached to stopped instances". */
  private static boolean ahead(Reading reading) throws NotUnderstood {
    if (!reading.isSubjectSeen()) {
      return false;
    }
    Question question = reading.question;
    int at = reading.at();
    for (int end = at + 1; end <= at + AHEAD && question.has(end); end++) {
      Optional<Mention> mention = question.mention(end);
      if (mention.isPresent() && !mention.get().isEverything() && !mention.get().service()) {
        Optional<Found<Meanings.Said>> found =
            question.meaning(at, mention.get().types(), end - at);
        if (found.isEmpty() || found.get().end() != end) {
          return false;
        }
        // "without unencrypted volumes": of volumes, not of the negation
        Condition condition =
            new Condition.Meant(precise(found.get().what().meaning(), mention.get().types()));
        reading.addAhead(
            found.get().what().contrary() ? new Condition.Not(condition) : condition, end);
        return true;
      }
    }
    return false;
  }
}
