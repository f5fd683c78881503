package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.inventory.Scope;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Which region has the most buckets?": counted by what is asked after. */
final class WhichRule implements Rule {
  private static final Pattern WHICH =
      Phrases.of(
          "(?:in )?(?:which|what) (?:(?:are|is) the )?(regions?|accounts?|services?|(?:resource )?types?|availability zones?|azs?)"
              + "(?: (?:has|have|had|contains?|hosts?|runs?|uses?|do|does|is|are|with|own|owns|hold|holds))*(?: (?:i|we))?(?: have)?"
              + "(?: the)?(?: (most|fewest|least|highest number of|largest number of|lowest number of))?");
  private static final Pattern BY_NUMBER =
      Phrases.of(
          "(?:(?:the )?(top|bottom) (\\d{1,4}) )?(regions?|accounts?|services?|types?) (?:(?:sorted|ordered|ranked) )?(?:by|with)(?: the| their)? (?:number|count|most|fewest)(?: of)?");
  private static final Pattern HAS_MOST =
      Phrases.of(
          "(?:has|have|with|contains?|hosts?|runs?|owns?|holds?)(?: the)? (most|fewest|least|highest number of|largest number of|lowest number of)");
  private static final Pattern ALONE =
      Phrases.of(
          "(how many|number of|the number of|count|list|show|show me|give me|what are|which|what)(?: (?:all|the|our|my|different))* (regions|accounts|services|resource types)"
              + "(?: (?:are|do|we|i|there|used|in use|have|use|being|active))*$");
  private static final List<String> FEW = List.of("fewest", "least", "lowest number of");

  @Override
  public boolean read(Reading reading) {
    if (alone(reading)) {
      return true;
    }
    Optional<Matcher> found = reading.question.match(reading.at(), WHICH);
    if (found.isEmpty()) {
      return byNumber(reading) || byOther(reading);
    }
    Matcher match = found.get();
    reading.draft.group(dimension(match.group(1)));
    reading.draft.count();
    reading.say();
    String most = match.group(2);
    if (most != null) {
      reading.draft.order(Intent.NUMBER, !FEW.contains(most));
      if (!match.group(1).endsWith("s")) {
        reading.draft.limit("1");
      }
    }
    reading.skip(Phrases.words(match));
    return true;
  }

  /** "List regions", "how many accounts do we have": those that have anything. */
  private static boolean alone(Reading reading) {
    Optional<Matcher> match =
        reading.at() == 0 && reading.current().isEverything()
            ? reading.question.match(0, ALONE)
            : Optional.empty();
    if (match.isEmpty()) {
      return false;
    }
    Intent.Key key = dimension(match.get().group(2));
    if (key.equals(new Intent.Key.Column("region"))) {
      reading.conditions.add(
          new Condition.Not(new Condition.InRegion(List.of(Scope.GLOBAL)))); // which is none
    }
    if (match.get().group(1).matches("how many|.*number of|count")) {
      reading.draft.compute("distinct");
      reading.draft.of(key);
    } else {
      reading.draft.group(key);
      reading.draft.count();
    }
    reading.say();
    reading.skip(Phrases.words(match.get()));
    return true;
  }

  /** "Top 3 regions by number of instances". */
  private static boolean byNumber(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), BY_NUMBER);
    if (match.isEmpty()) {
      return false;
    }
    String word = match.get().group();
    String end = match.get().group(1);
    reading.draft.group(dimension(match.get().group(3)));
    reading.draft.order(Intent.NUMBER, !word.endsWith("fewest") && !"bottom".equals(end));
    if (end != null) {
      reading.draft.limit(match.get().group(2));
    }
    reading.say();
    reading.skip(Phrases.words(match.get()));
    return true;
  }

  /** "Which VPC has the most instances", "owner with the fewest buckets". */
  private static boolean byOther(Reading reading) {
    boolean which = reading.is("which", "what");
    if (!which && reading.at() > 0) {
      return false;
    }
    Optional<Found<Intent.Key>> key = Keys.find(reading, which ? reading.at() + 1 : reading.at());
    Optional<Matcher> most = key.flatMap(found -> reading.question.match(found.end(), HAS_MOST));
    if (most.isEmpty()
        || reading.subjectEnd() <= key.get().end() // "which function has the most memory"
        || !isOne(key.get().what())) {
      return false;
    }
    DistinctRule.group(reading, key.get(), !FEW.contains(most.get().group(1)));
    reading.say();
    reading.goTo(key.get().end() + Phrases.words(most.get()));
    return true;
  }

  /** Whether it has one value of each, and no list of them. */
  static boolean isOne(Intent.Key key) {
    return !(key instanceof Intent.Key.Other)
        && !(key instanceof Intent.Key.Member member
            && member.fields().values().stream()
                .anyMatch(field -> field.path().text().contains("[]")));
  }

  /** The word after "has the most" and the like, when these begin at a word; else that word. */
  static int afterMost(Question question, int index) {
    return question.match(index, HAS_MOST).map(most -> index + Phrases.words(most)).orElse(index);
  }

  private static Intent.Key dimension(String word) {
    return switch (Stems.phrase(word)) {
      case "account" -> new Intent.Key.Column("account_id");
      case "type", "resource type" -> new Intent.Key.Column("type");
      case "region" -> new Intent.Key.Column("region");
      default -> new Intent.Key.Column("service");
    };
  }
}
