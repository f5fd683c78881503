package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.Member;
import dev.freeway.controlplane.aws.Operation;
import dev.freeway.controlplane.aws.Pagination;
import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.fake.Asked;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.FakeAws;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Samples;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * An estate over many services, of which a part cannot be seen: nothing else is lost, nothing is
 * said to be gone that was not looked for, and the ledger adds up.
 */
class PartialScanTest {
  private static final String[] REGIONS = {"eu-west-1", "us-east-1"};

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  /** What one resource is: not how it looks. */
  private record Key(Scope scope, String id) {
    static Set<Key> of(Recorder seen) {
      Set<Key> keys = new HashSet<>();
      for (Resource one : seen.resources()) {
        keys.add(new Key(one.scope(), one.id()));
      }
      return keys;
    }
  }

  /** Each list of these services has the same few items in every region, in two pages. */
  private void fill(List<CatalogService> services, int count) {
    for (CatalogService service : services) {
      for (ResourceType type : service.types()) {
        String name = type.sdk() + ":" + type.operation();
        ServiceModel model = ServiceModel.of(type.sdk());
        String path = type.items().text();
        if (path.contains("[]") && !path.contains("*")) {
          Member item = type.items().in(model, model.operation(type.operation()).output());
          rehearsal
              .aws()
              .pageSize(name, count - 1)
              .estate()
              .clear(name)
              .items(Estate.ANY, name, path, Samples.items(model, item, count));
        } else {
          answer(type.sdk(), type.operation());
        }
      }
    }
  }

  private void answer(String module, String name) {
    ServiceModel model = ServiceModel.of(module);
    Operation operation = model.operation(name);
    ObjectNode answer = Samples.answer(model, operation);
    Pagination.of(model, operation).ifPresent(page -> page.without(answer));
    answer.remove("IsTruncated"); // it is all
    rehearsal.aws().estate().clear(module + ":" + name);
    rehearsal.aws().estate().answer(Estate.ANY, module + ":" + name, Map.of(), answer);
  }

  private static List<CatalogService> every(int nth, int from) {
    List<CatalogService> all = Catalog.builtIn().services();
    return all.stream().filter(one -> all.indexOf(one) % nth == from).toList();
  }

  private Recorder scan(List<CatalogService> services) throws InterruptedException {
    rehearsal.aws().forget();
    return rehearsal.scan(Rehearsal.request(services, Map.of(), true, REGIONS), new Recorder());
  }

  /** AWS writes DescribeACLs where the SDK has DescribeAcLs. */
  private static String lower(String operation) {
    return operation.toLowerCase(Locale.ROOT);
  }

  private void addsUp(Recorder seen) {
    long calls = seen.ledger().stream().mapToLong(LedgerEntry::calls).sum();
    long retries = seen.ledger().stream().mapToLong(LedgerEntry::retries).sum();
    assertThat(calls + retries).isEqualTo(rehearsal.aws().requests());
    Map<String, Long> byOperation = new HashMap<>();
    for (LedgerEntry entry : seen.ledger()) {
      byOperation.merge(lower(entry.operation()), entry.calls() + entry.retries(), Long::sum);
    }
    Map<String, Long> served = new HashMap<>();
    rehearsal
        .aws()
        .byOperation()
        .forEach(
            (name, count) ->
                served.merge(lower(name.substring(name.indexOf(':') + 1)), count, Long::sum));
    assertThat(byOperation).isEqualTo(served);
  }

  /** Operations in a region of which a request was never answered well, in spite of retries. */
  private static Set<String> failed(List<FakeAws.Served> served) {
    Map<String, Boolean> well = new HashMap<>();
    Map<String, Asked> asked = new HashMap<>();
    for (FakeAws.Served one : served) {
      well.merge(one.asked().key(), one.well(), Boolean::logicalOr);
      asked.put(one.asked().key(), one.asked());
    }
    return well.entrySet().stream()
        .filter(one -> !one.getValue())
        .map(one -> asked.get(one.getKey()))
        .map(one -> one.name() + " " + one.region())
        .collect(Collectors.toSet());
  }

  /** Whether every list that a type's resources come from was answered, its parents' too. */
  private static boolean answered(
      CatalogService service, ResourceType type, String region, Set<String> failed) {
    String asked =
        type.scope().kind() == ListScope.Kind.GLOBAL
            ? type.scope().regions().stream().findFirst().orElse("us-east-1")
            : region;
    return !failed.contains(type.sdk() + ":" + type.operation() + " " + asked)
        && service.types().stream()
            .filter(
                other ->
                    type.parents().contains(other.name()) || type.after().contains(other.name()))
            .allMatch(parent -> answered(service, parent, region, failed));
  }

  private static Set<Scope> answered(
      List<CatalogService> services, Set<Scope> wholes, Set<String> failed) {
    Set<Scope> answered = new TreeSet<>();
    for (CatalogService service : services) {
      for (ResourceType type : service.types()) {
        for (Scope scope : wholes) {
          if (scope.service().equals(type.service())
              && scope.type().equals(type.name())
              && answered(service, type, scope.region(), failed)) {
            answered.add(scope);
          }
        }
      }
    }
    return answered;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatIsRefusedIsAllThatIsMissing(long seed) throws InterruptedException {
    rehearsal.aws().remember();
    List<CatalogService> services = every(16, (int) seed);
    fill(services, 3);
    Recorder all = scan(services);
    assertThat(all.ledger()).filteredOn(one -> one.outcome().hides()).isEmpty();
    addsUp(all);

    rehearsal
        .aws()
        .faults()
        .add(".*", new Trigger.Chance(0.1, seed, false), new Fault.Denied())
        .add(
            ".*",
            new Trigger.Chance(0.1, seed + 100, false),
            new Fault.Refused(500, "InternalError", "Sorry."))
        .add(".*", new Trigger.Chance(0.1, seed + 200, false), new Fault.Reset())
        .add(".*", new Trigger.Chance(0.2, seed + 300, true), new Fault.Throttled());
    Recorder some = scan(services);
    Set<String> failed = failed(rehearsal.aws().served());
    addsUp(some);

    assertThat(some.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(failed.size()).isGreaterThan(10);
    Set<Scope> answered = answered(services, all.whole(), failed);
    assertThat(some.whole()).containsExactlyElementsOf(answered);
    assertThat(answered.size()).isBetween(10, all.whole().size() - 10);
    Set<Key> before = Key.of(all);
    Set<Key> after = Key.of(some);
    assertThat(before).containsAll(after);
    assertThat(before)
        .filteredOn(key -> answered.contains(key.scope()))
        .allSatisfy(key -> assertThat(after).contains(key));
  }

  @Test
  void whatIsThrottledForAWhileLosesNothing() throws InterruptedException {
    List<CatalogService> services = every(16, 5);
    fill(services, 3);
    Recorder all = scan(services);
    rehearsal.aws().faults().add(".*", new Trigger.Chance(0.3, 7, true), new Fault.Throttled());
    Recorder again = scan(services);
    addsUp(again);
    assertThat(rehearsal.aws().faults().hits()).isGreaterThan(30);
    assertThat(again.status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(Key.of(again)).isEqualTo(Key.of(all));
    assertThat(again.whole()).isEqualTo(all.whole());
  }

  @Test
  void everyServiceOfTheCatalogueIsScanned() throws InterruptedException {
    List<CatalogService> services = Catalog.builtIn().services();
    for (ResourceType type : Catalog.builtIn().types()) {
      type.details().forEach(detail -> answer(detail.sdk(), detail.operation()));
    }
    fill(services, 2);
    rehearsal.aws().forget();
    ScanRequest usual = Rehearsal.request(services, Map.of(), true, "us-east-1");
    ScanRequest everything =
        new ScanRequest(
            usual.account(),
            usual.partition(),
            usual.regions(),
            usual.global(),
            usual.services(),
            usual.tags(),
            usual.withDefaults(),
            ScanRequest.ALL);
    Recorder all = rehearsal.scan(everything, new Recorder());
    addsUp(all);
    assertThat(all.ledger()).filteredOn(one -> one.outcome().hides()).isEmpty();
    assertThat(all.status()).isEqualTo(Scan.Status.COMPLETE);
    Set<String> seen =
        all.resources().stream()
            .map(one -> one.scope().service() + ":" + one.scope().type())
            .collect(Collectors.toSet());
    Map<String, Long> lists =
        Catalog.builtIn().types().stream()
            .collect(
                Collectors.groupingBy(
                    type -> type.sdk() + type.operation(),
                    Collectors.mapping(
                        type -> type.items().text(),
                        Collectors.collectingAndThen(
                            Collectors.toSet(), paths -> (long) paths.size()))));
    List<String> unseen = new ArrayList<>();
    for (CatalogService service : services) {
      for (ResourceType type : service.types()) {
        boolean mayBeNone =
            mayBeNone(service, type, lists)
                || (!type.scope().regions().isEmpty()
                    && !type.scope().regions().contains("us-east-1"));
        if (!mayBeNone && !seen.contains(type.key())) {
          unseen.add(type.key());
        }
      }
    }
    assertThat(unseen).isEmpty();
  }

  /** Made-up values fit no condition, and of several lists in one answer one alone is filled. */
  private static boolean mayBeNone(
      CatalogService service, ResourceType type, Map<String, Long> lists) {
    return type.where().isPresent()
        || lists.getOrDefault(type.sdk() + type.operation(), 0L) > 1
        || service.types().stream()
            .filter(
                other ->
                    type.parents().contains(other.name()) || type.after().contains(other.name()))
            .anyMatch(parent -> mayBeNone(service, parent, lists));
  }
}
