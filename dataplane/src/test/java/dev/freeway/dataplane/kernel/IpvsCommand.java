package dev.freeway.dataplane.kernel;

/** The commands of the {@code IPVS} family ({@code IPVS_CMD_*}), by which the model counts. */
public enum IpvsCommand {
  NEW_SERVICE(1),
  SET_SERVICE(2),
  DEL_SERVICE(3),
  GET_SERVICE(4),
  NEW_DEST(5),
  SET_DEST(6),
  DEL_DEST(7),
  GET_DEST(8),
  NEW_DAEMON(9),
  DEL_DAEMON(10),
  GET_DAEMON(11),
  SET_CONFIG(12),
  GET_CONFIG(13),
  SET_INFO(14),
  GET_INFO(15),
  ZERO(16),
  FLUSH(17);

  private static final IpvsCommand[] BY_NUMBER = values();

  private final int number;

  IpvsCommand(int number) {
    this.number = number;
  }

  /** The kernel's number. */
  public int number() {
    return number;
  }

  static boolean exists(int number) {
    return number >= 1 && number <= BY_NUMBER.length;
  }

  static IpvsCommand of(int number) {
    return BY_NUMBER[number - 1];
  }

  /** Whether the kernel carries it out as a single request ({@code doit}). */
  boolean single() {
    return this != GET_DEST && this != GET_DAEMON && this != SET_INFO;
  }

  /** Whether the kernel answers it as a dump ({@code dumpit}). */
  boolean dumps() {
    return this == GET_SERVICE || this == GET_DEST || this == GET_DAEMON;
  }
}
