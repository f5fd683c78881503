package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A machine that has addresses and nothing else, and notes when it was asked what. */
final class FakeHost implements Host {
  final TreeSet<IpAddress> addresses = new TreeSet<>();
  final List<ProgramError> errors = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  Optional<ProgramError> sourceNat = Optional.empty();
  Optional<ProgramError> sourceRanges = Optional.empty();
  final List<String> log;
  HostNeeds last = HostNeeds.NONE;
  boolean keepsConnections = true;
  Set<ServiceKey> translated = Set.of();

  FakeHost(List<String> log) {
    this.log = log;
  }

  private static HostChange change(HostChange.Action action, IpAddress address) {
    return new HostChange(
        action, HostChange.Kind.ADDRESS, "", address.toString(), "", "", "test", "ip");
  }

  @Override
  public Report pending(HostNeeds needs) {
    TreeSet<IpAddress> missing = new TreeSet<>(needs.addresses());
    missing.removeAll(addresses);
    return new Report(
        missing.stream().map(address -> change(HostChange.Action.ADD, address)).toList(),
        errors,
        notes,
        sourceNat,
        sourceRanges);
  }

  @Override
  public Report prepare(HostNeeds needs) {
    log.add("prepare " + needs.services().size());
    return new Report(List.of(), errors, List.of(), sourceNat, sourceRanges);
  }

  @Override
  public Report settle(HostNeeds needs) {
    last = needs;
    List<HostChange> changes = new ArrayList<>(pending(needs).changes());
    addresses.addAll(needs.addresses());
    for (IpAddress gone : List.copyOf(addresses)) {
      if (!needs.addressesInUse().contains(gone)) {
        addresses.remove(gone);
        changes.add(change(HostChange.Action.DELETE, gone));
      }
    }
    log.add("settle " + changes.size());
    return new Report(changes, errors, notes, sourceNat, sourceRanges);
  }

  @Override
  public Set<ServiceKey> sourceNat() {
    return translated;
  }

  @Override
  public boolean whileKept(Runnable batch) {
    if (keepsConnections) {
      batch.run();
    }
    return keepsConnections;
  }

  @Override
  public Report restore() {
    return Report.NOTHING;
  }
}
