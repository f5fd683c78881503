package dev.freeway.dataplane.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What is to go wrong on a model's sockets, counted from 1 at the moment of asking. */
public final class Faults {
  /** Thrown out of {@code send} where the process is killed; what was done before stays done. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Killed(long command) {
      super("killed at command " + command);
    }
  }

  record Refusal(int errno, String message) {}

  private final Map<Long, Refusal> refusals = new HashMap<>();
  private final Map<Long, Integer> receiveErrors = new HashMap<>();
  private final Map<Long, Integer> truncations = new HashMap<>();
  private long commands;
  private long receives;
  private long killAt = Long.MAX_VALUE;
  private Runnable betweenDumpParts = () -> {};

  /**
   * The nth command from now is refused and not carried out.
   *
   * @param message the extended ack's text; empty for none
   */
  public synchronized void refuseCommand(long nth, int errno, String message) {
    refusals.put(commands + nth, new Refusal(errno, message));
  }

  /** The process is killed before the nth command from now is carried out. */
  public synchronized void killAtCommand(long nth) {
    killAt = commands + nth;
  }

  /** The nth receive from now fails; for ENOBUFS (105) the answers waiting then are lost. */
  public synchronized void failReceive(long nth, int errno) {
    receiveErrors.put(receives + nth, errno);
  }

  /** The nth datagram received from now is cut to so many bytes. */
  public synchronized void truncateReceive(long nth, int bytes) {
    truncations.put(receives + nth, bytes);
  }

  /** Runs between the parts of every dump, where the kernel lets other parties in. */
  public synchronized void betweenDumpParts(Runnable tampering) {
    betweenDumpParts = tampering;
  }

  synchronized Optional<Refusal> nextCommand() {
    commands++;
    if (commands >= killAt) {
      killAt = Long.MAX_VALUE;
      throw new Killed(commands);
    }
    return refusals.isEmpty() ? Optional.empty() : Optional.ofNullable(refusals.remove(commands));
  }

  synchronized int nextReceive() {
    receives++;
    Integer errno = receiveErrors.remove(receives);
    return errno == null ? 0 : errno;
  }

  synchronized int cutTo(int bytes) {
    Integer cut = truncations.remove(receives);
    return cut == null ? bytes : Math.min(cut, bytes);
  }

  synchronized Runnable tampering() {
    return betweenDumpParts;
  }
}
