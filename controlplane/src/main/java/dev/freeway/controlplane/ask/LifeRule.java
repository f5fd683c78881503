package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When it was created, seen first, changed or gone: "created in the last 30 days". */
final class LifeRule implements Rule {
  private static final Pattern LIFE =
      Phrases.of(
          "(?:(?:was|were|been|got|have been|has been|that|which|recently|newly|lately) )?(created|launched|made|built|provisioned|set up|started|requested|added|new|appeared|discovered|first seen|deleted|removed|gone|disappeared|destroyed|vanished|changed|modified|updated|altered|edited|taken)");
  private static final Pattern AGE =
      Phrases.of(
          "(?:(?:that are|are|is|aged) )?(?:(?:older|younger|newer|more recent) than|(?:more than|over|less than|under|at least) \\S+ (?:day|week|month|year)s? old|from the (?:last|past)|in the (?:last|past)|since|from (?:last|this)|(?:made |opened )?this (?:week|month|year))");
  private static final Pattern LASTING =
      Phrases.of(
          "for (?:more than|over|at least|longer than) \\S+ (?:minute|hour|day|week|month|year)s?");
  private static final Pattern AGO =
      Phrases.of("(?:more than|over|at least) \\S+ (?:minute|hour|day|week|month|year)s? ago");
  private static final Duration NEW = Duration.ofDays(7);
  private static final String EVER = "at any time";
  private static final String LATELY = "in the last 7 days";
  private static final Pattern LATELY_SAID =
      Pattern.compile("(?:.* )?(?:new|newly|recently|lately|added)(?: .*)?");

  /** When somebody stopped an instance, which AWS says within a text. */
  private static final String STOPPED = "StateTransitionReason";

  /** How many words may lead to a time: "date is". */
  private static final int LEAD = 4;

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> lasting = reading.question.match(reading.at(), LASTING);
    boolean ago = reading.question.match(reading.at(), AGO).isPresent();
    if ((lasting.isPresent() || ago) && stopped(reading, ago)) {
      return true;
    }
    if (lasting.isPresent() && reading.isSubjectSeen()) {
      throw new NotUnderstood(
          reading.question.words(reading.at(), reading.at() + Phrases.words(lasting.get())),
          "since when that is so is not known; freeway diff shows what changed between scans");
    }
    Optional<Matcher> life = reading.question.match(reading.at(), LIFE);
    if (life.isPresent()) {
      return life(reading, life.get());
    }
    if (reading.question.match(reading.at(), AGE).isEmpty()
        || !(reading.isSubjectSeen() || reading.subject().isEverything())) {
      return false;
    }
    Optional<Found<Span>> span = span(reading, reading.at());
    if (span.isEmpty()) {
      return false;
    }
    int before = reading.at() - 1;
    if (before >= reading.subjectEnd()
        && reading.question.lower(before).matches("[a-z]+ed|run|running|using|seen")) {
      throw new NotUnderstood(reading.question.get(before).text(), "when that was is not known");
    }
    boolean ever =
        during(reading.conditions.ofSubject(), each -> each.words().equals(EVER)).isPresent();
    if (ever) { // "changed in a VPC since Monday": and no VPC of this week
      reading.conditions.backToSubject();
    }
    add(reading, Condition.Life.CREATED, span.get());
    return true;
  }

  private static boolean life(Reading reading, Matcher match) throws NotUnderstood {
    String word = match.group(1);
    int after = reading.at() + Phrases.words(match);
    Condition.Life life =
        switch (word) {
          case "added", "new", "appeared", "discovered", "first seen" -> Condition.Life.APPEARED;
          case "deleted", "removed", "gone", "disappeared", "destroyed", "vanished" ->
              Condition.Life.GONE;
          case "changed", "modified", "updated", "altered", "edited" -> Condition.Life.CHANGED;
          default -> Condition.Life.CREATED;
        };
    Optional<Found<Span>> span = span(reading, after);
    if (span.isPresent() && life == Condition.Life.CHANGED && reading.conditions.isNegated()) {
      // longer than there have been scans: what documents say of it goes before
      Map<ResourceType, Field> last = last(reading);
      if (!last.isEmpty()) {
        FieldRule.add(reading, last, span.get());
        return true;
      }
    }
    if (span.isPresent()) {
      add(reading, life, span.get());
      return true;
    }
    if (reading.question.is(reading.at() - 1, "be")) {
      throw new NotUnderstood(reading.question.get(reading.at()).text(), "it has not been yet");
    }
    if (reading.isBeforeOther(after)) { // "of deleted volumes"
      throw new NotUnderstood(
          reading.question.get(reading.at()).text(),
          "say when after " + reading.question.get(after).text() + ", if these are still there");
    }
    if (life == Condition.Life.GONE || life == Condition.Life.CHANGED) {
      Span ever = new Span(Optional.empty(), Optional.of(reading.now.plusSeconds(1)), EVER, 0);
      add(reading, life, new Found<>(ever, after));
      return true;
    }
    if (reading.question.is(after, "by", "per")
        && Keys.find(reading, after + 1)
            .filter(key -> key.what() instanceof Intent.Key.Period)
            .isPresent()) {
      reading.goTo(after);
      return true;
    }
    if (reading.is("recently", "newly", "lately") || word.equals("new") || word.equals("added")) {
      Span lately = new Span(Optional.of(reading.now.minus(NEW)), Optional.empty(), LATELY, 0);
      add(reading, life, new Found<>(lately, after));
      return true;
    }
    return false;
  }

  /** "Stopped for more than 30 days": of instances it is known since when. */
  private static boolean stopped(Reading reading, boolean ago) throws NotUnderstood {
    boolean said =
        reading.conditions.ofSubject().stream()
            .anyMatch(
                each ->
                    each instanceof Condition.Meant(Meanings.Meaning meaning)
                        && meaning.name().equals("stopped"));
    List<ResourceType> types = reading.types();
    if (!said || types.size() != 1 || !types.getFirst().key().equals("ec2:instance")) {
      return false;
    }
    int number = reading.at() + 1;
    while (!reading.question.lower(number - 1).matches("than|over|least")) {
      number++;
    }
    String before = "more than " + reading.question.words(number, number + 2) + " ago";
    Optional<Span> span = Span.of(before, reading.now);
    if (span.isEmpty()) {
      return false;
    }
    Field when = new Field(Path.parse(STOPPED), Field.Kind.TIME, "stop by a user");
    reading.add(
        new Condition.TimeOf(
            Map.of(types.getFirst(), when),
            span.get().from(),
            span.get().to(),
            false,
            span.get().words()),
        ago ? number + 3 : number + 2);
    return true;
  }

  /** A time within a text, as SQL. */
  static String moment(Field field, String value) {
    return field.path().text().equals(STOPPED)
        ? "replace(replace(" + value + ", 'User initiated (', ''), ' GMT)', '')"
        : value;
  }

  /** "New ... since Monday": since when they are new is said. */
  static List<Condition> lately(List<Condition> all, Question question) {
    Optional<Condition.During> created = during(all, each -> each.life() == Condition.Life.CREATED);
    if (created.isEmpty()) {
      return all;
    }
    Condition.During since = created.get();
    Optional<Condition.During> ever = during(all, each -> each.words().equals(EVER));
    if (ever.isPresent()) { // "changed in a VPC since Monday"
      Condition both =
          new Condition.During(ever.get().life(), since.from(), since.to(), since.words());
      return all.stream()
          .filter(each -> !each.equals(since))
          .map(each -> each.equals(ever.get()) ? both : each)
          .toList();
    }
    boolean other = all.stream().anyMatch(each -> isOther(each, LATELY));
    return other && LATELY_SAID.matcher(question.rest(0)).matches()
        ? all.stream()
            .filter(each -> !(each instanceof Condition.During during && isLately(during)))
            .toList()
        : all;
  }

  private static boolean isLately(Condition.During during) {
    return during.words().equals(LATELY);
  }

  private static boolean isOther(Condition condition, String words) {
    return condition instanceof Condition.During during && !during.words().equals(words);
  }

  private static Optional<Condition.During> during(
      List<Condition> all, Predicate<Condition.During> such) {
    return all.stream()
        .filter(Condition.During.class::isInstance)
        .map(Condition.During.class::cast)
        .filter(such)
        .findFirst();
  }

  /** The members that say when something was changed last. */
  private static Map<ResourceType, Field> last(Reading reading) {
    for (String phrase : List.of("last updated", "last modified", "last changed")) {
      Map<ResourceType, Field> found =
          reading.question.fields(reading.types(), Stems.phrase(phrase));
      found.values().removeIf(field -> field.kind() != Field.Kind.TIME);
      if (found.size() == reading.types().size()) {
        return found;
      }
    }
    return Map.of();
  }

  private static void add(Reading reading, Condition.Life life, Found<Span> span)
      throws NotUnderstood {
    reading.addOfAnything(
        new Condition.During(life, span.what().from(), span.what().to(), span.what().words()),
        span.end());
  }

  /** The stretch of time that begins at a word or a few after it. */
  static Optional<Found<Span>> span(Reading reading, int from) {
    for (int start = from; start < from + LEAD && reading.question.has(start); start++) {
      Optional<Span> span = Span.of(reading.question.rest(start), reading.now);
      if (span.isPresent()) {
        return Optional.of(new Found<>(span.get(), start + span.get().tokens()));
      }
      if (!reading.question.is(
          start, "are", "is", "was", "were", "that", "it", "date", "time", "at", "the")) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
