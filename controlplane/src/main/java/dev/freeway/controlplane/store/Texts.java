package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Texts as every database keeps them: PostgreSQL takes no NUL, neither does its JSON, and half of a
 * surrogate pair is no UTF-8. What is neither becomes U+FFFD, in keys too: what is read is what was
 * written.
 */
final class Texts {
  private static final char REPLACED = '\uFFFD';
  private static final String ESCAPED_NUL = "\\u0000";

  private Texts() {}

  static Resource clean(Resource resource) {
    SortedMap<String, String> tags = new TreeMap<>();
    resource.tags().forEach((key, value) -> tags.put(clean(key), clean(value)));
    return new Resource(
        resource.scope(),
        clean(resource.id()),
        clean(resource.arn()),
        clean(resource.name()),
        resource.isDefault(),
        resource.created(),
        clean(resource.parent()),
        tags,
        document(resource.document()));
  }

  static List<Relation> clean(List<Relation> relations) {
    return relations.stream()
        .map(
            one ->
                new Relation(
                    one.scope(), clean(one.from()), clean(one.path()), clean(one.target())))
        .toList();
  }

  static LedgerEntry clean(LedgerEntry entry) {
    return new LedgerEntry(
        entry.account(),
        entry.region(),
        entry.service(),
        entry.operation(),
        entry.calls(),
        entry.pages(),
        entry.items(),
        entry.retries(),
        entry.time(),
        entry.outcome(),
        clean(entry.code()),
        clean(entry.message()));
  }

  static String clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return cleaned(text, i);
      }
    }
    return text;
  }

  private static String cleaned(String text, int from) {
    StringBuilder clean = new StringBuilder(text);
    for (int i = from; i < clean.length(); i++) {
      char c = clean.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < clean.length()
          && Character.isLowSurrogate(clean.charAt(i + 1))) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        clean.setCharAt(i, REPLACED);
      }
    }
    return clean.toString();
  }

  /** Of JSON, where a NUL is written as an escape, and a backslash before it may be one itself. */
  private static String document(String json) {
    String text = clean(json);
    int at = text.indexOf(ESCAPED_NUL);
    if (at < 0) {
      return text;
    }
    StringBuilder clean = new StringBuilder(text.length());
    int from = 0;
    for (; at >= 0; at = text.indexOf(ESCAPED_NUL, at + 1)) {
      int backslashes = 0;
      while (at - backslashes > 0 && text.charAt(at - backslashes - 1) == '\\') {
        backslashes++;
      }
      if (backslashes % 2 == 0) {
        clean.append(text, from, at).append(REPLACED);
        from = at + ESCAPED_NUL.length();
      }
    }
    return clean.append(text, from, text.length()).toString();
  }
}
