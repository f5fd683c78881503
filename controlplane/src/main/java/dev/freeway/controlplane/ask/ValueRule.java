package dev.freeway.controlplane.ask;

import java.util.Optional;

/** Values that say themselves of what they are: {@code t3.micro}, "stopped". */
final class ValueRule implements Rule {
  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    int at = reading.at();
    if (reading.is("running") && WordRule.isVerb(reading)) {
      return false;
    }
    if (reading.isBeforeOther(at + 1)) {
      Optional<Condition> its =
          reading.question.value(at, reading.question.mention(at + 1).orElseThrow().types());
      if (its.isPresent()) {
        reading.addAhead(its.get(), at + 1);
        return true;
      }
    }
    if (reading.current().isEverything() || reading.field(at).isPresent()) {
      return false;
    }
    Optional<Condition> found = reading.question.value(at, reading.types());
    if (found.isEmpty()) {
      return false;
    }
    if (reading.question.is(at - 1, "and", ",") && reading.conditions.isInPlaceOf(found.get())) {
      reading.conditions.or(); // "m5 and c5 instances": none is both
    }
    reading.add(found.get(), MeaningRule.ofMember(reading, at + 1));
    return true;
  }
}
