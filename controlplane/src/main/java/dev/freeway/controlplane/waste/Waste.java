package dev.freeway.controlplane.waste;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Looks through an inventory for waste. */
public final class Waste {
  /** Read for what they use, beside those that rules look for. */
  private static final Set<String> USERS = Set.of("ec2:launch-template", "ec2:instance", "ec2:ami");

  private Waste() {}

  /**
   * What rules find, by account, rule, region and id.
   *
   * @param unseen calls that may have hidden that something is used
   * @param minimum how old what rules on age find is at least
   * @param defaults whether what AWS made itself counts too
   */
  public static List<Finding> find(
      Store store,
      ResourceFilter filter,
      List<WasteRule> rules,
      List<LedgerEntry> unseen,
      Duration minimum,
      boolean defaults,
      Instant now) {
    Set<String> keys = new HashSet<>(USERS);
    rules.forEach(
        rule -> rule.fields().forEach(field -> keys.add(field.substring(0, field.indexOf(' ')))));
    String[] services =
        keys.stream()
            .map(key -> key.substring(0, key.indexOf(':')))
            .distinct()
            .toArray(String[]::new);
    String[] types =
        keys.stream()
            .map(key -> key.substring(key.indexOf(':') + 1))
            .distinct()
            .toArray(String[]::new);
    List<Item> items = new ArrayList<>();
    try (Stream<StoredResource> resources =
        store.resources(filter.ofServices(services).ofTypes(types))) {
      resources
          .map(stored -> Item.of(stored.resource()))
          .filter(item -> keys.contains(item.type()))
          .forEach(items::add);
    }
    Surroundings around = new Surroundings(items, unseen);
    List<Finding> findings = new ArrayList<>();
    for (Item item : items) {
      if (defaults || !item.resource().isDefault()) {
        rules.forEach(rule -> rule.find(item, around, minimum, now).ifPresent(findings::add));
      }
    }
    findings.sort(
        Comparator.comparing((Finding finding) -> finding.resource().scope().account())
            .thenComparing(Finding::rule)
            .thenComparing(finding -> finding.resource().scope().region())
            .thenComparing(finding -> finding.resource().id()));
    return findings;
  }
}
