package dev.freeway.controlplane.catalog;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.aws.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A place in an answer: members with dots between, {@code []} after a list's, {@code *} for every
 * value of a map. {@code Reservations[].Instances[]} is all instances; the empty path is the whole.
 *
 * @param text as it is written
 * @param steps its members and marks, in order
 */
public record Path(String text, List<String> steps) {
  private static final String ELEMENTS = "[]";
  private static final String VALUES = "*";
  private static final Pattern NAME = Pattern.compile("\\*|[A-Za-z0-9_:/-]+");

  /** Copies the steps. */
  public Path {
    steps = List.copyOf(steps);
  }

  /**
   * Reads a path.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Path parse(String text) {
    List<String> steps = new ArrayList<>();
    if (!text.isEmpty()) {
      for (String part : text.split("\\.", -1)) {
        String name = part.endsWith(ELEMENTS) ? part.substring(0, part.length() - 2) : part;
        if (name.isEmpty() || !NAME.matcher(name).matches()) {
          throw new IllegalArgumentException(text + ": expected members with dots between");
        }
        steps.add(name);
        if (part.endsWith(ELEMENTS)) {
          steps.add(ELEMENTS);
        }
      }
    }
    return new Path(text, steps);
  }

  /** Everything that is there, in the answer's order; nothing where a member is missing. */
  public List<JsonNode> all(JsonNode root) {
    List<JsonNode> found = List.of(root);
    for (String step : steps) {
      List<JsonNode> next = new ArrayList<>();
      for (JsonNode node : found) {
        switch (step) {
          case ELEMENTS, VALUES -> node.forEach(next::add);
          default -> {
            JsonNode member = node.path(step);
            if (!member.isMissingNode() && !member.isNull()) {
              next.add(member);
            }
          }
        }
      }
      found = next;
    }
    return found;
  }

  /** Takes out of an answer what is at the path. */
  void removeFrom(JsonNode root) {
    if (steps.isEmpty()) {
      return;
    }
    Path above = new Path(text, steps.subList(0, steps.size() - 1));
    for (JsonNode node : above.all(root)) {
      if (node instanceof ObjectNode object) {
        object.remove(steps.getLast());
      }
    }
  }

  /** The first that is there. */
  public Optional<JsonNode> first(JsonNode root) {
    return all(root).stream().findFirst();
  }

  /** The first that is there as text; empty for what is neither text nor number nor boolean. */
  public String string(JsonNode root) {
    return first(root).filter(JsonNode::isValueNode).map(JsonNode::asString).orElse("");
  }

  /**
   * What is at the path in answers of a shape.
   *
   * @throws IllegalArgumentException when the shape has no such place: what it has instead
   */
  public Member in(ServiceModel model, Shape root) {
    Member at =
        new Member(
            "",
            Member.Kind.SDK_POJO,
            Member.Location.PAYLOAD,
            "",
            "",
            "",
            "",
            false,
            "",
            false,
            false,
            false,
            false,
            root.name(),
            Optional.empty());
    Shape shape = root;
    for (String step : steps) {
      switch (step) {
        case ELEMENTS, VALUES -> {
          Member.Kind wanted = step.equals(ELEMENTS) ? Member.Kind.LIST : Member.Kind.MAP;
          if (at.kind() != wanted) {
            throw new IllegalArgumentException(
                text + ": " + step + " on " + at.name() + ", which is no " + wanted);
          }
          at = at.of().orElseThrow();
        }
        default -> {
          if (at.kind() == Member.Kind.MAP) {
            at = at.of().orElseThrow();
            continue;
          }
          if (at.kind() == Member.Kind.DOCUMENT) {
            return at;
          }
          Member next = at.kind() == Member.Kind.SDK_POJO ? shape.member(step) : null;
          if (next == null) {
            throw new IllegalArgumentException(
                text
                    + ": "
                    + (at.kind() == Member.Kind.SDK_POJO
                        ? shape.name()
                            + " has no member "
                            + step
                            + "; it has "
                            + String.join(", ", shape.members().stream().map(Member::name).toList())
                        : at.name() + " is a " + at.kind() + ", which has no " + step));
          }
          at = next;
        }
      }
      if (at.kind() == Member.Kind.SDK_POJO) {
        shape = model.shape(at.structure());
      }
    }
    return at;
  }

  @Override
  public String toString() {
    return text;
  }
}
