package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Condition;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.catalog.Template;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of a type's further calls need what others of them give, and which may go side by side. */
final class DetailOrder {
  private final ResourceType type;

  private DetailOrder(ResourceType type) {
    this.type = type;
  }

  /**
   * Some of a type's further calls, in rounds: each as early as what it reads is there. Those that
   * give the same member stay in the catalogue's order.
   */
  static List<List<Detail>> rounds(ResourceType type, List<Detail> details) {
    DetailOrder order = new DetailOrder(type);
    List<List<Detail>> rounds = new ArrayList<>();
    List<Integer> when = new ArrayList<>();
    for (int i = 0; i < details.size(); i++) {
      int round = 0;
      for (int j = 0; j < i; j++) {
        if (order.inTurn(details.get(j), details.get(i))) {
          round = Math.max(round, when.get(j) + 1);
        }
      }
      when.add(round);
      if (round == rounds.size()) {
        rounds.add(new ArrayList<>());
      }
      rounds.get(round).add(details.get(i));
    }
    return rounds;
  }

  /** The members of an item that a further call sets. */
  static List<String> gives(Detail detail) {
    if (!detail.into().isEmpty()) {
      return List.of(detail.into());
    }
    ServiceModel model = ServiceModel.of(detail.sdk());
    Member taken = detail.take().in(model, model.operation(detail.operation()).output());
    return model.shape(taken.structure()).members().stream().map(Member::name).toList();
  }

  private boolean inTurn(Detail first, Detail second) {
    List<String> firstGives = gives(first);
    List<String> secondGives = gives(second);
    return meet(firstGives, reads(second))
        || meet(firstGives, secondGives)
        || meet(secondGives, reads(first));
  }

  private static boolean meet(List<String> given, Collection<String> others) {
    return given.stream().anyMatch(others::contains);
  }

  /** The members of an item that a further call's input, place and condition are made of. */
  private Set<String> reads(Detail detail) {
    Set<String> members = new HashSet<>();
    input(detail.with(), members);
    template(detail.key(), members);
    detail.region().ifPresentOrElse(region -> template(region, members), () -> region(members));
    if (detail.bulk()) {
      template(type.arn(), members);
    }
    for (Condition.Term term : detail.when().map(Condition::terms).orElse(List.of())) {
      first(term.path(), members);
    }
    return members;
  }

  private void region(Set<String> members) {
    type.region().ifPresent(region -> template(region, members));
  }

  private void input(Object value, Set<String> members) {
    switch (value) {
      case Map<?, ?> map -> map.values().forEach(one -> input(one, members));
      case List<?> list -> list.forEach(one -> input(one, members));
      default -> template(Template.literal(String.valueOf(value)), members);
    }
  }

  private void template(Template template, Set<String> members) {
    for (Template.Part.Place place : template.places()) {
      switch (place.variable()) {
        case "" -> first(place.path(), members);
        case "arn" -> template(type.arn(), members);
        case "id" -> template(type.id(), members);
        case "name" -> template(type.displayName(), members);
        case "region" -> region(members);
        default -> {
          // the account's and the parent's are there before
        }
      }
    }
  }

  private static void first(Path path, Set<String> members) {
    if (!path.steps().isEmpty()) {
      members.add(path.steps().getFirst());
    }
  }
}
