package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Condition;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * What the writer knows, for readers on other threads; immutable.
 *
 * @param table the last dump, ours and foreign, as it was before that audit's repairs
 * @param dumpedNanos when the table was read
 * @param ours the services that are ours or are to be
 * @param refused desired services that another program holds
 * @param errors changes that the kernel refuses
 * @param held why a desired state waits for a second look
 * @param draining destinations that drain
 * @param repaired changes of other programs that were undone since the start
 * @param programmed whether a first whole desired state was programmed, but for what is refused
 * @param announced who answers for the services' addresses
 * @param owners the Kubernetes Services of services, as {@code namespace/name}
 * @param conditions of destinations that are desired and do not serve as the others, and why
 * @param panicking services of which so many destinations are not well that all are used
 * @param withoutBackend services of ours that have endpoints, ready or not, and none that serves
 * @param unable addresses of services that are to be and are not: see {@link Offer#unable}
 */
public record Snapshot(
    List<ObservedService> table,
    long dumpedNanos,
    Set<ServiceKey> ours,
    List<Ownership.Refusal> refused,
    List<ProgramError> errors,
    Optional<String> held,
    int draining,
    long repaired,
    boolean programmed,
    Announced announced,
    Map<ServiceKey, String> owners,
    Map<ServiceDestination, Condition> conditions,
    Set<ServiceKey> panicking,
    Set<ServiceKey> withoutBackend,
    SortedSet<IpAddress> unable) {
  /** Before the first look at the table. */
  public static final Snapshot NONE =
      new Snapshot(List.of(), 0, Set.of(), List.of(), List.of(), Optional.empty(), 0, 0, false);

  /** Where every router answers for every address. */
  public Snapshot(
      List<ObservedService> table,
      long dumpedNanos,
      Set<ServiceKey> ours,
      List<Ownership.Refusal> refused,
      List<ProgramError> errors,
      Optional<String> held,
      int draining,
      long repaired,
      boolean programmed) {
    this(
        table,
        dumpedNanos,
        ours,
        refused,
        errors,
        held,
        draining,
        repaired,
        programmed,
        Announced.NONE,
        Map.of(),
        Map.of(),
        Set.of(),
        Set.of(),
        Collections.emptySortedSet());
  }

  /** What this router answers for on layer-2 networks. */
  public Offer offer() {
    return new Offer(announced.segments(), unable);
  }

  /** Whether an address is that of a service of ours. */
  public boolean serves(InetAddress address) {
    IpAddress local = IpAddress.of(address);
    return ours.stream().anyMatch(key -> key.address().equals(local));
  }

  /** Whether a service of the table is ours. */
  public boolean ours(ObservedService service) {
    return service.value().isPresent() && ours.contains(service.value().get().key());
  }
}
