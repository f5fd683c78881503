package dev.freeway.controlplane.aws;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a list goes on.
 *
 * @param members those of a request that say where, and where in an answer each of them is:
 *     members, one after the other. An answer without the first is the last
 */
public record Pagination(SequencedMap<String, List<String>> members) {
  private static final List<String> TOKENS =
      List.of(
          "nexttoken",
          "marker",
          "paginationtoken",
          "pagetoken",
          "nextpagetoken",
          "continuationtoken",
          "nextmarker",
          "position",
          "startingtoken",
          "cursor",
          "paginationmarker",
          "token");

  /** By one member of a request. */
  public static Pagination by(String input, List<String> output) {
    return new Pagination(new LinkedHashMap<>(Map.of(input, output)));
  }

  /**
   * What the next request has more than the one before.
   *
   * @return nothing after the last answer
   */
  public Map<String, Object> next(JsonNode answer) {
    Map<String, Object> next = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> member : members.entrySet()) {
      JsonNode value = answer;
      for (String step : member.getValue()) {
        value = value.path(step);
      }
      String text = value.asString("");
      if (!text.isEmpty()) {
        next.put(member.getKey(), text);
      } else if (next.isEmpty()) {
        return Map.of();
      }
    }
    return next;
  }

  /** Takes what says how an answer goes on out of it: the rest is what it has. */
  public void without(ObjectNode answer) {
    for (List<String> path : members.values()) {
      JsonNode holder = answer;
      for (String step : path.subList(0, path.size() - 1)) {
        holder = holder.path(step);
      }
      if (holder instanceof ObjectNode object) {
        object.remove(path.getLast());
      }
    }
  }

  /** How an operation's answers go on, by the names of its members; empty when they come whole. */
  public static Optional<Pagination> of(ServiceModel model, Operation operation) {
    for (String token : TOKENS) {
      for (Member input : operation.input().members()) {
        if (lower(input).equals(token) && input.kind() == Member.Kind.STRING) {
          Optional<List<String>> output = output(model, operation.output(), token);
          if (output.isPresent()) {
            return Optional.of(by(input.name(), output.get()));
          }
        }
      }
    }
    for (Member input : operation.input().members()) {
      if (input.name().startsWith("ExclusiveStart")) {
        String last = input.name().replace("ExclusiveStart", "LastEvaluated");
        if (operation.output().member(last) != null) {
          return Optional.of(by(input.name(), List.of(last)));
        }
      }
    }
    return Optional.empty();
  }

  /** Names that begin with "next" first: some answers repeat where they themselves began. */
  private static Optional<List<String>> output(ServiceModel model, Shape answer, String token) {
    for (List<String> names : List.of(List.of("next" + token, "nextpagetoken"), List.of(token))) {
      for (Member member : answer.members()) {
        if (continues(member, names)) {
          return Optional.of(List.of(member.name()));
        }
      }
      for (Member member : answer.members()) { // CloudFront's lists are in a structure
        if (member.kind() == Member.Kind.SDK_POJO) {
          for (Member inner : model.shape(member.structure()).members()) {
            if (continues(inner, names)) {
              return Optional.of(List.of(member.name(), inner.name()));
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  private static boolean continues(Member member, List<String> names) {
    return member.kind() == Member.Kind.STRING && names.contains(lower(member));
  }

  private static String lower(Member member) {
    return member.name().toLowerCase(Locale.ROOT);
  }
}
