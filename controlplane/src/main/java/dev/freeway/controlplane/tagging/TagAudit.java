package dev.freeway.controlplane.tagging;

import dev.freeway.controlplane.inventory.Resource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
