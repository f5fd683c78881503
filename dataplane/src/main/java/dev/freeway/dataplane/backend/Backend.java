package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.List;

/** Prepares the network namespace of the calling thread. */
public final class Backend {
  private Backend() {}

  /**
   * Something that is not as it has to be, or was not.
   *
   * @param name what kind of thing it is, for scripts: the same words in every version
   * @param what is to be
   * @param why it has to be so
   * @param command what mends it by hand, in the namespace
   */
  public record Lack(String name, String what, String why, String command) {
    /** Whether it is too much rather than missing. */
    public boolean removal() {
      return name.endsWith("-left");
    }

    private static Lack of(Step step) {
      return new Lack(step.name(), step.what(), step.why(), step.command());
    }
  }

  /**
   * What came of it.
   *
   * @param changes what was lacking and is there now, in order
   * @param errors what could not be done
   */
  public record Report(List<Lack> changes, List<InputError> errors) {
    public Report {
      changes = List.copyOf(changes);
      errors = List.copyOf(errors);
    }

    /** Whether the namespace has all that was asked for. */
    public boolean prepared() {
      return errors.isEmpty();
    }
  }

  /**
   * Makes the namespace what is needed, and nothing where it is so already.
   *
   * @throws NetlinkException when it cannot be read
   */
  public static Report prepare(BackendNeeds needs) {
    try (PodNetwork network = new KernelPodNetwork()) {
      return prepare(network, needs);
    }
  }

  /**
   * What of the needs is not met; changes nothing.
   *
   * @throws NetlinkException when the namespace cannot be read
   * @throws PreparationException when no namespace can meet them together
   */
  public static List<Lack> examine(BackendNeeds needs) {
    try (PodNetwork network = new KernelPodNetwork()) {
      return BackendPlan.of(network.state(), needs).stream().map(Lack::of).toList();
    }
  }

  static Report prepare(PodNetwork network, BackendNeeds needs) {
    List<Lack> changes = new ArrayList<>();
    List<InputError> errors = new ArrayList<>();
    try {
      PodState state = network.state();
      for (Step step : BackendPlan.of(state, needs)) {
        try {
          step.change().on(network);
          changes.add(Lack.of(step));
        } catch (PreparationException e) {
          errors.add(error(step.what(), String.valueOf(e.getMessage()), e.expected()));
        } catch (NetlinkException e) {
          errors.add(error(step.what(), String.valueOf(e.getMessage()), expected(step, e)));
        }
      }
    } catch (PreparationException e) {
      errors.add(error("", String.valueOf(e.getMessage()), e.expected()));
    }
    return new Report(changes, errors);
  }

  private static InputError error(String what, String problem, String expected) {
    return new InputError("", "", what, problem, expected);
  }

  private static String expected(Step step, NetlinkException e) {
    return e.errno() == Errno.EPERM
        ? "the capability NET_ADMIN: add it to the container's securityContext; or by hand: "
            + step.command()
        : "by hand: " + step.command();
  }
}
