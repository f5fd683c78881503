package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * The words by which a resource is found: runs of letters and digits, lower case, of its id, ARN,
 * name, tags and of every text in its document, with a space between two. Split here and not by the
 * database, so that both find the same.
 */
final class Words {
  /** Characters of text that are indexed; a policy may be longer. PostgreSQL takes a megabyte. */
  private static final int MOST = 100_000;

  /** Characters of a word; the rest of a longer one is left out. PostgreSQL takes 2 KB. */
  private static final int LONGEST = 500;

  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Words() {}

  /**
   * A resource's.
   *
   * @throws IllegalArgumentException when its document is no JSON
   */
  static String of(Resource resource) {
    StringBuilder words = new StringBuilder(512);
    append(words, resource.id());
    append(words, resource.arn());
    append(words, resource.name());
    resource
        .tags()
        .forEach(
            (key, value) -> {
              append(words, key);
              append(words, value);
            });
    try (JsonParser parser = JSON.createParser(resource.document())) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING && words.length() < MOST) {
          String text = parser.getString();
          if (text.indexOf('T') != 10 || !TIME.matcher(text).matches()) {
            append(words, text);
          }
        }
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "the document of " + resource.id() + " in " + resource.scope() + " is no JSON", e);
    }
    words.setLength(Math.max(0, words.length() - 1)); // the space at the end
    return words.toString();
  }

  /** The words of what a person looks for. */
  static List<String> in(String text) {
    StringBuilder words = new StringBuilder();
    append(words, text);
    List<String> list = new ArrayList<>(List.of(words.toString().split(" ")));
    list.removeIf(String::isEmpty);
    return list;
  }

  private static void append(StringBuilder words, String text) {
    String lower = text.length() > MOST ? text.substring(0, MOST) : text;
    lower = lower.toLowerCase(Locale.ROOT);
    int from = -1;
    for (int i = 0; i < lower.length(); i++) {
      if (!isPart(lower.charAt(i))) {
        if (from >= 0) {
          words.append(lower, from, Math.min(i, from + LONGEST)).append(' ');
        }
        from = -1;
      } else if (from < 0) {
        from = i;
      }
    }
    if (from >= 0) {
      words.append(lower, from, Math.min(lower.length(), from + LONGEST)).append(' ');
    }
  }

  private static boolean isPart(char c) {
    return c < 128
        ? (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
        : Character.isLetterOrDigit(c);
  }
}
