package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * HTTP status codes, 100 to 599.
 *
 * @param spans in ascending order, neither touching nor overlapping, at least one
 */
public record Statuses(List<Span> spans) {
  /** Success and redirection. */
  public static final Statuses DEFAULT = new Statuses(List.of(new Span(200, 399)));

  static final String GRAMMAR =
      "codes from 100 to 599 and ranges of them, separated by |, such as 200-399|404";

  /** Codes from the first to the last, both included. */
  public record Span(int first, int last) {
    public Span {
      if (first < 100 || last > 599 || first > last) {
        throw new IllegalArgumentException(first + "-" + last + ": expected " + GRAMMAR);
      }
    }

    @Override
    public String toString() {
      return first == last ? "" + first : first + "-" + last;
    }
  }

  public Statuses {
    List<Span> merged = new ArrayList<>();
    for (Span span : spans.stream().sorted(Comparator.comparingInt(Span::first)).toList()) {
      if (!merged.isEmpty() && merged.getLast().last() >= span.first() - 1) {
        Span before = merged.removeLast();
        merged.add(new Span(before.first(), Math.max(before.last(), span.last())));
      } else {
        merged.add(span);
      }
    }
    if (merged.isEmpty()) {
      throw new IllegalArgumentException("no status: expected " + GRAMMAR);
    }
    spans = List.copyOf(merged);
  }

  /**
   * Reads such as {@code 200-399|404}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Statuses parse(String text) {
    List<Span> spans = new ArrayList<>();
    for (String word : text.split("\\|", -1)) {
      if (!word.matches("[1-5][0-9]{2}(-[1-5][0-9]{2})?")) {
        throw new IllegalArgumentException("\"" + text + "\": expected " + GRAMMAR);
      }
      spans.add(
          new Span(
              Integer.parseInt(word.substring(0, 3)),
              Integer.parseInt(word.substring(word.length() - 3))));
    }
    return new Statuses(spans);
  }

  public boolean contains(int status) {
    for (Span span : spans) {
      if (status >= span.first && status <= span.last) {
        return true;
      }
    }
    return false;
  }

  /** What {@link #parse} reads. */
  @Override
  public String toString() {
    return spans.stream().map(Span::toString).collect(Collectors.joining("|"));
  }
}
