package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word of a question.
 *
 * @param text as it was typed, without quotes and what ends a sentence
 * @param quoted whether it stood in quotes, and so is a value
 * @param stems of its parts
 */
record Token(String text, boolean quoted, List<String> stems) {
  private static final Pattern PIECE =
      Pattern.compile(
          "\"([^\"]*)\"|(?<![\\p{L}\\d])'([^']*)'(?![\\p{L}\\d])|(>=|<=|!=|<>|==|[=<>,()])|([^\\s\",=<>()]+)");
  private static final Map<String, String> SHORTENED =
      Map.ofEntries(
          Map.entry("can't", "can not"),
          Map.entry("cannot", "can not"),
          Map.entry("won't", "will not"),
          Map.entry("what's", "what is"),
          Map.entry("who's", "who is"),
          Map.entry("that's", "that is"),
          Map.entry("where's", "where is"),
          Map.entry("ain't", "is not"),
          Map.entry("w/o", "without"),
          Map.entry("w/out", "without"),
          Map.entry("w/", "with"),
          Map.entry("arent", "are not"),
          Map.entry("isnt", "is not"),
          Map.entry("dont", "do not"),
          Map.entry("doesnt", "does not"),
          Map.entry("havent", "have not"),
          Map.entry("hasnt", "has not"),
          Map.entry("wasnt", "was not"),
          Map.entry("werent", "were not"));

  private static final String[] RUNTIMES = {"python", "nodejs", "node", "java", "ruby", "dotnet"};
  private static final String[] HAVING = {
    "with", "without", "have", "has", "having", "use", "uses", "using", "that", "which", "do",
    "does", "not", "no"
  };
  private static final Pattern VERSION = Pattern.compile("\\d{1,2}(\\.\\d{1,2})?(\\.x)?");

  /** Copies the stems. */
  Token {
    stems = List.copyOf(stems);
  }

  /** One that is not quoted. */
  static Token word(String text) {
    return new Token(text, false, Stems.words(text));
  }

  /** In lower case. */
  String lower() {
    return text.toLowerCase(Locale.ROOT);
  }

  boolean is(String... words) {
    if (quoted) {
      return false;
    }
    for (String word : words) {
      if (word.equalsIgnoreCase(text)) {
        return true;
      }
    }
    return false;
  }

  /** The words of a question. */
  static List<Token> split(String question) {
    List<Token> tokens = new ArrayList<>();
    Matcher piece = PIECE.matcher(question.replace('’', '\'').replace('“', '"').replace('”', '"'));
    while (piece.find()) {
      if (piece.group(1) != null) {
        tokens.add(new Token(piece.group(1), true, List.of()));
      } else if (piece.group(2) != null) {
        tokens.add(new Token(piece.group(2), true, List.of()));
      } else if (piece.group(3) != null) {
        tokens.add(new Token(piece.group(3), false, List.of(piece.group(3))));
      } else {
        words(piece.group(4), tokens);
      }
    }
    runtimes(tokens);
    holders(tokens);
    listeners(tokens);
    root(tokens);
    Identifiers.named(tokens);
    return tokens;
  }

  /** "Python 3.12" is one value, and typed as two words as often as not. */
  private static void runtimes(List<Token> tokens) {
    for (int i = 0; i + 1 < tokens.size(); i++) {
      Token next = tokens.get(i + 1);
      if (tokens.get(i).is(RUNTIMES) && !next.quoted && VERSION.matcher(next.text).matches()) {
        String name = tokens.get(i).lower();
        tokens.set(i, word((name.equals("node") ? "nodejs" : name) + next.lower()));
        tokens.remove(i + 1);
      }
    }
  }

  /** "Who has" or "who is" something asks for users; who did something is not in the inventory. */
  private static void holders(List<Token> tokens) {
    if (tokens.size() > 2
        && tokens.get(0).is("who")
        && tokens.get(1).is("is", "are", "has", "have")
        && !tokens.get(2).is("been", "made")
        && !tokens.get(2).lower().endsWith("ed")
        && !tokens.get(2).lower().endsWith("ing")) {
      tokens.add(0, word("users"));
    }
  }

  /** "Listen on port 80": what listens is a listener. */
  private static void listeners(List<Token> tokens) {
    for (int i = 1; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).is("listen", "listens", "listening") && tokens.get(i + 1).is("on")) {
        tokens.set(i, word("with"));
        tokens.add(i + 1, word("listeners"));
      }
    }
  }

  /** The root user's MFA and access keys are an account's, and no organisation's root's. */
  private static void root(List<Token> tokens) {
    int last = tokens.size() - 1;
    if (last >= 2 && tokens.get(last).is("mfa")) {
      int user = last - 1;
      while (user > 0 && tokens.get(user).is(HAVING)) {
        user--;
      }
      if (user < last - 1 && tokens.get(user).is("root")) {
        tokens.add(user + 1, word("account"));
      } else if (user < last - 1 && user == 0 && tokens.get(user).is("accounts")) {
        tokens.add(user, word("root"));
      }
    }
    for (int i = 0; i + 1 < tokens.size(); i++) {
      boolean keys =
          tokens.get(i + 1).is("access")
              && i + 2 < tokens.size()
              && tokens.get(i + 2).is("key", "keys");
      if (tokens.get(i).is("root") && (keys || tokens.get(i + 1).is("mfa"))) {
        tokens.add(i + 1, word("with"));
        tokens.add(i + 1, word("account"));
      }
    }
  }

  private static void words(String raw, List<Token> tokens) {
    String text = raw.replaceAll("[?!;]+$", "").replaceAll("[.:]+$", "");
    String lower = text.toLowerCase(Locale.ROOT);
    if (SHORTENED.containsKey(lower)) {
      for (String word : SHORTENED.getOrDefault(lower, "").split(" ", -1)) {
        tokens.add(word(word));
      }
    } else if (lower.endsWith("n't")) {
      tokens.add(word(text.substring(0, text.length() - 3)));
      tokens.add(word("not"));
    } else if (lower.endsWith("'s") || lower.endsWith("s'")) {
      tokens.add(word(text.substring(0, text.length() - (lower.endsWith("'s") ? 2 : 1))));
    } else if (lower.startsWith("non-") && lower.length() > 4) {
      tokens.add(word("not"));
      tokens.add(word(text.substring(4)));
    } else if (!text.isEmpty()) {
      tokens.add(word(text));
    }
  }
}
