package dev.freeway.controlplane.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Text with places: {@code {Path}} of the item, {@code {parent.Path}} of the resource it belongs
 * to, {@code {partition}}, {@code {region}}, {@code {account}}, {@code {arn}}, {@code {id}}. A
 * place may take a part: {@code {Arn|last /}}, {@code {Arn|after :function:}}, {@code {Name|before
 * .}}. Without braces the whole text is a path. Of several with {@code else} between, the first of
 * which every place has a value.
 *
 * @param text as it is written
 * @param parts literals and places in turn
 * @param otherwise what stands after {@code else}
 */
public record Template(String text, List<Part> parts, Optional<Template> otherwise) {
  private static final String ELSE = " else ";

  private static final Pattern PLACE = Pattern.compile("\\{([^{}]+)}");

  /** Literal text or a place. */
  public sealed interface Part {
    /** Stands for itself. */
    record Literal(String text) implements Part {}

    /**
     * Stands for a value.
     *
     * @param variable such as {@code region}, or {@code parent}, or empty for the item
     */
    record Place(String variable, Path path, Take take, String mark) implements Part {}
  }

  /** Which part of a value is taken. */
  public enum Take {
    WHOLE,
    /** What is after the last mark. */
    LAST,
    /** What is after the first mark. */
    AFTER,
    /** What is before the first mark. */
    BEFORE
  }

  /** What places stand for. */
  public interface Values {
    /** The value of {@code region} and the like; empty when it has none. */
    String variable(String name);

    /** The item. */
    JsonNode item();

    /** What the item belongs to; a missing node when nothing. */
    JsonNode parent();
  }

  /** Names of variables that a place may be. */
  private static final List<String> VARIABLES =
      List.of("partition", "region", "account", "arn", "id", "name");

  /** Copies the parts. */
  public Template {
    parts = List.copyOf(parts);
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Template parse(String whole) {
    int next = whole.indexOf(ELSE);
    String text = next < 0 ? whole : whole.substring(0, next);
    Optional<Template> otherwise =
        next < 0 ? Optional.empty() : Optional.of(parse(whole.substring(next + ELSE.length())));
    List<Part> parts = new ArrayList<>();
    if (!text.contains("{")) {
      parts.add(place(text, List.of()));
      return new Template(whole, parts, otherwise);
    }
    Matcher places = PLACE.matcher(text);
    int at = 0;
    while (places.find()) {
      if (places.start() > at) {
        parts.add(new Part.Literal(text.substring(at, places.start())));
      }
      parts.add(place(places.group(1), VARIABLES));
      at = places.end();
    }
    if (at < text.length()) {
      parts.add(new Part.Literal(text.substring(at)));
    }
    return new Template(whole, parts, otherwise);
  }

  /** A text with places that is itself, not a path, when it has none. */
  public static Template literal(String text) {
    return text.contains("{")
        ? parse(text)
        : new Template(text, List.of(new Part.Literal(text)), Optional.empty());
  }

  private static Part.Place place(String text, List<String> variables) {
    int bar = text.indexOf('|');
    String path = bar < 0 ? text : text.substring(0, bar);
    Take take = Take.WHOLE;
    String mark = "";
    if (bar >= 0) {
      String how = text.substring(bar + 1);
      int space = how.indexOf(' ');
      if (space < 0) {
        throw new IllegalArgumentException(text + ": expected a mark after " + how);
      }
      take =
          switch (how.substring(0, space)) {
            case "last" -> Take.LAST;
            case "after" -> Take.AFTER;
            case "before" -> Take.BEFORE;
            default ->
                throw new IllegalArgumentException(text + ": expected last, after or before");
          };
      mark = how.substring(space + 1);
    }
    if (variables.contains(path)) {
      return new Part.Place(path, Path.parse(""), take, mark);
    }
    if (path.startsWith("parent.")) {
      return new Part.Place("parent", Path.parse(path.substring(7)), take, mark);
    }
    return new Part.Place("", Path.parse(path), take, mark);
  }

  /** The text with every place filled; empty when one of them has no value. */
  public Optional<String> fill(Values values) {
    StringBuilder filled = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Literal literal -> filled.append(literal.text());
        case Part.Place place -> {
          String value =
              switch (place.variable()) {
                case "" -> place.path().string(values.item());
                case "parent" -> place.path().string(values.parent());
                default -> values.variable(place.variable());
              };
          if (value.isEmpty()) {
            return otherwise.flatMap(other -> other.fill(values));
          }
          filled.append(take(place, value));
        }
      }
    }
    return Optional.of(filled.toString());
  }

  private static String take(Part.Place place, String value) {
    String mark = place.mark();
    int first = place.take() == Take.LAST ? value.lastIndexOf(mark) : value.indexOf(mark);
    return switch (place.take()) {
      case WHOLE -> value;
      case LAST, AFTER -> first < 0 ? value : value.substring(first + mark.length());
      case BEFORE -> first < 0 ? value : value.substring(0, first);
    };
  }

  /** The places, to be checked. */
  public List<Part.Place> places() {
    List<Part.Place> places = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Part.Place place) {
        places.add(place);
      }
    }
    otherwise.ifPresent(other -> places.addAll(other.places()));
    return places;
  }

  @Override
  public String toString() {
    return text;
  }

  /** Values of an item alone. */
  public static Values of(JsonNode item, JsonNode parent, Map<String, String> variables) {
    return new Values() {
      @Override
      public String variable(String name) {
        return variables.getOrDefault(name, "");
      }

      @Override
      public JsonNode item() {
        return item;
      }

      @Override
      public JsonNode parent() {
        return parent;
      }
    };
  }
}
