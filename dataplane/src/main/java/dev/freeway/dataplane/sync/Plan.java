package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceDestination;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * What would be done.
 *
 * @param changes in order of execution
 * @param refused desired services that another program holds
 * @param draining destinations that will drain, or go on doing so
 * @param findings what is wrong with our own record, in plain words; empty when nothing is
 * @param out destinations that stay out by the record of the last {@code run}, and for how long
 *     they have been
 * @param host what would be changed on the machine around the table, and why source NAT does not
 *     work there, also for what is refused for that
 * @param errors what will be refused, as far as that can be known without trying
 */
public record Plan(
    List<Change> changes,
    List<Ownership.Refusal> refused,
    int draining,
    List<String> findings,
    SortedMap<ServiceDestination, Duration> out,
    Host.Report host,
    List<ProgramError> errors) {}
