package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Resources for tests. */
public final class Samples {
  /** The account of all of them. */
  public static final String ACCOUNT = "123456789012";

  private Samples() {}

  /** A scope of the account. */
  public static Scope scope(String service, String region, String type) {
    return new Scope(ACCOUNT, service, region, type);
  }

  /** A resource without tags, its name its id. */
  public static Resource resource(Scope scope, String id, String document) {
    return resource(scope, id, document, Map.of());
  }

  /** A resource, its name its id. */
  public static Resource resource(
      Scope scope, String id, String document, Map<String, String> tags) {
    return new Resource(
        scope,
        id,
        "arn:aws:" + scope.service() + ":" + scope.region() + ":" + ACCOUNT + ":" + id,
        id,
        false,
        Optional.empty(),
        "",
        new TreeMap<>(tags),
        document);
  }

  /** Begins a scan of everything. */
  public static ScanWriter scan(Store store, Instant started, String... filter) {
    return store.begin(
        ACCOUNT, "prod", started, List.of("eu-west-1"), List.of("ec2"), List.of(filter));
  }
}
