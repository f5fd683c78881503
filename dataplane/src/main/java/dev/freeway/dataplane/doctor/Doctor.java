package dev.freeway.dataplane.doctor;

import java.util.ArrayList;
import java.util.List;

/** Every check, in the order in which one would mend: the kernel first, then our record. */
public final class Doctor {
  private Doctor() {}

  /** One check: what it finds wrong in the facts; empty when nothing is. */
  interface Check {
    List<Finding> of(Machine machine, Needs needs);
  }

  private static final List<Check> CHECKS =
      List.of(
          KernelChecks::capability,
          KernelChecks::ipvs,
          KernelChecks::release,
          KernelChecks::schedulers,
          NamespaceChecks::loopback,
          NamespaceChecks::pending,
          NamespaceChecks::unmet,
          NamespaceChecks::reversePath,
          NamespaceChecks::estimation,
          NamespaceChecks::connectionTable,
          NamespaceChecks::syncDaemon,
          NamespaceChecks::sourceNat,
          NamespaceChecks::proxies,
          StateChecks::directory,
          StateChecks::record,
          StateChecks::foreign,
          StateChecks::writer,
          StateChecks::memory);

  /** What matters where a process relays, and the kernel's IPVS does nothing. */
  private static final List<Check> RELAY_CHECKS =
      List.of(StateChecks::directory, StateChecks::memory);

  /** Everything that is found wrong. */
  public static List<Finding> examine(Machine machine, Needs needs) {
    return examine(CHECKS, machine, needs);
  }

  /** The same for a relay. */
  public static List<Finding> examineRelay(Machine machine, Needs needs) {
    return examine(RELAY_CHECKS, machine, needs);
  }

  private static List<Finding> examine(List<Check> checks, Machine machine, Needs needs) {
    List<Finding> findings = new ArrayList<>();
    for (Check check : checks) {
      findings.addAll(check.of(machine, needs));
    }
    return findings;
  }
}
