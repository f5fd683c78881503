package dev.freeway.dataplane.doctor;

import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.sync.StateDirectory;
import java.util.List;
import java.util.Map;

/**
 * The facts that the checks look at.
 *
 * @param netAdmin whether this process has CAP_NET_ADMIN
 * @param container whether it runs in one, as far as it can tell
 * @param sysctls values by path below {@code /proc/sys}; what this kernel does not have is not
 *     there
 * @param links network devices of this namespace, and whether each is up
 * @param chains names of nftables and iptables chains
 * @param sourceNat whether libnftables, which programs source NAT, is there
 * @param ownership the rules beside the record: {@code --addresses}
 * @param stateDirectory as given on the command line
 * @param input the {@code --manifests} options as they were given, for commands to repeat
 * @param pending what is to be changed on the machine and is not yet
 * @param unmet what may or can not be changed
 * @param writer who else writes to this table now, for example {@code ipvs-router run, process 7};
 *     empty for nobody
 */
public record Machine(
    KernelRelease kernel,
    boolean netAdmin,
    boolean container,
    Modules modules,
    Map<String, String> sysctls,
    Map<String, Boolean> links,
    List<String> chains,
    boolean sourceNat,
    Table table,
    Disk disk,
    StateDirectory.Recorded record,
    Ownership ownership,
    String stateDirectory,
    List<String> input,
    List<PendingChange> pending,
    List<Unmet> unmet,
    String writer,
    Memory memory) {

  /** What the kernel's IPVS answered. */
  public sealed interface Table {
    /**
     * Its services, and the daemons that send or receive connections.
     *
     * @param connectionBuckets of the connection table; 0 where it grows by itself
     */
    record Read(List<ObservedService> services, List<String> daemons, int connectionBuckets)
        implements Table {}

    /** IPVS is not loaded. */
    record Absent() implements Table {}

    /** It does not answer this process. */
    record Refused(String reason) implements Table {}
  }

  /**
   * Where the state directory is.
   *
   * @param exists whether the directory is there
   * @param problem why nothing can be written there, in the system's words; empty when it can
   */
  public record Disk(boolean exists, String problem) {}

  /**
   * A change that {@code apply} and {@code run} make to the machine and that is not made yet.
   *
   * @param what for example {@code net.ipv4.vs.conntrack is 1, and 0 is wanted}
   */
  public record PendingChange(String what, String reason, String command) {}

  /**
   * What services need of the machine, and what is not set for them.
   *
   * @param what for example {@code set sysctl net.ipv4.vs.conntrack}
   * @param problem why it is not done
   * @param sourceNat whether it keeps source NAT from working
   * @param command what mends it, or what would be right where no command does
   */
  public record Unmet(String what, String problem, boolean sourceNat, String command) {}

  /**
   * Memory in bytes.
   *
   * @param heapLimit the most that the heap may take
   * @param limit what this process may take altogether: its control group's limit, else what is
   *     available; 0 for unknown
   */
  public record Memory(long heapLimit, long limit) {}
}
