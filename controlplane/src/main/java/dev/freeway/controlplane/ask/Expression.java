package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on a document, as the table of meanings has it: {@code Path}, {@code !Path}, {@code
 * Path = text}, {@code Path != text}, {@code Path ~ %like%}, {@code Path > 5}, {@code size Path =
 * 0}, {@code in Path < 30} (days from now), {@code ago Path > 90} (days before now), {@code
 * List(key) = value} (of a list of keys and values), {@code any List (...)} (of one element all
 * that), {@code foreign Path} (a principal of another account), with {@code and}, {@code or} and
 * parentheses.
 */
sealed interface Expression {
  /** What holds of no document: only others that are related say it. */
  static Expression never() {
    return new Any(List.of());
  }

  /** What holds of every document, where others that are related say the rest. */
  static Expression always() {
    return new All(List.of());
  }

  /** How a value is compared. */
  enum Operator {
    EQUAL("=", "is"),
    NOT_EQUAL("<>", "is not"),
    LESS("<", "is less than"),
    AT_MOST("<=", "is at most"),
    MORE(">", "is more than"),
    AT_LEAST(">=", "is at least"),
    LIKE("LIKE", "is like");

    final String sql;
    final String words;

    Operator(String sql, String words) {
      this.sql = sql;
      this.words = words;
    }

    boolean isOrder() {
      return this != EQUAL && this != NOT_EQUAL && this != LIKE;
    }

    Operator opposite() {
      return switch (this) {
        case EQUAL -> NOT_EQUAL;
        case NOT_EQUAL -> EQUAL;
        case LESS -> AT_LEAST;
        case AT_LEAST -> LESS;
        case MORE -> AT_MOST;
        case AT_MOST -> MORE;
        case LIKE -> throw new IllegalStateException("LIKE has no opposite");
      };
    }

    static Operator of(String sign) {
      return switch (sign) {
        case "=" -> EQUAL;
        case "!=" -> NOT_EQUAL;
        case "<" -> LESS;
        case "<=" -> AT_MOST;
        case ">" -> MORE;
        case ">=" -> AT_LEAST;
        case "~" -> LIKE;
        default -> throw new IllegalArgumentException(sign + ": expected an operator");
      };
    }
  }

  /** How the value at a path is taken. */
  enum Take {
    TEXT,
    SIZE,
    DAYS_AHEAD,
    DAYS_AGO,
    /** Whether it is a principal of another account, or anybody. */
    FOREIGN
  }

  /** Whether there is a value that is neither false, 0 nor empty. */
  record There(Path path) implements Expression {}

  /** Whether a value, or any of several, compares. */
  record Compare(Take take, Path path, Operator operator, String value) implements Expression {}

  /** Whether the value of a key in a list of keys and values compares. */
  record Attribute(String list, String key, Operator operator, String value)
      implements Expression {}

  /** Whether of one element of a list something holds. */
  record Element(String list, Expression of) implements Expression {}

  /** The contrary. */
  record Not(Expression of) implements Expression {}

  /** Every one of them. */
  record All(List<Expression> of) implements Expression {
    /** Copies the list. */
    public All {
      of = List.copyOf(of);
    }
  }

  /** Any of them. */
  record Any(List<Expression> of) implements Expression {
    /** Copies the list. */
    public Any {
      of = List.copyOf(of);
    }
  }

  /** The paths that it reads. */
  default List<Path> paths() {
    return switch (this) {
      case There there -> List.of(there.path());
      case Compare compare -> List.of(compare.path());
      case Attribute attribute -> List.of(Path.parse(attribute.list()));
      case Element element ->
          element.of().paths().stream()
              .map(path -> Path.parse(element.list() + "[]." + path.text()))
              .toList();
      case Not not -> not.of().paths();
      case All all -> all.of().stream().flatMap(each -> each.paths().stream()).toList();
      case Any any -> any.of().stream().flatMap(each -> each.paths().stream()).toList();
    };
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Expression parse(String text) {
    Parser parser = new Parser(text);
    Expression expression = parser.any();
    if (parser.at < parser.tokens.size()) {
      throw new IllegalArgumentException(text + ": unexpected " + parser.tokens.get(parser.at));
    }
    return expression;
  }

  /** Descends over an expression's words. */
  final class Parser {
    private static final Pattern TOKEN =
        Pattern.compile(
            "\"[^\"]*\"|!=|<=|>=|[=<>~!]|\\((?![^()\\s]+\\)\\s*[=<>~!])|\\)|[^\\s=<>~!()]+\\([^()\\s]+\\)|[^\\s=<>~!()]+");

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private int at;

    private Parser(String text) {
      this.text = text;
      Matcher token = TOKEN.matcher(text);
      while (token.find()) {
        tokens.add(token.group());
      }
    }

    private boolean take(String word) {
      if (at < tokens.size() && tokens.get(at).equals(word)) {
        at++;
        return true;
      }
      return false;
    }

    private String next() {
      if (at >= tokens.size()) {
        throw new IllegalArgumentException(text + ": ends too early");
      }
      return tokens.get(at++);
    }

    private Expression any() {
      List<Expression> parts = new ArrayList<>(List.of(all()));
      while (take("or")) {
        parts.add(all());
      }
      return parts.size() == 1 ? parts.getFirst() : new Any(parts);
    }

    private Expression all() {
      List<Expression> parts = new ArrayList<>(List.of(one()));
      while (take("and")) {
        parts.add(one());
      }
      return parts.size() == 1 ? parts.getFirst() : new All(parts);
    }

    private Expression one() {
      if (take("!")) {
        return new Not(one());
      }
      if (take("any")) {
        return new Element(next(), one());
      }
      if (take("(")) {
        Expression inner = any();
        if (!take(")")) {
          throw new IllegalArgumentException(text + ": expected )");
        }
        return inner;
      }
      Take take =
          take("size")
              ? Take.SIZE
              : take("in") ? Take.DAYS_AHEAD : take("ago") ? Take.DAYS_AGO : Take.TEXT;
      if (take("foreign")) {
        return new Compare(Take.FOREIGN, Path.parse(next()), Operator.NOT_EQUAL, "");
      }
      String path = next();
      boolean compared = at < tokens.size() && tokens.get(at).matches("!=|<=|>=|[=<>~]");
      if (!compared) {
        return new There(Path.parse(path));
      }
      Operator operator = Operator.of(next());
      String value = next();
      if (value.startsWith("\"")) {
        value = value.substring(1, value.length() - 1);
      }
      int open = path.indexOf('(');
      return open > 0
          ? new Attribute(
              path.substring(0, open), path.substring(open + 1, path.length() - 1), operator, value)
          : new Compare(take, Path.parse(path), operator, value);
    }
  }
}
