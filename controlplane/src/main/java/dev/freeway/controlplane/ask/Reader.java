package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one question from its first word to its last. What is asked for is found first, since what
 * words mean depends on it; then every word is taken by the first rule that can use it, rules for
 * more words before rules for fewer. A word that no rule takes and that is not one of the few that
 * mean nothing is an error.
 *
 * <p>Conditions hold together; "or" joins two that stand beside it. "Not" and its like turn the
 * next condition, and those that "or" joins to it.
 */
final class Reader {
  /** Words that mean nothing here. A closed list: whatever else is left over is an error. */
  private static final Set<String> STOP =
      words(
          "a an the all any every each my our your me us we i you it its their them they these those this that which who whose what "
              + "is are was were be been being am do does did has have had having there here exist exists existing "
              + "show list get give find display print see tell fetch return want need like know can could would should please will "
              + "of in on at to for from with by as and or also then so where when how "
              + "aws amazon account's current currently now still just only actually really exactly together both "
              + "set configured configuration turned switched kind kinds sort sorts out up about using use uses used run runs "
              + "belonging belong belongs located living live inside within attached assigned associated connected linked related "
              + "contain contains containing hosted existing present via through into onto over under behind "
              + "please , ( ) = resources' look looking search searching me, query value values equal equals "
              + "number count many details detail information info name names");

  private static Set<String> words(String list) {
    return new LinkedHashSet<>(List.of(list.split(" ", -1)));
  }

  private static final Set<String> COST =
      Set.of(
          "cost",
          "costs",
          "price",
          "prices",
          "expensive",
          "cheapest",
          "cheap",
          "spend",
          "spending",
          "bill",
          "money",
          "dollars",
          "savings",
          "save",
          "waste",
          "wasted",
          "wasting",
          "pay",
          "paying",
          "usd");

  private static final Pattern NEGATION =
      Pattern.compile(
          "(?:do not have|does not have|did not have|have no|has no|having no|that lack|lacking|lacks?|missing|without(?: any| an?)?|with no|not in|not|no|non|neither|nor|never|except(?: for)?|excluding|other than|outside(?: of)?|apart from|cannot)\\b.*");
  private static final Pattern LIMIT =
      Pattern.compile(
          "(?:the )?(top|first|last|limit(?: to)?|only|bottom) (\\d{1,6})\\b(?! (?:minute|hour|day|week|month|quarter|year)s?\\b).*");
  private static final Pattern RANKED =
      Pattern.compile(
          "(?:the )?(?:(\\d{1,6}) )?(most recently created|most recent|newest|latest|youngest|oldest|largest|biggest|highest|greatest|longest|smallest|lowest|shortest|least|most recently)\\b(?! than)( first)?.*");
  private static final Pattern ORDER =
      Pattern.compile(
          "(?:sorted|ordered|sort|order|ranked|arranged|sorting|rank)(?: them)?(?: by)? .*");
  private static final Pattern DIRECTION =
      Pattern.compile(
          "(?:in )?(ascending|asc|descending|desc|reverse|alphabetically)(?: order)?\\b.*");
  private static final Pattern WHICH =
      Pattern.compile(
          "(?:in )?(?:which|what) (?:(?:are|is) the )?(region|account|service|(?:resource )?type|availability zone|az)(s?)(?: (?:has|have|had|contains?|hosts?|runs?|uses?|do|does|is|are|with|own|owns|hold|holds))*(?: (?:i|we))?(?: have)?(?: the)?(?: (most|fewest|least|highest number of|largest number of|lowest number of))?\\b.*");
  private static final Pattern COUNT =
      Pattern.compile(
          "(?:how many|count(?: of| up)?|(?:the )?total (?:number|count)(?: of)?|(?:the )?number of|total count)\\b.*");
  private static final Pattern FUNCTION =
      Pattern.compile(
          "(?:the )?(total|sum(?: of| up)?|average|avg|mean|maximum|max|minimum|min|how much|combined|overall)(?: of)?(?: the)?\\b.*");
  private static final Pattern GROUP =
      Pattern.compile(
          "(?:grouped by|group by|broken down by|breakdown by|split by|per|by|for each|for every|in each|in every|across each|across all|across|each|distribution by|distributed by)\\b.*");
  private static final Pattern LIFE =
      Pattern.compile(
          "(?:(?:was|were|been|got|have been|has been|that|which) )?(created|launched|made|built|provisioned|set up|started|requested|added|new|appeared|discovered|first seen|deleted|removed|gone|disappeared|destroyed|vanished|changed|modified|updated|altered|edited)\\b.*");
  private static final Pattern COMPARE =
      Pattern.compile(
          "(?:(?:is|are|was|of|that is|that are|has|have|with|a|to|set to|set|being|count) )*(>=|<=|!=|<>|==|=|>|<|greater than or equal to|more than or equal to|less than or equal to|greater than|larger than|bigger than|higher than|longer than|more than|fewer than|less than|smaller than|lower than|shorter than|newer than|older than|at least|at most|no more than|no less than|up to|over|above|exceeding|under|below|exactly|equal to|equals|not equal to|other than|bigger|is not|not)(?: (?:or equal to|than))?\\b ?.*|(?:(?:is|are|of) )*(>=|<=|!=|<>|==|=|>|<).*");
  private static final Pattern BETWEEN =
      Pattern.compile(
          "(?:is |are )?between (\\d[\\d.,]*) ?([a-z]*) and (\\d[\\d.,]*) ?([a-z]*)\\b.*");
  private static final Pattern NUMBER =
      Pattern.compile(
          "(-?\\d[\\d,]*(?:\\.\\d+)?)(k|m|kb|mb|gb|tb|kib|mib|gib|tib|b|s|ms|d|h|%)?(?: (bytes?|kb|mb|gb|tb|kib|mib|gib|tib|megabytes?|gigabytes?|terabytes?|kilobytes?|seconds?|secs?|s|minutes?|mins?|hours?|days?|weeks?|months?|years?|million|thousand|billion))?(?: .*)?");
  private static final Pattern NAME =
      Pattern.compile(
          "(?:(?:with|whose|has|have|where|and|the|a|an) )*(?:(?:names?|named|called|titled|ids?|identifier)(?: (?:is|are|that|which|of|like|matching|=))* ?(containing|contains|contain|that contains|including|includes|starting with|starts with|start with|beginning with|begins with|ending with|ends with|end with|like|matching|is|=)?|(containing|starting with|starting|beginning with|ending with|matching|like|named like|prefixed with|that start with|that begin with|that contain|that end with))(?: the)?(?: (?:word|text|string|name|prefix))? \\S.*");
  private static final Pattern TAGGED =
      Pattern.compile(
          "(?:(?:is|are|have been|has|have) )?tagged(?: with| as| by)?(?: (?:a|an|the|tag|key))*\\b.*");
  private static final Pattern TAG_COUNT =
      Pattern.compile(
          "(?:(?:with|have|has|having) )?(at least|more than|over|less than|fewer than|at most|exactly|under)? ?(\\d+|no|any|zero)(?: or (more|fewer))? tags?\\b.*");
  private static final Pattern TAG_WORD =
      Pattern.compile("(?:(?:with|whose|have|has|having|where|the|a|an) )*tags? (?!count)\\S+.*");
  private static final Pattern OWNED =
      Pattern.compile(
          "(?:(?:are|is|that are) )?(owned by|belonging to|that belong to|belong to|belongs to|managed by)(?: the)?(?: (team|user|owner|project))? \\S+.*");
  private static final Pattern DEFAULT =
      Pattern.compile("(?:is |are )?(default|aws default|non-default|nondefault|custom)\\b.*");
  private static final Pattern COLUMNS =
      Pattern.compile(
          "(?:and|with|including|along with|together with|plus|, ?)?(?: ?and)? ?(?:show|display|include|list|their|its|also show)(?: (?:me|also|their|its|the))*\\b.*");

  private final Vocabulary vocabulary;
  private final Meanings meanings;
  private final Fields fields;
  private final Known known;
  private final Instant now;
  private final List<Token> tokens;
  private final List<String> lower = new ArrayList<>();

  private Subject subject = Subject.EVERYTHING;
  private int at;
  private int subjectEnd = -1;
  private boolean subjectSeen;
  private boolean counted;
  private Optional<String> function = Optional.empty();
  private Optional<Intent.Key> computed = Optional.empty();
  private OptionalInt limit = OptionalInt.empty();
  private boolean negated;
  private boolean negatedBefore;
  private boolean joined;
  private Optional<Intent.Order> ranked = Optional.empty();
  private boolean rankedBySize;
  private boolean rankedDescending;
  private boolean something;

  /** Whose conditions are read: the subject's, or those of what it is related to. */
  private Subject current = Subject.EVERYTHING;

  private List<Condition> currentConditions;
  private final List<Condition> conditions = new ArrayList<>();
  private final List<Condition> ahead = new ArrayList<>();
  private final List<Join> joins = new ArrayList<>();
  private final List<Intent.Key> groups = new ArrayList<>();
  private final List<Intent.Key> columns = new ArrayList<>();
  private final List<Intent.Order> order = new ArrayList<>();

  private record Join(
      Subject other,
      List<Condition> of,
      List<Condition> into,
      boolean negated,
      Expression.Operator operator,
      long number) {}

  private Reader(
      Vocabulary vocabulary,
      Meanings meanings,
      Fields fields,
      Known known,
      Instant now,
      List<Token> tokens) {
    this.vocabulary = vocabulary;
    this.meanings = meanings;
    this.fields = fields;
    this.known = known;
    this.now = now;
    this.tokens = tokens;
    this.currentConditions = conditions;
    for (Token token : tokens) {
      lower.add(token.quoted() ? "\u0002" : token.lower().replace(' ', '\u0003'));
    }
  }

  /**
   * Reads a question.
   *
   * @throws NotUnderstood when a word of it has no part in what was understood
   */
  static Intent read(
      String question,
      Vocabulary vocabulary,
      Meanings meanings,
      Fields fields,
      Known known,
      Instant now)
      throws NotUnderstood {
    List<Token> tokens = Token.split(question);
    if (tokens.isEmpty()) {
      throw new NotUnderstood("", "an empty question");
    }
    return new Reader(vocabulary, meanings, fields, known, now, tokens).read();
  }

  private Intent read() throws NotUnderstood {
    findSubject();
    for (Token token : tokens) {
      if (!token.quoted() && COST.contains(token.lower())) {
        throw new NotUnderstood(
            token.text(), "costs are not in the inventory: freeway waste knows them");
      }
    }
    while (at < tokens.size()) {
      if (tokens.get(at).quoted()) {
        add(new Condition.Named(Condition.Match.CONTAINS, tokens.get(at).text()), 1);
        continue;
      }
      if (!rule()) {
        leftOver();
      }
    }
    return finish();
  }

  private boolean rule() throws NotUnderstood {
    return which()
        || count()
        || order()
        || tags()
        || life()
        || limit()
        || related()
        || name()
        || meaning()
        || region()
        || account()
        || ranked()
        || defaults()
        || columns()
        || negation()
        || value()
        || subject()
        || function()
        || field()
        || group()
        || word();
  }

  private String rest() {
    return rest(at);
  }

  private String rest(int from) {
    return String.join(" ", lower.subList(Math.min(from, lower.size()), lower.size()));
  }

  private static int length(Matcher match, int group) {
    return match.group().substring(0, match.end(group)).split(" ", -1).length;
  }

  // --- what is asked for ---

  private void findSubject() {
    for (int i = 0; i < tokens.size(); i++) {
      boolean dimension =
          tokens
              .get(i)
              .is(
                  "region",
                  "regions",
                  "account",
                  "accounts",
                  "service",
                  "services",
                  "type",
                  "types",
                  "tags",
                  "tag");
      Optional<Mention> mention = Mention.at(tokens, i, vocabulary);
      if (dimension && mention.filter(found -> found.end() > found.start() + 1).isEmpty()) {
        continue;
      }
      if (mention.isEmpty() || (i > 0 && tokens.get(i - 1).is("per", "by", "each"))) {
        continue;
      }
      // A word of a meaning is none of the subject: "public ip instances".
      int end = mention.get().end();
      List<ResourceType> types = new ArrayList<>(mention.get().types());
      boolean service = mention.get().service();
      // The next is the subject, and this its service or state: "spot instances", "fargate
      // services".
      Optional<Mention> next =
          end < tokens.size() ? Mention.at(tokens, end, vocabulary) : Optional.empty();
      if (next.isPresent() && !next.get().isEverything() && !mention.get().isEverything()) {
        List<ResourceType> both = next.get().types().stream().filter(types::contains).toList();
        if (service || !both.isEmpty()) {
          continueWith(next.get(), both.isEmpty() ? next.get().types() : both);
          return;
        }
      }
      continueWith(new Mention(i, end, types, service), types);
      return;
    }
    current = subject;
  }

  private void continueWith(Mention mention, List<ResourceType> types) {
    subject = types.isEmpty() ? Subject.EVERYTHING : Subject.of(types);
    current = subject;
    subjectEnd = mention.end();
    something = true;
  }

  private boolean subject() {
    Optional<Mention> found = Mention.at(tokens, at, vocabulary);
    if (found.isEmpty()) {
      return false;
    }
    Mention mention = found.get();
    if (mention.end() == subjectEnd || (!subjectSeen && mention.end() < subjectEnd)) {
      at = mention.end();
      subjectSeen |= at == subjectEnd;
      if (at == subjectEnd) {
        more();
      }
      return true;
    }
    if (!subjectSeen
        || longestField(at)
            .filter(field -> field.end() > mention.end() || comparedAfter(field.end()))
            .isPresent()) {
      return false;
    }
    if (mention.isEverything()) {
      at = mention.end();
      return true;
    }
    if (tokens
            .get(at)
            .is(
                "account",
                "accounts",
                "region",
                "regions",
                "service",
                "services",
                "type",
                "types",
                "key",
                "role",
                "user",
                "group")
        && mention.end() == at + 1
        && !mention.types().isEmpty()
        && known.isName(tokens.get(at).text())) {
      return false;
    }
    if (mention.service() || mentioned(mention)) {
      List<ResourceType> both = current.types().stream().filter(mention.types()::contains).toList();
      if (!both.isEmpty()) {
        at = mention.end();
        return true;
      }
      if (mention.types().isEmpty()) {
        return false;
      }
      String label = mention.types().getFirst().service();
      at = mention.end();
      if (at < tokens.size() && tokens.get(at).is("service", "services")) {
        at++;
      }
      addNow(new Condition.Mentions(mentionText(label), label));
      return true;
    }
    join(Subject.of(mention.types()), Expression.Operator.AT_LEAST, 1, mention.end());
    return true;
  }

  /** Of roles and endpoints a service is what they are for. */
  private boolean mentioned(Mention mention) {
    return current.types().size() == 1
        && Set.of("iam:role", "vpc:vpc-endpoint", "iam:policy")
            .contains(current.types().getFirst().key())
        && at > 0
        && tokens.get(at - 1).is("for", "to", "of")
        && Set.of(
                "s3:bucket",
                "lambda:function",
                "dynamodb:table",
                "ec2:instance",
                "ecs:service",
                "eks:cluster",
                "ecr:repository")
            .contains(mention.types().getFirst().key());
  }

  private String mentionText(String label) {
    String name =
        label.equals("ecs") ? "ecs-tasks" : label.equals("stepfunctions") ? "states" : label;
    return current.types().getFirst().key().equals("iam:role")
        ? name + ".amazonaws.com"
        : "." + name;
  }

  /** Further types: "instances and volumes". */
  private void more() {
    while (at < tokens.size() && tokens.get(at).is("and", "or", ",", "vs", "versus", "&", "plus")) {
      int next = at + 1;
      while (next < tokens.size() && tokens.get(next).is("and", "or", "all", "the", "my")) {
        next++;
      }
      Optional<Mention> mention =
          next < tokens.size() ? Mention.at(tokens, next, vocabulary) : Optional.empty();
      if (mention.isEmpty()
          || mention.get().isEverything()
          || longestMeaning(next, current.types(), mention.get().end() - next).isPresent()) {
        return;
      }
      Set<ResourceType> all = new LinkedHashSet<>(subject.types());
      all.addAll(mention.get().types());
      subject = Subject.of(List.copyOf(all));
      current = subject;
      at = mention.get().end();
      subjectEnd = at;
      union = true;
    }
  }

  private void join(Subject other, Expression.Operator operator, long number, int end) {
    List<Condition> of = new ArrayList<>(ahead);
    ahead.clear();
    joins.add(new Join(other, of, currentConditions, negated, operator, number));
    currentConditions.add(new Condition.Default()); // its place, until the conditions are known
    places.add(currentConditions.size() - 1);
    current = other;
    currentConditions = of;
    negated = false;
    at = end;
  }

  private final List<Integer> places = new ArrayList<>();

  /** "with more than 5 subnets", "with access_keys_count 0". */
  private boolean related() {
    if (!subjectSeen) {
      return false;
    }
    Matcher match =
        Pattern.compile(
                "(?:(?:with|having|have|has) )?(more than|over|at least|fewer than|less than|at most|exactly|only)? ?(\\d+|two|three) (?:or (more|fewer) )?.*")
            .matcher(rest());
    if (match.matches()) {
      int start =
          at
              + (match.start(2) == 0
                  ? 0
                  : match.group().substring(0, match.start(2)).strip().split(" ", -1).length);
      int end = start + 1 + (match.group(3) == null ? 0 : 2);
      Optional<Mention> mention =
          end < tokens.size() ? Mention.at(tokens, end, vocabulary) : Optional.empty();
      if (mention.isPresent()
          && !mention.get().isEverything()
          && !mention.get().service()
          && !mention.get().types().equals(current.types())) {
        Expression.Operator operator =
            operator(
                match.group(1) == null
                    ? match.group(3) == null
                        ? "exactly"
                        : match.group(3).equals("more") ? "at least" : "at most"
                    : match.group(1));
        join(
            Subject.of(mention.get().types()),
            operator,
            Span.number(match.group(2)),
            mention.get().end());
        return true;
      }
    }
    Optional<Mention> mention = Mention.at(tokens, at, vocabulary);
    if (mention.isPresent()
        || (tokens.get(at).stems().contains("count") && tokens.get(at).stems().size() > 1)) {
      // access_keys_count 0
      List<String> stems = tokens.get(at).stems();
      if (stems.size() > 1
          && stems.getLast().equals("count")
          && at + 1 < tokens.size()
          && tokens.get(at + 1).text().matches("\\d+")) {
        Set<ResourceType> types =
            vocabulary.typesFor(String.join(" ", stems.subList(0, stems.size() - 1)));
        if (!types.isEmpty() && longestField(at).isEmpty()) {
          join(
              Subject.of(List.copyOf(types)),
              Expression.Operator.EQUAL,
              Long.parseLong(tokens.get(at + 1).text()),
              at + 2);
          return true;
        }
      }
    }
    return false;
  }

  // --- what is done ---

  private boolean which() {
    Matcher match = WHICH.matcher(rest());
    if (!match.matches()) {
      return false;
    }
    Intent.Key key = dimension(match.group(1));
    int taken = length(match, 2);
    String most = match.group(3);
    // The words between are part of it.
    Matcher all =
        Pattern.compile(WHICH.pattern().substring(0, WHICH.pattern().length() - 2)).matcher(rest());
    if (all.lookingAt()) {
      taken = all.group().split(" ", -1).length;
    }
    groups.add(key);
    counted = true;
    something = true;
    if (most != null) {
      order.add(
          new Intent.Order(
              Intent.NUMBER, !List.of("fewest", "least", "lowest number of").contains(most)));
      if (match.group(2).isEmpty()) {
        limit = OptionalInt.of(1);
      }
    }
    at += taken;
    return true;
  }

  private static Intent.Key dimension(String word) {
    return switch (Stems.phrase(word)) {
      case "account" -> new Intent.Key.Column("account_id");
      case "type", "resource type" -> new Intent.Key.Column("type");
      default -> new Intent.Key.Column(Stems.of(word).equals("region") ? "region" : "service");
    };
  }

  private boolean count() {
    Matcher match = COUNT.matcher(rest());
    if (match.matches()
        && !(tokens.get(at).is("count") && at > 0 && !subjectSeen && subjectEnd > at + 8)) {
      Matcher all =
          Pattern.compile(COUNT.pattern().substring(0, COUNT.pattern().length() - 2))
              .matcher(rest());
      counted = true;
      something = true;
      at += all.lookingAt() ? all.group().split(" ", -1).length : 1;
      return true;
    }
    return false;
  }

  private boolean function() {
    Matcher match = FUNCTION.matcher(rest());
    if (!match.matches() || longestField(at).filter(field -> field.end() > at + 1).isPresent()) {
      return false;
    }
    String word = match.group(1);
    function =
        Optional.of(
            word.startsWith("av") || word.equals("mean")
                ? "avg"
                : word.startsWith("max") ? "max" : word.startsWith("min") ? "min" : "sum");
    something = true;
    at += length(match, 1);
    return true;
  }

  private boolean limit() {
    Matcher match = LIMIT.matcher(rest());
    if (match.matches()) {
      limit = OptionalInt.of(Integer.parseInt(match.group(2)));
      if (match.group(1).equals("top") || match.group(1).equals("bottom")) {
        rankedBySize = true;
        rankedDescending = match.group(1).equals("top");
      }
      at += length(match, 2);
      return true;
    }
    if (!subjectSeen
        && tokens.get(at).text().matches("\\d{1,6}")
        && at + 1 < tokens.size()
        && Mention.at(tokens, at + 1, vocabulary).isPresent()) {
      limit = OptionalInt.of(Integer.parseInt(tokens.get(at).text()));
      at++;
      return true;
    }
    return false;
  }

  private boolean ranked() {
    Matcher match = RANKED.matcher(rest());
    if (!match.matches()) {
      return false;
    }
    String word = match.group(2);
    if (match.group(1) != null) {
      limit = OptionalInt.of(Integer.parseInt(match.group(1)));
    } else if (match.group(3) == null && limit.isEmpty() && at + 1 < tokens.size() && singular()) {
      limit = OptionalInt.of(1);
    }
    switch (word) {
      case "most recently created",
          "most recently",
          "most recent",
          "newest",
          "latest",
          "youngest" ->
          ranked = Optional.of(new Intent.Order(new Intent.Key.Column("created"), true));
      case "oldest" ->
          ranked = Optional.of(new Intent.Order(new Intent.Key.Column("created"), false));
      default -> {
        rankedBySize = true;
        rankedDescending =
            List.of("largest", "biggest", "highest", "greatest", "longest").contains(word);
      }
    }
    at += match.group(3) == null ? length(match, 2) : length(match, 3);
    return true;
  }

  /** Whether one thing is asked for: "the largest volume". */
  private boolean singular() {
    return subjectEnd > 0
        && subjectEnd <= tokens.size()
        && !tokens.get(subjectEnd - 1).lower().endsWith("s");
  }

  private boolean order() throws NotUnderstood {
    if (!ORDER.matcher(rest()).matches()) {
      Matcher direction = DIRECTION.matcher(rest());
      if (!direction.matches()
          || (order.isEmpty() && !direction.group(1).equals("alphabetically"))) {
        return false;
      }
      boolean down = direction.group(1).startsWith("desc") || direction.group(1).equals("reverse");
      if (order.isEmpty()) {
        order.add(new Intent.Order(new Intent.Key.Column("name"), false));
      } else {
        order.set(order.size() - 1, new Intent.Order(order.getLast().key(), down));
      }
      Matcher all =
          Pattern.compile(DIRECTION.pattern().substring(0, DIRECTION.pattern().length() - 2))
              .matcher(rest());
      at += all.lookingAt() ? all.group().split(" ", -1).length : 1;
      return true;
    }
    int start = at;
    at++;
    while (at < tokens.size() && tokens.get(at).is("them", "by")) {
      at++;
    }
    do {
      Optional<Keyed> key = key(at);
      if (key.isEmpty()) {
        if (order.isEmpty()) {
          throw new NotUnderstood(
              at < tokens.size() ? tokens.get(at).text() : tokens.get(start).text(),
              "it is nothing to sort by");
        }
        break;
      }
      at = key.get().end();
      boolean down = at < tokens.size() && tokens.get(at).is("desc", "descending");
      if (down || (at < tokens.size() && tokens.get(at).is("asc", "ascending"))) {
        at++;
      }
      order.add(new Intent.Order(key.get().key(), down));
    } while (at < tokens.size()
        && tokens.get(at).is("and", ",", "then")
        && key(at + 1).isPresent()
        && ++at > 0);
    return true;
  }

  private record Keyed(Intent.Key key, int end) {}

  /** What can be grouped, ordered or shown by. */
  private Optional<Keyed> key(int from) {
    int start = from;
    while (start < tokens.size()
        && tokens.get(start).is("the", "a", "each", "their", "its", "every", "by", "per")) {
      start++;
    }
    if (start >= tokens.size()) {
      return Optional.empty();
    }
    Token token = tokens.get(start);
    if (token.is("tag", "tags") && start + 1 < tokens.size()) {
      return Optional.of(
          new Keyed(new Intent.Key.TagValue(tagKey(tokens.get(start + 1).text())), start + 2));
    }
    Optional<FieldAt> field = longestField(start);
    if (field.isPresent()
        && (field.get().end() > start + 1
            || !token.is("region", "account", "service", "name", "type", "id"))) {
      return Optional.of(new Keyed(member(field.get().fields()), field.get().end()));
    }
    if (token.is("region", "regions")) {
      return Optional.of(new Keyed(new Intent.Key.Column("region"), start + 1));
    }
    if (token.is("account", "accounts")) {
      return Optional.of(new Keyed(new Intent.Key.Column("account_id"), start + 1));
    }
    if (token.is("service", "services")) {
      return Optional.of(new Keyed(new Intent.Key.Column("service"), start + 1));
    }
    if (token.is("name", "names")) {
      return Optional.of(new Keyed(new Intent.Key.Column("name"), start + 1));
    }
    if (token.is("id", "ids")) {
      return Optional.of(new Keyed(new Intent.Key.Column("id"), start + 1));
    }
    if (token.is("age", "created", "creation")) {
      boolean more = start + 1 < tokens.size() && tokens.get(start + 1).is("date", "time");
      return Optional.of(new Keyed(new Intent.Key.Column("created"), start + (more ? 2 : 1)));
    }
    if (token.is("resource")
        && start + 1 < tokens.size()
        && tokens.get(start + 1).is("type", "types")) {
      return Optional.of(new Keyed(new Intent.Key.Column("type"), start + 2));
    }
    if (token.is("type", "types", "kind")) {
      return Optional.of(
          field.isPresent() && current.types().size() == 1
              ? new Keyed(member(field.get().fields()), field.get().end())
              : new Keyed(new Intent.Key.Column("type"), start + 1));
    }
    if (token.is("day", "month", "year")) {
      String unit = token.lower();
      int end = start + 1;
      while (end < tokens.size() && tokens.get(end).is("of", "creation", "created")) {
        end++;
      }
      return Optional.of(
          new Keyed(
              new Intent.Key.Period(unit, unit.equals("day") ? 10 : unit.equals("month") ? 7 : 4),
              end));
    }
    for (String key : known.tags().keySet()) {
      if (key.equalsIgnoreCase(token.text())
          || Stems.phrase(key).equals(Stems.phrase(token.text()))) {
        boolean more = start + 1 < tokens.size() && tokens.get(start + 1).is("tag");
        return Optional.of(new Keyed(new Intent.Key.TagValue(key), start + (more ? 2 : 1)));
      }
    }
    if (token.is("owner", "team", "environment", "project", "costcenter", "application")) {
      return Optional.of(new Keyed(new Intent.Key.TagValue(capital(token.text())), start + 1));
    }
    Optional<Mention> mention = Mention.at(tokens, start, vocabulary);
    if (mention.isPresent() && mention.get().types().size() == 1 && !current.isEverything()) {
      return Optional.of(
          new Keyed(new Intent.Key.Other(mention.get().types().getFirst()), mention.get().end()));
    }
    if (mention.isPresent() && mention.get().types().size() > 1 && !current.isEverything()) {
      Optional<ResourceType> same =
          mention.get().types().stream()
              .filter(type -> type.service().equals(current.types().getFirst().service()))
              .findFirst();
      if (same.isPresent()) {
        return Optional.of(new Keyed(new Intent.Key.Other(same.get()), mention.get().end()));
      }
    }
    return Optional.empty();
  }

  private static String capital(String word) {
    return word.equalsIgnoreCase("costcenter")
        ? "CostCenter"
        : word.substring(0, 1).toUpperCase(Locale.ROOT)
            + word.substring(1).toLowerCase(Locale.ROOT);
  }

  private static Intent.Key.Member member(Map<ResourceType, Field> fields) {
    return new Intent.Key.Member(fields, fields.values().iterator().next().words());
  }

  private boolean group() {
    Matcher match = GROUP.matcher(rest());
    if (!match.matches()) {
      return false;
    }
    Matcher all =
        Pattern.compile(GROUP.pattern().substring(0, GROUP.pattern().length() - 2)).matcher(rest());
    int start = at + (all.lookingAt() ? all.group().split(" ", -1).length : 1);
    Optional<Keyed> key = key(start);
    if (key.isEmpty()) {
      return false;
    }
    boolean by = tokens.get(at).is("by");
    while (key.isPresent()) {
      if (by && rankedBySize && key.get().key() instanceof Intent.Key.Member) {
        ranked = Optional.of(new Intent.Order(key.get().key(), rankedDescending));
        rankedBySize = false;
      } else {
        groups.add(key.get().key());
        if (function.isEmpty()) {
          counted = true;
        }
      }
      at = key.get().end();
      int next = at;
      if (next < tokens.size() && tokens.get(next).is("and", ",", "per", "by")) {
        while (next < tokens.size() && tokens.get(next).is("and", ",", "per", "by")) {
          next++;
        }
        key = key(next);
      } else {
        key = Optional.empty();
      }
    }
    if (at < tokens.size() && tokens.get(at).is("combination", "pair")) {
      at++;
    }
    return true;
  }

  private boolean columns() {
    Matcher match = COLUMNS.matcher(rest());
    if (!match.matches() || !subjectSeen) {
      return false;
    }
    int start = at;
    while (start < tokens.size()
        && tokens
            .get(start)
            .is(
                "and",
                "with",
                "including",
                "along",
                "together",
                "plus",
                ",",
                "show",
                "display",
                "include",
                "list",
                "their",
                "its",
                "also",
                "me",
                "the")) {
      start++;
    }
    Optional<Keyed> key = key(start);
    if (key.isEmpty() || start == at) {
      return false;
    }
    boolean their = false;
    for (int i = at; i < start; i++) {
      their |= tokens.get(i).is("their", "its", "show", "display", "include", "list", "including");
    }
    if (!their) {
      return false;
    }
    while (key.isPresent()) {
      columns.add(key.get().key());
      at = key.get().end();
      int next = at;
      while (next < tokens.size() && tokens.get(next).is("and", ",")) {
        next++;
      }
      key = next > at ? key(next) : Optional.empty();
    }
    return true;
  }

  // --- conditions ---

  private void add(Condition condition, int taken) {
    at += taken;
    addNow(condition);
  }

  private void addNow(Condition condition) {
    something = true;
    boolean contrary = negated || (joined && negatedBefore);
    Condition said = contrary ? opposite(condition) : condition;
    if (joined
        && !currentConditions.isEmpty()
        && !contrary
        && !(currentConditions.getLast() instanceof Condition.Default && !places.isEmpty())) {
      Condition before = currentConditions.removeLast();
      List<Condition> parts = new ArrayList<>();
      if (before instanceof Condition.Any any) {
        parts.addAll(any.of());
      } else {
        parts.add(before);
      }
      parts.add(said);
      currentConditions.add(new Condition.Any(parts));
    } else {
      currentConditions.add(said);
    }
    negatedBefore = contrary;
    negated = false;
    joined = false;
  }

  private static Condition opposite(Condition condition) {
    return switch (condition) {
      case Condition.Not(Condition of) -> of;
      case Condition.Of of when of.operator().isOrder() ->
          new Condition.Of(
              of.fields(), of.operator().opposite(), of.match(), of.values(), of.shown());
      default -> new Condition.Not(condition);
    };
  }

  private boolean negation() {
    Matcher match = NEGATION.matcher(rest());
    if (!match.matches()) {
      return false;
    }
    Matcher all =
        Pattern.compile(NEGATION.pattern().substring(0, NEGATION.pattern().length() - 2))
            .matcher(rest());
    String said = all.lookingAt() ? all.group() : "not";
    negated = !negated || said.equals("nor");
    at += said.split(" ", -1).length;
    if (said.equals("not in")) {
      at--;
    }
    return true;
  }

  private boolean region() {
    List<String> regions = new ArrayList<>();
    int from = at;
    if (tokens.get(from).is("region", "regions") && from + 1 < tokens.size()) {
      from++;
    }
    int end = from;
    while (end < tokens.size()) {
      Optional<String> two =
          end + 1 < tokens.size()
              ? Regions.of(lower.get(end) + " " + lower.get(end + 1))
              : Optional.empty();
      Optional<String> one = Regions.of(lower.get(end));
      if (two.isPresent() && one.isEmpty()) {
        regions.add(two.get());
        end += 2;
      } else if (one.isPresent()) {
        regions.add(one.get());
        end += 1;
      } else {
        break;
      }
      if (end < tokens.size() && tokens.get(end).is("region", "regions")) {
        end++;
      }
      int next = end;
      while (next < tokens.size()
          && tokens
              .get(next)
              .is("and", "or", ",", "vs", "versus", "vs.", "in", "to", "with", "compared")) {
        if (tokens.get(next).is("vs", "versus", "compared")) {
          compared = true;
        }
        next++;
      }
      boolean more =
          next > end
              && next < tokens.size()
              && (Regions.of(lower.get(next)).isPresent()
                  || (next + 1 < tokens.size()
                      && Regions.of(lower.get(next) + " " + lower.get(next + 1)).isPresent()));
      if (!more) {
        break;
      }
      end = next;
    }
    if (regions.isEmpty()) {
      return false;
    }
    at = end;
    addNow(new Condition.InRegion(regions.stream().distinct().toList()));
    return true;
  }

  private boolean compared;
  private boolean union;

  private boolean account() {
    int start = at;
    boolean word = tokens.get(start).is("account", "accounts");
    if (word && start + 1 < tokens.size()) {
      start++;
    }
    List<String> ids = new ArrayList<>();
    List<String> said = new ArrayList<>();
    int end = start;
    while (end < tokens.size()) {
      String text = tokens.get(end).lower();
      String id = text.matches("\\d{12}") ? text : known.accounts().getOrDefault(text, "");
      if (id.isEmpty()
          && (word || (end + 1 < tokens.size() && tokens.get(end + 1).is("account", "accounts")))) {
        for (Map.Entry<String, String> each : known.accounts().entrySet()) {
          if (Stems.words(each.getKey()).contains(Stems.of(text))) {
            id = each.getValue();
          }
        }
      }
      if (id.isEmpty()) {
        break;
      }
      ids.add(id);
      said.add(tokens.get(end).text());
      end++;
      if (end < tokens.size() && tokens.get(end).is("account", "accounts")) {
        end++;
      }
      if (end + 1 < tokens.size()
          && tokens.get(end).is("or", "and", ",")
          && (tokens.get(end + 1).text().matches("\\d{12}")
              || known.accounts().containsKey(tokens.get(end + 1).lower()))) {
        end++;
      } else {
        break;
      }
    }
    if (ids.isEmpty()) {
      return false;
    }
    at = end;
    addNow(new Condition.InAccount(ids, said));
    return true;
  }

  private boolean defaults() {
    Matcher match = DEFAULT.matcher(rest());
    if (!match.matches() || longestField(at).filter(field -> field.end() > at + 1).isPresent()) {
      return false;
    }
    Condition condition = new Condition.Default();
    boolean contrary = match.group(1).startsWith("non") || match.group(1).equals("custom");
    add(contrary ? new Condition.Not(condition) : condition, length(match, 1));
    return true;
  }

  private boolean name() {
    Matcher match = NAME.matcher(rest());
    if (match.matches()) {
      String how =
          match.group(1) != null ? match.group(1) : match.group(2) == null ? "is" : match.group(2);
      int end = match.group(1) != null ? match.end(1) : match.group(2) != null ? match.end(2) : -1;
      String head = match.group();
      if (end < 0) {
        Matcher named =
            Pattern.compile(
                    "(?:\\S+ )*?(?:names?|named|called|titled|ids?|identifier)\\b(?: (?:is|are|of|=)\\b)*")
                .matcher(head);
        end = named.lookingAt() ? named.end() : 0;
      }
      int taken = head.substring(0, end).strip().split(" ", -1).length;
      int value = at + taken;
      while (value < tokens.size()
          && tokens.get(value).is("the", "word", "text", "string", "prefix", "like", "=", "is")
          && value + 1 < tokens.size()) {
        value++;
      }
      boolean bare = match.group(1) == null && match.group(2) == null;
      if (value < tokens.size()
          && !(bare
              && head.startsWith("name")
              && !head.startsWith("named")
              && !tokens.get(value - 1).is("is", "=", "name"))) {
        if (bare
            && tokens.get(value - 1).is("name", "names", "id", "ids")
            && STOP.contains(lower.get(value))) {
          return false;
        }
        Condition.Match way =
            how.contains("start") || how.contains("begin") || how.contains("prefix")
                ? Condition.Match.STARTS
                : how.contains("end")
                    ? Condition.Match.ENDS
                    : how.equals("is") || how.equals("=")
                        ? Condition.Match.IS
                        : Condition.Match.CONTAINS;
        String text = tokens.get(value).text();
        if (text.contains("*")) {
          way =
              text.startsWith("*")
                  ? text.endsWith("*") && text.length() > 1
                      ? Condition.Match.CONTAINS
                      : Condition.Match.ENDS
                  : Condition.Match.STARTS;
          text = text.replace("*", "");
        }
        at = value + 1;
        addNow(new Condition.Named(way, text));
        return true;
      }
    }
    Token token = tokens.get(at);
    if (token.text().matches("arn:aws[a-z-]*:.*|[a-z][a-z0-9]{0,9}(-[a-z]+)?-[0-9a-f]{8,17}")) {
      add(new Condition.Named(Condition.Match.IS, token.text()), 1);
      return true;
    }
    return false;
  }

  // --- tags ---

  private String tagKey(String said) {
    if (known.tags().containsKey(said)) {
      return said;
    }
    return known.tags().keySet().stream()
        .filter(key -> key.equalsIgnoreCase(said))
        .findFirst()
        .orElse(said);
  }

  private boolean tags() throws NotUnderstood {
    String rest = rest();
    if (tokens.get(at).is("untagged")) {
      add(new Condition.Tags(Expression.Operator.EQUAL, 0), 1);
      return true;
    }
    Matcher count = TAG_COUNT.matcher(rest);
    if (count.matches()) {
      String number = count.group(2);
      boolean none = number.equals("no") || number.equals("zero");
      Expression.Operator operator =
          number.equals("any")
              ? Expression.Operator.MORE
              : none
                  ? Expression.Operator.EQUAL
                  : operator(
                      count.group(1) != null
                          ? count.group(1)
                          : count.group(3) == null
                              ? "exactly"
                              : count.group(3).equals("more") ? "at least" : "at most");
      Matcher all =
          Pattern.compile(TAG_COUNT.pattern().substring(0, TAG_COUNT.pattern().length() - 2))
              .matcher(rest);
      at += all.lookingAt() ? all.group().strip().split(" ", -1).length : 1;
      addNow(
          new Condition.Tags(operator, none || number.equals("any") ? 0 : Long.parseLong(number)));
      return true;
    }
    if (TAGGED.matcher(rest).matches()) {
      Matcher all =
          Pattern.compile(
                  "(?:(?:is|are|have been|has|have) )?tagged(?: with| as| by)?(?: (?:a|an|the|tag|key)\\b)*")
              .matcher(rest);
      int start = at + (all.lookingAt() ? all.group().split(" ", -1).length : 1);
      if (start >= tokens.size() || tokens.get(start).is("in", "per", "by", "and")) {
        at = Math.min(start, tokens.size());
        addNow(new Condition.Tags(Expression.Operator.MORE, 0));
        return true;
      }
      at = start;
      tagFrom();
      return true;
    }
    if (tokens.get(at).is("tag", "tags")
        && negated
        && (at + 1 >= tokens.size()
            || !TAG_WORD.matcher(rest).matches()
            || tokens.get(at + 1).is("in", "per", "by", "and"))) {
      add(new Condition.Tags(Expression.Operator.MORE, 0), 1);
      return true;
    }
    if (tokens.get(at).is("tag", "tags")
        && at + 1 < tokens.size()
        && !tokens.get(at + 1).is("count", "in", "per", "by", "and", "or")
        && longestField(at).filter(field -> field.end() > at + 1).isEmpty()) {
      at++;
      tagFrom();
      return true;
    }
    // KEY = VALUE, KEY tag
    if (at + 2 < tokens.size()
        && tokens.get(at + 1).is("=")
        && longestField(at).isEmpty()
        && !tokens.get(at).is("name", "region", "account", "id", "type", "service")) {
      tagFrom();
      return true;
    }
    int skip = at;
    while (skip < tokens.size() && tokens.get(skip).is("a", "an", "the", "any")) {
      skip++;
    }
    if (skip + 1 < tokens.size()
        && tokens.get(skip + 1).is("tag", "tags")
        && !STOP.contains(lower.get(skip))
        && !NEGATION.matcher(rest(skip)).matches()) {
      String key = tagKey(tokens.get(skip).text());
      at = skip + 2;
      List<String> values = new ArrayList<>();
      if (at < tokens.size()
          && tokens.get(at).is("=", "is", "equals", "set")
          && at + 1 < tokens.size()) {
        at += tokens.get(at).is("set") ? 2 : 1;
        values.add(tokens.get(at).text());
        at++;
      }
      addNow(new Condition.Tag(key, values));
      return true;
    }
    Matcher owned = OWNED.matcher(rest);
    if (owned.matches() && !owned.group(1).contains("managed")) {
      int start = at + length(owned, 1);
      String key = owned.group(1).equals("owned by") ? "Owner" : "Team";
      while (start < tokens.size()
          && tokens.get(start).is("the", "team", "user", "owner", "project")) {
        key =
            tokens.get(start).is("team")
                ? "Team"
                : tokens.get(start).is("project") ? "Project" : key;
        start++;
      }
      if (start < tokens.size()
          && Mention.at(tokens, start, vocabulary).isEmpty()
          && Regions.of(lower.get(start)).isEmpty()
          && !(key.equals("Team") && known.accounts().containsKey(lower.get(start)))
          && !tokens.get(start).is("account")) {
        String value = tokens.get(start).text();
        if (start + 1 < tokens.size() && tokens.get(start + 1).is("team")) {
          key = "Team";
          start++;
        } else if (key.equals("Owner") && has("Team", value) && !has("Owner", value)) {
          key = "Team";
        }
        at = start + 1;
        addNow(new Condition.Tag(tagKey(key), List.of(value)));
        return true;
      }
    }
    return tagWord();
  }

  private boolean has(String key, String value) {
    return known.tags().entrySet().stream()
        .anyMatch(
            each ->
                each.getKey().equalsIgnoreCase(key)
                    && each.getValue().contains(value.toLowerCase(Locale.ROOT)));
  }

  /** "team payments", "payments team", "production". */
  private boolean tagWord() {
    for (String key : known.tags().keySet()) {
      boolean first = key.equalsIgnoreCase(tokens.get(at).text());
      int value = first ? at + 1 : at;
      while (first
          && value < tokens.size()
          && tokens.get(value).is("is", "=", "equals", "of", "are")) {
        value++;
      }
      if (first
          && value < tokens.size()
          && (has(key, tokens.get(value).text()) || tokens.get(value).quoted())) {
        List<String> values = new ArrayList<>(List.of(tokens.get(value).text()));
        at = value + 1;
        while (at + 1 < tokens.size()
            && tokens.get(at).is("or", "and", ",")
            && has(key, tokens.get(at + 1).text())) {
          values.add(tokens.get(at + 1).text());
          at += 2;
        }
        addNow(new Condition.Tag(key, values));
        return true;
      }
      if (!first
          && at + 1 < tokens.size()
          && key.equalsIgnoreCase(tokens.get(at + 1).text())
          && has(key, tokens.get(at).text())) {
        add(new Condition.Tag(key, List.of(tokens.get(at).text())), 2);
        return true;
      }
    }
    Token token = tokens.get(at);
    String environment =
        switch (token.lower()) {
          case "prod" -> "production";
          case "dev" -> "development";
          case "stage" -> "staging";
          default -> token.lower();
        };
    if (has("Environment", environment)
        || List.of("production", "staging", "development").contains(environment)) {
      boolean more =
          at + 1 < tokens.size() && tokens.get(at + 1).is("environment", "environments", "env");
      boolean account = at + 1 < tokens.size() && tokens.get(at + 1).is("account", "accounts");
      if (!account) {
        List<String> values = new ArrayList<>(List.of(environment));
        at += more ? 2 : 1;
        while (at + 1 < tokens.size()
            && tokens.get(at).is("or", "and", ",")
            && has("Environment", tokens.get(at + 1).text())) {
          values.add(tokens.get(at + 1).text());
          at += 2;
        }
        addNow(new Condition.Tag(tagKey("Environment"), values));
        return true;
      }
    }
    return false;
  }

  /**
   * A tag from its key on: {@code Owner}, {@code Owner=x}, {@code Owner is x or y}; more with or.
   */
  private void tagFrom() throws NotUnderstood {
    do {
      if (at >= tokens.size()) {
        throw new NotUnderstood("tag", "expected a tag's key after it");
      }
      String key = tokens.get(at).text();
      String value = "";
      if (key.contains(":")
          && !key.startsWith("aws:")
          && !key.endsWith(":")
          && !known.tags().containsKey(key)) {
        value = key.substring(key.indexOf(':') + 1);
        key = key.substring(0, key.indexOf(':'));
      }
      at++;
      List<String> values = new ArrayList<>();
      if (!value.isEmpty()) {
        values.add(value);
      } else if (at + 1 < tokens.size()
          && tokens.get(at).is("=", "is", "equals", "set", "of", "as")) {
        at++;
        while (at < tokens.size() && tokens.get(at).is("to", "=")) {
          at++;
        }
        if (at < tokens.size()) {
          values.add(tokens.get(at).text());
          at++;
        }
      } else if (at < tokens.size()
          && (has(key, tokens.get(at).text()) || tokens.get(at).quoted())) {
        values.add(tokens.get(at).text());
        at++;
      }
      while (!values.isEmpty()
          && at + 1 < tokens.size()
          && tokens.get(at).is("or", ",")
          && (has(key, tokens.get(at + 1).text()) || tokens.get(at + 1).quoted())) {
        values.add(tokens.get(at + 1).text());
        at += 2;
      }
      if (at < tokens.size() && tokens.get(at).is("tag", "tags")) {
        at++;
      }
      addNow(new Condition.Tag(tagKey(key), values));
      boolean again =
          at + 1 < tokens.size()
              && tokens.get(at).is("or", "and")
              && (known.tags().keySet().stream()
                      .anyMatch(each -> each.equalsIgnoreCase(tokens.get(at + 1).text()))
                  || (at + 2 < tokens.size() && tokens.get(at + 2).is("=")))
              && longestMeaning(at + 1, current.types(), 1).isEmpty();
      if (!again) {
        return;
      }
      joined = tokens.get(at).is("or");
      negated = negatedBefore && !joined;
      at++;
    } while (true);
  }

  // --- times ---

  private boolean life() throws NotUnderstood {
    Matcher match = LIFE.matcher(rest());
    if (match.matches()) {
      int after = at + length(match, 1);
      String word = match.group(1);
      Optional<Span> span = spanAfter(after);
      if (span.isEmpty() && word.equals("started")) {
        return false;
      }
      Condition.Life life =
          switch (word) {
            case "added", "new", "appeared", "discovered", "first seen" -> Condition.Life.APPEARED;
            case "deleted", "removed", "gone", "disappeared", "destroyed", "vanished" ->
                Condition.Life.GONE;
            case "changed", "modified", "updated", "altered", "edited" -> Condition.Life.CHANGED;
            default -> Condition.Life.CREATED;
          };
      if (span.isPresent()) {
        at = spanEnd;
        addNow(new Condition.During(life, span.get().from(), span.get().to(), span.get().words()));
        return true;
      }
      if (life == Condition.Life.GONE || life == Condition.Life.CHANGED) {
        at = after;
        addNow(
            new Condition.During(
                life, Optional.empty(), Optional.of(now.plusSeconds(1)), "at any time"));
        return true;
      }
      if (word.equals("new") || word.equals("added")) {
        at = after;
        addNow(
            new Condition.During(
                life,
                Optional.of(now.minusSeconds(7 * 86_400L)),
                Optional.empty(),
                "in the last 7 days"));
        return true;
      }
      return false;
    }
    Matcher age =
        Pattern.compile(
                "(?:(?:that are|are|is|aged) )?((?:older|younger|newer|more recent) than|(?:more than|over|less than|under|at least) \\S+ (?:day|week|month|year)s? old|from the (?:last|past)|in the (?:last|past)|since|from (?:last|this)|(?:made |opened )?this (?:week|month|year)).*")
            .matcher(rest());
    if (age.matches() && subjectEndKnown()) {
      Optional<Span> span = spanAfter(at);
      if (span.isPresent()) {
        at = spanEnd;
        addNow(
            new Condition.During(
                Condition.Life.CREATED, span.get().from(), span.get().to(), span.get().words()));
        return true;
      }
    }
    return false;
  }

  private boolean subjectEndKnown() {
    return subjectSeen || subject.isEverything();
  }

  private int spanEnd;

  private Optional<Span> spanAfter(int from) {
    int start = from;
    for (int skipped = 0; skipped < 4 && start < tokens.size(); skipped++, start++) {
      Optional<Span> span = Span.of(rest(start), now);
      if (span.isPresent()) {
        spanEnd = start + span.get().tokens();
        return span;
      }
      if (!tokens
          .get(start)
          .is("are", "is", "was", "were", "that", "it", "date", "time", "at", "the")) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  // --- meanings and members ---

  private record MeaningAt(List<Meanings.Said> said, int end) {}

  private Optional<MeaningAt> longestMeaning(int from, List<ResourceType> types, int least) {
    StringBuilder phrase = new StringBuilder();
    Optional<MeaningAt> best = Optional.empty();
    for (int i = from; i < tokens.size() && i < from + 8; i++) {
      if (tokens.get(i).quoted()) {
        break;
      }
      for (String stem : tokens.get(i).stems()) {
        phrase.append(phrase.isEmpty() ? "" : " ").append(stem);
      }
      List<Meanings.Said> said = meanings.of(phrase.toString(), types);
      if (!said.isEmpty() && i + 1 - from >= least) {
        best = Optional.of(new MeaningAt(said, i + 1));
      }
    }
    return best;
  }

  private boolean meaning() {
    Optional<MeaningAt> found = longestMeaning(at, current.types(), 1);
    Subject whose = current;
    boolean ofSubject = false;
    if (found.isEmpty() && !current.equals(subject)) {
      found = longestMeaning(at, subject.types(), 1);
      whose = subject;
      ofSubject = true;
    }
    Optional<Mention> mention = Mention.at(tokens, at, vocabulary);
    if (found.isEmpty()
        || (mention.isPresent() && mention.get().end() > found.get().end())
        || (mention.isPresent() && !subjectSeen && mention.get().end() == subjectEnd)
        || longestField(at)
            .filter(
                field ->
                    comparedAfter(field.end())
                        || (field.fields().values().stream()
                                .allMatch(each -> each.kind() == Field.Kind.TIME)
                            && spanAfter(field.end()).isPresent()))
            .isPresent()) {
      // What comes may be what it is related to: "attached to stopped instances".
      return aheadMeaning();
    }
    Meanings.Said said = found.get().said().getFirst();
    if (whose.isEverything()
        && found.get().end() == at + 1
        && Set.of("with", "in", "policy", "open", "set").contains(lower.get(at))) {
      return false;
    }
    at = found.get().end();
    boolean contrary = said.contrary();
    // "versioning disabled", "encryption not enabled", "logging is off"
    int next = at;
    boolean not = false;
    while (next < tokens.size()
        && tokens
            .get(next)
            .is(
                "is",
                "are",
                "not",
                "has",
                "been",
                "turned",
                "switched",
                "set",
                "status",
                "state",
                "architecture",
                "mode",
                "attached",
                "access",
                "configured",
                "to")) {
      not |= tokens.get(next).is("not");
      next++;
    }
    if (next < tokens.size()
        && tokens.get(next).is("enabled", "on", "active", "configured", "present", "true", "yes")) {
      at = next + 1;
      contrary ^= not;
    } else if (next < tokens.size()
        && tokens.get(next).is("disabled", "off", "inactive", "missing", "false", "absent")) {
      at = next + 1;
      contrary ^= !not;
    } else if (not) {
      contrary ^= next == tokens.size();
      at = next == tokens.size() ? next : at;
    }
    ofField();
    Condition condition = new Condition.Meant(said.meaning());
    if (ofSubject) {
      current = subject;
      currentConditions = conditions;
    }
    addNow(contrary ? new Condition.Not(condition) : condition);
    return true;
  }

  /** The member that a value before it is of: "x86_64 architecture", "redis engine". */
  private void ofField() {
    Optional<FieldAt> field = at < tokens.size() ? longestField(at) : Optional.empty();
    if (field.isPresent()
        && !STOP.contains(lower.get(at))
        && !comparedAfter(field.get().end())
        && Mention.at(tokens, at, vocabulary).isEmpty()
        && (field.get().end() >= tokens.size() || !isValue(field.get().end()))) {
      at = field.get().end();
    }
  }

  private boolean aheadMeaning() {
    if (!subjectSeen) {
      return false;
    }
    for (int end = at + 1; end <= Math.min(at + 4, tokens.size() - 1); end++) {
      Optional<Mention> mention = Mention.at(tokens, end, vocabulary);
      if (mention.isPresent() && !mention.get().isEverything() && !mention.get().service()) {
        Optional<MeaningAt> found = longestMeaning(at, mention.get().types(), end - at);
        if (found.isPresent() && found.get().end() == end) {
          Meanings.Said said = found.get().said().getFirst();
          Condition condition = new Condition.Meant(said.meaning());
          ahead.add(said.contrary() ? new Condition.Not(condition) : condition);
          at = end;
          return true;
        }
        return false;
      }
    }
    return false;
  }

  private record FieldAt(Map<ResourceType, Field> fields, int end) {}

  private Optional<FieldAt> longestField(int from) {
    if (current.isEverything() || current.types().size() > 30) {
      return Optional.empty();
    }
    StringBuilder phrase = new StringBuilder();
    Optional<FieldAt> best = Optional.empty();
    for (int i = from; i < tokens.size() && i < from + 5; i++) {
      if (tokens.get(i).quoted() || tokens.get(i).stems().isEmpty()) {
        break;
      }
      for (String stem : tokens.get(i).stems()) {
        phrase.append(phrase.isEmpty() ? "" : " ").append(stem);
      }
      Map<ResourceType, Field> found = new LinkedHashMap<>();
      for (ResourceType type : current.types()) {
        fields.of(type, phrase.toString()).ifPresent(field -> found.put(type, field));
      }
      if (!found.isEmpty()) {
        best = Optional.of(new FieldAt(found, i + 1));
      }
    }
    return best;
  }

  private boolean comparedAfter(int from) {
    String rest = rest(from);
    return BETWEEN.matcher(rest).matches()
        || (COMPARE.matcher(rest).matches() && !rest.matches("not(?: .*)?"))
        || (from < tokens.size()
            && tokens.get(from).text().matches("\\d[\\d.]*[a-z]{0,3}")
            && !rest.matches("\\d+ .*(?:tags?).*"));
  }

  private static Expression.Operator operator(String words) {
    return switch (words) {
      case ">=", "at least", "no less than", "greater than or equal to", "more than or equal to" ->
          Expression.Operator.AT_LEAST;
      case "<=", "at most", "no more than", "up to", "less than or equal to" ->
          Expression.Operator.AT_MOST;
      case ">",
          "greater than",
          "larger than",
          "bigger than",
          "higher than",
          "longer than",
          "more than",
          "over",
          "above",
          "exceeding",
          "bigger" ->
          Expression.Operator.MORE;
      case "<",
          "fewer than",
          "less than",
          "smaller than",
          "lower than",
          "shorter than",
          "under",
          "below" ->
          Expression.Operator.LESS;
      case "!=", "<>", "not equal to", "other than", "is not", "not" ->
          Expression.Operator.NOT_EQUAL;
      default -> Expression.Operator.EQUAL;
    };
  }

  private boolean field() throws NotUnderstood {
    Token first = tokens.get(at);
    // "over 1 TB of storage", "more than 512 MB memory"
    Matcher number =
        Pattern.compile(
                "(more than|over|at least|less than|fewer than|under|at most|above|below|exactly|larger than|bigger than|greater than|smaller than)? ?(\\d.*)")
            .matcher(rest());
    if (number.matches() && subjectSeen) {
      int start = at + (number.group(1) == null ? 0 : length(number, 1));
      Optional<Amount> amount = amount(start);
      if (amount.isPresent()) {
        int end = amount.get().end();
        while (end < tokens.size() && tokens.get(end).is("of", "the", "in", "or", "more")) {
          end++;
        }
        Optional<FieldAt> field = end < tokens.size() ? longestField(end) : Optional.empty();
        if (field.isEmpty() && number.group(1) != null && amount.get().sized()) {
          field = numeric();
          end = amount.get().end();
        } else if (field.isPresent()) {
          end = field.get().end();
        }
        if (field.isPresent() && field.get().fields().values().stream().allMatch(Field::isNumber)) {
          boolean orMore = rest(amount.get().end()).startsWith("or more");
          compare(
              field.get().fields(),
              orMore
                  ? Expression.Operator.AT_LEAST
                  : operator(number.group(1) == null ? "exactly" : number.group(1)),
              amount.get());
          at = end;
          return true;
        }
      }
    }
    Optional<FieldAt> found = longestField(at);
    if (found.isEmpty()
        || (STOP.contains(first.lower())
            && found.get().end() == at + 1
            && !comparedAfter(at + 1))) {
      return found.isEmpty() && valueField();
    }
    Map<ResourceType, Field> those = found.get().fields();
    int after = found.get().end();
    boolean time = those.values().stream().allMatch(field -> field.kind() == Field.Kind.TIME);
    if (time) {
      Optional<Span> span = spanAfter(after);
      if (span.isPresent()) {
        at = spanEnd;
        boolean not = negated;
        negated = false;
        // "not used in the last 90 days": before it, or never
        Condition said =
            not
                ? new Condition.TimeOf(
                    those,
                    Optional.empty(),
                    span.get().from().or(() -> span.get().to()),
                    true,
                    "before " + span.get().words())
                : new Condition.TimeOf(
                    those, span.get().from(), span.get().to(), false, span.get().words());
        addNow(said);
        return true;
      }
    }
    Matcher between = BETWEEN.matcher(rest(after));
    if (between.matches()) {
      int start = after + (tokens.get(after).is("between") ? 1 : 2);
      Optional<Amount> low = amount(start);
      if (low.isPresent() && low.get().end() < tokens.size()) {
        Optional<Amount> high = amount(low.get().end() + 1);
        if (high.isPresent()) {
          compare(those, Expression.Operator.AT_LEAST, low.get());
          compare(those, Expression.Operator.AT_MOST, high.get());
          at = high.get().end();
          return true;
        }
      }
    }
    Matcher compare = COMPARE.matcher(rest(after));
    if (compare.matches()) {
      String sign = compare.group(1) == null ? compare.group(2) : compare.group(1);
      int group = compare.group(1) == null ? 2 : 1;
      int value = after + length(compare, group);
      while (value < tokens.size()
          && tokens.get(value).is("than", "to", "or", "equal", "a", "the", "or")) {
        value++;
      }
      if (value < tokens.size()) {
        Expression.Operator operator = operator(sign);
        Optional<Amount> amount = amount(value);
        if (amount.isPresent() && those.values().stream().anyMatch(Field::isNumber)) {
          compare(those, operator, amount.get());
          at = amount.get().end();
          return true;
        }
        if (!operator.isOrder()) {
          at = value;
          text(those, operator);
          return true;
        }
      }
    }
    if (function.isPresent() && those.values().stream().allMatch(Field::isNumber)) {
      if (computed.isEmpty()) {
        computed = Optional.of(member(those));
      }
      at = after;
      unit();
      return true;
    }
    if (rankedBySize && those.values().stream().allMatch(Field::isNumber)) {
      ranked = Optional.of(new Intent.Order(member(those), rankedDescending));
      rankedBySize = false;
      at = after;
      return true;
    }
    Optional<Amount> amount = amount(after);
    if (amount.isPresent() && those.values().stream().anyMatch(Field::isNumber)) {
      compare(those, Expression.Operator.EQUAL, amount.get());
      at = amount.get().end();
      return true;
    }
    int value = after;
    while (value < tokens.size()
        && tokens
            .get(value)
            .is(
                "is",
                "of",
                "are",
                "set",
                "to",
                "equals",
                "like",
                "starting",
                "containing",
                "contains",
                "named",
                "called",
                "in")) {
      value++;
    }
    Optional<Amount> later = amount(value);
    if (later.isPresent() && those.values().stream().anyMatch(Field::isNumber)) {
      compare(those, Expression.Operator.EQUAL, later.get());
      at = later.get().end();
      return true;
    }
    if (value < tokens.size() && isValue(value)) {
      at = value;
      text(those, Expression.Operator.EQUAL);
      return true;
    }
    boolean prepared =
        at > 0
            && tokens
                .get(at - 1)
                .is(
                    "with", "have", "has", "having", "a", "an", "any", "no", "without", "set",
                    "missing", "lack", "lacking", "lacks", "not");
    if (!prepared || !subjectSeen) {
      return false;
    }
    at = after;
    addNow(new Condition.Has(those));
    return true;
  }

  /** Whether a word can be a value of a member, and not the question's next part. */
  private boolean isValue(int index) {
    Token token = tokens.get(index);
    if (token.quoted()) {
      return true;
    }
    if (token.text().matches("[A-Z]{4,}")) {
      return true; // a constant: ENABLED
    }
    return !STOP.contains(token.lower())
        && Regions.of(token.lower()).isEmpty()
        && Mention.at(tokens, index, vocabulary).isEmpty()
        && !token.is(
            "per",
            "sorted",
            "ordered",
            "not",
            "no",
            "without",
            "except",
            "created",
            "that",
            "enabled",
            "disabled",
            "tagged",
            "top",
            "first",
            "last",
            "older",
            "newer",
            "group",
            "grouped",
            ")",
            "(");
  }

  /** "python3.9 runtime", "AES256 encryption": a value before its member. */
  private boolean valueField() {
    Token token = tokens.get(at);
    if (STOP.contains(token.lower())
        || at + 1 >= tokens.size()
        || current.isEverything()
        || !subjectSeen
        || !isValue(at)) {
      return false;
    }
    Optional<FieldAt> field = longestField(at + 1);
    if (field.isEmpty()
        || STOP.contains(lower.get(at + 1))
        || comparedAfter(field.get().end())
        || token.text().matches("\\d+")) {
      return false;
    }
    if (field.get().fields().values().stream().anyMatch(each -> each.kind() != Field.Kind.TEXT)) {
      return false;
    }
    int end = field.get().end();
    text(field.get().fields(), Expression.Operator.EQUAL);
    at = end;
    return true;
  }

  /** Text values from here on: one, or several with or. */
  private void text(Map<ResourceType, Field> those, Expression.Operator operator) {
    List<String> values = new ArrayList<>(List.of(tokens.get(at).text()));
    at++;
    while (at + 1 < tokens.size()
        && tokens.get(at).is("or", ",")
        && isValue(at + 1)
        && longestMeaning(at + 1, current.types(), 1).isEmpty()
        && longestField(at + 1).isEmpty()) {
      values.add(tokens.get(at + 1).text());
      at += 2;
    }
    String path = those.values().iterator().next().path().text();
    boolean prefix = Set.of("Runtime", "Engine", "EngineVersion", "PlatformDetails").contains(path);
    boolean like = values.stream().anyMatch(value -> value.contains("*"));
    Condition.Match match =
        prefix || like
            ? Condition.Match.STARTS
            : path.endsWith("Arn") || path.endsWith("ServiceName")
                ? Condition.Match.CONTAINS
                : Condition.Match.IS;
    addNow(
        new Condition.Of(
            those,
            operator,
            Optional.of(match),
            values.stream().map(value -> value.replace("*", "")).toList(),
            ""));
  }

  private Optional<FieldAt> numeric() {
    for (String phrase : List.of("size", "storage", "memory")) {
      Map<ResourceType, Field> found = new LinkedHashMap<>();
      for (ResourceType type : current.types()) {
        fields
            .of(type, phrase)
            .filter(field -> field.perGibibyte() > 0)
            .ifPresent(field -> found.put(type, field));
      }
      if (!found.isEmpty()) {
        return Optional.of(new FieldAt(found, at));
      }
    }
    return Optional.empty();
  }

  private record Amount(double value, String unit, int end, String words) {
    boolean sized() {
      return unit.matches("[kmgt]i?b|b|.*bytes?");
    }
  }

  private Optional<Amount> amount(int from) {
    if (from >= tokens.size()) {
      return Optional.empty();
    }
    Matcher match = NUMBER.matcher(rest(from));
    if (!match.matches()) {
      return Optional.empty();
    }
    double value = Double.parseDouble(match.group(1).replace(",", ""));
    String unit =
        match.group(2) != null ? match.group(2) : match.group(3) == null ? "" : match.group(3);
    int end = from + (match.group(3) == null ? 1 : 2);
    switch (unit) {
      case "k", "thousand" -> {
        value *= 1_000;
        unit = "";
      }
      case "m", "million" -> {
        value *= 1_000_000;
        unit = "";
      }
      case "billion" -> {
        value *= 1_000_000_000;
        unit = "";
      }
      default -> {}
    }
    return Optional.of(
        new Amount(value, unit, end, match.group(1) + (unit.isEmpty() ? "" : " " + unit)));
  }

  private void compare(Map<ResourceType, Field> those, Expression.Operator operator, Amount amount)
      throws NotUnderstood {
    Map<ResourceType, Field> numbers = new LinkedHashMap<>();
    double factor = 1;
    for (Map.Entry<ResourceType, Field> each : those.entrySet()) {
      if (each.getValue().isNumber() || each.getValue().kind() == Field.Kind.TEXT) {
        numbers.put(each.getKey(), each.getValue());
        factor = factor(each.getValue(), amount);
      }
    }
    double value = amount.value() * factor;
    String text = value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    addNow(new Condition.Of(numbers, operator, Optional.empty(), List.of(text), amount.words()));
  }

  private static double factor(Field field, Amount amount) throws NotUnderstood {
    String unit = amount.unit();
    if (unit.isEmpty() || unit.equals("%")) {
      return 1;
    }
    if (amount.sized()) {
      if (field.perGibibyte() == 0) {
        throw new NotUnderstood(unit, field.words() + " is no size");
      }
      double gibibytes =
          switch (unit.charAt(0)) {
            case 'k' -> 1.0 / (1 << 20);
            case 'm' -> 1.0 / (1 << 10);
            case 't' -> 1 << 10;
            case 'b' -> 1.0 / (1 << 30);
            default -> 1;
          };
      return gibibytes * field.perGibibyte();
    }
    if (field.perDay() == 0) {
      throw new NotUnderstood(unit, field.words() + " is no span of time");
    }
    double days =
        switch (unit.charAt(0)) {
          case 's' -> 1.0 / 86_400;
          case 'm' -> unit.startsWith("month") ? 30 : 1.0 / 1_440;
          case 'h' -> 1.0 / 24;
          case 'w' -> 7;
          case 'y' -> 365;
          default -> 1;
        };
    return days * field.perDay();
  }

  /** "in GB" after what is summed: the member's own unit, or an error. */
  private void unit() throws NotUnderstood {
    if (at + 1 < tokens.size()
        && tokens.get(at).is("in")
        && tokens
            .get(at + 1)
            .text()
            .toLowerCase(Locale.ROOT)
            .matches("[kmgt]i?b|bytes|days|seconds")) {
      Intent.Key key = computed.orElseThrow();
      String unit = tokens.get(at + 1).lower();
      boolean own =
          key instanceof Intent.Key.Member member
              && member.fields().values().stream()
                  .allMatch(
                      field ->
                          unit.startsWith("g")
                              ? field.perGibibyte() == 1
                              : unit.startsWith("m")
                                  ? field.perGibibyte() == 1024
                                  : unit.equals("bytes")
                                      ? field.perGibibyte() > 1024
                                      : field.perDay() > 0);
      if (!own) {
        throw new NotUnderstood(tokens.get(at + 1).text(), key.text() + " is in another unit");
      }
      at += 2;
    }
  }

  private boolean value() {
    if (!tokens.get(at).quoted() && !current.isEverything() && longestField(at).isEmpty()) {
      Optional<Condition> found = Values.of(tokens.get(at), current.types(), fields);
      if (found.isEmpty() && !subjectSeen) {
        found = Values.of(tokens.get(at), subject.types(), fields);
      }
      if (found.isPresent()) {
        at++;
        ofField();
        addNow(found.get());
        return true;
      }
    }
    return false;
  }

  private boolean word() {
    Token token = tokens.get(at);
    if (token.is("or", "nor")) {
      joined = true;
      at++;
      return true;
    }
    if (STOP.contains(token.lower())) {
      at++;
      return true;
    }
    if (token.is("enabled", "on") && at > 0 && !currentConditions.isEmpty()) {
      at++;
      return true;
    }
    return false;
  }

  private void leftOver() throws NotUnderstood {
    Token token = tokens.get(at);
    if (known.isName(token.text())) {
      add(new Condition.Named(Condition.Match.IS, token.text()), 1);
      return;
    }
    throw new NotUnderstood(token.text(), "");
  }

  // --- the end ---

  private Intent finish() throws NotUnderstood {
    if (negated) {
      throw new NotUnderstood(tokens.getLast().text(), "a negation with nothing after it");
    }
    if (!something) {
      throw new NotUnderstood(tokens.getFirst().text(), "it says nothing of what is in an account");
    }
    for (int i = joins.size() - 1; i >= 0; i--) {
      Join join = joins.get(i);
      Condition related =
          new Condition.Related(join.other(), join.of(), join.operator(), join.number());
      join.into().set(places.get(i), join.negated() ? new Condition.Not(related) : related);
    }
    if (!ahead.isEmpty()) {
      throw new NotUnderstood(tokens.getLast().text(), "");
    }
    if (subject.isEverything()
        && conditions.isEmpty()
        && groups.isEmpty()
        && !counted
        && subjectEnd < 0) {
      throw new NotUnderstood(tokens.getFirst().text(), "it does not say of what");
    }
    if (function.isPresent() && computed.isEmpty()) {
      if (!function.get().equals("sum")) {
        throw new NotUnderstood(
            function.get().equals("avg") ? "average" : function.get(), "of what number?");
      }
      Optional<FieldAt> size = size();
      if (size.isPresent() && tokens.stream().anyMatch(token -> token.is("much"))) {
        computed = Optional.of(member(size.get().fields()));
      } else {
        counted = true;
      }
    }
    if (compared && counted && groups.isEmpty()) {
      groups.add(new Intent.Key.Column("region"));
    }
    ranked.ifPresent(order::addFirst);
    if (rankedBySize && groups.isEmpty()) {
      size()
          .ifPresent(
              field -> order.addFirst(new Intent.Order(member(field.fields()), rankedDescending)));
    }
    Intent.Action action =
        computed.isPresent()
            ? new Intent.Action.Compute(function.orElse("sum"), computed.get())
            : counted ? new Intent.Action.Count() : new Intent.Action.Show();
    List<Intent.Key> by = new ArrayList<>(new LinkedHashSet<>(groups));
    if (counted
        && computed.isEmpty()
        && union
        && !by.isEmpty()
        && by.stream()
            .noneMatch(key -> key.label().equals("type") || key.label().equals("service"))) {
      by.add(new Intent.Key.Column("service"));
      by.add(new Intent.Key.Column("type"));
    }
    if (!(action instanceof Intent.Action.Show)) {
      order.removeIf(
          each ->
              each.key() instanceof Intent.Key.Column column && column.name().equals("created"));
    }
    return new Intent(action, subject, conditions, by, columns, order, limit);
  }

  private Optional<FieldAt> size() {
    Subject before = current;
    current = subject;
    Optional<FieldAt> found = Optional.empty();
    for (String phrase : List.of("size", "storage", "memory", "code size")) {
      Map<ResourceType, Field> those = new LinkedHashMap<>();
      for (ResourceType type : subject.types()) {
        fields.of(type, phrase).filter(Field::isNumber).ifPresent(field -> those.put(type, field));
      }
      if (!those.isEmpty()) {
        found = Optional.of(new FieldAt(those, 0));
        break;
      }
    }
    current = before;
    return found;
  }
}
