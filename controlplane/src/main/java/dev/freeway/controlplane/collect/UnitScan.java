package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Condition;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.Lasting;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.catalog.Template;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One service in one region: its lists, then what each item needs further, then the lists of what
 * belongs to the items. Types are taken level by level, calls of a level side by side.
 */
final class UnitScan {
  /** How many resources without tags are asked before the tagging API is believed. */
  private static final int SAMPLE = 5;

  /** Of how many resources the last versions are in memory at once. */
  private static final int CARRIED = 1_000;

  private static final JsonMapper JSON = new JsonMapper();

  private final ScanRequest request;
  private final CatalogService service;
  private final String region;
  private final boolean global;
  private final Caller caller;
  private final BulkTags bulk;
  private final ScanWriter writer;
  private final ExecutorService threads;
  private final Map<String, List<Item>> found = new ConcurrentHashMap<>();
  private final Set<String> notWhole = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean hidden = new AtomicBoolean();

  /** Answers of details that are a list's of another type too, such as DynamoDB's DescribeTable. */
  private final Map<Asked, List<ObjectNode>> answers = new ConcurrentHashMap<>();

  /** What types of the service that belong to others are listed by. */
  private final Set<OperationKey> lists;

  private long seen;

  /** What was asked. */
  private record Asked(String sdk, String operation, String region, Map<String, Object> input) {}

  /** Types that share a list. */
  private record Listing(
      String sdk,
      String operation,
      Map<String, Object> with,
      Map<String, Object> each,
      List<String> parents,
      Optional<Condition> when,
      List<String> after) {

    /** The input of each call. */
    List<Map<String, Object>> inputs() {
      List<Map<String, Object>> inputs = List.of(with);
      for (Map.Entry<String, Object> member : each.entrySet()) {
        List<Map<String, Object>> more = new ArrayList<>();
        for (Object value : (List<?>) member.getValue()) {
          for (Map<String, Object> input : inputs) {
            Map<String, Object> longer = new LinkedHashMap<>(input);
            longer.put(member.getKey(), value);
            more.add(longer);
          }
        }
        inputs = more;
      }
      return inputs;
    }
  }

  UnitScan(
      ScanRequest request,
      CatalogService service,
      String region,
      boolean global,
      Caller caller,
      BulkTags bulk,
      ScanWriter writer,
      ExecutorService threads) {
    this.request = request;
    this.service = service;
    this.region = region;
    this.global = global;
    this.caller = caller;
    this.bulk = bulk;
    this.writer = writer;
    this.threads = threads;
    this.lists =
        service.types().stream()
            .filter(type -> !type.parents().isEmpty())
            .map(type -> new OperationKey(type.sdk(), type.operation()))
            .collect(Collectors.toSet());
  }

  /** Whether something may have gone unseen. */
  boolean hidden() {
    return hidden.get();
  }

  /** Scans and says how many resources were seen. */
  long run() throws InterruptedException {
    Map<String, Integer> levels = new HashMap<>();
    Map<Integer, Map<Listing, List<ResourceType>>> byLevel = new TreeMap<>();
    for (ResourceType type : service.types()) {
      int level =
          Stream.concat(type.parents().stream(), type.after().stream())
              .mapToInt(parent -> levels.getOrDefault(parent, 0) + 1)
              .max()
              .orElse(0);
      levels.put(type.name(), level);
      byLevel
          .computeIfAbsent(level, _ -> new LinkedHashMap<>())
          .computeIfAbsent(
              new Listing(
                  type.sdk(),
                  type.operation(),
                  type.with(),
                  type.each(),
                  type.parents(),
                  type.when(),
                  type.after()),
              _ -> new ArrayList<>())
          .add(type);
    }
    for (Map<Listing, List<ResourceType>> level : byLevel.values()) {
      List<Callable<Void>> lists = new ArrayList<>();
      level.forEach((listing, types) -> lists.addAll(lists(listing, types)));
      together(lists);
      for (List<ResourceType> types : level.values()) {
        for (ResourceType type : types) {
          complete(type);
        }
      }
    }
    return seen;
  }

  private void together(Collection<Callable<Void>> calls) throws InterruptedException {
    if (calls.size() == 1) {
      try {
        calls.iterator().next().call();
      } catch (InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      return;
    }
    List<Future<Void>> running = new ArrayList<>();
    for (Callable<Void> call : calls) {
      running.add(threads.submit(call));
    }
    for (Future<Void> call : running) {
      try {
        call.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException thrown
            ? thrown
            : new IllegalStateException("a call broke", e.getCause());
      }
    }
  }

  /** The calls of a list: one, or one for each parent. */
  private List<Callable<Void>> lists(Listing listing, List<ResourceType> types) {
    List<Callable<Void>> calls = new ArrayList<>();
    List<@Nullable Item> parents = new ArrayList<>();
    if (listing.parents.isEmpty()
        && (listing.after.isEmpty() || listing.after.stream().anyMatch(found::containsKey))) {
      parents.add(null);
    }
    if (listing.after.stream().anyMatch(notWhole::contains)) {
      types.forEach(type -> notWhole.add(type.name()));
    }
    for (String parent : listing.parents) {
      if (notWhole.contains(parent)) {
        types.forEach(type -> notWhole.add(type.name()));
      }
      found.getOrDefault(parent, List.of()).stream()
          .filter(item -> listing.when.map(when -> when.holds(item.document())).orElse(true))
          .forEach(parents::add);
    }
    if (!request.extras() && types.stream().allMatch(ResourceType::extra)) {
      types.forEach(type -> notWhole.add(type.name()));
      leftOut(listing.sdk, listing.operation, parents.size() * listing.inputs().size());
      return List.of();
    }
    for (Item parent : parents) {
      for (Map<String, Object> with : listing.inputs()) {
        calls.add(
            () -> {
              list(listing, with, types, parent);
              return null;
            });
      }
    }
    return calls;
  }

  private void list(
      Listing listing, Map<String, Object> with, List<ResourceType> types, @Nullable Item parent) {
    ServiceModel model = ServiceModel.of(listing.sdk);
    String asked = parent == null ? region : parent.region();
    Template.Values values =
        parent == null ? Template.of(none(), none(), variables()) : new Child(parent);
    Optional<Map<String, Object>> input = Item.input(with, values);
    if (input.isEmpty()) {
      return;
    }
    List<ObjectNode> before =
        answers.get(new Asked(listing.sdk, listing.operation, asked, input.get()));
    if (before != null) {
      before.forEach(page -> take(types, parent, asked, page));
      return;
    }
    Caller.Ended ended =
        caller.call(
            new Caller.Call(
                service.label(),
                model,
                model.operation(listing.operation),
                asked,
                input.get(),
                types.getFirst().page(),
                types.getFirst().absent()),
            page -> take(types, parent, asked, page));
    if (!whole(ended)) {
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
        if (type.where().map(where -> where.holds(item.document())).orElse(true)) {
          found
              .computeIfAbsent(
                  type.name(), _ -> java.util.Collections.synchronizedList(new ArrayList<>()))
              .add(item);
          items++;
        }
      }
    }
    return items;
  }

  /** Whether a type is listed by the same call, which is made in any case. */
  private boolean isList(Detail detail) {
    return lists.contains(new OperationKey(detail.sdk(), detail.operation()));
  }

  private void skipped(Detail detail, int calls) {
    hidden.set(true);
    caller.skipped(
        service.label(),
        ServiceModel.of(detail.sdk()).operation(detail.operation()).awsName(),
        region,
        calls,
        request.details());
  }

  private void leftOut(String sdk, String operation, int calls) {
    if (calls > 0) {
      String name = ServiceModel.of(sdk).operation(operation).awsName();
      caller.leftOut(service.label(), name, calls);
    }
  }

  private boolean whole(Caller.Ended ended) {
    return switch (ended) {
      case Caller.Ended.Whole _, Caller.Ended.Absent _ -> true;
      case Caller.Ended.Refused refused -> {
        if (refused.outcome().hides()) {
          hidden.set(true);
        }
        yield false;
      }
    };
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

  /** Adds details to a type's items and hands them on as resources. */
  private void complete(ResourceType type) throws InterruptedException {
    List<Item> items = found.getOrDefault(type.name(), List.of());
    Map<Item, SortedMap<String, String>> tags = new ConcurrentHashMap<>();
    for (Detail detail : type.details()) {
      List<Item> asked = new ArrayList<>();
      for (Item item : items) {
        if (detail.when().map(when -> when.holds(item.document())).orElse(true)) {
          asked.add(item);
        }
      }
      if (detail.extra() && !request.extras()) {
        leftOut(detail.sdk(), detail.operation(), asked.size());
        asked.forEach(item -> item.refused(detail));
      } else if (detail.bulk()) {
        inBulk(detail, asked, tags);
      } else {
        ask(detail, asked);
      }
    }
    carry(type, items.stream().filter(item -> !item.refused().isEmpty()).toList(), tags);
    Set<String> ids = new HashSet<>();
    for (Item item : items) {
      hand(type, item, tags, ids);
    }
    boolean whole = !notWhole.contains(type.name()) && !caller.stopped();
    if (whole) { // whether that makes anything go is the writer's to know
      request.scopes(type, region, global).forEach(writer::whole);
    }
    writer.flush();
  }

  /**
   * What a call that was refused or left out would have given is what it gave last, as far as
   * anybody knows: the resource did not change because somebody may not look. The document says
   * which members these are.
   */
  private void carry(
      ResourceType type, List<Item> refused, Map<Item, SortedMap<String, String>> tags) {
    for (int from = 0; from < refused.size(); from += CARRIED) {
      Map<String, List<Item>> byRegion = new HashMap<>();
      for (Item item : refused.subList(from, Math.min(refused.size(), from + CARRIED))) {
        byRegion.computeIfAbsent(item.column(global), _ -> new ArrayList<>()).add(item);
      }
      byRegion.forEach(
          (where, items) -> {
            Scope scope = new Scope(request.account(), type.service(), where, type.name());
            Map<String, Version> last = writer.last(scope, items.stream().map(Item::id).toList());
            for (Item item : items) {
              carry(type, item, Optional.ofNullable(last.get(item.id())), tags);
            }
          });
    }
  }

  private static void carry(
      ResourceType type,
      Item item,
      Optional<Version> last,
      Map<Item, SortedMap<String, String>> tags) {
    ObjectNode document = item.document();
    Set<String> names = new TreeSet<>();
    for (Detail detail : item.refused()) {
      List<String> its = detail.into().isEmpty() ? members(detail) : List.of(detail.into());
      its.stream().filter(name -> !detail.extra() || !document.has(name)).forEach(names::add);
    }
    last.ifPresent(
        version -> {
          JsonNode before = JSON.readTree(version.document());
          for (String name : names) {
            // Of more pages than were read, the first ones are no answer.
            if (before.has(name)) {
              document.set(name, before.get(name));
            }
          }
          if (!type.tags().steps().isEmpty() && names.contains(type.tags().steps().getFirst())) {
            tags.put(item, version.tags());
          }
        });
    names.forEach(document.putArray(Lasting.NOT_SEEN)::add);
  }

  private static List<String> members(Detail detail) {
    ServiceModel model = ServiceModel.of(detail.sdk());
    Member taken = detail.take().in(model, model.operation(detail.operation()).output());
    return model.shape(taken.structure()).members().stream().map(Member::name).toList();
  }

  private void inBulk(Detail detail, List<Item> items, Map<Item, SortedMap<String, String>> tags)
      throws InterruptedException {
    if (items.isEmpty()) {
      return;
    }
    Optional<BulkTags.Known> known = bulk.of(region);
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
    if (known.isEmpty() || unknown.size() <= SAMPLE) {
      ask(detail, unknown);
      return;
    }
    List<Item> sample = unknown.subList(0, SAMPLE);
    ask(detail, sample);
    boolean tagged =
        sample.stream()
            .anyMatch(item -> !Documents.tags(item.document().path(detail.into())).isEmpty());
    if (tagged) {
      ask(detail, unknown.subList(SAMPLE, unknown.size()));
    }
  }

  private void ask(Detail detail, List<Item> items) throws InterruptedException {
    List<Callable<Void>> calls = new ArrayList<>();
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
              calls.add(
                  () -> {
                    batch(detail, batch, some);
                    return null;
                  });
            }
          });
    } else if (items.size() > request.details() && !isList(detail)) {
      skipped(detail, items.size());
      items.forEach(item -> item.refused(detail));
    } else {
      for (Item item : items) {
        calls.add(
            () -> {
              one(detail, item);
              return null;
            });
      }
    }
    if (!calls.isEmpty()) {
      together(calls);
    }
  }

  private static String asked(Detail detail, Item item) {
    return detail.region().flatMap(where -> where.fill(item)).orElseGet(item::region);
  }

  private void one(Detail detail, Item item) {
    boolean again = isList(detail);
    List<ObjectNode> pages = new ArrayList<>();
    item.input(detail.with())
        .ifPresent(
            input -> {
              String where = asked(detail, item);
              Caller.Ended ended =
                  caller.call(
                      call(detail, where, input),
                      page -> {
                        if (again) {
                          pages.add(page.deepCopy());
                        }
                        detail.take().all(page).forEach(taken -> add(detail, item, taken));
                        return 0;
                      });
              taken(detail, List.of(item), ended);
              if (again && ended instanceof Caller.Ended.Whole && !pages.isEmpty()) {
                answers.put(new Asked(detail.sdk(), detail.operation(), where, input), pages);
              }
            });
  }

  private void taken(Detail detail, List<Item> items, Caller.Ended ended) {
    whole(ended);
    if (ended instanceof Caller.Ended.Refused refused && refused.outcome().hides()) {
      items.forEach(item -> item.refused(detail));
    }
  }

  private Caller.Call call(Detail detail, String where, Map<String, Object> input) {
    ServiceModel model = ServiceModel.of(detail.sdk());
    return new Caller.Call(
        service.label(),
        model,
        model.operation(detail.operation()),
        where,
        input,
        Optional.empty(),
        detail.absent());
  }

  /** What items of one call share: where it is asked, and the input besides their list. */
  private record Batch(String where, Map<String, Object> rest) {}

  private static boolean isList(Object value) {
    return value instanceof List<?> places && String.valueOf(places.getFirst()).contains("{");
  }

  private static Map<String, Object> rest(Detail detail) {
    Map<String, Object> rest = new LinkedHashMap<>(detail.with());
    rest.values().removeIf(UnitScan::isList);
    return rest;
  }

  private void batch(Detail detail, Batch batch, List<Item> items) {
    Map<String, Item> byKey = new LinkedHashMap<>();
    for (Item item : items) {
      detail.key().fill(item).ifPresent(key -> byKey.put(key, item));
    }
    Map<String, Object> input = new LinkedHashMap<>(batch.rest);
    detail
        .with()
        .forEach(
            (name, value) -> {
              if (isList(value)) {
                input.put(name, List.copyOf(byKey.keySet()));
              }
            });
    if (byKey.isEmpty()) {
      return;
    }
    taken(
        detail,
        items,
        caller.call(
            call(detail, batch.where, input),
            page -> {
              List<JsonNode> taken = detail.take().all(page);
              for (int i = 0; i < taken.size(); i++) {
                JsonNode one = taken.get(i);
                Item item =
                    detail.match().isPresent()
                        ? byKey.get(detail.match().get().string(one))
                        : i < items.size() ? items.get(i) : null;
                if (item != null) {
                  add(detail, item, one);
                }
              }
              return 0;
            }));
  }

  /** Makes what was taken a part of an item; lists of further pages are added to those before. */
  private static void add(Detail detail, Item item, JsonNode taken) {
    ObjectNode document = item.document();
    synchronized (document) {
      if (detail.into().isEmpty()) {
        taken.forEachEntry(document::set);
        return;
      }
      JsonNode value = taken;
      if (detail.match().isPresent() && detail.into().equals("Tags") && taken.isObject()) {
        value = tagsWithin(taken);
      }
      if (document.path(detail.into()) instanceof ArrayNode before
          && value instanceof ArrayNode more) {
        more.forEach(before::add);
      } else {
        document.set(detail.into(), value);
      }
    }
  }

  /** The tags of an entry that says whose they are. */
  private static JsonNode tagsWithin(JsonNode entry) {
    for (Map.Entry<String, JsonNode> member : entry.properties()) {
      if (member.getKey().toLowerCase(java.util.Locale.ROOT).contains("tag")
          && member.getValue().isContainer()) {
        return member.getValue();
      }
    }
    return entry;
  }

  private void hand(
      ResourceType type,
      Item item,
      Map<Item, SortedMap<String, String>> bulkTags,
      Set<String> ids) {
    String id = item.id();
    String where = item.column(global);
    if (id.isEmpty()) {
      notWhole.add(type.name());
      hidden.set(true);
      caller.unread(
          service.label(),
          ServiceModel.of(type.sdk()).operation(type.operation()).awsName(),
          item.region(),
          "a " + type.name() + " came without what makes its id: " + type.id());
      return;
    }
    if (!ids.add(where + "\n" + id)
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
    seen++;
  }

  private boolean asked(SortedMap<String, String> tags) {
    return request.tags().entrySet().stream()
        .allMatch(
            entry ->
                entry.getValue().contains(tags.getOrDefault(entry.getKey(), ""))
                    && tags.containsKey(entry.getKey()));
  }
}
