package dev.freeway.controlplane.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One reading statement, cut into what matters for that: words, marks and parameters; texts, quoted
 * names and comments are skipped as such. This is the first of three locks, and the one with a
 * clear message; the others are the database's: a connection that cannot write, and what SQLite's
 * own compiler makes of the statement.
 *
 * @param text with {@code ?} in the place of each {@code :name}
 * @param parameters the names, in the order of the places
 */
record Sql(String text, List<String> parameters) {
  private static final Set<String> READING = Set.of("SELECT", "WITH", "VALUES");
  private static final Set<String> WRITING =
      Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE");

  /**
   * Reads a statement.
   *
   * @throws QueryException when it is empty, several, or of a kind that does more than read
   */
  static Sql parse(String sql) {
    Lexer lexer = new Lexer(sql);
    lexer.run();
    List<String> words = lexer.words;
    while (!words.isEmpty() && words.getLast().equals(";")) {
      words.removeLast();
    }
    if (words.isEmpty()) {
      throw new QueryException("an empty query; expected SELECT");
    }
    if (words.contains(";")) {
      throw new QueryException("several statements; expected one");
    }
    String first = words.getFirst();
    if (first.equals("EXPLAIN")) {
      first = words.stream().filter(READING::contains).findFirst().orElse("");
      int begin = words.indexOf(first);
      for (String between : begin < 0 ? words : words.subList(1, begin)) {
        if (!Set.of("QUERY", "PLAN", "ANALYZE", "VERBOSE", "EXPLAIN").contains(between)) {
          throw refused(between);
        }
      }
    }
    String kind = first;
    while (kind.equals("(")) { // (SELECT ...) UNION ...
      words = words.subList(1, words.size());
      kind = words.isEmpty() ? "" : words.getFirst();
    }
    if (!READING.contains(kind)) {
      throw refused(kind);
    }
    // Where a statement may begin within one: in parentheses, and after those of WITH.
    for (int i = 1; i < words.size(); i++) {
      boolean begins = words.get(i - 1).equals("(") || words.get(i - 1).equals(")");
      boolean call = i + 1 < words.size() && words.get(i + 1).equals("(");
      if (begins && WRITING.contains(words.get(i)) && !call) {
        throw refused(words.get(i));
      }
    }
    return new Sql(lexer.out.toString(), lexer.parameters);
  }

  private static QueryException refused(String kind) {
    return new QueryException(
        (kind.isEmpty() ? "this" : kind) + " is refused: queries only read; expected SELECT");
  }

  private static final class Lexer {
    final String sql;
    final StringBuilder out = new StringBuilder();
    final List<String> words = new ArrayList<>();
    final List<String> parameters = new ArrayList<>();
    int at;

    Lexer(String sql) {
      this.sql = sql;
    }

    void run() {
      while (at < sql.length()) {
        char c = sql.charAt(at);
        if (c == '\'' || c == '"' || c == '`') {
          quoted(c, "a text or name");
          words.add("''");
        } else if (c == '[' && !follows()) {
          bracketed();
        } else if (c == '-' && next() == '-') {
          copyTo(end("\n"));
        } else if (c == '/' && next() == '*') {
          copyTo(comment());
        } else if (c == '$' && dollarTag() != null) {
          String tag = java.util.Objects.requireNonNull(dollarTag());
          int end = sql.indexOf(tag, at + tag.length());
          if (end < 0) {
            throw new QueryException("a text that begins with " + tag + " has no end");
          }
          copyTo(end + tag.length());
          words.add("''");
        } else if (c == ':' && next() == ':') {
          copyTo(at + 2);
        } else if (c == ':' && Character.isJavaIdentifierStart(next())) {
          int end = at + 1;
          while (end < sql.length() && Character.isJavaIdentifierPart(sql.charAt(end))) {
            end++;
          }
          parameters.add(sql.substring(at + 1, end));
          words.add("?");
          out.append('?');
          at = end;
        } else if (isOtherParameter(c)) {
          throw new QueryException(
              "a parameter as "
                  + c
                  + (c == '?' ? "" : next())
                  + "; expected :name, and -P name=VALUE");
        } else if (Character.isJavaIdentifierStart(c) && c != '$') {
          int end = at + 1;
          while (end < sql.length() && Character.isJavaIdentifierPart(sql.charAt(end))) {
            end++;
          }
          words.add(sql.substring(at, end).toUpperCase(Locale.ROOT));
          copyTo(end);
        } else {
          if (!Character.isWhitespace(c)) {
            words.add(String.valueOf(c));
          }
          copyTo(at + 1);
        }
      }
    }

    /** A parameter as databases have them besides, which nothing would be bound to: null. */
    private boolean isOtherParameter(char c) {
      boolean apart = at == 0 || !Character.isJavaIdentifierPart(sql.charAt(at - 1));
      return switch (c) {
        case '?' -> true;
        case '@' -> apart && Character.isLetter(next());
        case ':' -> apart && Character.isDigit(next());
        case '$' -> apart && Character.isLetterOrDigit(next());
        default -> false;
      };
    }

    private char next() {
      return at + 1 < sql.length() ? sql.charAt(at + 1) : '\0';
    }

    /** Whether a bracket stands behind something, as in an array of PostgreSQL's. */
    private boolean follows() {
      return at > 0
          && (Character.isJavaIdentifierPart(sql.charAt(at - 1)) || sql.charAt(at - 1) == ')');
    }

    private @org.jspecify.annotations.Nullable String dollarTag() {
      int end = at + 1;
      while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
        end++;
      }
      return end < sql.length() && sql.charAt(end) == '$' ? sql.substring(at, end + 1) : null;
    }

    private void quoted(char quote, String what) {
      int end = sql.indexOf(quote, at + 1);
      if (end < 0) {
        throw new QueryException(what + " that begins with " + quote + " has no end");
      }
      copyTo(end + 1); // a doubled quote begins the next
    }

    private void bracketed() {
      int end = sql.indexOf(']', at);
      copyTo(end < 0 ? sql.length() : end + 1);
      words.add("''");
    }

    private int end(String mark) {
      int end = sql.indexOf(mark, at);
      return end < 0 ? sql.length() : end + mark.length();
    }

    /** PostgreSQL's comments nest; SQLite's do not, and then more is skipped here than there. */
    private int comment() {
      int end = sql.indexOf("*/", at + 2);
      if (end < 0) {
        throw new QueryException("a comment has no end");
      }
      if (sql.substring(at + 2, end).contains("/*")) {
        throw new QueryException("a comment in a comment; expected */ first");
      }
      return end + 2;
    }

    private void copyTo(int end) {
      out.append(sql, at, end);
      at = end;
    }
  }
}
