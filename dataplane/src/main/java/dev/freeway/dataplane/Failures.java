package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.TableLock;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What went wrong, as entries of the {@code errors} list: where, what, and what would be right. */
final class Failures {
  private Failures() {}

  /** A failure that ended a command. */
  static InputError of(Throwable failure) {
    return switch (failure) {
      case UsageException e -> new InputError("", "", e.option(), e.value(), e.expected());
      case NetlinkException e when e.errno() == Errno.EPERM ->
          new InputError(
              "",
              "",
              "CAP_NET_ADMIN",
              e.getMessage() == null ? "" : e.getMessage(),
              "this capability: run as root, or add NET_ADMIN to the container's securityContext");
      case NetlinkException e when e.errno() == Errno.ENOENT ->
          new InputError(
              "",
              "",
              "ip_vs",
              "this kernel has no IPVS loaded",
              "the module ip_vs: as root, modprobe ip_vs; where that finds none, install the"
                  + " distribution's full kernel package");
      case NetlinkException e ->
          new InputError(
              "",
              "",
              "netlink",
              e.getMessage() == null ? "" : e.getMessage(),
              "a kernel that takes it");
      case TableLock.HeldException e ->
          new InputError(
              "",
              "",
              Setting.STATE_DIR.option(),
              String.valueOf(e.getMessage()),
              "nobody else to write: change the manifests that it follows, or end it first");
      case StateException e ->
          new InputError("", "", Setting.STATE_DIR.option(), e.problem(), e.expected());
      case UncheckedIOException e -> {
        Throwable cause = e.getCause();
        yield new InputError(
            "",
            "",
            String.valueOf(e.getMessage()),
            StateException.reason(cause == null ? e : cause),
            "a Linux with /proc mounted");
      }
      case OutOfMemoryError _ ->
          new InputError(
              "", "", "memory", "the heap is full", "a larger one: FREEWAY_JAVA_OPTIONS=-Xmx512m");
      default ->
          new InputError(
              "",
              "",
              "ipvs-router",
              failure.toString(),
              "no such failure: it is a defect; --log-level debug shows where");
    };
  }

  /** Changes that the kernel refused. */
  static List<InputError> of(List<ProgramError> errors, List<Ownership.Refusal> refusals) {
    List<InputError> all = new ArrayList<>();
    for (ProgramError error : errors) {
      all.add(
          error.errno() == Errno.EPERM
              ? of(new NetlinkException(error.what(), Errno.EPERM, error.kernelMessage()))
              : new InputError("", "", error.what(), error.kernelMessage(), error.expected()));
    }
    for (Ownership.Refusal refusal : refusals) {
      all.add(
          new InputError(
              "",
              refusal.owner(),
              refusal.service().toString(),
              refusal.reason(),
              "a free address and port, or --adopt"));
    }
    return all;
  }

  /** Writes a line for each. What others named cannot write to a terminal by it. */
  static void print(List<InputError> errors, PrintStream err) {
    errors.forEach(error -> err.println(Printable.of("ipvs-router: " + sentence(error))));
  }

  /** One line for people: where, what, and what would be right. */
  static String sentence(InputError error) {
    StringBuilder text = new StringBuilder();
    if (!error.file().isEmpty()) {
      text.append(error.file());
    }
    if (!error.document().isEmpty()) {
      text.append(text.isEmpty() ? "" : ", document ").append(error.document());
    }
    if (!error.field().isEmpty()) {
      text.append(text.isEmpty() ? "" : ": ").append(error.field());
    }
    if (!error.value().isEmpty()) {
      boolean quoted = !error.file().isEmpty() && !error.field().isEmpty();
      text.append(text.isEmpty() ? "" : ": ");
      text.append(quoted ? "\"" + error.value() + "\"" : error.value());
    }
    return text.append("; expected ").append(error.expected()).toString();
  }
}
