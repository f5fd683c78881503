package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.ipvs.Answer;
import java.util.Locale;

/** What IPVS means by an error number: ip_vs_ctl.c, and errno(3) for the names. */
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int ENOMEM = 12;
  static final int EEXIST = 17;
  static final int EINVAL = 22;
  static final int ERANGE = 34;
  static final int EAFNOSUPPORT = 97;

  private Errno() {}

  static ProgramError describe(Change change, Answer answer) {
    String message = answer.message().isEmpty() ? name(answer.errno()) : answer.message();
    return new ProgramError(
        what(change), answer.errno(), message, expected(change.command(), answer.errno()));
  }

  static String what(Change change) {
    String action = change.action().name().toLowerCase(Locale.ROOT);
    return change.kind() == Change.Kind.SERVICE
        ? action + " service " + change.command().service()
        : action + " destination " + change.destination() + " of " + change.command().service();
  }

  private static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case ESRCH -> "ESRCH";
      case ENOMEM -> "ENOMEM";
      case EEXIST -> "EEXIST";
      case EINVAL -> "EINVAL";
      case ERANGE -> "ERANGE";
      case EAFNOSUPPORT -> "EAFNOSUPPORT";
      default -> "errno " + errno;
    };
  }

  private static String expected(Command command, int errno) {
    return switch (errno) {
      case EPERM -> "the capability CAP_NET_ADMIN";
      case ENOENT ->
          switch (command) {
            case Command.AddService add -> module(add.value().scheduler());
            case Command.SetService set -> module(set.value().scheduler());
            default -> "the destination to be there";
          };
      case ESRCH -> "the service to be there; another program deletes it";
      case EEXIST -> "nothing there; another program adds it";
      case ENOMEM -> "free kernel memory";
      case EINVAL ->
          switch (command) {
            case Command.AddDestination _, Command.SetDestination _ ->
                "a unicast address that this host has a route to, and fewer destinations than the"
                    + " scheduler's table has slots";
            default -> "values that this kernel takes";
          };
      case ERANGE -> "a weight of 0 to 65535 and lower threshold <= upper threshold";
      case EAFNOSUPPORT -> "a kernel with IPv6 in IPVS";
      default -> "the kernel to accept it";
    };
  }

  private static String module(Scheduler scheduler) {
    return "the scheduler's kernel module: modprobe ip_vs_" + scheduler.name();
  }
}
