package dev.freeway.controlplane.demo;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.collect.Found;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An estate that never was: several accounts of one company, seen by several scans. Nothing in it
 * is of anybody's; documents have the members that AWS's answers have.
 */
public final class DemoEstate {
  static final List<String> ACCOUNTS =
      List.of("111122223333", "444455556666", "777788889999", "123456789012", "999988887777");
  private static final List<String> ALIASES =
      List.of("acme-production", "acme-staging", "acme-development", "acme-data", "acme-sandbox");
  private static final List<String> ENVIRONMENTS =
      List.of("production", "staging", "development", "production", "development");
  private static final List<List<String>> REGIONS =
      List.of(
          List.of("eu-west-1", "us-east-1", "eu-central-1"),
          List.of("eu-west-1", "us-east-1"),
          List.of("eu-west-1", "us-west-2"),
          List.of("us-east-1"),
          List.of("eu-west-1"));

  /** How much is in a region: 10 is usual. */
  private static final List<Integer> SIZES = List.of(30, 20, 16, 12, 8);

  /** What a scan's role may not see, by account. */
  private static final List<Refusal> REFUSALS =
      List.of(
          new Refusal(
              1,
              "secretsmanager",
              "GetResourcePolicy",
              LedgerEntry.Outcome.DENIED,
              "AccessDeniedException",
              "User is not authorized to perform: secretsmanager:GetResourcePolicy"),
          new Refusal(
              1,
              "organizations",
              "ListAccounts",
              LedgerEntry.Outcome.DENIED,
              "AccessDeniedException",
              "You don't have permissions to access this resource."),
          new Refusal(
              2,
              "ce",
              "GetAnomalyMonitors",
              LedgerEntry.Outcome.DENIED,
              "AccessDeniedException",
              "User is not enabled for cost explorer access"),
          new Refusal(
              0,
              "lambda",
              "ListTags",
              LedgerEntry.Outcome.THROTTLED,
              "TooManyRequestsException",
              "Rate exceeded"),
          new Refusal(
              2,
              "qldb",
              "ListLedgers",
              LedgerEntry.Outcome.NOT_HERE,
              "",
              "no endpoint in this region"));

  private record Refusal(
      int account,
      String service,
      String operation,
      LedgerEntry.Outcome outcome,
      String code,
      String message) {}

  private final Map<String, ResourceType> types = new LinkedHashMap<>();
  private final Map<String, List<Draft>> byAccount = new LinkedHashMap<>();
  private final Catalog catalog = Catalog.builtIn();
  private final Size asked;
  private final Instant now;

  /**
   * How much.
   *
   * @param accounts 1 to 5
   * @param scans of each account, 1 to 5
   * @param seed the same makes the same estate at the same time
   */
  public record Size(int accounts, int scans, long seed) {
    /** Three accounts and three scans, seed 42. */
    public static final Size USUAL = new Size(3, 3, 42);

    /** Refuses what is out of range. */
    public Size {
      if (accounts < 1 || accounts > 5 || scans < 1 || scans > 5) {
        throw new IllegalArgumentException(
            accounts + " accounts and " + scans + " scans; expected 1 to 5 of each");
      }
    }
  }

  /** What was written. */
  public record Written(long resources, int scans) {}

  private DemoEstate(Size asked, Instant now) {
    this.asked = asked;
    this.now = now;
    catalog.types().forEach(type -> types.put(type.key(), type));
    for (int i = 0; i < asked.accounts(); i++) {
      account(i);
    }
  }

  /**
   * Makes an estate and writes it into a new inventory, as scans would that ended an hour, a week,
   * two weeks and so on before.
   *
   * @throws dev.freeway.controlplane.store.StoreException when it cannot be written
   */
  public static Written write(StoreAddress address, Size size, Instant now) {
    return new DemoEstate(size, now).write(address);
  }

  static String alias(String account) {
    return ALIASES.get(ACCOUNTS.indexOf(account));
  }

  ResourceType type(String key) {
    ResourceType type = types.get(key);
    if (type == null) {
      throw new IllegalArgumentException("the catalogue has no type " + key);
    }
    return type;
  }

  void add(Draft draft) {
    byAccount.computeIfAbsent(draft.site().account(), account -> new ArrayList<>()).add(draft);
  }

  /** What was made in an account of a type, so far. */
  List<Draft> all(String account, String type) {
    return byAccount.getOrDefault(account, List.of()).stream()
        .filter(draft -> draft.type().key().equals(type))
        .toList();
  }

  private Site site(int account, String region) {
    return new Site(
        this,
        ACCOUNTS.get(account),
        ENVIRONMENTS.get(account),
        region,
        region.equals("eu-west-1") ? SIZES.get(account) : SIZES.get(account) / 2,
        new Dice(asked.seed() * 31 + account * 7L + region.hashCode(), now));
  }

  private void account(int account) {
    Site global = site(account, "us-east-1");
    Security.identities(global);
    Storage.account(global);
    for (String region : REGIONS.get(account)) {
      Site site = site(account, region);
      Security.keys(site);
      Networks.build(site);
      Machines.build(site);
      Balancers.build(site);
      Security.protect(site);
      Databases.build(site);
      Storage.build(site);
      Applications.build(site);
      Delivery.build(site);
    }
    Delivery.global(global);
  }

  private Written write(StoreAddress address) {
    Clock clock = new Clock();
    Store store = Store.open(address, clock::at);
    long resources = 0;
    for (int scansAgo = asked.scans() - 1; scansAgo >= 0; scansAgo--) {
      Instant at = now.minus(Duration.ofHours(1)).minus(Duration.ofDays(7L * scansAgo));
      for (int account = 0; account < asked.accounts(); account++) {
        clock.now = at.plusSeconds(account * 300L);
        resources = (account == 0 ? 0 : resources) + scan(store, clock, account, scansAgo);
      }
    }
    return new Written(resources, asked.scans() * asked.accounts());
  }

  private static final class Clock {
    private Instant now = Instant.EPOCH;

    Instant at() {
      return now;
    }
  }

  private long scan(Store store, Clock clock, int account, int scansAgo) {
    String id = ACCOUNTS.get(account);
    Instant begun = clock.now;
    Map<String, Found> seen = new LinkedHashMap<>();
    Map<String, Integer> lists = new TreeMap<>();
    for (Draft draft : byAccount.getOrDefault(id, List.of())) {
      Optional<Found> found = draft.seenBy(scansAgo, begun);
      found.ifPresent(
          there -> {
            Resource resource = there.resource();
            seen.putIfAbsent(resource.scope() + "\n" + resource.id(), there);
            lists.merge(
                draft.type().service()
                    + " "
                    + resource.scope().region()
                    + " "
                    + draft.type().operation(),
                1,
                Integer::sum);
          });
    }
    List<String> regions = REGIONS.get(account);
    try (ScanWriter writer =
        store.begin(
            id,
            alias(id),
            begun,
            regions,
            catalog.services().stream().map(CatalogService::label).toList(),
            List.of())) {
      seen.values()
          .forEach(found -> writer.seen(found.resource(), found.relations(), found.lasting()::of));
      clock.now = begun.plusSeconds(95);
      writer.flush();
      writer.whole(whole(account));
      boolean refused = ledger(writer, account, lists);
      writer.finish(refused ? Scan.Status.PARTIAL : Scan.Status.COMPLETE, begun.plusSeconds(97));
    }
    return seen.size();
  }

  /** Everything but what was refused was asked for, wherever it can be. */
  private List<Scope> whole(int account) {
    List<Scope> scopes = new ArrayList<>();
    for (ResourceType type : catalog.types()) {
      boolean refused =
          REFUSALS.stream()
              .anyMatch(
                  refusal ->
                      refusal.account() == account
                          && refusal.outcome().hides()
                          && refusal.service().equals(type.service())
                          && refusal.operation().equals(type.operation()));
      if (!refused) {
        regions(type, account)
            .forEach(
                region ->
                    scopes.add(
                        new Scope(ACCOUNTS.get(account), type.service(), region, type.name())));
      }
    }
    return scopes;
  }

  private static List<String> regions(ResourceType type, int account) {
    ListScope scope = type.scope();
    return scope.kind() == ListScope.Kind.GLOBAL
        ? List.of(Scope.GLOBAL)
        : REGIONS.get(account).stream()
            .filter(region -> scope.regions().isEmpty() || scope.regions().contains(region))
            .toList();
  }

  private static boolean ledger(ScanWriter writer, int account, Map<String, Integer> lists) {
    lists.forEach(
        (key, items) -> {
          String[] parts = key.split(" ", -1);
          long pages = Math.max(1, items / 100);
          writer.called(
              new LedgerEntry(
                  ACCOUNTS.get(account),
                  parts[1],
                  parts[0],
                  parts[2],
                  pages,
                  pages,
                  items,
                  0,
                  Duration.ofMillis(90 * pages),
                  LedgerEntry.Outcome.OK,
                  "",
                  ""));
        });
    boolean refused = false;
    for (Refusal refusal : REFUSALS) {
      if (refusal.account() == account) {
        refused |= refusal.outcome().hides();
        writer.called(
            new LedgerEntry(
                ACCOUNTS.get(account),
                REGIONS.get(account).getFirst(),
                refusal.service(),
                refusal.operation(),
                3,
                0,
                0,
                refusal.outcome() == LedgerEntry.Outcome.THROTTLED ? 12 : 0,
                Duration.ofMillis(400),
                refusal.outcome(),
                refusal.code(),
                refusal.message()));
      }
    }
    return refused;
  }
}
