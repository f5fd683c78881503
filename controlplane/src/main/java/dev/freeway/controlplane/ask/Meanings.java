package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What words such as "encrypted" or "unused" say of which types: the table {@code meanings.txt}.
 */
final class Meanings {
  /**
   * One of them.
   *
   * @param name as sentences have it, such as {@code with lifecycle rules}
   * @param byType what holds of a type's documents when it does
   * @param through of which types others have a part in it
   */
  record Meaning(String name, Map<String, Expression> byType, Map<String, Through> through) {
    /** Copies the maps. */
    Meaning {
      byType = Map.copyOf(byType);
      through = Map.copyOf(through);
    }

    Meaning(String name, Map<String, Expression> byType) {
      this(name, byType, Map.of());
    }

    boolean isOf(ResourceType type) {
      return byType.containsKey(type.key());
    }
  }

  /** What others have to do with it. */
  enum Way {
    /** It holds as well where it does of a related one: of users by groups. */
    RELATED,
    /** It holds as well where one of them names the resource. */
    NAMED,
    /** It holds only where none of them names the resource. */
    UNNAMED
  }

  /** Of a type by others. */
  record Through(ResourceType type, Way way, List<ResourceType> others) {
    /** Copies the types. */
    Through {
      others = List.copyOf(others);
    }
  }

  /** What a phrase says: a meaning or its contrary. */
  record Said(Meaning meaning, boolean contrary) {}

  private static final Pattern LIST = Pattern.compile("(@[a-z-]+) = (.*)");
  private static final Pattern BY =
      Pattern.compile("(\\S+) (also|only|named|unnamed) by (\\S+(?: \\S+)*)");

  private final Map<String, List<Said>> byPhrase = new LinkedHashMap<>();
  private final List<Meaning> all = new ArrayList<>();
  private int longest;

  /** Reads the table; keys of types are made those of the column service. */
  Meanings(Vocabulary vocabulary) {
    List<String> lines = named(Lines.of("meanings.txt"));
    for (int i = 0; i < lines.size(); ) {
      String head = lines.get(i++);
      int colon = head.indexOf(": ");
      Map<String, Expression> byType = new LinkedHashMap<>();
      Map<String, Through> through = new LinkedHashMap<>();
      while (i < lines.size() && lines.get(i).startsWith("  ")) {
        String line = lines.get(i++).strip();
        Matcher by = BY.matcher(line);
        if (by.matches()) {
          ResourceType type = vocabulary.type(by.group(1));
          Way way =
              switch (by.group(2)) {
                case "named" -> Way.NAMED;
                case "unnamed" -> Way.UNNAMED;
                default -> Way.RELATED;
              };
          List<ResourceType> others =
              Stream.of(by.group(3).split(" ", -1)).map(vocabulary::type).toList();
          through.put(type.key(), new Through(type, way, others));
          if (!by.group(2).equals("also")) {
            byType.putIfAbsent(
                type.key(), way == Way.UNNAMED ? Expression.always() : Expression.never());
          }
          continue;
        }
        int end = line.indexOf(": ");
        Expression expression = Expression.parse(line.substring(end + 2));
        for (String key : line.substring(0, end).split(" ", -1)) {
          byType.put(vocabulary.type(key).key(), expression);
        }
      }
      add(new Meaning(head.substring(0, colon), byType, through), head.substring(colon + 2));
    }
  }

  /** Lines with the lists in place of their names. */
  private static List<String> named(List<String> lines) {
    Map<String, String> lists = new LinkedHashMap<>();
    List<String> rest = new ArrayList<>();
    for (String line : lines) {
      Matcher list = LIST.matcher(line);
      if (list.matches()) {
        lists.put(list.group(1), list.group(2));
        continue;
      }
      String text = line;
      for (Map.Entry<String, String> each : lists.entrySet()) {
        text = text.replace(each.getKey(), each.getValue());
      }
      rest.add(text);
    }
    return rest;
  }

  private void add(Meaning meaning, String words) {
    all.add(meaning);
    int bar = words.indexOf('|');
    phrases(words.substring(0, bar), new Said(meaning, false));
    phrases(words.substring(bar + 1), new Said(meaning, true));
  }

  private void phrases(String list, Said said) {
    for (String phrase : list.split(",", -1)) {
      String stems = Stems.phrase(phrase);
      if (!stems.isEmpty()) {
        List<Said> all = byPhrase.computeIfAbsent(stems, key -> new ArrayList<>());
        if (!all.contains(said)) { // "public ip" and "public ips"
          all.add(said);
        }
        longest = Math.max(longest, stems.split(" ", -1).length);
      }
    }
  }

  List<Meaning> all() {
    return all;
  }

  /** How many words the longest phrase has. */
  int longest() {
    return longest;
  }

  /** What a phrase says of any of the types; of several, of the most of them. */
  List<Said> of(String phrase, List<ResourceType> types) {
    return byPhrase.getOrDefault(phrase, List.of()).stream()
        .filter(said -> types.isEmpty() || types.stream().anyMatch(said.meaning()::isOf))
        .toList();
  }

  /** Every word of every phrase. */
  Set<String> phrases() {
    return new LinkedHashSet<>(byPhrase.keySet());
  }
}
