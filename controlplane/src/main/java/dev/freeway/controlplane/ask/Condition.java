package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What has to hold of a resource; its text is its part of the sentence. */
sealed interface Condition {
  /** How text is compared; never by case. */
  enum Match {
    IS("is", " is not "),
    CONTAINS("contains", " does not contain "),
    STARTS("starts with", " does not start with "),
    ENDS("ends with", " does not end with ");

    final String words;
    final String contrary;

    Match(String words, String contrary) {
      this.words = words;
      this.contrary = contrary;
    }

    String pattern(String value) {
      String escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
      return switch (this) {
        case IS -> escaped;
        case CONTAINS -> "%" + escaped + "%";
        case STARTS -> escaped + "%";
        case ENDS -> "%" + escaped;
      };
    }
  }

  /** A time of a resource's life. */
  enum Life {
    CREATED("created"),
    APPEARED("first seen"),
    GONE("gone"),
    CHANGED("changed");

    final String words;

    Life(String words) {
      this.words = words;
    }
  }

  /** In any of some regions; those that end in a hyphen stand for all that begin so. */
  record InRegion(List<String> regions) implements Condition {
    /** Copies the list. */
    public InRegion {
      regions = List.copyOf(regions);
    }
  }

  /** In any of some accounts, by their digits. */
  record InAccount(List<String> accounts, List<String> words) implements Condition {
    /** Copies the lists. */
    public InAccount {
      accounts = List.copyOf(accounts);
      words = List.copyOf(words);
    }
  }

  /** Has a tag, with one of the values when there are any. */
  record Tag(String key, List<String> values) implements Condition {
    /** Copies the values. */
    public Tag {
      values = List.copyOf(values);
    }
  }

  /** How many tags it has. */
  record Tags(Expression.Operator operator, long number) implements Condition {}

  /** Its name, id or ARN. */
  record Named(Match match, String value) implements Condition {}

  /** What a word means of its type. */
  record Meant(Meanings.Meaning meaning) implements Condition {}

  /** A member of its document: by type, since each has its own. */
  record Of(
      Map<ResourceType, Field> fields,
      Expression.Operator operator,
      Optional<Match> match,
      List<String> values,
      String shown)
      implements Condition {
    /** Copies the collections. */
    public Of {
      fields = Map.copyOf(new LinkedHashMap<>(fields));
      values = List.copyOf(values);
    }
  }

  /** That there is something at a member. */
  record Has(Map<ResourceType, Field> fields) implements Condition {
    /** Copies the map. */
    public Has {
      fields = Map.copyOf(fields);
    }
  }

  /** A time of its life between two moments. */
  record During(Life life, Optional<Instant> from, Optional<Instant> to, String words)
      implements Condition {}

  /** A time in its document between two moments; never counts as before, when asked so. */
  record TimeOf(
      Map<ResourceType, Field> fields,
      Optional<Instant> from,
      Optional<Instant> to,
      boolean orNever,
      String words)
      implements Condition {
    /** Copies the map. */
    public TimeOf {
      fields = Map.copyOf(fields);
    }
  }

  /**
   * That so many others are related to it.
   *
   * @param oneWay whether it has to name them, and it does not count that they name it
   */
  record Related(
      Subject other, List<Condition> of, Expression.Operator operator, long number, boolean oneWay)
      implements Condition {
    /** Copies the list. */
    public Related {
      of = List.copyOf(of);
    }

    /** That so many of them name it or are named by it. */
    Related(Subject other, List<Condition> of, Expression.Operator operator, long number) {
      this(other, of, operator, number, false);
    }

    /** That it names one. */
    static Related to(Subject other, List<Condition> of) {
      return new Related(other, of, Expression.Operator.AT_LEAST, 1, true);
    }
  }

  /** That another is related, at once or by way of a third: an instance and a load balancer. */
  record By(Subject way, Subject other, List<Condition> of) implements Condition {
    /** Copies the list. */
    public By {
      of = List.copyOf(of);
    }

    /** As relations of one hop each. */
    Any hops() {
      Condition last = new Related(other, of, Expression.Operator.AT_LEAST, 1);
      return new Any(
          List.of(last, new Related(way, List.of(last), Expression.Operator.AT_LEAST, 1)));
    }
  }

  /** Of some types, among resources of all. */
  record OfType(List<ResourceType> types, String words) implements Condition {
    /** Copies the types. */
    public OfType {
      types = List.copyOf(types);
    }
  }

  /** Made by AWS. */
  record Default() implements Condition {}

  /** Its document has a text anywhere. */
  record Mentions(String fragment, String words) implements Condition {}

  /** The contrary. */
  record Not(Condition of) implements Condition {}

  /** Every one of them. */
  record All(List<Condition> of) implements Condition {
    /** Copies the list. */
    public All {
      of = List.copyOf(of);
    }
  }

  /** Any of them. */
  record Any(List<Condition> of) implements Condition {
    /** Copies the list. */
    public Any {
      of = List.copyOf(of);
    }
  }

  /**
   * Whether it can be said of a type at all: of one without the member it neither holds nor not.
   */
  default boolean isOf(ResourceType type) {
    return switch (this) {
      case Meant meant -> meant.meaning().isOf(type);
      case Of of -> of.fields().containsKey(type);
      case Has has -> has.fields().containsKey(type);
      case TimeOf time -> time.fields().containsKey(type);
      case Not not -> not.of().isOf(type);
      case Any any -> any.of().stream().anyMatch(each -> each.isOf(type));
      case All all -> all.of().stream().allMatch(each -> each.isOf(type));
      default -> true;
    };
  }

  /** Adds the types of all that it looks at besides. */
  default void others(Set<ResourceType> types) {
    switch (this) {
      case Related related -> {
        types.addAll(related.other().types());
        related.of().forEach(each -> each.others(types));
      }
      case By by -> {
        types.addAll(by.way().types());
        types.addAll(by.other().types());
        by.of().forEach(each -> each.others(types));
      }
      case Meant meant ->
          meant.meaning().through().values().stream()
              .filter(through -> types.contains(through.type()))
              .map(Meanings.Through::others)
              .toList() // before there are more
              .forEach(types::addAll);
      case Not not -> not.of().others(types);
      case Any any -> any.of().forEach(each -> each.others(types));
      case All all -> all.of().forEach(each -> each.others(types));
      default -> {}
    }
  }

  /** Whether it is either of several wholes. */
  default boolean isOfWholes() {
    return this instanceof Any any && any.of().stream().anyMatch(All.class::isInstance);
  }

  /** Its part of the sentence, after "that". */
  default String text() {
    return switch (this) {
      case InRegion in ->
          "are in "
              + or(
                  in.regions().stream()
                      .map(region -> region.endsWith("-") ? region + "*" : region)
                      .toList());
      case InAccount in -> "are in account " + or(in.words());
      case Tag tag ->
          tag.values().isEmpty()
              ? "have the tag " + tag.key()
              : "have the tag " + tag.key() + " = " + or(tag.values());
      case Tags tags ->
          "have "
              + switch (tags.operator()) {
                case AT_LEAST -> "at least " + tags.number();
                case MORE -> "more than " + tags.number();
                case LESS -> "fewer than " + tags.number();
                case AT_MOST -> "at most " + tags.number();
                default -> "" + tags.number();
              }
              + (tags.number() == 1 ? " tag" : " tags");
      case Named named -> "whose name or id " + named.match().words + " \"" + named.value() + "\"";
      case Meant(
              Meanings.Meaning(
                  String name,
                  Map<String, Expression> _,
                  Map<String, Meanings.Through> _)) ->
          name.startsWith("with ") ? "have " + name.substring(5) : "are " + name;
      case Of of ->
          "whose "
              + name(of.fields())
              + (of.operator() == Expression.Operator.NOT_EQUAL && of.match().isPresent()
                  ? of.match().get().contrary
                  : " " + of.match().map(match -> match.words).orElse(of.operator().words) + " ")
              + or(of.shown().isEmpty() ? of.values() : List.of(of.shown()));
      case Has has -> "have " + article(name(has.fields()));
      case During during -> "were " + during.life().words + " " + during.words();
      case TimeOf time ->
          "whose "
              + name(time.fields())
              + " is "
              + time.words()
              + (time.orNever() ? " or never" : "");
      case Related related -> relatedText(related);
      case By by ->
          "are related to " + by.other().sentence(by.of()) + ", at once or by " + by.way().words();
      case OfType of -> "are of " + of.words();
      case Default _ -> "are AWS's defaults";
      case Mentions mentions -> "mention " + mentions.words();
      case Not(
              Related(
                  Subject other,
                  List<Condition> of,
                  Expression.Operator operator,
                  long number,
                  boolean oneWay))
          when !oneWay ->
          "have no " + other.sentence(of);
      case Not(By by) ->
          "have no "
              + by.other().sentence(by.of())
              + ", neither at once nor by "
              + by.way().words();
      case Not(During(Life life, Optional<Instant> _, Optional<Instant> _, String words))
          when life == Life.CHANGED ->
          "were not seen to change " + words;
      case Not(Of of) when of.operator() == Expression.Operator.EQUAL ->
          "whose "
              + name(of.fields())
              + of.match().map(match -> match.contrary).orElse(" is not ")
              + or(of.shown().isEmpty() ? of.values() : List.of(of.shown()));
      case Not not -> negated(not.of().text());
      case Any any when any.isOfWholes() ->
          any.of().stream()
              .map(each -> each instanceof All all ? all.of() : List.of(each))
              .map(each -> new Subject(List.of(), "those").sentence(each))
              .collect(Collectors.joining(", or ", "are either ", ""));
      case Any any when any.of().size() > 1 && any.of().stream().allMatch(Condition::isMeant) ->
          any.of().stream()
              .map(each -> each.text().replaceFirst(" \\(.*", ""))
              .distinct()
              .collect(Collectors.joining(" or "));
      case Any any -> any.of().stream().map(Condition::text).collect(Collectors.joining(" or "));
      case All all -> all.of().stream().map(Condition::text).collect(Collectors.joining(" and "));
    };
  }

  private static boolean isMeant(Condition condition) {
    return (condition instanceof Not(Condition of) ? of : condition) instanceof Meant;
  }

  private static String relatedText(Related related) {
    String others = related.other().sentence(related.of());
    if (related.oneWay()) {
      return "have a reference to " + others;
    }
    return related.operator() == Expression.Operator.AT_LEAST && related.number() == 1
        ? "are related to " + others
        : "have "
            + related.operator().words.replace("is ", "").replace("is", "exactly")
            + " "
            + related.number()
            + " "
            + others;
  }

  private static String negated(String text) {
    for (String verb : List.of("are ", "have ", "were ")) {
      if (text.startsWith(verb)) {
        return (verb.equals("have ") ? "do not have " : verb + "not ")
            + text.substring(verb.length());
      }
    }
    return (text.startsWith("whose ") ? "are not those " : "not: ") + text;
  }

  private static String name(Map<ResourceType, Field> fields) {
    return fields.values().stream()
        .map(Field::words)
        .distinct()
        .sorted()
        .collect(Collectors.joining("/"));
  }

  private static String article(String noun) {
    return ("aeiou".indexOf(Character.toLowerCase(noun.charAt(0))) >= 0 ? "an " : "a ") + noun;
  }

  /** {@code a, b or c}. */
  static String or(List<String> words) {
    return words.size() < 2
        ? String.join("", words)
        : String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
  }
}
