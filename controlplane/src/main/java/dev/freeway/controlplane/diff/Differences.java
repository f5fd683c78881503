package dev.freeway.controlplane.diff;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.Lasting;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import dev.freeway.controlplane.store.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Compares what a store knew at two times. Documents of the first are held as digests only. */
public final class Differences {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Comparator<Change> ORDER =
      Comparator.comparing((Change change) -> change.resource().scope())
          .thenComparing(change -> change.resource().id());

  private record Key(Scope scope, String id) {}

  /** A resource without its document. */
  private record Was(Resource resource, Digest digest) {}

  private record Digest(long high, long low) {
    static Digest of(String document) {
      try {
        ByteBuffer bytes =
            ByteBuffer.wrap(
                MessageDigest.getInstance("SHA-256")
                    .digest(document.getBytes(StandardCharsets.UTF_8)));
        return new Digest(bytes.getLong(), bytes.getLong());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private Differences() {}

  /**
   * What changed, by account, service, region, type and id.
   *
   * @param catalog says what of documents does not count
   * @param filter which resources; its time does not count
   * @param from before
   * @param to after; now without
   * @param ignoreTags whether other tags are no change
   */
  public static List<Change> between(
      Store store,
      Catalog catalog,
      ResourceFilter filter,
      Instant from,
      Optional<Instant> to,
      boolean ignoreTags) {
    Map<Key, Was> before = new LinkedHashMap<>();
    try (Stream<StoredResource> resources = store.resources(filter.at(from))) {
      resources.forEach(
          stored -> {
            Resource resource = stored.resource();
            before.put(
                new Key(resource.scope(), resource.id()),
                new Was(resource.withoutDocument(), Digest.of(resource.document())));
          });
    }
    List<Change> changes = new ArrayList<>();
    try (Stream<StoredResource> resources = store.resources(to.map(filter::at).orElse(filter))) {
      resources.forEach(
          stored -> {
            Resource resource = stored.resource();
            Was was = before.remove(new Key(resource.scope(), resource.id()));
            if (was == null) {
              changes.add(
                  new Change(Change.Kind.ADDED, resource.withoutDocument(), List.of(), List.of()));
            } else {
              modified(store, catalog, was, resource, from, ignoreTags).ifPresent(changes::add);
            }
          });
    }
    before
        .values()
        .forEach(
            was ->
                changes.add(new Change(Change.Kind.REMOVED, was.resource(), List.of(), List.of())));
    changes.sort(ORDER);
    return changes;
  }

  private static Optional<Change> modified(
      Store store, Catalog catalog, Was was, Resource is, Instant from, boolean ignoreTags) {
    List<FieldChange> tags =
        ignoreTags ? List.of() : DocumentDiff.ofTags(was.resource().tags(), is.tags());
    boolean same = was.digest().equals(Digest.of(is.document()));
    if (tags.isEmpty() && same) {
      return Optional.empty();
    }
    ObjectNode after = JSON.readTree(is.document()).asObject();
    ObjectNode before = same ? after.deepCopy() : documentAt(store, is, from);
    Set<String> unseen = new HashSet<>(Lasting.notSeen(before));
    unseen.addAll(Lasting.notSeen(after));
    for (String name : unseen) { // nobody knows whether it differs
      if (!before.has(name) || !after.has(name)) {
        before.remove(name);
        after.remove(name);
        if (DocumentDiff.TAGS.contains(name)) {
          tags = List.of();
        }
      }
    }
    Lasting lasting = catalog.lasting(is.scope().service(), is.scope().type());
    List<FieldChange> fields = DocumentDiff.of(lasting.of(before), lasting.of(after));
    return tags.isEmpty() && fields.isEmpty()
        ? Optional.empty()
        : Optional.of(new Change(Change.Kind.MODIFIED, is.withoutDocument(), fields, tags));
  }

  private static ObjectNode documentAt(Store store, Resource resource, Instant at) {
    String document = "{}";
    for (Version version : store.history(resource.scope(), resource.id())) {
      if (!version.since().isAfter(at)) {
        document = version.document();
      }
    }
    return JSON.readTree(document).asObject();
  }
}
