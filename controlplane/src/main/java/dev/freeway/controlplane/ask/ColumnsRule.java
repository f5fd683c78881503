package dev.freeway.controlplane.ask;

import java.util.Optional;

/** "And show their size and type": members to be shown besides. */
final class ColumnsRule implements Rule {
  private static final String[] LEAD = {
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
    "the"
  };
  private static final String[] SHOW = {
    "their", "its", "show", "display", "include", "list", "including"
  };

  @Override
  public boolean read(Reading reading) {
    Question question = reading.question;
    if (reading.is("who") && question.is(reading.at() + 1, "owns")) {
      reading.draft.column(new Intent.Key.TagValue(Tags.key(reading.known, "Owner")));
      reading.draft.column(new Intent.Key.TagValue(Tags.key(reading.known, "Team")));
      reading.skip(2);
      return true;
    }
    if (!reading.isSubjectSeen()) {
      return false;
    }
    int start = question.skip(reading.at(), LEAD);
    boolean shown = false;
    for (int i = reading.at(); i < start; i++) {
      shown |= question.is(i, SHOW);
    }
    Optional<Found<Intent.Key>> key = shown ? Keys.find(reading, start) : Optional.empty();
    if (key.isEmpty()) {
      return false;
    }
    while (key.isPresent()) {
      reading.draft.column(key.get().what());
      reading.goTo(key.get().end());
      int next = question.skip(reading.at(), "and", ",");
      key = next > reading.at() ? Keys.find(reading, next) : Optional.empty();
    }
    return true;
  }
}
