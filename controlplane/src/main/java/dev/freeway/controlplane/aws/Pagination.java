package dev.freeway.controlplane.aws;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a list goes on.
 *
 * @param input the member of a request that says where
 * @param output where in an answer that is: members, one after the other
 */
public record Pagination(String input, List<String> output) {
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

  /** Copies the members. */
  public Pagination {
    output = List.copyOf(output);
  }

  /** How an operation's answers go on, by the names of its members; empty when they come whole. */
  public static Optional<Pagination> of(ServiceModel model, Operation operation) {
    for (String token : TOKENS) {
      for (Member input : operation.input().members()) {
        if (lower(input).equals(token) && input.kind() == Member.Kind.STRING) {
          Optional<List<String>> output = output(model, operation.output(), token);
          if (output.isPresent()) {
            return Optional.of(new Pagination(input.name(), output.get()));
          }
        }
      }
    }
    for (Member input : operation.input().members()) {
      if (input.name().startsWith("ExclusiveStart")) {
        String last = input.name().replace("ExclusiveStart", "LastEvaluated");
        if (operation.output().member(last) != null) {
          return Optional.of(new Pagination(input.name(), List.of(last)));
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
