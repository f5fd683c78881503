package dev.freeway.controlplane.ask;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Or", and the words that mean nothing here. A closed list: whatever else is left is an error. */
final class WordRule implements Rule {
  private static final Set<String> NOTHING =
      new HashSet<>(
          List.of(
              ("a an the all any every each my our your me us we i you it its their them they these those this that which who whose what "
                      + "is are was were be been being am do does did has have had having there here exist exists existing "
                      + "show list get give find display print see tell fetch return want need like know can could would should please will "
                      + "of in on at among to for from with by as and also then so where when how "
                      + "aws amazon account's current currently now still just only actually really exactly together both "
                      + "set configured configuration turned switched kind kinds sort sorts out up about using use uses used run runs "
                      + "belonging belong belongs depend depends depending located living live inside within attached assigned associated connected linked related "
                      + "reference references referencing refer refers referring point points pointing rely relies "
                      + "contain contains containing hosted present via through into onto over under behind "
                      + ", ( ) = resources' look looking search searching query value values equal equals "
                      + "number count many details detail information info name names "
                      + "hi hello hey thanks thank kindly may might shall let lets check me got ones one whether if "
                      + "overview report pull retrieve identify enumerate wondering or own owns holding whatsoever altogether allowing allows allow that's i'd we'd i'm we're i've we've let's")
                  .split(" ", -1)));

  /** Whether a word alone means nothing. */
  static boolean isNothing(String lower) {
    return NOTHING.contains(lower);
  }

  /** After these "but" is an "and". */
  private static final String[] BUT = {
    "not", "no", "with", "without", "also", "have", "has", "are", "is", "in", "lacking"
  };

  /** So many words may stand between "or" and "ones". */
  private static final int ONES = 4;

  /** After these something else than the subject is named. */
  private static final String[] APART = {
    "or", "and", ",", "in", "with", "without", "per", "by", "of", "to", "that", "which", "for",
    "from"
  };

  /** Several words that together mean nothing. */
  private static final Pattern TOGETHER =
      Phrases.of(
          "(?:assumable|assumed|trusted)(?= by )|(?:launched|started|provisioned|deployed)(?= (?:with|from|using|into) )|how old (?:is|are)(?= (?:the |my |our )*(?:oldest|newest|youngest|latest) )|right now|at the moment|as of now|at all|in total|as well|for me|of ours");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    if (reading.is("all") && reading.isSubjectSeen() && SubjectRule.isAllowed(reading)) {
      throw SubjectRule.allowed(reading);
    }
    if (reading.is("all", "only")
        && reading.isSubjectSeen()
        && reading.question.is(reading.at() - 1, "are", "is", "have", "has")
        && !reading.question.is(reading.at() + 1, "the", "of", "my", "our", "in")) {
      throw new NotUnderstood(
          reading.question.get(reading.at()).text(), "ask for those without, or with some");
    }
    Optional<Matcher> together = reading.question.match(reading.at(), TOGETHER);
    if (together.isPresent()) {
      reading.skip(Phrases.words(together.get()));
      return true;
    }
    if (reading.is("but") && reading.question.is(reading.at() + 1, BUT)) {
      reading.skip(1);
      return true;
    }
    if ((reading.is("in") && reading.question.is(reading.at() + 1, "use"))
        || (reading.is("used")
            && !reading.isSubjectSeen()
            && reading.question.mention(reading.at() + 1).isPresent())) {
      throw new NotUnderstood(
          reading.is("in") ? "in use" : "used",
          "when " + reading.current().words() + " are in use is not known");
    }
    if (reading.is("unused", "idle", "public") && !reading.current().isEverything()) {
      throw new NotUnderstood(
          reading.question.get(reading.at()).text(),
          "which " + reading.current().words() + " are that is not known");
    }
    if (reading.at() == 0 && reading.is("group") && reading.question.rest(0).contains(" by ")) {
      reading.skip(1);
      return true;
    }
    if (reading.is("running") && isVerb(reading)) {
      reading.skip(1);
      return true;
    }
    if (reading.is("who", "whom")
        && (!reading.isSubjectSeen() || reading.question.is(reading.at() - 1, "by", ","))) {
      throw new NotUnderstood(
          reading.question.get(reading.at()).text(),
          "who did or does something is not in the inventory; ask for users or roles by what they"
              + " have");
    }
    if (reading.is("ones")
        && reading.isSubjectSeen()
        && !reading.conditions.isEmpty()
        && isAfterAnd(reading)) {
      throw new NotUnderstood("and", "one question at a time; with \"or\" it is one");
    }
    if (reading.is("or") && reading.isSubjectSeen() && again(reading)) {
      reading.skip(1);
      return true;
    }
    if (reading.is("or")
        && reading.question.is(reading.at() + 1, "with", "having", "have", "has")) {
      reading.conditions.orElse();
      reading.skip(1);
      return true;
    }
    if (reading.is("nor")) {
      reading.conditions.nor();
      reading.skip(1);
      return true;
    }
    if (reading.is("or")) {
      reading.conditions.or();
      reading.skip(1);
      return true;
    }
    boolean filling =
        reading.is("enabled", "on") && reading.at() > 0 && !reading.conditions.isEmpty();
    if (!filling && !NOTHING.contains(reading.question.lower(reading.at()))) {
      return false;
    }
    reading.skip(1);
    return true;
  }

  private static boolean isAfterAnd(Reading reading) {
    for (int i = reading.at() - 1; i >= reading.at() - ONES && i >= reading.subjectEnd(); i--) {
      if (reading.question.is(i, "and")) {
        return true;
      }
    }
    return false;
  }

  /** "Or stopped ones", "or stopped instances": the subject again, of which more is said. */
  private static boolean again(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    for (int i = reading.at() + 1; i <= reading.at() + ONES && question.has(i); i++) {
      if (question.is(i, APART)) {
        return false;
      }
      boolean same =
          question
              .mention(i)
              .filter(mention -> mention.types().equals(reading.subject().types()))
              .isPresent();
      if (same || question.is(i, "ones", "those")) {
        if (reading.conditions.ofSubject().isEmpty()) {
          throw new NotUnderstood(question.get(reading.at()).text(), "nothing is said before it");
        }
        reading.conditions.orBranch();
        reading.again(i);
        return true;
      }
    }
    return false;
  }

  /** Whether "running" is what something does and not its state: "running on Fargate". */
  static boolean isVerb(Reading reading) {
    int next = reading.at() + 1;
    Question question = reading.question;
    if (question.is(next, "on", "as", "with", "under")) {
      return true;
    }
    return reading.isSubjectSeen()
        && question.has(next)
        && !isNothing(question.lower(next))
        && (question.value(next, reading.types()).isPresent()
            || question.meaning(next, reading.types(), 1).isPresent());
  }
}
