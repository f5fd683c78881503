package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.kube.ClusterFollower;
import dev.freeway.dataplane.kube.InputStatus;
import dev.freeway.dataplane.kube.ManifestFollower;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.Panic;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.SyncListener;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.logging.Level;

/**
 * What {@code run} logs: a line for each change of state with its reason, one for all of them where
 * they are many, and none when nothing happens.
 */
final class RouterLog implements SyncListener, ManifestFollower.Listener, ClusterFollower.Listener {
  /** Changes of one turn that are written a line each; more are counted. */
  private static final int LINES = 10;

  private final Console console;
  private final String table;
  private int refusals; // since the end of the last turn
  private boolean kernelFailing;

  /**
   * A log that has written nothing.
   *
   * @param table who holds it: {@code the kernel}, or {@code the relay}
   */
  RouterLog(Console console, String table) {
    this.console = console;
    this.table = table;
  }

  @Override
  public void programmed(Event event, long nanos) {
    endOfTurn();
    console.log(Level.INFO, "programmed", "eventToKernelSeconds", nanos / 1e9);
  }

  @Override
  public void audited(long nanos) {
    endOfTurn();
  }

  /** The kernel answered to the end. */
  private void endOfTurn() {
    if (refusals > LINES) {
      console.log(Level.SEVERE, "more was refused, see /state", "refusals", refusals - LINES);
    }
    refusals = 0;
    if (kernelFailing) {
      kernelFailing = false;
      console.log(Level.INFO, table + " answers again");
    }
  }

  @Override
  public void changed(List<Change> changes, long kernelNanos) {
    if (changes.size() > LINES) {
      Map<String, Integer> counts = new TreeMap<>();
      for (Change change : changes) {
        PlannedChange words = PlannedChange.of(change);
        counts.merge(words.action() + " " + words.kind(), 1, Integer::sum);
      }
      console.log(
          Level.INFO,
          "changed",
          "changes",
          changes.size(),
          "counts",
          counts,
          "kernelSeconds",
          kernelNanos / 1e9);
      return;
    }
    for (Change change : changes) {
      PlannedChange words = PlannedChange.of(change);
      console.log(
          Level.INFO,
          words.action() + " " + words.kind(),
          "service",
          words.service(),
          "destination",
          words.destination(),
          "before",
          words.before(),
          "after",
          words.after(),
          "reason",
          words.reason());
    }
  }

  @Override
  public void hostChanged(List<HostChange> changes) {
    if (changes.size() > LINES) {
      Map<String, Integer> counts = new TreeMap<>();
      for (HostChange change : changes) {
        String action = change.action().name().toLowerCase(Locale.ROOT);
        counts.merge(action + " " + change.kind().text(), 1, Integer::sum);
      }
      console.log(Level.INFO, "changed", "changes", changes.size(), "counts", counts);
      return;
    }
    for (HostChange change : changes) {
      console.log(
          Level.INFO,
          change.what(),
          "service",
          change.service(),
          "before",
          change.before(),
          "after",
          change.after(),
          "reason",
          change.reason());
    }
  }

  @Override
  public void reordered(int destinations) {
    console.log(
        Level.INFO,
        "put destinations of mh into the order that routers agree on",
        "destinations",
        destinations);
  }

  @Override
  public void repaired(long count) {
    console.log(Level.WARNING, "repaired what another program changed", "changes", count);
  }

  @Override
  public void refused(ProgramError error) {
    if (++refusals > LINES) {
      return;
    }
    console.log(
        Level.SEVERE,
        table + " refuses a change",
        "change",
        error.what(),
        "kernel",
        error.kernelMessage(),
        "expected",
        error.expected());
  }

  @Override
  public void refused(Ownership.Refusal refusal) {
    if (++refusals > LINES) {
      return;
    }
    console.log(
        Level.WARNING,
        "a service is another program's",
        "service",
        refusal.service(),
        "owner",
        refusal.owner(),
        "reason",
        refusal.reason());
  }

  @Override
  public void held(String reason) {
    console.log(Level.WARNING, "held", "reason", reason);
  }

  @Override
  public void kernelFailed(NetlinkException failure, boolean again) {
    kernelFailing = true;
    console.log(
        again ? Level.FINE : Level.SEVERE,
        table + " does not answer",
        "reason",
        Failures.sentence(Failures.of(failure)));
  }

  @Override
  public void stateFailed(StateException failure, boolean again) {
    console.log(
        again ? Level.FINE : Level.SEVERE,
        "the record cannot be kept: no new service is made",
        "reason",
        String.valueOf(failure.getMessage()));
  }

  @Override
  public void found(String finding) {
    console.log(Level.WARNING, finding);
  }

  @Override
  public void panic(ServiceKey service, String owner, Panic panic) {
    console.log(
        panic == Panic.BEGINS ? Level.SEVERE : Level.INFO,
        switch (panic) {
          case BEGINS -> "more backends are not well than may be taken out: all are used";
          case SOME_OUT -> "backends that are not well are taken out again";
          case NONE_OUT -> "no backend is out for its health any more";
        },
        "service",
        service,
        "owner",
        owner);
  }

  @Override
  public void failed(RuntimeException defect) {
    Optional<StackTraceElement> at =
        defect.getStackTrace().length == 0
            ? Optional.empty()
            : Optional.of(defect.getStackTrace()[0]);
    console.log(
        Level.SEVERE,
        "a defect of this program; it goes on",
        "defect",
        defect,
        "at",
        at.map(Object::toString).orElse(""));
  }

  @Override
  public void input(InputStatus before, InputStatus after) {
    after.notes().stream()
        .filter(note -> !before.notes().contains(note))
        .forEach(note -> console.log(Level.INFO, note));
    tell(before.errors(), after.errors(), "refused", "accepted again");
    tell(before.unchecked(), after.unchecked(), "not checked", "no longer unchecked");
    tell(before.frozen(), after.frozen(), "frozen", "no longer frozen");
  }

  private void tell(List<InputError> before, List<InputError> after, String bad, String good) {
    for (InputError error : after) {
      if (!before.contains(error)) {
        console.log(
            Level.WARNING,
            bad,
            "file",
            error.file(),
            "document",
            error.document(),
            "field",
            error.field(),
            "value",
            error.value(),
            "expected",
            error.expected());
      }
    }
    for (InputError error : before) {
      boolean same =
          after.stream()
              .anyMatch(
                  now ->
                      now.file().equals(error.file()) && now.document().equals(error.document()));
      if (!same) {
        console.log(Level.INFO, good, "file", error.file(), "document", error.document());
      }
    }
  }

  @Override
  public void recalled(Instant at, int services) {
    console.log(
        Level.WARNING,
        "the API server does not answer: serving what was last known, and deleting nothing",
        "of",
        at,
        "services",
        services);
  }

  @Override
  public void notKept(String reason) {
    console.log(Level.WARNING, "what is known cannot be kept for an outage", "reason", reason);
  }

  @Override
  public void unwatched(Path directory, String reason) {
    console.log(
        Level.WARNING,
        "no notifications of changes: the directory is read at every audit interval",
        "directory",
        directory,
        "reason",
        reason);
  }
}
