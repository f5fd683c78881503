package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Regions, by code or by place; several with "and" or "or" between are any of them. */
final class RegionRule implements Rule {
  private static final String[] BETWEEN = {
    "and", "or", ",", "vs", "versus", "vs.", "in", "to", "with", "compared"
  };

  @Override
  public boolean read(Reading reading) {
    Question question = reading.question;
    int from = reading.at();
    if (question.is(from, "region", "regions") && question.has(from + 1)) {
      from = question.skip(from + 1, "is", "=");
    }
    List<String> regions = new ArrayList<>();
    Optional<Found<String>> next = one(question, from);
    int end = from;
    boolean compared = false;
    while (next.isPresent()) {
      regions.add(next.get().what());
      end = question.skip(next.get().end(), "region", "regions");
      int after = question.skip(end, BETWEEN);
      next = after > end ? one(question, after) : Optional.empty();
      for (int i = end; next.isPresent() && i < after; i++) {
        compared |= question.is(i, "vs", "versus", "compared");
      }
    }
    if (regions.isEmpty()) {
      return false;
    }
    if (compared) {
      reading.draft.compare();
    }
    reading.addPlace(new Condition.InRegion(regions.stream().distinct().toList()), end);
    return true;
  }

  private static Optional<Found<String>> one(Question question, int at) {
    Optional<String> one = Regions.of(question.lower(at));
    if (one.isPresent()) {
      return Optional.of(new Found<>(one.get(), at + 1));
    }
    return Regions.of(question.lower(at) + " " + question.lower(at + 1))
        .map(two -> new Found<>(two, at + 2));
  }
}
