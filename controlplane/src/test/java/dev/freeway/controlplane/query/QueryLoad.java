package dev.freeway.controlplane.query;

import dev.freeway.controlplane.ask.Ask;
import dev.freeway.controlplane.ask.Example;
import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What queries cost: fills a store with the demo's estate, again and again with other accounts and
 * ids, and asks all named queries and the examples of {@code ask}. Prints a line for each: its
 * name, its seconds (the best of three) and its rows.
 */
public final class QueryLoad {
  private static final Limits PATIENT = new Limits(Duration.ofMinutes(10), 100_000);
  private static final Pattern ACCOUNT = Pattern.compile("(?<!\\d)(\\d{12})(?!\\d)");
  private static final Pattern ID = Pattern.compile("(-[0-9a-f]{13})[0-9a-f]{4}(?![0-9a-f])");

  private QueryLoad() {}

  /** {@code QueryLoad DATABASE RESOURCES}; a database that is there is asked as it is, with 0. */
  public static void main(String[] arguments) throws IOException {
    StoreAddress address = StoreAddress.parse(arguments[0]);
    int resources = Integer.parseInt(arguments[1]);
    Store store = resources == 0 ? Store.existing(address) : filled(address, resources);
    QueryRunner runner = new QueryRunner(store);
    for (NamedQuery query : NamedQueries.load(List.of()).all()) {
      time(query.name(), () -> runner.run(query, Map.of(), PATIENT));
    }
    Ask ask = Ask.of(Catalog.builtIn(), store, InstantSource.system());
    for (Example example : Example.all()) {
      if (ask.ask(example.question(), Optional.empty())
          instanceof Understanding.Understood understood) {
        time(example.question(), () -> runner.run(understood.sql(), understood.values(), PATIENT));
      }
    }
  }

  private interface Asked {
    Rows rows();
  }

  private static void time(String name, Asked asked) {
    double best = Double.MAX_VALUE;
    Rows rows = new Rows(List.of(), List.of(), Rows.Cut.NONE);
    for (int turn = 0; turn < 3 && (turn == 0 || best < 60); turn++) {
      long start = System.nanoTime();
      rows = asked.rows();
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    System.out.printf(
        Locale.ROOT,
        "%s\t%.3f\t%d%s%n",
        name,
        best,
        rows.rows().size(),
        rows.cut() == Rows.Cut.NONE ? "" : " cut");
  }

  private static Store filled(StoreAddress address, int resources) throws IOException {
    Path demo = Files.createTempDirectory("demo").resolve("demo.db");
    StoreAddress from = new StoreAddress.Sqlite(demo);
    DemoEstate.write(from, new DemoEstate.Size(3, 1, 42), Instant.now());
    List<StoredResource> all;
    try (Stream<StoredResource> stream = Store.existing(from).resources(ResourceFilter.CURRENT)) {
      all = stream.toList();
    }
    Map<String, List<Relation>> relations = new HashMap<>();
    try (Stream<Relation> stream = Store.existing(from).relations()) {
      stream.forEach(
          relation ->
              relations.merge(
                  relation.scope() + " " + relation.from(),
                  List.of(relation),
                  (a, b) -> Stream.concat(a.stream(), b.stream()).toList()));
    }
    Store store = Store.open(address);
    for (int copy = 0; copy * all.size() < resources; copy++) {
      UnaryOperator<String> renamed = renaming(copy);
      for (String account :
          all.stream().map(each -> each.resource().scope().account()).distinct().toList()) {
        try (ScanWriter writer =
            store.begin(
                renamed.apply(account), "", Instant.now(), List.of(), List.of(), List.of())) {
          for (StoredResource each : all) {
            if (each.resource().scope().account().equals(account)) {
              Resource resource = copy(each.resource(), renamed);
              writer.seen(
                  resource,
                  relations
                      .getOrDefault(each.resource().scope() + " " + each.resource().id(), List.of())
                      .stream()
                      .map(
                          relation ->
                              new Relation(
                                  resource.scope(),
                                  resource.id(),
                                  relation.path(),
                                  renamed.apply(relation.target())))
                      .toList());
            }
          }
          writer.finish(Scan.Status.COMPLETE, Instant.now());
        }
      }
    }
    return store;
  }

  private static UnaryOperator<String> renaming(int copy) {
    String hexadecimal = "%04x".formatted(copy);
    return text ->
        ID.matcher(
                ACCOUNT
                    .matcher(text)
                    .replaceAll(
                        account ->
                            "%012d"
                                .formatted(
                                    (Long.parseLong(account.group(1)) + 1_000_000_007L * copy)
                                        % 1_000_000_000_000L)))
            .replaceAll(id -> Matcher.quoteReplacement(id.group(1) + hexadecimal));
  }

  private static Resource copy(Resource resource, UnaryOperator<String> renamed) {
    Scope scope = resource.scope();
    return new Resource(
        new Scope(renamed.apply(scope.account()), scope.service(), scope.region(), scope.type()),
        renamed.apply(resource.id()),
        renamed.apply(resource.arn()),
        resource.name(),
        resource.isDefault(),
        resource.created(),
        renamed.apply(resource.parent()),
        new TreeMap<>(resource.tags()),
        renamed.apply(resource.document()));
  }
}
