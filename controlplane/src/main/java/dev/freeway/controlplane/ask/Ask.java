package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.Store;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Understands questions in English about an inventory. */
public final class Ask {
  /** So many words of a question are corrected; one that has more is none of ours. */
  private static final int TYPOS = 3;

  /** With what SQL begins a member's path. */
  private static final String MEMBER = "'$.";

  private final Vocabulary vocabulary;
  private final Meanings meanings;
  private final Fields fields;
  private final Spelling spelling;
  private final Known known;
  private final InstantSource clock;

  private Ask(Catalog catalog, Known known, InstantSource clock) {
    this.vocabulary = new Vocabulary(catalog);
    this.meanings = new Meanings(vocabulary);
    this.fields = new Fields(vocabulary);
    this.spelling = new Spelling(vocabulary, meanings);
    this.known = known;
    this.clock = clock;
  }

  private Ask(Ask words, Known known) {
    this.vocabulary = words.vocabulary;
    this.meanings = words.meanings;
    this.fields = words.fields;
    this.spelling = words.spelling;
    this.known = known;
    this.clock = words.clock;
  }

  /**
   * For questions about an inventory, of which it reads the accounts and the tags.
   *
   * @throws dev.freeway.controlplane.store.StoreException when it cannot be read
   */
  public static Ask of(Catalog catalog, Store store, InstantSource clock) {
    return new Ask(catalog, StoreKnown.of(store), clock);
  }

  /**
   * The same words, which take longer to read than most inventories' tags, about an inventory as it
   * is now.
   *
   * @throws dev.freeway.controlplane.store.StoreException when it cannot be read
   */
  public Ask about(Store store) {
    return new Ask(this, StoreKnown.of(store));
  }

  /** For questions about no inventory in particular. */
  static Ask of(Catalog catalog, Known known, InstantSource clock) {
    return new Ask(catalog, known, clock);
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  Meanings meanings() {
    return meanings;
  }

  Fields fields() {
    return fields;
  }

  /**
   * Understands a question, or says what of it is not understood. Nothing is run.
   *
   * @param account an account's number or alias that alone is asked
   * @throws IllegalArgumentException when no such account is known
   */
  public Understanding ask(String question, Optional<String> account) {
    Optional<String> id = account.map(this::account);
    List<Token> tokens = Token.split(question);
    Map<String, String> corrected = new LinkedHashMap<>();
    while (true) {
      try {
        Question words = new Question(tokens, vocabulary, meanings, fields);
        Reader.Read read = Reader.read(words, known, clock.instant());
        Intent intent = read.intent();
        Map<String, String> others = new LinkedHashMap<>(corrected);
        others.putAll(read.readAs());
        SqlWriter.Statement statement = SqlWriter.write(intent, id);
        return new Understanding.Understood(
            Printable.of(
                sentence(intent, others) + extras(intent, statement.sql()) + unseen(intent, id)),
            statement.sql(),
            statement.values());
      } catch (NotUnderstood e) {
        Optional<String> meant =
            e.why().isEmpty() && corrected.size() < TYPOS
                ? spelling.of(e.word())
                : Optional.empty();
        if (meant.isEmpty() || corrected.put(e.word(), meant.get()) != null) {
          String said =
              corrected.entrySet().stream()
                  .filter(each -> each.getValue().equals(e.word()))
                  .map(Map.Entry::getKey)
                  .findFirst()
                  .orElse(e.word());
          List<String> nearest = Nearest.to(question);
          String why = why(said, e.why());
          return new Understanding.Not(
              nearest.isEmpty() ? why + "; freeway examples lists what can be asked" : why,
              nearest);
        }
        tokens =
            tokens.stream()
                .map(token -> token.is(e.word()) ? Token.word(meant.get()) : token)
                .toList();
      }
    }
  }

  /** That an answer rests on what a scan leaves out unless it is told not to. */
  private String extras(Intent intent, String sql) {
    Set<String> used = new TreeSet<>();
    if (!sql.contains(MEMBER)) {
      return ""; // and no model is read for it
    }
    for (ResourceType type : intent.subject().types()) {
      fields.extras(type).stream().filter(name -> reads(sql, name)).forEach(used::add);
    }
    return used.isEmpty()
        ? ""
        : " Only freeway scan --details all asks for " + String.join(", ", used) + ".";
  }

  /** That what was asked for may have been hidden. */
  private String unseen(Intent intent, Optional<String> account) {
    Set<ResourceType> types = new LinkedHashSet<>(intent.subject().types());
    boolean all = types.isEmpty();
    intent.conditions().forEach(condition -> condition.others(types));
    long calls = known.unseen(all ? Set.of() : types, account);
    return calls == 0
        ? ""
        : " %,d call%s refused or failed: there may be more, see freeway errors."
            .formatted(calls, calls == 1 ? " was" : "s were");
  }

  /** Whether SQL has a path that begins with a member. */
  private static boolean reads(String sql, String name) {
    String member = MEMBER + name;
    for (int at = sql.indexOf(member); at >= 0; at = sql.indexOf(member, at + 1)) {
      int end = at + member.length();
      if (end == sql.length() || !Character.isLetterOrDigit(sql.charAt(end))) {
        return true;
      }
    }
    return false;
  }

  private static String sentence(Intent intent, Map<String, String> corrected) {
    StringBuilder text = new StringBuilder(intent.sentence());
    corrected.forEach(
        (said, meant) ->
            text.append(" (\"").append(said).append("\" read as \"").append(meant).append("\")"));
    return text.toString();
  }

  private String account(String said) {
    if (said.matches("\\d{12}")) {
      return said;
    }
    String id = known.accounts().get(said.toLowerCase(java.util.Locale.ROOT));
    if (id == null) {
      throw new IllegalArgumentException(
          said
              + ": no such account; expected twelve digits or one of "
              + known.accounts().keySet());
    }
    return id;
  }

  private String why(String word, String reason) {
    StringBuilder why = new StringBuilder("I did not understand");
    if (!word.isEmpty()) {
      why.append(" \"").append(Printable.of(word)).append('"');
    }
    if (!reason.isEmpty()) {
      return why.append(": ").append(reason).toString();
    }
    return spelling
        .of(word)
        .map(near -> why.append("; did you mean \"").append(near).append("\"?").toString())
        .orElseGet(why::toString);
  }
}
