package dev.freeway.dataplane.ipvs;

/**
 * The kernel's acknowledgement of one command.
 *
 * @param errno 0 when done, else the positive error number
 * @param message the extended ack's text; empty when there is none
 */
public record Answer(int errno, String message) {
  /** Done; one instance, so that a batch of acknowledgements allocates nothing. */
  public static final Answer DONE = new Answer(0, "");

  /** Whether the command was carried out. */
  public boolean done() {
    return errno == 0;
  }
}
