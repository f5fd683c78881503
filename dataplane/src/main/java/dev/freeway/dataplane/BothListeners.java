package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.SyncListener;
import java.util.List;

/** Tells two listeners, in their order. */
record BothListeners(SyncListener first, SyncListener second) implements SyncListener {
  @Override
  public void programmed(Event event, long nanos) {
    first.programmed(event, nanos);
    second.programmed(event, nanos);
  }

  @Override
  public void changed(List<Change> changes, long kernelNanos) {
    first.changed(changes, kernelNanos);
    second.changed(changes, kernelNanos);
  }

  @Override
  public void hostChanged(List<HostChange> changes) {
    first.hostChanged(changes);
    second.hostChanged(changes);
  }

  @Override
  public void reordered(int destinations) {
    first.reordered(destinations);
    second.reordered(destinations);
  }

  @Override
  public void audited(long nanos) {
    first.audited(nanos);
    second.audited(nanos);
  }

  @Override
  public void repaired(long count) {
    first.repaired(count);
    second.repaired(count);
  }

  @Override
  public void refused(ProgramError error) {
    first.refused(error);
    second.refused(error);
  }

  @Override
  public void refused(Ownership.Refusal refusal) {
    first.refused(refusal);
    second.refused(refusal);
  }

  @Override
  public void held(String reason) {
    first.held(reason);
    second.held(reason);
  }

  @Override
  public void kernelFailed(NetlinkException failure, boolean again) {
    first.kernelFailed(failure, again);
    second.kernelFailed(failure, again);
  }

  @Override
  public void stateFailed(StateException failure, boolean again) {
    first.stateFailed(failure, again);
    second.stateFailed(failure, again);
  }

  @Override
  public void found(String finding) {
    first.found(finding);
    second.found(finding);
  }

  @Override
  public void panic(ServiceKey service, String owner, boolean begins) {
    first.panic(service, owner, begins);
    second.panic(service, owner, begins);
  }

  @Override
  public void tookOut(Policy.Drain of, String owner, String reason) {
    first.tookOut(of, owner, reason);
    second.tookOut(of, owner, reason);
  }

  @Override
  public void tookBack(Policy.Drain of, String owner) {
    first.tookBack(of, owner);
    second.tookBack(of, owner);
  }

  @Override
  public void failed(RuntimeException defect) {
    first.failed(defect);
    second.failed(defect);
  }
}
