package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.Lasting;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a call that was refused or left out would have given is what it gave last, as far as anybody
 * knows: the resource did not change because somebody may not look. The document says which members
 * these are.
 */
final class Carry {
  /** Of how many resources the last versions are in memory at once. */
  private static final int CARRIED = 1_000;

  private static final JsonMapper JSON = new JsonMapper();

  private Carry() {}

  /** Puts what calls gave last into the items that they were refused for. */
  static void into(
      ResourceType type,
      List<Item> refused,
      String account,
      boolean global,
      ScanWriter writer,
      Map<Item, SortedMap<String, String>> tags) {
    for (int from = 0; from < refused.size(); from += CARRIED) {
      Map<String, List<Item>> byRegion = new HashMap<>();
      for (Item item : refused.subList(from, Math.min(refused.size(), from + CARRIED))) {
        byRegion.computeIfAbsent(item.column(global), _ -> new ArrayList<>()).add(item);
      }
      byRegion.forEach(
          (where, items) -> {
            Scope scope = new Scope(account, type.service(), where, type.name());
            Map<String, Version> last = writer.last(scope, items.stream().map(Item::id).toList());
            for (Item item : items) {
              into(type, item, Optional.ofNullable(last.get(item.id())), tags);
            }
          });
    }
  }

  private static void into(
      ResourceType type,
      Item item,
      Optional<Version> last,
      Map<Item, SortedMap<String, String>> tags) {
    ObjectNode document = item.document();
    Set<String> names = new TreeSet<>();
    for (Detail detail : item.refused()) {
      DetailOrder.gives(detail).stream()
          .filter(name -> !detail.extra() || !document.has(name))
          .forEach(names::add);
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
}
