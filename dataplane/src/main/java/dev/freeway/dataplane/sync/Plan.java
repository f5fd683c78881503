package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Ownership;
import java.util.List;

/**
 * What would be done.
 *
 * @param changes in order of execution
 * @param refused desired services that another program holds
 * @param draining destinations that will drain, or go on doing so
 * @param findings what is wrong with our own record, in plain words; empty when nothing is
 * @param host what would be changed on the machine around the table, and why source NAT does not
 *     work there, also for what is refused for that
 * @param errors what will be refused, as far as that can be known without trying
 */
public record Plan(
    List<Change> changes,
    List<Ownership.Refusal> refused,
    int draining,
    List<String> findings,
    Host.Report host,
    List<ProgramError> errors) {}
