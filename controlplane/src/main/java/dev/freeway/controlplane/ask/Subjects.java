package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Optional;

/** Finds what a question asks for: the first types or service that it names. */
final class Subjects {
  private Subjects() {}

  static Optional<Found<Subject>> find(Question question) throws NotUnderstood {
    for (int i = 0; i < question.size(); i++) {
      Optional<Mention> found = question.mention(i);
      boolean verb = i == 0 && question.is(0, "group") && question.rest(0).contains(" by ");
      if (found.isEmpty() || verb || question.is(i - 1, "per", "by", "each")) {
        continue;
      }
      Mention mention = found.get();
      boolean dimension =
          question.is(
              i,
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
      if (dimension && mention.end() == mention.start() + 1) {
        continue;
      }
      return Optional.of(withNext(question, mention));
    }
    return Optional.empty();
  }

  /**
   * Of two that stand together the second is asked for, and the first is its service, its state or
   * what it belongs to: "fargate services", "subnet route tables".
   */
  private static Found<Subject> withNext(Question question, Mention mention) throws NotUnderstood {
    Optional<Mention> next = question.mention(mention.end());
    if (next.isEmpty() || next.get().isEverything() || mention.isEverything()) {
      return found(mention, mention.types());
    }
    List<ResourceType> both =
        next.get().types().stream().filter(mention.types()::contains).toList();
    if (!both.isEmpty()) {
      return found(next.get(), both);
    }
    if (mention.service()) {
      throw new NotUnderstood(
          question.get(next.get().start()).text(),
          "there are none of " + question.get(mention.start()).text());
    }
    return found(next.get(), next.get().types());
  }

  private static Found<Subject> found(Mention mention, List<ResourceType> types) {
    return new Found<>(types.isEmpty() ? Subject.EVERYTHING : Subject.of(types), mention.end());
  }
}
