package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.Panic;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.SyncListener;
import java.util.List;

/** Tells several listeners, in their order. */
record Listeners(List<SyncListener> all) implements SyncListener {
  @Override
  public void programmed(Event event, long nanos) {
    all.forEach(one -> one.programmed(event, nanos));
  }

  @Override
  public void changed(List<Change> changes, long kernelNanos) {
    all.forEach(one -> one.changed(changes, kernelNanos));
  }

  @Override
  public void hostChanged(List<HostChange> changes) {
    all.forEach(one -> one.hostChanged(changes));
  }

  @Override
  public void reordered(int destinations) {
    all.forEach(one -> one.reordered(destinations));
  }

  @Override
  public void audited(long nanos) {
    all.forEach(one -> one.audited(nanos));
  }

  @Override
  public void repaired(long count) {
    all.forEach(one -> one.repaired(count));
  }

  @Override
  public void refused(ProgramError error) {
    all.forEach(one -> one.refused(error));
  }

  @Override
  public void refused(Ownership.Refusal refusal) {
    all.forEach(one -> one.refused(refusal));
  }

  @Override
  public void held(String reason) {
    all.forEach(one -> one.held(reason));
  }

  @Override
  public void kernelFailed(NetlinkException failure, boolean again) {
    all.forEach(one -> one.kernelFailed(failure, again));
  }

  @Override
  public void stateFailed(StateException failure, boolean again) {
    all.forEach(one -> one.stateFailed(failure, again));
  }

  @Override
  public void found(String finding) {
    all.forEach(one -> one.found(finding));
  }

  @Override
  public void panic(ServiceKey service, String owner, Panic panic) {
    all.forEach(one -> one.panic(service, owner, panic));
  }

  @Override
  public void tookOut(ServiceDestination of, String owner, String reason) {
    all.forEach(one -> one.tookOut(of, owner, reason));
  }

  @Override
  public void tookBack(ServiceDestination of, String owner) {
    all.forEach(one -> one.tookBack(of, owner));
  }

  @Override
  public void failed(RuntimeException defect) {
    all.forEach(one -> one.failed(defect));
  }
}
