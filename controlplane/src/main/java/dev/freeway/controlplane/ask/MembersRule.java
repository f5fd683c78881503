package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** "Name and private IP of running instances": members to be shown, before what has them. */
final class MembersRule implements Rule {
  private static final String[] OF = {"of", "for", "from"};
  private static final String[] NUMBERS = {"number", "count", "total", "average", "sum"};

  @Override
  public boolean read(Reading reading) {
    Question question = reading.question;
    if (reading.isSubjectSeen()
        || reading.current().isEverything()
        || reading.draft.isCount()
        || reading.is(NUMBERS)) {
      return false;
    }
    for (int i = 0; i < reading.at(); i++) {
      if (!WordRule.isNothing(question.lower(i)) || question.is(i, "how", "number")) {
        return false;
      }
    }
    List<Intent.Key> keys = new ArrayList<>();
    int end = reading.at();
    Optional<Found<Intent.Key>> key = key(reading, end);
    while (key.isPresent()) {
      keys.add(key.get().what());
      end = question.skip(key.get().end(), "address", "addresses");
      int next = question.skip(end, "and", ",", "the");
      key = next > end ? key(reading, next) : Optional.empty();
    }
    if (keys.isEmpty() || !question.is(end, OF)) {
      return false;
    }
    keys.forEach(reading.draft::column);
    reading.say();
    reading.goTo(end + 1);
    return true;
  }

  /** One that has a single value of each. */
  private static Optional<Found<Intent.Key>> key(Reading reading, int from) {
    if (reading.question.is(from, "name", "names")) {
      return Optional.of(new Found<>(new Intent.Key.Column("name"), from + 1));
    }
    return Keys.find(reading, from)
        .filter(found -> found.end() < reading.subjectEnd())
        .filter(
            found ->
                switch (found.what()) {
                  case Intent.Key.Column(String name) -> name.equals("id");
                  case Intent.Key.Member member ->
                      reading.question.isPlain(reading.types(), member.fields(), from, found.end())
                          && member.fields().values().stream()
                              .noneMatch(field -> field.path().text().contains("[]"));
                  default -> false;
                });
  }
}
