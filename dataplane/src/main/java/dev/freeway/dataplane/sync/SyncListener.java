package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.List;

/**
 * Told what the writer does, on its thread: for metrics and logs, so it must not block. Nothing is
 * told of an audit that found nothing, and an error that lasts is told once.
 */
public interface SyncListener {
  /** An event is in the kernel. {@code nanos}: from its receipt to the last acknowledgement. */
  default void programmed(Event event, long nanos) {}

  /** The kernel carried out changes in {@code kernelNanos}. */
  default void changed(List<Change> changes, long kernelNanos) {}

  /** The machine around the table was changed: addresses, sysctls, source NAT. */
  default void hostChanged(List<HostChange> changes) {}

  /** So many destinations of {@code mh} were put back into the order that routers agree on. */
  default void reordered(int destinations) {}

  /** The table was read and compared. {@code nanos}: how long that took, repairs included. */
  default void audited(long nanos) {}

  /** So many changes of other programs were undone. */
  default void repaired(long count) {}

  /** The kernel refuses a change; it is tried again at every audit. */
  default void refused(ProgramError error) {}

  /** A desired service exists and is foreign. */
  default void refused(Ownership.Refusal refusal) {}

  /** A desired state lost too much at once; it waits until that has lasted. */
  default void held(String reason) {}

  /** The socket to the kernel failed; {@code again} when it already did the last time. */
  default void kernelFailed(NetlinkException failure, boolean again) {}

  /** The state directory failed: services that are not in the record are not made. */
  default void stateFailed(StateException failure, boolean again) {}

  /** Something is wrong with our own record, or on the machine, or was left as it is. */
  default void found(String finding) {}

  /**
   * So many destinations of a service are not well that all are used; or no longer.
   *
   * @param owner the Kubernetes Service
   */
  default void panic(ServiceKey service, String owner, Panic panic) {}

  /**
   * A destination was taken out for its health.
   *
   * @param owner the Kubernetes Service
   */
  default void tookOut(ServiceDestination of, String owner, String reason) {}

  /** One that was out for its health is used again. */
  default void tookBack(ServiceDestination of, String owner) {}

  /** A defect: the loop goes on with the next event. */
  default void failed(RuntimeException defect) {}
}
