package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Random scans, whole, partial, filtered, failing, killed, resumed and at the same time, on a store
 * and on a plain model of it: what they hold as current is the same after each, and so is what was
 * current at every time before.
 */
final class HistoryProperty {
  private static final String OTHER = "210987654321";

  private final Random random;
  private final Clock clock = new Clock();
  private final Store store;
  private final List<Scope> scopes = new ArrayList<>();

  /** What the model holds: by scope and id the document and when somebody last saw it. */
  private record Held(String document, Instant seen) {}

  private final Map<Scope, Map<String, Held>> held = new HashMap<>();

  /** What AWS has. */
  private final Map<Scope, Map<String, String>> real = new HashMap<>();

  private final Map<Instant, Map<String, String>> past = new LinkedHashMap<>();

  private record Killed(long id, Instant begun, boolean filtered, Set<Scope> whole) {}

  private final List<Killed> killed = new ArrayList<>();

  HistoryProperty(StoreAddress address, long seed) {
    random = new Random(seed);
    store = Store.open(address, clock);
    for (String account : List.of(Samples.ACCOUNT, OTHER)) {
      for (String region : List.of("eu-west-1", "us-east-1")) {
        scopes.add(new Scope(account, "ec2", region, "instance"));
        scopes.add(new Scope(account, "s3", region, "bucket"));
      }
      scopes.add(new Scope(account, "iam", Scope.GLOBAL, "user"));
    }
    scopes.forEach(scope -> real.put(scope, new HashMap<>()));
    scopes.forEach(scope -> held.put(scope, new HashMap<>()));
  }

  void run(int scans) throws SQLException {
    // The last connection that closes copies the log into the file; that is most of the time here.
    try (Connection _ = store.reading()) {
      scans(scans);
    }
  }

  private void scans(int scans) {
    for (int i = 0; i < scans; i++) {
      change();
      clock.pass(1 + random.nextInt(100));
      if (random.nextInt(6) == 0) {
        twoAtOnce();
      } else if (!killed.isEmpty() && random.nextInt(3) == 0) {
        Killed before = killed.remove(random.nextInt(killed.size()));
        try (ScanWriter writer = store.resume(before.id())) {
          assertThat(writer.covered()).isEqualTo(before.whole());
          scan(writer, before);
        }
      } else {
        try (ScanWriter writer = begin(account())) {
          scan(writer, begun(writer));
        }
      }
      compare();
    }
    past.forEach(
        (at, expected) -> assertThat(read(ResourceFilter.CURRENT.at(at))).isEqualTo(expected));
    assertThat(store.check()).isEmpty();
  }

  private static <T> Map<String, T> in(Map<Scope, Map<String, T>> all, Scope scope) {
    return all.computeIfAbsent(scope, each -> new HashMap<>());
  }

  private boolean filtered;
  private Instant started = Instant.EPOCH;

  private String account() {
    return random.nextInt(3) == 0 ? OTHER : Samples.ACCOUNT;
  }

  private ScanWriter begin(String account) {
    filtered = random.nextInt(5) == 0;
    started = clock.instant();
    return store.begin(
        account, "", started, List.of(), List.of(), filtered ? List.of("Owner=ann") : List.of());
  }

  private Killed begun(ScanWriter writer) {
    return new Killed(writer.id(), started, filtered, new HashSet<>());
  }

  /** AWS goes on: things appear, change and vanish. */
  private void change() {
    for (Scope scope : scopes) {
      for (int i = 0; i < 3; i++) {
        String id = "r-" + random.nextInt(6);
        if (random.nextInt(3) == 0) {
          in(real, scope).remove(id);
        } else {
          in(real, scope).put(id, "{\"V\":" + random.nextInt(3) + "}");
        }
      }
    }
  }

  /** Lists scopes in any order; of some only a part is seen, some fail, and it may be killed. */
  private void scan(ScanWriter writer, Killed scan) {
    String account = accountOf(scan.id());
    Set<String> globals = new HashSet<>();
    for (Scope scope : shuffled()) {
      if (!scope.account().equals(account) || (random.nextInt(5) == 0)) {
        continue;
      }
      if (random.nextInt(12) == 0) {
        killed.add(scan);
        if (random.nextBoolean()) {
          writer.flush();
        }
        return; // without an end, as by kill -9 after a flush: close undoes nothing and writes
        // nothing
      }
      clock.pass(random.nextInt(3));
      boolean all = list(writer, scan, scope);
      if (scope.service().equals("s3")
          && all
          && globals.add(scope.region())
          && globals.size() == 2) {
        whole(writer, scan, new Scope(account, "s3", Scope.GLOBAL, "bucket"));
      } else if (!scope.service().equals("s3") && all) {
        whole(writer, scan, scope);
      }
    }
    if (random.nextInt(4) == 0) {
      writer.finish(Scan.Status.PARTIAL, clock.instant());
      killed.add(scan);
    } else {
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
  }

  private String accountOf(long id) {
    return store.scans().stream()
        .filter(scan -> scan.id() == id)
        .findFirst()
        .orElseThrow()
        .account();
  }

  private List<Scope> shuffled() {
    List<Scope> order = new ArrayList<>(scopes);
    java.util.Collections.shuffle(order, random);
    return order;
  }

  /** Returns whether the list came whole. */
  private boolean list(ScanWriter writer, Killed scan, Scope scope) {
    boolean all = random.nextInt(4) != 0;
    in(real, scope)
        .forEach(
            (id, document) -> {
              if (all || random.nextBoolean()) {
                writer.seen(resource(scope, id, document), List.of());
                in(held, scope).put(id, new Held(document, clock.instant()));
              }
            });
    writer.flush();
    return all && !scan.filtered();
  }

  private void whole(ScanWriter writer, Killed scan, Scope scope) {
    writer.whole(scope);
    scan.whole().add(scope);
    held.forEach(
        (each, resources) -> {
          boolean within =
              each.equals(scope)
                  || (scope.region().equals(Scope.GLOBAL)
                      && each.account().equals(scope.account())
                      && each.service().equals(scope.service())
                      && each.type().equals(scope.type()));
          if (within) {
            resources.values().removeIf(one -> one.seen().isBefore(scan.begun()));
          }
        });
  }

  /** Two scans of one account, a step of one and a step of the other. */
  private void twoAtOnce() {
    String account = account();
    try (ScanWriter one = begin(account)) {
      Killed first = begun(one);
      clock.pass(1);
      try (ScanWriter two = begin(account)) {
        Killed second = begun(two);
        for (Scope scope : shuffled()) {
          if (!scope.account().equals(account) || scope.service().equals("s3")) {
            continue;
          }
          boolean oneAll = list(one, first, scope);
          change();
          clock.pass(1);
          boolean twoAll = list(two, second, scope);
          if (twoAll) {
            whole(two, second, scope);
          }
          if (oneAll) {
            whole(one, first, scope);
          }
        }
        two.finish(Scan.Status.COMPLETE, clock.instant());
      }
      one.finish(Scan.Status.COMPLETE, clock.instant());
    }
  }

  private void compare() {
    Map<String, String> expected = new TreeMap<>();
    held.forEach(
        (scope, resources) ->
            resources.forEach((id, one) -> expected.put(scope + " " + id, one.document())));
    assertThat(read(ResourceFilter.CURRENT)).isEqualTo(expected);
    past.put(clock.instant(), expected);
    clock.pass(1);
  }

  private Map<String, String> read(ResourceFilter filter) {
    try (Stream<StoredResource> stream = store.resources(filter)) {
      return stream.collect(
          Collectors.toMap(
              stored -> stored.resource().scope() + " " + stored.resource().id(),
              stored -> stored.resource().document(),
              (a, b) -> {
                throw new AssertionError("twice: " + a + " and " + b);
              },
              TreeMap::new));
    }
  }

  private static Resource resource(Scope scope, String id, String document) {
    return new Resource(scope, id, "", id, false, Optional.empty(), "", new TreeMap<>(), document);
  }
}
