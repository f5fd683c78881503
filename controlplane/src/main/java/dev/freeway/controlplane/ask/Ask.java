package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.Store;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Understands questions in English about an inventory. */
public final class Ask {
  private static final int NEAREST = 3;

  private final Vocabulary vocabulary;
  private final Meanings meanings;
  private final Fields fields;
  private final Known known;
  private final InstantSource clock;

  private Ask(Catalog catalog, Known known, InstantSource clock) {
    this.vocabulary = new Vocabulary(catalog);
    this.meanings = new Meanings(vocabulary);
    this.fields = new Fields(vocabulary);
    this.known = known;
    this.clock = clock;
  }

  /**
   * For questions about an inventory, of which it reads the accounts and the tags.
   *
   * @throws dev.freeway.controlplane.store.StoreException when it cannot be read
   */
  public static Ask of(Catalog catalog, Store store, InstantSource clock) {
    return new Ask(catalog, StoreKnown.of(store), clock);
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
    try {
      Question words = new Question(Token.split(question), vocabulary, meanings, fields);
      Intent intent = Reader.read(words, known, clock.instant());
      SqlWriter.Statement statement = SqlWriter.write(intent, id);
      return new Understanding.Understood(
          Printable.of(intent.sentence()), statement.sql(), statement.values());
    } catch (NotUnderstood e) {
      return new Understanding.Not(why(e), nearest(question));
    }
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

  private String why(NotUnderstood e) {
    StringBuilder why = new StringBuilder("I did not understand");
    if (!e.word().isEmpty()) {
      why.append(" \"").append(Printable.of(e.word())).append('"');
    }
    if (!e.why().isEmpty()) {
      return why.append(": ").append(e.why()).toString();
    }
    return why.append(word(e.word()).map(near -> "; did you mean \"" + near + "\"?").orElse(""))
        .toString();
  }

  /** A word of the vocabulary that differs by a letter or two. */
  private Optional<String> word(String said) {
    String stem = Stems.phrase(said);
    if (stem.length() < 4) {
      return Optional.empty();
    }
    Set<String> words = new LinkedHashSet<>();
    vocabulary.phrases().forEach(phrase -> words.addAll(List.of(phrase.split(" ", -1))));
    meanings.phrases().forEach(phrase -> words.addAll(List.of(phrase.split(" ", -1))));
    return words.stream()
        .filter(word -> word.length() > 3 && Math.abs(word.length() - stem.length()) < 3)
        .min(Comparator.comparingInt(word -> edits(stem, word)))
        .filter(word -> edits(stem, word) <= Math.max(1, stem.length() / 4));
  }

  private static int edits(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int same = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(same, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[other.length()];
  }

  private static List<String> nearest(String question) {
    Set<String> words = new HashSet<>(Stems.words(question));
    return Example.all().stream()
        .map(Example::question)
        .sorted(Comparator.comparingDouble(example -> -likeness(words, example)))
        .filter(example -> likeness(words, example) > 0)
        .limit(NEAREST)
        .toList();
  }

  private static double likeness(Set<String> words, String example) {
    List<String> others = Stems.words(example);
    long shared = others.stream().filter(word -> word.length() > 2 && words.contains(word)).count();
    return shared / Math.sqrt(others.size());
  }
}
