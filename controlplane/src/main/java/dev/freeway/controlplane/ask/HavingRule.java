package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ListScope;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Groups that are asked for themselves: "teams with more than 50 instances", "top 5 teams by
 * instances", "which teams have public buckets".
 */
final class HavingRule implements Rule {
  private static final String HAVE =
      "(?:(?:that|which) )?(?:with|have|has|having|own|owning|owns|run|running|runs|contain|containing|contains)";
  private static final Pattern MANY =
      Phrases.of(
          HAVE
              + "(?: (more than|over|at least|fewer than|less than|under|at most|exactly))? (\\d{1,9})(?: or (more|fewer|less))?");
  private static final Pattern SOME = Phrases.of("(?:have|has|own|owns|run|runs)(?: any)?");
  private static final Pattern WITH =
      Phrases.of(
          "(?:that |which )?(?:have|has|with|run|runs|contain|contains|where(?: there are)?|in which(?: there are)?)(?: any)?");
  private static final Pattern NONE =
      Phrases.of(
          "(?:(?:that|which|where|there|do|does|did|we|i|you) )*(?:without|with no|with zero|have no|has no|having no|is no|are no|are there no|is there no|not (?:have|has|run|use|contain|host)|(?:have|has) not|lack|lacks|lacking|missing|contain no|run no|use no)");
  private static final Pattern TOP = Phrases.of("(?:the )?(top|bottom) (\\d{1,4}|three|five|ten)");
  private static final Pattern BY =
      Phrases.of("(?:(?:ranked|sorted|ordered) )?by(?: (?:the )?(?:number|count)(?: of)?)?");
  private static final Pattern UNIT =
      Pattern.compile("[kmgt]i?b|.*bytes?|(?:second|minute|hour|day|week|month|year)s?|tags?|%");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    if (reading.isSubjectSeen() || reading.current().isEverything() || reading.draft.isGrouped()) {
      return false;
    }
    for (int i = 0; i < reading.at(); i++) {
      if (!WordRule.isNothing(question.lower(i))) {
        return false;
      }
    }
    Optional<Matcher> top = question.match(reading.at(), TOP);
    int first =
        reading.is("in") && question.is(reading.at() + 1, "which", "what")
            ? reading.at() + 1
            : reading.at();
    boolean which = question.is(first, "which", "what");
    int start =
        top.map(match -> reading.at() + Phrases.words(match)).orElse(which ? first + 1 : first);
    Optional<Found<Intent.Key>> key =
        key(reading, start)
            .or(
                () ->
                    top.flatMap(match -> Keys.find(reading, start))
                        .filter(found -> WhichRule.isOne(found.what()))
                        .filter(found -> question.match(found.end(), BY).isPresent()));
    if (key.isEmpty() || key.get().end() >= reading.subjectEnd()) {
      return false;
    }
    int end = key.get().end();
    if (top.isPresent()) {
      Optional<Matcher> by = question.match(end, BY);
      if (by.isEmpty()) {
        return false;
      }
      reading.draft.order(Intent.NUMBER, top.get().group(1).equals("top"));
      reading.draft.limit(String.valueOf(Span.number(top.get().group(2))));
      return group(reading, key.get().what(), end + Phrases.words(by.get()));
    }
    Optional<Matcher> none = question.match(end, NONE);
    if (none.isPresent()) {
      return nowhere(
          reading, question.get(start), key.get().what(), end + Phrases.words(none.get()));
    }
    Optional<Matcher> many = question.match(end, MANY);
    if (many.isPresent()) {
      int next = end + Phrases.words(many.get());
      if (UNIT.matcher(question.lower(next)).matches()) {
        return false;
      }
      String how = many.get().group(1);
      String or = many.get().group(3);
      Expression.Operator operator =
          or != null
              ? or.equals("more") ? Expression.Operator.AT_LEAST : Expression.Operator.AT_MOST
              : Comparing.operator(how == null ? "exactly" : how);
      if (Span.number(many.get().group(2)) == 0 && operator != Expression.Operator.MORE) {
        return nowhere(reading, question.get(start), key.get().what(), next);
      }
      reading.draft.having(new Intent.Having(operator, Span.number(many.get().group(2))));
      return group(reading, key.get().what(), next);
    }
    boolean tag = key.get().what() instanceof Intent.Key.TagValue;
    Optional<Matcher> some = question.match(end, tag ? SOME : WITH);
    int next = end + some.map(Phrases::words).orElse(0);
    if (some.isEmpty()
        || which != tag
        || question.is(next, "the", "most", "fewest", "least", "more", "fewer", "less", "at")) {
      return false;
    }
    if (reading.draft.isCount()) { // "how many regions have instances"
      reading.draft.compute("distinct");
      reading.draft.of(key.get().what());
      reading.goTo(next);
      return true;
    }
    return group(reading, key.get().what(), next);
  }

  /** Where there are none. Of what is in no region all regions have none. */
  private static boolean nowhere(Reading reading, Token said, Intent.Key key, int end)
      throws NotUnderstood {
    if (!(key instanceof Intent.Key.Column(String column)) || column.equals("service")) {
      throw new NotUnderstood(
          said.text(), "where there are none is not listed; ask for the number by " + key.text());
    }
    if (column.equals("region")
        && reading.subject().types().stream()
            .anyMatch(
                type -> type.scope().kind() == ListScope.Kind.GLOBAL && type.region().isEmpty())) {
      throw new NotUnderstood(said.text(), reading.subject().words() + " are in no region");
    }
    reading.draft.missing(column);
    reading.say();
    reading.goTo(reading.question.skip(end, "any", "a", "an"));
    return true;
  }

  private static boolean group(Reading reading, Intent.Key key, int end) {
    DistinctRule.there(reading, key);
    reading.draft.group(key);
    reading.draft.count();
    reading.say();
    reading.goTo(end);
    return true;
  }

  private static Optional<Found<Intent.Key>> key(Reading reading, int at) {
    String column =
        switch (reading.question.lower(at)) {
          case "regions", "region" -> "region";
          case "accounts", "account" -> "account_id";
          case "services", "service" -> "service";
          default -> "";
        };
    if (!column.isEmpty()) {
      return Optional.of(new Found<>(new Intent.Key.Column(column), at + 1));
    }
    return Keys.find(reading, at).filter(found -> found.what() instanceof Intent.Key.TagValue);
  }
}
