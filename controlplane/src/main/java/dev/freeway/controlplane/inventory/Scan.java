package dev.freeway.controlplane.inventory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One run over an account.
 *
 * @param id grows; assigned by the store
 * @param account twelve digits
 * @param alias of the account, or its profile's name; may be empty
 * @param regions that were asked for
 * @param services labels that were asked for
 * @param filter the tags that were asked for, as {@code KEY=VALUE}; such a scan retires nothing
 * @param resources how many were seen
 */
public record Scan(
    long id,
    String account,
    String alias,
    Instant started,
    Optional<Instant> ended,
    Status status,
    List<String> regions,
    List<String> services,
    List<String> filter,
    long resources) {

  /** How a scan ended. */
  public enum Status {
    /** It goes on, or was killed. */
    RUNNING,
    /** Everything that was asked for was seen. */
    COMPLETE,
    /** Some calls were refused, throttled out or failed, see the ledger; or it was stopped. */
    PARTIAL
  }

  /** Copies the lists. */
  public Scan {
    regions = List.copyOf(regions);
    services = List.copyOf(services);
    filter = List.copyOf(filter);
  }
}
