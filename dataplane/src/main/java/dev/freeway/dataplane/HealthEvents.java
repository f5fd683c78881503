package dev.freeway.dataplane;

import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.kube.ClusterFollower;
import dev.freeway.dataplane.sync.Panic;
import dev.freeway.dataplane.sync.SyncListener;
import java.util.Optional;

/** Brings what is thought of backends to their Services' Events, where a cluster is followed. */
final class HealthEvents implements SyncListener {
  private volatile Optional<ClusterFollower> cluster = Optional.empty();

  /** From now on Events are written there. */
  void tell(ClusterFollower follower) {
    cluster = Optional.of(follower);
  }

  @Override
  public void tookOut(ServiceDestination of, String owner, String reason) {
    String message = of.destination() + " gets no connections of " + of.service() + ": " + reason;
    cluster.ifPresent(follower -> follower.say(owner, true, "BackendOut", message));
  }

  @Override
  public void tookBack(ServiceDestination of, String owner) {
    String message = of.destination() + " gets connections of " + of.service() + " again";
    cluster.ifPresent(follower -> follower.say(owner, false, "BackendBack", message));
  }

  @Override
  public void panic(ServiceKey service, String owner, Panic panic) {
    boolean begins = panic == Panic.BEGINS;
    String message =
        switch (panic) {
          case BEGINS ->
              "more backends of " + service + " are not well than may be taken out: all are used";
          case SOME_OUT -> "backends of " + service + " that are not well are taken out again";
          case NONE_OUT -> "no backend of " + service + " is out for its health any more";
        };
    cluster.ifPresent(
        follower -> follower.say(owner, begins, begins ? "Panic" : "PanicOver", message));
  }
}
