package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the items of one service in one region are asked further, each by itself or many at a time.
 * Types may be taken side by side.
 */
final class DetailCalls {
  /** How many resources without tags are asked at least before the tagging API is believed. */
  private static final int SAMPLE = 5;

  private final UnitCalls calls;
  private final BulkTags bulk;

  /** What types of the service that belong to others are listed by. */
  private final Set<OperationKey> lists;

  /**
   * What a detail gave so far, by item, page after page; it becomes part of the items when its
   * round is over, in the catalogue's order, whichever answer came first.
   */
  private record Taken(Detail detail, Map<Item, List<JsonNode>> byItem) {
    Taken(Detail detail) {
      this(detail, new ConcurrentHashMap<>());
    }

    /** Several pages come one after the other. */
    void add(Item item, JsonNode taken) {
      byItem.computeIfAbsent(item, _ -> new ArrayList<>()).add(taken);
    }

    void become(Item item) {
      byItem.getOrDefault(item, List.of()).forEach(taken -> put(detail, item, taken));
    }
  }

  DetailCalls(UnitCalls calls, BulkTags bulk, Collection<ResourceType> types) {
    this.calls = calls;
    this.bulk = bulk;
    this.lists =
        types.stream()
            .filter(type -> !type.parents().isEmpty())
            .map(type -> new OperationKey(type.sdk(), type.operation()))
            .collect(Collectors.toSet());
  }

  /**
   * Asks for everything that a type's items lack, and makes it part of them.
   *
   * @param tags gets the tags of items that the tagging API knows
   */
  void add(ResourceType type, List<Item> items, Map<Item, SortedMap<String, String>> tags)
      throws InterruptedException {
    if (items.isEmpty()) {
      return;
    }
    // Those that are left out have their turn too: whom they concern may be known only then.
    for (List<Detail> round : DetailOrder.rounds(type, type.details())) {
      List<Callable<Void>> together = new ArrayList<>();
      List<Taken> taken = round.stream().map(Taken::new).toList();
      for (Taken detail : taken) {
        List<Item> asked = concerned(detail.detail, items);
        if (detail.detail.extra() && !calls.request().extras()) {
          leaveOut(detail.detail, asked);
        } else if (detail.detail.bulk() && !asked.isEmpty()) {
          together.add(
              () -> {
                inBulk(detail, asked, tags);
                return null;
              });
        } else {
          together.addAll(ask(detail, asked));
        }
      }
      calls.together(together);
      items.forEach(item -> taken.forEach(detail -> detail.become(item)));
    }
  }

  private void leaveOut(Detail detail, List<Item> items) {
    calls.leftOut(detail.sdk(), detail.operation(), items.size());
    items.forEach(item -> item.refused(detail));
  }

  private static List<Item> concerned(Detail detail, List<Item> items) {
    return items.stream()
        .filter(item -> detail.when().map(when -> when.holds(item.document())).orElse(true))
        .toList();
  }

  /** Whether a type is listed by the same call, which is made in any case. */
  private boolean isList(Detail detail) {
    return lists.contains(new OperationKey(detail.sdk(), detail.operation()));
  }

  private void inBulk(Taken detail, List<Item> items, Map<Item, SortedMap<String, String>> tags)
      throws InterruptedException {
    Optional<BulkTags.Known> known = bulk.of(calls.region(), items.getFirst().arn());
    List<Item> unknown = new ArrayList<>();
    boolean knows = false;
    for (Item item : items) {
      SortedMap<String, String> own = known.map(all -> all.byArn().get(item.arn())).orElse(null);
      if (own == null) {
        unknown.add(item);
        knows |= known.isPresent() && known.get().knows(item.arn());
      } else {
        knows = true;
        tags.put(item, own);
      }
    }
    if (knows) {
      return;
    }
    int few = Math.max(SAMPLE, detail.detail.batch());
    if (known.isEmpty() || unknown.size() <= few) {
      calls.together(ask(detail, unknown));
      return;
    }
    // From all over, and the same in each scan: which parent's came first is chance.
    unknown.sort(Comparator.comparing(Item::arn));
    List<Item> sample = new ArrayList<>();
    for (int i = 0; i < few; i++) {
      sample.add(unknown.get(i * (unknown.size() - 1) / (few - 1)));
    }
    calls.together(ask(detail, sample));
    boolean tagged =
        detail.byItem.values().stream()
            .flatMap(List::stream)
            .anyMatch(one -> !Documents.tags(value(detail.detail, one)).isEmpty());
    List<Item> others = unknown.stream().filter(item -> !sample.contains(item)).toList();
    if (tagged) {
      calls.together(ask(detail, others));
    } else if (sample.stream().anyMatch(item -> item.refused().contains(detail.detail))) {
      others.forEach(item -> item.refused(detail.detail)); // nobody knows what they have
    }
  }

  /** The calls of a detail, with their inputs as the items are now. */
  private List<Callable<Void>> ask(Taken taken, List<Item> items) {
    Detail detail = taken.detail;
    List<Callable<Void>> asked = new ArrayList<>();
    if (detail.batch() > 1) {
      Map<Batch, List<Item>> batches = new LinkedHashMap<>();
      for (Item item : items) {
        item.input(rest(detail))
            .ifPresent(
                rest ->
                    batches
                        .computeIfAbsent(
                            new Batch(asked(detail, item), rest), _ -> new ArrayList<>())
                        .add(item));
      }
      batches.forEach(
          (batch, all) -> {
            for (int from = 0; from < all.size(); from += detail.batch()) {
              List<Item> some = all.subList(from, Math.min(all.size(), from + detail.batch()));
              asked.add(
                  () -> {
                    batch(taken, batch, some);
                    return null;
                  });
            }
          });
    } else if (items.size() > calls.request().details() && !isList(detail)) {
      calls.skipped(detail, items.size());
      items.forEach(item -> item.refused(detail));
    } else {
      for (Item item : items) {
        item.input(detail.with())
            .ifPresent(
                input -> {
                  String where = asked(detail, item);
                  asked.add(
                      () -> {
                        one(taken, item, where, input);
                        return null;
                      });
                });
      }
    }
    return asked;
  }

  private static String asked(Detail detail, Item item) {
    return detail.region().flatMap(where -> where.fill(item)).orElseGet(item::region);
  }

  private void one(Taken taken, Item item, String where, Map<String, Object> input) {
    Detail detail = taken.detail;
    ended(
        detail,
        List.of(item),
        calls
            .answers()
            .call(
                call(detail, where, input),
                page -> {
                  detail.take().all(page).forEach(one -> taken.add(item, one));
                  return 0;
                }));
  }

  private void ended(Detail detail, List<Item> items, Caller.Ended ended) {
    calls.whole(ended);
    if (ended instanceof Caller.Ended.Refused refused && refused.outcome().hides()) {
      items.forEach(item -> item.refused(detail));
    }
  }

  private Caller.Call call(Detail detail, String where, Map<String, Object> input) {
    ServiceModel model = ServiceModel.of(detail.sdk());
    return new Caller.Call(
        calls.label(),
        model,
        model.operation(detail.operation()),
        where,
        input,
        Optional.empty(),
        detail.absent());
  }

  /** What items of one call share: where it is asked, and the input besides their list. */
  private record Batch(String where, Map<String, Object> rest) {}

  private static boolean isPlace(Object value) {
    return value instanceof List<?> places && String.valueOf(places.getFirst()).contains("{");
  }

  private static Map<String, Object> rest(Detail detail) {
    Map<String, Object> rest = new LinkedHashMap<>(detail.with());
    rest.values().removeIf(DetailCalls::isPlace);
    return rest;
  }

  private void batch(Taken taken, Batch batch, List<Item> items) {
    Detail detail = taken.detail;
    Map<String, Item> byKey = new LinkedHashMap<>();
    for (Item item : items) {
      detail.key().fill(item).ifPresent(key -> byKey.put(key, item));
    }
    Map<String, Object> input = new LinkedHashMap<>(batch.rest);
    detail
        .with()
        .forEach(
            (name, value) -> {
              if (isPlace(value)) {
                input.put(name, List.copyOf(byKey.keySet()));
              }
            });
    if (byKey.isEmpty()) {
      return;
    }
    ended(
        detail,
        items,
        calls
            .answers()
            .call(
                call(detail, batch.where, input),
                page -> {
                  List<JsonNode> all = detail.take().all(page);
                  for (int i = 0; i < all.size(); i++) {
                    JsonNode one = all.get(i);
                    Item item =
                        detail.match().isPresent()
                            ? byKey.get(detail.match().get().string(one))
                            : i < items.size() ? items.get(i) : null;
                    if (item != null) {
                      taken.add(item, one);
                    }
                  }
                  return 0;
                }));
  }

  /** Makes what was taken a part of an item; lists of further pages are added to those before. */
  private static void put(Detail detail, Item item, JsonNode taken) {
    ObjectNode document = item.document();
    if (detail.into().isEmpty()) {
      taken.forEachEntry(document::set);
      return;
    }
    JsonNode value = value(detail, taken);
    if (document.path(detail.into()) instanceof ArrayNode before
        && value instanceof ArrayNode more) {
      more.forEach(before::add);
    } else {
      document.set(detail.into(), value);
    }
  }

  private static JsonNode value(Detail detail, JsonNode taken) {
    return detail.match().isPresent() && detail.into().equals("Tags") && taken.isObject()
        ? tagsWithin(taken)
        : taken;
  }

  /** The tags of an entry that says whose they are. */
  private static JsonNode tagsWithin(JsonNode entry) {
    for (Map.Entry<String, JsonNode> member : entry.properties()) {
      if (member.getKey().toLowerCase(Locale.ROOT).contains("tag")
          && member.getValue().isContainer()) {
        return member.getValue();
      }
    }
    return entry;
  }
}
