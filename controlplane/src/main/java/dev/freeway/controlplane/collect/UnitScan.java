package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.catalog.Template;
import dev.freeway.controlplane.store.ScanWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One service in one region: its lists, then what each item needs further, then the lists of what
 * belongs to the items. A list begins when the types that it is made of are known; all else goes
 * side by side. What has no part in anything further is handed on page by page, so that a list may
 * be longer than memory.
 */
final class UnitScan {
  private final UnitCalls calls;
  private final ScanRequest request;
  private final String region;
  private final Caller caller;
  private final CatalogService service;
  private final boolean global;
  private final ScanWriter writer;
  private final WholeScopes wholes;
  private final DetailCalls details;
  private final Map<Listing, List<ResourceType>> listings;

  /** Types that lists are made of. */
  private final Set<String> needed;

  private final Map<String, List<Item>> found = new ConcurrentHashMap<>();

  /** What was handed on, by type: regions and ids. */
  private final Map<String, Set<String>> handed = new ConcurrentHashMap<>();

  private final Set<String> notWhole = ConcurrentHashMap.newKeySet();
  private final LongAdder seen = new LongAdder();

  /**
   * A part of a scan.
   *
   * @param service and no more of its types than are asked here
   * @param global whether it is asked here for all regions
   */
  UnitScan(
      UnitCalls calls,
      CatalogService service,
      boolean global,
      BulkTags bulk,
      ScanWriter writer,
      WholeScopes wholes) {
    this.calls = calls;
    this.request = calls.request();
    this.region = calls.region();
    this.caller = calls.caller();
    this.service = service;
    this.global = global;
    this.writer = writer;
    this.wholes = wholes;
    this.details = new DetailCalls(calls, bulk, service.types());
    this.listings = Listing.all(service.types());
    this.needed =
        listings.keySet().stream()
            .flatMap(listing -> listing.needs().stream())
            .collect(Collectors.toSet());
  }

  /** Whether something may have gone unseen. */
  boolean hidden() {
    return calls.hidden().get();
  }

  /** Scans and says how many resources were seen. */
  long run() throws InterruptedException {
    ExecutorService threads = calls.threads();
    Map<String, CompletableFuture<Void>> known = new HashMap<>();
    listings.forEach(
        (listing, types) -> {
          CompletableFuture<?>[] before =
              listing.needs().stream()
                  .map(known::get)
                  .filter(Objects::nonNull)
                  .toArray(CompletableFuture[]::new);
          CompletableFuture<Void> done =
              CompletableFuture.allOf(before).thenRunAsync(() -> scan(listing, types), threads);
          types.forEach(type -> known.put(type.name(), done));
        });
    try {
      CompletableFuture.allOf(known.values().toArray(CompletableFuture[]::new)).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException thrown
          ? thrown
          : new IllegalStateException("a list broke", e.getCause());
    }
    return seen.sum();
  }

  /** A list, and everything of the types that are in it. */
  private void scan(Listing listing, List<ResourceType> types) {
    try {
      calls.together(lists(listing, types));
      List<Callable<Void>> completions = new ArrayList<>();
      for (ResourceType type : types) {
        completions.add(
            () -> {
              complete(type);
              return null;
            });
      }
      calls.together(completions);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (RuntimeException e) {
      caller.stop(); // the store is full, or gone: nothing more is to be asked
      throw e;
    }
  }

  /** The calls of a list: one, or one for each parent. */
  private List<Callable<Void>> lists(Listing listing, List<ResourceType> types) {
    List<Callable<Void>> asked = new ArrayList<>();
    List<@Nullable Item> parents = new ArrayList<>();
    if (listing.parents().isEmpty()
        && (listing.after().isEmpty() || listing.after().stream().anyMatch(found::containsKey))) {
      parents.add(null);
    }
    if (listing.after().stream().anyMatch(notWhole::contains)) {
      types.forEach(type -> notWhole.add(type.name()));
    }
    for (String parent : listing.parents()) {
      if (notWhole.contains(parent)) {
        types.forEach(type -> notWhole.add(type.name()));
      }
      found.getOrDefault(parent, List.of()).stream()
          .filter(item -> listing.when().map(when -> when.holds(item.document())).orElse(true))
          .forEach(parents::add);
    }
    if (!request.extras() && types.stream().allMatch(ResourceType::extra)) {
      types.forEach(type -> notWhole.add(type.name()));
      calls.leftOut(listing.sdk(), listing.operation(), parents.size() * listing.inputs().size());
      return List.of();
    }
    for (Item parent : parents) {
      for (Map<String, Object> with : listing.inputs()) {
        asked.add(
            () -> {
              list(listing, with, types, parent);
              return null;
            });
      }
    }
    return asked;
  }

  private void list(
      Listing listing, Map<String, Object> with, List<ResourceType> types, @Nullable Item parent) {
    ServiceModel model = ServiceModel.of(listing.sdk());
    String asked = parent == null ? region : parent.region();
    Template.Values values =
        parent == null ? Template.of(none(), none(), variables()) : new Child(parent);
    Optional<Map<String, Object>> input = Item.input(with, values);
    if (input.isEmpty()) {
      return;
    }
    Caller.Ended ended =
        calls
            .answers()
            .call(
                new Caller.Call(
                    service.label(),
                    model,
                    model.operation(listing.operation()),
                    asked,
                    input.get(),
                    types.getFirst().page(),
                    types.getFirst().absent()),
                page -> take(types, parent, asked, page));
    if (!calls.whole(ended)) {
      types.forEach(type -> notWhole.add(type.name()));
    }
  }

  /** Takes in a page of a list; returns how many items it had. */
  private long take(
      List<ResourceType> types, @Nullable Item parent, String asked, ObjectNode page) {
    long items = 0;
    for (ResourceType type : types) {
      for (JsonNode one : type.items().all(page)) {
        Item item = new Item(type, one, parent, request.account(), request.partition(), asked);
        if (!type.where().map(where -> where.holds(item.document())).orElse(true)) {
          continue;
        }
        items++;
        if (isWhole(type)) {
          hand(type, item, Map.of());
        } else {
          found
              .computeIfAbsent(
                  type.name(), _ -> java.util.Collections.synchronizedList(new ArrayList<>()))
              .add(item);
        }
      }
    }
    return items;
  }

  /**
   * Whether items are all that there is to know as a list has them, and no other list needs them.
   */
  private boolean isWhole(ResourceType type) {
    return type.details().isEmpty() && !needed.contains(type.name());
  }

  private static JsonNode none() {
    return JsonNodeFactory.instance.objectNode();
  }

  private Map<String, String> variables() {
    return Map.of("account", request.account(), "partition", request.partition(), "region", region);
  }

  /** What a list of an item's own is asked with. */
  private record Child(Item parentItem) implements Template.Values {
    @Override
    public String variable(String name) {
      return parentItem.variable(name);
    }

    @Override
    public JsonNode item() {
      return parentItem.document();
    }

    @Override
    public JsonNode parent() {
      return parentItem.document();
    }
  }

  /**
   * A type's items, each once, though several lists may have it: so that it is asked further once.
   */
  private List<Item> once(ResourceType type) {
    List<Item> items = found.getOrDefault(type.name(), List.of());
    if (type.region().isPresent()) { // which it is may be known only later
      return items;
    }
    Set<String> ids = new HashSet<>();
    List<Item> distinct =
        items.stream()
            .filter(item -> item.id().isEmpty() || ids.add(item.column(global) + "\n" + item.id()))
            .toList();
    found.computeIfPresent(type.name(), (_, _) -> distinct);
    return distinct;
  }

  /** Adds details to a type's items and hands them on as resources. */
  private void complete(ResourceType type) throws InterruptedException {
    List<Item> items = once(type);
    Map<Item, SortedMap<String, String>> tags = new ConcurrentHashMap<>();
    details.add(type, items, tags);
    List<Item> refused = items.stream().filter(item -> !item.refused().isEmpty()).toList();
    Carry.into(type, refused, request.account(), global, writer, tags);
    for (Item item : items) {
      hand(type, item, tags);
    }
    if (!notWhole.contains(type.name()) && !caller.stopped()) {
      wholes.add(request.scopes(type, region, global));
    }
  }

  private void hand(ResourceType type, Item item, Map<Item, SortedMap<String, String>> bulkTags) {
    String id = item.id();
    String where = item.column(global);
    if (id.isEmpty()) {
      notWhole.add(type.name());
      calls.hide();
      caller.unread(
          service.label(),
          ServiceModel.of(type.sdk()).operation(type.operation()).awsName(),
          item.region(),
          "a " + type.name() + " came without what makes its id: " + type.id());
      return;
    }
    Set<String> before = handed.computeIfAbsent(type.name(), _ -> ConcurrentHashMap.newKeySet());
    if (!before.add(where + "\n" + id)
        || (global
            && type.region().isPresent()
            && !request.global()
            && !request.regions().contains(where))) {
      return;
    }
    ObjectNode document = item.document();
    SortedMap<String, String> tags =
        bulkTags.containsKey(item)
            ? bulkTags.get(item)
            : type.tags().steps().isEmpty()
                ? new TreeMap<>()
                : type.tags().first(document).map(Documents::tags).orElseGet(TreeMap::new);
    boolean isDefault = type.isDefault().map(rule -> rule.holds(document)).orElse(false);
    if ((isDefault && !request.withDefaults()) || !asked(tags)) {
      return;
    }
    Found found = Found.of(item, request.account(), where, tags, isDefault);
    writer.seen(found.resource(), found.relations(), found.lasting()::of);
    seen.increment();
  }

  private boolean asked(SortedMap<String, String> tags) {
    return request.tags().entrySet().stream()
        .allMatch(
            entry ->
                entry.getValue().contains(tags.getOrDefault(entry.getKey(), ""))
                    && tags.containsKey(entry.getKey()));
  }
}
