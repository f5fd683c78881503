package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.netlink.Errno;
import java.util.Locale;

/** What IPVS means by the error with which it refuses a change (ip_vs_ctl.c). */
final class Refusals {
  private Refusals() {}

  static ProgramError describe(Change change, Answer answer) {
    String message = answer.message().isEmpty() ? Errno.describe(answer.errno()) : answer.message();
    return new ProgramError(
        what(change), answer.errno(), message, expected(change.command(), answer.errno()));
  }

  /** The record cannot be written; what that means is for the caller to say. */
  static ProgramError record(StateException failure) {
    return new ProgramError(
        "write the record of our services", 0, failure.problem(), failure.expected());
  }

  /** It cannot be written since when destinations drain. */
  static ProgramError drains(StateException failure) {
    return new ProgramError(
        "record since when destinations drain", 0, failure.problem(), failure.expected());
  }

  /** It cannot be written which destinations are out by their health. */
  static ProgramError out(StateException failure) {
    return new ProgramError(
        "record which destinations are out by their health",
        0,
        failure.problem(),
        failure.expected());
  }

  static String what(Change change) {
    String action = change.action().name().toLowerCase(Locale.ROOT);
    return change.kind() == Change.Kind.SERVICE
        ? action + " service " + change.command().service()
        : action + " destination " + change.destination() + " of " + change.command().service();
  }

  private static String expected(Command command, int errno) {
    return switch (errno) {
      case Errno.EPERM -> "the capability CAP_NET_ADMIN";
      case Errno.ENOENT ->
          switch (command) {
            case Command.AddService add -> module(add.value().scheduler());
            case Command.SetService set -> module(set.value().scheduler());
            default -> "the destination to be there";
          };
      case Errno.ESRCH -> "the service to be there; another program deletes it";
      case Errno.EEXIST -> "nothing there; another program adds it";
      case Errno.ENOMEM -> "free kernel memory";
      case Errno.EINVAL ->
          switch (command) {
            case Command.AddDestination _, Command.SetDestination _ ->
                "a unicast address that this host has a route to, and fewer destinations than the"
                    + " scheduler's table has slots";
            default -> "values that this kernel takes";
          };
      case Errno.ERANGE -> "a weight of 0 to 65535 and lower threshold <= upper threshold";
      case Errno.EADDRNOTAVAIL -> "an address of this machine, and a port that is free";
      case Errno.EOPNOTSUPP -> "what the data plane has";
      case Errno.EAFNOSUPPORT -> "a kernel with IPv6 in IPVS";
      default -> "the kernel to accept it";
    };
  }

  private static String module(Scheduler scheduler) {
    return "the scheduler's kernel module: modprobe ip_vs_" + scheduler.name();
  }
}
