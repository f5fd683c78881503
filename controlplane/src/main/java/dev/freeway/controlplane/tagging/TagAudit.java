package dev.freeway.controlplane.tagging;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How well resources are tagged. A blank value counts as missing; where no tag is required, one tag
 * of any key is enough.
 *
 * @param overall those that lack nothing
 * @param byTag of each tag that is required, those that have it
 * @param byService those that lack nothing
 * @param offenders the others, in the order in which they came
 */
public record TagAudit(
    Share overall,
    Map<String, Share> byTag,
    Map<String, Share> byService,
    List<Offender> offenders) {
  /** Copies nothing: the maps keep their order. */
  public TagAudit {
    byTag = Collections.unmodifiableMap(byTag);
    byService = Collections.unmodifiableMap(byService);
    offenders = List.copyOf(offenders);
  }

  /**
   * Looks at what is there; what cannot have tags does not count.
   *
   * @param defaults whether what AWS made itself counts
   */
  public static TagAudit of(
      Store store,
      ResourceFilter filter,
      Catalog catalog,
      List<String> required,
      boolean defaults) {
    Set<String> taggable =
        catalog.types().stream()
            .filter(type -> !type.tags().text().isEmpty())
            .map(ResourceType::key)
            .collect(Collectors.toSet());
    try (Stream<StoredResource> resources = store.resources(filter)) {
      return of(
          resources
              .map(StoredResource::resource)
              .filter(resource -> defaults || !resource.isDefault())
              .filter(
                  resource ->
                      !resource.tags().isEmpty()
                          || taggable.contains(
                              resource.scope().service() + ":" + resource.scope().type()))
              .map(Resource::withoutDocument),
          required);
    }
  }

  /** Looks at resources, each once. */
  public static TagAudit of(Stream<Resource> resources, List<String> required) {
    Map<String, Share> byTag = new LinkedHashMap<>();
    required.forEach(key -> byTag.put(key, new Share(0, 0)));
    Map<String, Share> byService = new TreeMap<>();
    List<Offender> offenders = new ArrayList<>();
    Share[] overall = {new Share(0, 0)};
    resources.forEachOrdered(
        resource -> {
          List<String> missing = new ArrayList<>();
          for (String key : required) {
            boolean has = !resource.tags().getOrDefault(key, "").isBlank();
            byTag.computeIfPresent(key, (_, share) -> share.and(has));
            if (!has) {
              missing.add(key);
            }
          }
          boolean good = required.isEmpty() ? !resource.tags().isEmpty() : missing.isEmpty();
          overall[0] = overall[0].and(good);
          byService.merge(
              resource.scope().service(), new Share(0, 0).and(good), (share, _) -> share.and(good));
          if (!good) {
            offenders.add(new Offender(resource, missing));
          }
        });
    return new TagAudit(overall[0], byTag, byService, offenders);
  }
}
