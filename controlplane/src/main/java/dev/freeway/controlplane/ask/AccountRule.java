package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Accounts, by their twelve digits, their aliases or a word of these. */
final class AccountRule implements Rule {
  private static final String[] WHOSE = {
    "my", "our", "the", "this", "these", "your", "their", "whole", "entire", "aws"
  };

  @Override
  public boolean read(Reading reading) {
    Question question = reading.question;
    int at = reading.at();
    boolean word = question.is(at, "account", "accounts") && question.has(at + 1);
    int end = word ? at + 1 : at;
    List<String> ids = new ArrayList<>();
    List<String> said = new ArrayList<>();
    Optional<String> id = id(reading, end, word || question.is(end + 1, "account", "accounts"));
    while (id.isPresent()) {
      ids.add(id.get());
      said.add(question.get(end).text());
      end = question.skip(end + 1, "account", "accounts");
      id = question.is(end, "or", "and", ",") ? id(reading, end + 1, false) : Optional.empty();
      if (id.isPresent()) {
        end++;
      }
    }
    if (ids.isEmpty() && isHere(reading)) {
      reading.skip(reading.is("aws") ? 2 : 1);
      return true;
    }
    if (ids.isEmpty()) {
      return false;
    }
    reading.addPlace(new Condition.InAccount(ids, said), end);
    return true;
  }

  /** "In my account": every question is of what was scanned. */
  private static boolean isHere(Reading reading) {
    boolean aws = reading.is("aws") && reading.question.is(reading.at() + 1, "account", "accounts");
    if ((!aws && !reading.is("account", "accounts", "organization", "organisation"))
        || reading.at() + 1 == reading.subjectEnd()) {
      return false;
    }
    int before = reading.at() - 1;
    while (reading.question.is(before, WHOSE)) {
      before--;
    }
    return before < reading.at() - 1
        && reading.question.is(before, "in", "of", "from", "across", "within", "inside");
  }

  private static Optional<String> id(Reading reading, int index, boolean byWord) {
    if (!reading.question.has(index)) {
      return Optional.empty();
    }
    String text = reading.question.lower(index);
    if (text.matches("\\d{12}")) {
      return Optional.of(text);
    }
    String id = reading.known.accounts().get(text);
    if (id != null) {
      return Optional.of(id);
    }
    if (!byWord) {
      return Optional.empty();
    }
    return byWord(reading, text, text).or(() -> byWord(reading, text, Tags.longForm(text)));
  }

  private static Optional<String> byWord(Reading reading, String said, String word) {
    Optional<Map.Entry<String, String>> found =
        reading.known.accounts().entrySet().stream()
            .filter(each -> Stems.words(each.getKey()).contains(Stems.of(word)))
            .findFirst();
    found.ifPresent(account -> reading.readAs.put(said, account.getKey()));
    return found.map(Map.Entry::getValue);
  }
}
