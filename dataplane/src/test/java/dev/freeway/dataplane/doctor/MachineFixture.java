package dev.freeway.dataplane.doctor;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.sync.StateDirectory;
import dev.freeway.dataplane.sync.StateDirectory.Standing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A machine on which nothing stands in the way, until a test changes something. */
final class MachineFixture {
  String kernel = "6.1.0-50-amd64";
  boolean netAdmin = true;
  boolean container;
  boolean moduleDirectory = true;
  boolean modprobe = true;
  final Set<String> loaded = new HashSet<>(Set.of("ip_vs", "ip_vs_mh"));
  final Set<String> available = new HashSet<>(Set.of("ip_vs", "ip_vs_mh", "ip_vs_rr"));
  final Map<String, String> sysctls = new TreeMap<>();
  final Map<String, Boolean> links = new TreeMap<>(Map.of("lo", true, "eth0", true));
  final List<String> chains = new ArrayList<>();
  boolean sourceNat = true;
  Machine.Table table = new Machine.Table.Read(List.of(), List.of(), 4096);
  Machine.Disk disk = new Machine.Disk(true, "");
  Standing standing = Standing.WRITTEN;
  List<String> recordFindings = List.of();
  final TreeMap<ServiceKey, String> recorded = new TreeMap<>();
  List<Machine.PendingChange> pending = List.of();
  List<Machine.Unmet> unmet = List.of();
  String stateDirectory = "/var/lib/freeway";
  List<String> input = List.of("web.yaml");
  String writer = "";
  Machine.Memory memory = new Machine.Memory(192L << 20, 1L << 30);

  Machine machine() {
    return new Machine(
        KernelRelease.parse(kernel),
        netAdmin,
        container,
        new Modules(loaded, available, moduleDirectory, modprobe),
        sysctls,
        links,
        chains,
        sourceNat,
        table,
        disk,
        new StateDirectory.Recorded(standing, recorded, recordFindings),
        new Ownership(Set.of(), List.of(), false),
        stateDirectory,
        input,
        pending,
        unmet,
        writer,
        memory);
  }

  /** Puts services into the table, each without destinations. */
  void holds(ServiceKey... keys) {
    List<ObservedService> services = new ArrayList<>();
    for (ServiceKey key : keys) {
      services.add(observed(key, List.of()));
    }
    table = new Machine.Table.Read(services, List.of(), 4096);
  }

  static ObservedService observed(ServiceKey key, List<ObservedDestination> destinations) {
    VirtualService value = VirtualService.of(key, Scheduler.DEFAULT);
    return new ObservedService(
        Family.IPV4, 0, Optional.of(value), "mh", 0, "", Statistics.NONE, destinations);
  }
}
