package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.catalog.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the accounts hold, as answers of operations by the model's names. What was put last counts;
 * what nobody put is answered with empty lists.
 */
public final class Estate {
  /** Every account, every region. */
  public static final String ANY = "*";

  /** What an operation answers. */
  sealed interface Content {
    /** Items in pages. */
    record Items(Path path, List<JsonNode> items) implements Content {}

    /** Made for each request. */
    record Made(Function<Asked, ObjectNode> answer) implements Content {}
  }

  private record Holding(String account, String region, Map<String, String> when, Content content) {
    boolean fits(Asked asked) {
      return (account.equals(ANY) || account.equals(asked.account()))
          && (region.equals(ANY) || region.equals(asked.region()))
          && when.entrySet().stream().allMatch(one -> says(asked, one.getKey(), one.getValue()));
    }

    private static boolean says(Asked asked, String member, String text) {
      JsonNode value = asked.input().path(member);
      if (value.isArray()) {
        return value.valueStream().anyMatch(element -> element.asString("").equals(text));
      }
      return value.asString("").equals(text);
    }
  }

  private final Map<String, List<Holding>> holdings = new ConcurrentHashMap<>();

  /**
   * Puts items into a list.
   *
   * @param region of the requests, or {@link #ANY}
   * @param name as {@code ec2:DescribeInstances}
   * @param path where the answer has them, as {@code Reservations[].Instances[]}
   */
  public Estate items(String region, String name, String path, List<? extends JsonNode> items) {
    return items(ANY, region, name, Map.of(), path, items);
  }

  /** Puts items into a list, of one account and for requests with these members alone. */
  public Estate items(
      String account,
      String region,
      String name,
      Map<String, String> when,
      String path,
      List<? extends JsonNode> items) {
    return put(
        account, region, name, when, new Content.Items(Path.parse(path), List.copyOf(items)));
  }

  /** Puts a whole answer. */
  public Estate answer(String region, String name, Map<String, String> when, ObjectNode answer) {
    return made(region, name, when, _ -> answer);
  }

  /** Puts an answer that is made for each request. */
  public Estate made(
      String region, String name, Map<String, String> when, Function<Asked, ObjectNode> answer) {
    return put(ANY, region, name, when, new Content.Made(answer));
  }

  private Estate put(
      String account, String region, String name, Map<String, String> when, Content content) {
    holdings
        .computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>())
        .addFirst(new Holding(account, region, Map.copyOf(when), content));
    return this;
  }

  /** Forgets what an operation answers. */
  public Estate clear(String name) {
    holdings.remove(name);
    return this;
  }

  Optional<Content> of(Asked asked) {
    return holdings.getOrDefault(asked.name(), List.of()).stream()
        .filter(holding -> holding.fits(asked))
        .map(Holding::content)
        .findFirst();
  }
}
