package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceDestination;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * What was done.
 *
 * @param changes those that the kernel acknowledged, in order
 * @param kernelNanos time spent in the kernel and on the way there and back
 * @param totalNanos time from the call to the last acknowledgement
 * @param draining destinations that drain now
 * @param errors changes that the kernel refused; the others were done
 * @param refused desired services that another program holds
 * @param findings what is wrong with our own record, in plain words; empty when nothing is
 * @param out destinations that stay out by the record of the last {@code run}, and for how long
 *     they have been
 * @param host what was changed on the machine around the table
 * @param interrupted whether the socket failed on the way: more may have been done than is told
 */
public record Outcome(
    List<Change> changes,
    long kernelNanos,
    long totalNanos,
    int draining,
    List<ProgramError> errors,
    List<Ownership.Refusal> refused,
    List<String> findings,
    SortedMap<ServiceDestination, Duration> out,
    Host.Report host,
    boolean interrupted) {
  /** Whether everything desired is in the kernel's table, and the machine is ready for it. */
  public boolean complete() {
    return errors.isEmpty() && refused.isEmpty() && host.errors().isEmpty();
  }

  /** Time spent in the kernel, in seconds. */
  public double kernelSeconds() {
    return kernelNanos / 1e9;
  }

  /** Time from the call to the last acknowledgement, in seconds. */
  public double totalSeconds() {
    return totalNanos / 1e9;
  }
}
