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

  /** Everything that is found wrong. */
  public static List<Finding> examine(Machine machine, Needs needs) {
    List<Finding> findings = new ArrayList<>();
    for (Check check : CHECKS) {
      findings.addAll(check.of(machine, needs));
    }
    return findings;
  }
}
