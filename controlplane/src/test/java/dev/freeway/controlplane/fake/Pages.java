package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Pagination;
import dev.freeway.controlplane.aws.Shape;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists in pages. Tokens say nothing to the caller, hold for the query that they were given for,
 * and may expire. Route 53's say the next record's name, type and identifier.
 */
final class Pages {
  private static final Pattern TOKEN = Pattern.compile("(\\d+) (-?\\d+) (-?\\d+)");
  private static final String RECORD = "NextRecord";

  private final PageSizes sizes;
  private final LongSupplier nanos;
  private final Map<String, Pagination> said = new HashMap<>();
  private volatile Duration life = Duration.ofDays(1);

  Pages(PageSizes sizes, Catalog catalog, LongSupplier nanos) {
    this.sizes = sizes;
    this.nanos = nanos;
    for (ResourceType type : catalog.types()) {
      type.page().ifPresent(page -> said.put(type.sdk() + ":" + type.operation(), page));
    }
  }

  /** How long tokens hold. */
  void life(Duration life) {
    this.life = life;
  }

  /**
   * The page that was asked for.
   *
   * @param same whether it gives the token again that it was asked with
   */
  ObjectNode page(Asked asked, Estate.Content.Items content, boolean same) {
    ObjectNode answer = Documents.empty(asked.model(), asked.operation());
    List<JsonNode> items = content.items();
    Pagination pagination =
        Optional.ofNullable(said.get(asked.name()))
            .or(() -> Pagination.of(asked.model(), asked.operation()))
            .orElse(null);
    if (pagination == null) {
      Documents.put(answer, content.path(), items);
      return answer;
    }
    boolean records = pagination.members().size() > 1;
    String member = pagination.members().firstEntry().getKey();
    String token = asked.text(member);
    int from =
        token.isEmpty() ? 0 : records ? record(asked, pagination, items) : offset(asked, member);
    int to = Math.min(items.size(), from + sizes.of(asked));
    Documents.put(answer, content.path(), items.subList(from, to));
    boolean more = to < items.size();
    List<String> where = pagination.members().firstEntry().getValue();
    ObjectNode holder = holder(answer, where);
    Shape shape = shape(asked, where);
    if (shape.member("IsTruncated") != null) {
      holder.put("IsTruncated", more);
    }
    if (shape.member("Quantity") != null) {
      holder.put("Quantity", to - from);
    }
    if (same && !token.isEmpty()) {
      pagination.members().forEach((in, out) -> holder.put(out.getLast(), asked.text(in)));
    } else if (more && records) {
      JsonNode next = items.get(to);
      pagination
          .members()
          .values()
          .forEach(
              out -> {
                JsonNode value = next.path(field(out.getLast()));
                if (!value.isMissingNode()) {
                  holder.set(out.getLast(), value);
                }
              });
    } else if (more) {
      holder.put(where.getLast(), token(asked, member, to));
    }
    return answer;
  }

  private static String field(String output) {
    String field = output.replace(RECORD, "");
    return field.equals("Identifier") ? "SetIdentifier" : field;
  }

  private static int record(Asked asked, Pagination pagination, List<JsonNode> items) {
    for (int i = 0; i < items.size(); i++) {
      JsonNode item = items.get(i);
      if (pagination.members().entrySet().stream()
          .allMatch(
              member ->
                  asked
                      .text(member.getKey())
                      .equals(item.path(field(member.getValue().getLast())).asString("")))) {
        return i;
      }
    }
    throw new RefusedException(Refusal.token(asked.model(), "no such record to start from"));
  }

  private static ObjectNode holder(ObjectNode answer, List<String> where) {
    ObjectNode holder = answer;
    for (String step : where.subList(0, where.size() - 1)) {
      holder = holder.withObject("/" + step);
    }
    return holder;
  }

  private static Shape shape(Asked asked, List<String> where) {
    Shape shape = asked.operation().output();
    for (String step : where.subList(0, where.size() - 1)) {
      var member = shape.member(step);
      if (member != null) {
        shape = asked.model().shape(member.structure());
      }
    }
    return shape;
  }

  private String token(Asked asked, String member, int offset) {
    return Base64.getUrlEncoder()
        .encodeToString(
            (offset + " " + query(asked, member) + " " + nanos.getAsLong())
                .getBytes(StandardCharsets.UTF_8));
  }

  private static int query(Asked asked, String member) {
    ObjectNode input = asked.input().deepCopy();
    input.remove(member);
    return (asked.account() + asked.region() + asked.name() + input).hashCode();
  }

  private int offset(Asked asked, String member) {
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(asked.text(member)), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      text = "";
    }
    Matcher token = TOKEN.matcher(text);
    if (!token.matches()) {
      throw new RefusedException(Refusal.token(asked.model(), "the token is not one of ours"));
    }
    if (Integer.parseInt(token.group(2)) != query(asked, member)) {
      throw new RefusedException(Refusal.token(asked.model(), "the token is of another query"));
    }
    if (nanos.getAsLong() - Long.parseLong(token.group(3)) > life.toNanos()) {
      throw new RefusedException(Refusal.token(asked.model(), "the token has expired"));
    }
    return Integer.parseInt(token.group(1));
  }
}
