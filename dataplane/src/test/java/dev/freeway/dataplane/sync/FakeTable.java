package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.ServiceIdentity;
import dev.freeway.dataplane.ipvs.Statistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's table in memory, with its error numbers (ip_vs_ctl.c) and its order of insertion.
 */
final class FakeTable implements IpvsTable {
  private static final int ENOENT = 2;
  private static final int ESRCH = 3;
  private static final int EEXIST = 17;

  /** The process was killed: whatever it did not tell the kernel stays undone. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final class Entry {
    private VirtualService value;
    private final LinkedHashMap<DestinationKey, Destination> destinations = new LinkedHashMap<>();

    private Entry(VirtualService value) {
      this.value = value;
    }
  }

  private final LinkedHashMap<ServiceKey, Entry> services = new LinkedHashMap<>();
  private final Map<ServiceKey, Integer> connections = new HashMap<>();
  private final Set<String> missingModules = new HashSet<>();
  private final Map<DestinationKey, Integer> refusals = new HashMap<>();

  /** Every command that arrived, done or not. */
  final List<Command> log = new ArrayList<>();

  /** What dumps do not show, though it is there. */
  final Set<ServiceKey> skipped = new HashSet<>();

  int dumps;
  int commandsUntilKilled = Integer.MAX_VALUE;
  @Nullable RuntimeException failure;
  Runnable beforeExecute = () -> {};
  Runnable beforeRead = () -> {};
  Runnable beforeList = () -> {};

  /** Run between the pieces of a list, of a service each; without it a list is one piece. */
  @Nullable Runnable betweenPieces;

  void carryConnections(ServiceKey service, int count) {
    connections.put(service, count);
  }

  void missModule(String scheduler) {
    missingModules.add(scheduler);
  }

  void refuse(DestinationKey destination, int errno) {
    refusals.put(destination, errno);
  }

  void accept(DestinationKey destination) {
    refusals.remove(destination);
  }

  /** Another program's change. */
  int put(Command command) {
    return carryOut(command);
  }

  @Override
  public List<ListedService> services() {
    beforeList.run();
    dumps++;
    if (failure != null) {
      throw failure;
    }
    return services.values().stream()
        .filter(entry -> !skipped.contains(entry.value.key()))
        .map(entry -> listed(observed(entry, List.of())))
        .toList();
  }

  /** Like the kernel's dumps: resumed by index, whatever was done in between. */
  @Override
  public Listing listing() {
    Runnable between = betweenPieces;
    if (between == null) {
      return IpvsTable.super.listing();
    }
    List<ListedService> read = new ArrayList<>();
    return new Listing() {
      @Override
      public boolean read() {
        List<ListedService> all = FakeTable.this.services();
        if (read.size() < all.size()) {
          read.add(all.get(read.size()));
          between.run();
        }
        return read.size() >= all.size();
      }

      @Override
      public List<ListedService> services() {
        return List.copyOf(read);
      }
    };
  }

  private static ListedService listed(ObservedService service) {
    return new ListedService(ServiceIdentity.of(service.value().orElseThrow().key()), service);
  }

  @Override
  public ObservedService read(ListedService service) {
    beforeRead.run();
    return find(service.value().value().orElseThrow().key()).orElse(service.value());
  }

  @Override
  public Optional<ObservedService> find(ServiceKey service) {
    Entry entry = services.get(service);
    return entry == null ? Optional.empty() : Optional.of(observed(entry, destinations(entry)));
  }

  private List<ObservedDestination> destinations(Entry entry) {
    List<ObservedDestination> destinations = new ArrayList<>();
    for (Destination destination : entry.destinations.sequencedValues().reversed()) {
      destinations.add(
          new ObservedDestination(
              destination, connections.getOrDefault(entry.value.key(), 0), 0, 0, Statistics.NONE));
    }
    return destinations;
  }

  private static ObservedService observed(Entry entry, List<ObservedDestination> destinations) {
    return new ObservedService(
        entry.value.key().address().family(),
        0,
        Optional.of(entry.value),
        entry.value.scheduler().toString(),
        2,
        "",
        Statistics.NONE,
        destinations);
  }

  @Override
  public List<Answer> execute(List<Command> commands) {
    beforeExecute.run();
    if (failure != null) {
      throw failure;
    }
    List<Answer> answers = new ArrayList<>();
    for (Command command : commands) {
      if (commandsUntilKilled-- <= 0) {
        throw new Killed();
      }
      log.add(command);
      int errno = carryOut(command);
      answers.add(errno == 0 ? Answer.DONE : new Answer(errno, ""));
    }
    return answers;
  }

  private int carryOut(Command command) {
    Entry entry = services.get(command.service());
    if (entry == null) {
      if (!(command instanceof Command.AddService add)) {
        return ESRCH;
      }
      if (missingModules.contains(add.value().scheduler().name())) {
        return ENOENT;
      }
      services.put(add.service(), new Entry(add.value()));
      return 0;
    }
    switch (command) {
      case Command.AddService _ -> {
        return EEXIST;
      }
      case Command.SetService set -> {
        if (missingModules.contains(set.value().scheduler().name())) {
          return ENOENT;
        }
        entry.value = set.value();
      }
      case Command.DeleteService delete -> services.remove(delete.service());
      case Command.AddDestination add -> {
        DestinationKey key = add.value().key();
        if (refusals.containsKey(key)) {
          return refusals.get(key);
        }
        if (entry.destinations.putIfAbsent(key, add.value()) != null) {
          return EEXIST;
        }
      }
      case Command.SetDestination set -> {
        if (entry.destinations.replace(set.value().key(), set.value()) == null) {
          return ENOENT;
        }
      }
      case Command.DeleteDestination delete -> {
        if (entry.destinations.remove(delete.destination()) == null) {
          return ENOENT;
        }
      }
    }
    return 0;
  }

  /** What the table holds, order of insertion left out. */
  Effective state() {
    TreeMap<ServiceKey, EffectiveService> state = new TreeMap<>();
    for (Entry entry : services.values()) {
      state.put(
          entry.value.key(), new EffectiveService(entry.value, new TreeMap<>(entry.destinations)));
    }
    return new Effective(state);
  }

  /** What one service holds. */
  EffectiveService service(ServiceKey key) {
    return Objects.requireNonNull(state().services().get(key));
  }

  /** The keys of a service's destinations in their order of insertion. */
  List<DestinationKey> insertionOrder(ServiceKey service) {
    return List.copyOf(Objects.requireNonNull(services.get(service)).destinations.keySet());
  }

  @Override
  public void close() {}
}
