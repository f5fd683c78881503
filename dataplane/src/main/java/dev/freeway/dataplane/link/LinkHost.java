package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.Announced;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateDirectory;
import dev.freeway.dataplane.sync.StateException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Prepares the machine, and puts it back. What was there is in the state directory before the first
 * change; the record is read anew each time, for {@code restore} may have come in between. Used by
 * one thread, whose network namespace it works on.
 */
public final class LinkHost implements Host {
  private final Machine machine;
  private final StateDirectory state;
  private final Namespace namespace;
  private final boolean sysctls;
  private final Set<String> modulesTried = new HashSet<>();
  private final LongSupplier clock;
  private final Announcer announcer;
  private Announced announced = Announced.NONE;
  private boolean foreign = true; // until the table was looked at

  LinkHost(Machine machine, StateDirectory state, Namespace namespace, boolean sysctls) {
    this(machine, state, namespace, sysctls, System::nanoTime);
  }

  LinkHost(
      Machine machine,
      StateDirectory state,
      Namespace namespace,
      boolean sysctls,
      LongSupplier clock) {
    this.machine = machine;
    this.state = state;
    this.namespace = namespace;
    this.sysctls = sysctls;
    this.clock = clock;
    this.announcer = new Announcer(machine);
  }

  /**
   * This machine.
   *
   * @param sysctls whether sysctls are set although the table holds services of others
   */
  public static LinkHost open(StateDirectory state, Namespace namespace, boolean sysctls) {
    return new LinkHost(new KernelMachine(), state, namespace, sysctls);
  }

  /** What is recorded, what is there, and what follows. */
  private record Look(Saved saved, HostState state, HostPlan plan, List<String> notes) {}

  @Override
  public Report pending(HostNeeds needs) {
    return guarded(
        () -> {
          Look look = look(needs);
          return new Report(
              look.plan.steps().stream().map(HostPlan.Step::change).toList(),
              look.plan.errors(),
              look.notes,
              look.plan.sourceNat().or(() -> withoutNft(look.plan, NftTable.SOURCE_NAT)),
              withoutNft(look.plan, NftTable.SOURCE_RANGES));
        });
  }

  /** Why a table could not be written; no error yet, for nobody tried. */
  private Optional<ProgramError> withoutNft(HostPlan plan, NftTable table) {
    for (HostPlan.Step step : plan.steps()) {
      if (step.writes(table)) {
        try {
          machine.checkNft();
        } catch (HostException e) {
          return Optional.of(error(step.change().what(), e));
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public Report prepare(HostNeeds needs) {
    return guarded(() -> execute(needs, step -> step.phase() == HostPlan.Phase.PREPARE));
  }

  @Override
  public Report ready(HostNeeds needs) {
    return guarded(
        () ->
            execute(
                needs,
                step ->
                    step.task() instanceof HostPlan.Task.LoadModule
                        || step.task() instanceof HostPlan.Task.SetSysctl));
  }

  @Override
  public Report settle(HostNeeds needs) {
    return guarded(
        () -> {
          Report report = execute(needs, step -> true);
          answers(needs);
          announcer.tick(clock.getAsLong());
          return report;
        });
  }

  /** Takes in who answers now, as the machine shows it. */
  private void answers(HostNeeds needs) {
    if (!needs.announcing().layer2() && announced.equals(Announced.NONE)) {
      return;
    }
    Saved saved = load(new ArrayList<>());
    List<Link> links = machine.links();
    List<LinkAddress> addresses = machine.addresses();
    Segments segments = new Segments(links, addresses);
    SortedMap<IpAddress, Here> here = here(saved, links, addresses);
    Optional<Routers> routers =
        needs.announcing() instanceof Announcing.Elected elected
            ? Optional.of(elected.routers())
            : Optional.empty();
    SortedMap<IpAddress, Link> toAsk = new TreeMap<>();
    SortedMap<IpAddress, Announced.Answerer> answerers = new TreeMap<>();
    for (IpAddress address : needs.addresses()) {
      Optional<Link> link = segments.of(address).map(Segments.OnLink::link);
      String elected = routers.flatMap(all -> all.elected(address)).orElse("");
      boolean ours = routers.isPresent() && elected.equals(routers.get().self());
      answerers.put(
          address,
          new Announced.Answerer(
              link.map(Link::name).orElse(""), here.containsKey(address), elected));
      if (link.isPresent()
          && routers.isPresent()
          && !routers.get().heard()
          && (ours || here.containsKey(address))) {
        toAsk.put(address, link.get());
      }
    }
    SortedMap<IpAddress, LinkAddress> lent = new TreeMap<>();
    here.forEach((address, one) -> lent.put(address, one.address()));
    announcer.settled(lent, toAsk, needs.announcing(), clock.getAsLong());
    announced =
        needs.announcing().layer2() ? new Announced(segments.toTell(), answerers) : Announced.NONE;
  }

  @Override
  public Announced announced() {
    return announced;
  }

  @Override
  public SortedMap<IpAddress, String> answered() {
    SortedMap<IpAddress, String> answered = new TreeMap<>();
    Saved saved = load(new ArrayList<>());
    if (!saved.announced().isEmpty()) {
      here(saved, machine.links(), machine.addresses())
          .forEach((address, held) -> answered.put(address, held.link().name()));
    }
    return answered;
  }

  @Override
  public boolean layer2() {
    Saved saved = load(new ArrayList<>());
    return !saved.announced().isEmpty()
        || saved.sysctls().entrySet().stream()
            .anyMatch(
                one ->
                    DirectorSysctls.silences(one.getKey())
                        && !one.getValue().before().equals(one.getValue().after()));
  }

  /** An address of ours where neighbours ask for it. */
  private record Here(LinkAddress address, Link link) {}

  private static SortedMap<IpAddress, Here> here(
      Saved saved, List<Link> links, List<LinkAddress> addresses) {
    SortedMap<IpAddress, Here> here = new TreeMap<>();
    for (LinkAddress held : addresses) {
      for (Link link : links) {
        if (link.index() == held.link()
            && held.bits() == held.address().family().bits()
            && saved.announced().contains(new Saved.OnLink(held.address(), link.name()))) {
          here.put(held.address(), new Here(held, link));
        }
      }
    }
    return here;
  }

  @Override
  public OptionalLong nextDeadline() {
    return announcer.nextDeadline();
  }

  @Override
  public boolean tick() {
    try {
      return announcer.tick(clock.getAsLong());
    } catch (NetlinkException | MalformedMessageException e) {
      machine.close(); // opened anew at the next attempt
      return true; // settle looks, and says what is wrong
    }
  }

  private Look look(HostNeeds needs) {
    foreign = needs.foreign();
    List<String> notes = new ArrayList<>();
    Saved saved = load(notes);
    if (needs.isEmpty() && saved.isEmpty() && !needs.announcing().layer2()) {
      return new Look(saved, HostState.NONE, HostPlan.NOTHING, notes);
    }
    List<Link> links = machine.links();
    boolean sourceNat = !HostPlan.sourceNat(needs, saved).isEmpty();
    List<LinkAddress> addresses = machine.addresses();
    Map<String, String> values = new HashMap<>();
    read(HostPlan.ARP_IGNORE, values);
    read(HostPlan.TRACKED, values);
    saved.sysctls().keySet().stream()
        .filter(DirectorSysctls::silences)
        .forEach(path -> read(path, values));
    for (WantedSysctl wanted : DirectorSysctls.of(needs, sourceNat, links, addresses)) {
      read(wanted.path(), values);
      if (!wanted.value().equals(values.get(wanted.path()))) {
        DirectorSysctls.dragged(wanted.path(), links).forEach(path -> read(path, values));
      }
    }
    Set<String> missing = new HashSet<>();
    for (String module : HostPlan.modules(needs)) {
      if (!modulesTried.contains(module) && !machine.hasModule(module)) {
        missing.add(module);
      }
    }
    boolean untracked =
        !saved.untracked().services().isEmpty()
            || (values.containsKey(HostPlan.TRACKED)
                && !HostPlan.untracked(needs, saved).isEmpty());
    if (untracked) {
      withoutLibrary()
          .ifPresent(
              why -> {
                values.remove(HostPlan.TRACKED);
                notes.add(stayTracked(why));
              });
    }
    HostState seen =
        new HostState(
            links,
            addresses,
            values,
            missing,
            sourceNat || !saved.sourceNat().isEmpty() ? ruleset(NftTable.SOURCE_NAT) : "",
            ruleset(
                NftTable
                    .SOURCE_RANGES), // one that no record knows would turn clients away for good
            untracked ? ruleset(NftTable.UNTRACKED) : "",
            neighbours(links, notes),
            announcer.contended(clock.getAsLong()),
            announcer.unanswered(clock.getAsLong()));
    HostPlan plan = HostPlan.of(needs, seen, saved, sysctls);
    notes.addAll(plan.notes());
    announcer.problem().ifPresent(notes::add);
    return new Look(saved, seen, plan, notes);
  }

  private static String stayTracked(String why) {
    return "connections of direct return stay tracked: "
        + why
        + "; a firewall that drops invalid packets drops theirs";
  }

  private Optional<String> withoutLibrary() {
    try {
      machine.checkNft();
      return Optional.empty();
    } catch (HostException e) {
      return Optional.of(e.getMessage() + " (" + e.expected() + ")");
    }
  }

  private void read(String path, Map<String, String> into) {
    machine.sysctl(path).ifPresent(value -> into.put(path, value));
  }

  private String ruleset(NftTable table) {
    try {
      return machine.ruleset(table);
    } catch (HostException | NetlinkException e) {
      return ""; // why will be said by the attempt to write it
    }
  }

  private Set<String> neighbours(List<Link> links, List<String> notes) {
    try {
      return machine.neighbours(links);
    } catch (NetlinkException e) {
      notes.add("whether kube-proxy or kube-router work here is not known: " + e.getMessage());
      return Set.of();
    }
  }

  private Report execute(HostNeeds needs, Predicate<HostPlan.Step> due) {
    Look look = look(needs);
    List<HostChange> done = new ArrayList<>(loadModules(look.plan));
    if (!look.state.missingModules().isEmpty()) {
      look = look(needs); // a module brings its sysctls
    }
    List<HostPlan.Step> steps = look.plan.steps().stream().filter(due).toList();
    List<ProgramError> errors = new ArrayList<>(look.plan.errors());
    Optional<ProgramError> sourceNat = look.plan.sourceNat();
    Optional<ProgramError> sourceRanges = Optional.empty();
    Saved saved = HostPlan.before(steps, look.saved, look.state);
    save(saved, look.saved);
    Saved after = saved;
    boolean nobodyTranslates = look.saved.sourceNat().isEmpty();
    for (HostPlan.Step step : steps) {
      boolean table = step.task() instanceof HostPlan.Task.WriteSourceNat;
      if (table && sourceNat.isPresent() && nobodyTranslates) {
        after = asItWas(step.task(), look.saved, after);
        continue; // in vain
      }
      try {
        after = execute(step.task(), after);
        done.add(step.change());
      } catch (HostException | NetlinkException e) {
        if (notOursToSet(step, e)) {
          look.notes.add(
              step.change().what()
                  + " is left to "
                  + step.change().command()
                  + " on the node, or to ipvs-router prepare: sysctls are read-only here");
          continue;
        }
        if (e instanceof HostException) {
          after = asItWas(step.task(), look.saved, after);
        }
        if (step.task() instanceof HostPlan.Task.WriteUntracked) {
          look.notes.add(stayTracked(String.valueOf(e.getMessage())));
          continue;
        }
        ProgramError error = error(step.change().what(), e);
        errors.add(error);
        if (step.forSourceNat()) {
          sourceNat = Optional.of(error);
        }
        if (step.task() instanceof HostPlan.Task.WriteSourceRanges) {
          sourceRanges = Optional.of(error);
        }
        if (table && e instanceof HostException && nobodyTranslates) {
          after = withoutConntrack(steps, done, after);
        }
      }
    }
    save(after, saved);
    return new Report(done, errors, look.notes, sourceNat, sourceRanges);
  }

  /** The record of a table that was not written after all: that is one transaction. */
  private static Saved asItWas(HostPlan.Task task, Saved before, Saved after) {
    return switch (task) {
      case HostPlan.Task.WriteSourceNat _ ->
          after.withSourceNat(before.sourceNat(), before.ruleset());
      case HostPlan.Task.WriteSourceRanges _ ->
          after.withFilter(before.filter().ranges(), before.filter().ruleset());
      case HostPlan.Task.WriteUntracked _ ->
          after.withUntracked(before.untracked().services(), before.untracked().ruleset());
      default -> after;
    };
  }

  /** Whether a container may not set a sysctl, and services work without it. */
  private static boolean notOursToSet(HostPlan.Step step, RuntimeException e) {
    return e instanceof HostException refused
        && refused.errno() == Errno.EROFS
        && step.task() instanceof HostPlan.Task.SetSysctl set
        && !DirectorSysctls.required(set.path(), set.after());
  }

  /** Takes back what was set for a table that then could not be written. */
  private Saved withoutConntrack(List<HostPlan.Step> steps, List<HostChange> done, Saved saved) {
    Saved left = saved;
    for (HostPlan.Step step : steps) {
      if (step.forSourceNat()
          && step.task() instanceof HostPlan.Task.SetSysctl set
          && done.remove(step.change())) {
        machine.setSysctl(set.path(), set.before());
        left = left.setting(set.path(), /* before= */ set.after(), /* after= */ set.before());
      }
    }
    return left;
  }

  /** Tries once: the kernel asks for its modules itself too, and says which one is missing. */
  private List<HostChange> loadModules(HostPlan plan) {
    List<HostChange> loaded = new ArrayList<>();
    for (HostPlan.Step step : plan.steps()) {
      if (step.task() instanceof HostPlan.Task.LoadModule module
          && modulesTried.add(module.name())
          && machine.loadModule(module.name())) {
        loaded.add(step.change());
      }
    }
    return loaded;
  }

  private Saved execute(HostPlan.Task task, Saved saved) {
    switch (task) {
      case HostPlan.Task.LoadModule _ -> {} // tried before
      case HostPlan.Task.SetSysctl set -> machine.setSysctl(set.path(), set.after());
      case HostPlan.Task.WriteSourceNat write -> {
        machine.nft(NftTable.SOURCE_NAT, SourceNat.replace(write.services()));
        return saved.withSourceNat(write.services(), machine.ruleset(NftTable.SOURCE_NAT));
      }
      case HostPlan.Task.DeleteSourceNat _ -> {
        machine.nft(NftTable.SOURCE_NAT, NftTable.SOURCE_NAT.clear());
        return saved.withSourceNat(new TreeSet<>(), "");
      }
      case HostPlan.Task.WriteSourceRanges write -> {
        machine.nft(NftTable.SOURCE_RANGES, SourceFilter.replace(write.ranges()));
        return saved.withFilter(write.ranges(), machine.ruleset(NftTable.SOURCE_RANGES));
      }
      case HostPlan.Task.DeleteSourceRanges _ -> {
        machine.nft(NftTable.SOURCE_RANGES, NftTable.SOURCE_RANGES.clear());
        return saved.withFilter(Collections.emptySortedMap(), "");
      }
      case HostPlan.Task.WriteUntracked write -> {
        machine.nft(NftTable.UNTRACKED, Untracked.replace(write.services()));
        return saved.withUntracked(write.services(), machine.ruleset(NftTable.UNTRACKED));
      }
      case HostPlan.Task.DeleteUntracked _ -> {
        machine.nft(NftTable.UNTRACKED, NftTable.UNTRACKED.clear());
        return saved.withUntracked(new TreeSet<>(), "");
      }
      case HostPlan.Task.AddLink _ -> machine.addDummy(HostPlan.LINK);
      case HostPlan.Task.SetUp up -> machine.setUp(up.link());
      case HostPlan.Task.AddAddress add -> {
        Link link =
            ourLink()
                .orElseThrow(
                    () ->
                        new HostException(
                            "there is no link " + HostPlan.LINK, 0, "the link to be there"));
        boolean six = add.address().family() == Family.IPV6;
        machine.addAddress(
            new LinkAddress(
                link.index(),
                add.address(),
                add.address().family().bits(),
                six ? RouteNumbers.IFA_F_NODAD : 0));
      }
      case HostPlan.Task.Announce announce -> {
        boolean six = announce.address().family() == Family.IPV6;
        machine.lendAddress(
            new LinkAddress(
                announce.link().index(),
                announce.address(),
                announce.address().family().bits(),
                six ? RouteNumbers.IFA_F_NODAD : 0),
            Announcer.lifetime(announce.announcing()));
        announcer.taken(announce.address(), announce.link(), clock.getAsLong());
      }
      case HostPlan.Task.Withdraw withdraw -> {
        machine.deleteAddress(withdraw.address());
        announcer.gone(withdraw.address().address());
        return saved.withdrawn(new Saved.OnLink(withdraw.address().address(), withdraw.link()));
      }
      case HostPlan.Task.DeleteAddress delete -> {
        machine.deleteAddress(delete.address());
        return saved.without(delete.address().address());
      }
    }
    return saved;
  }

  private Optional<Link> ourLink() {
    return machine.links().stream().filter(link -> link.name().equals(HostPlan.LINK)).findFirst();
  }

  @Override
  public boolean whileKept(Runnable batch) {
    try {
      Optional<String> value = machine.sysctl(DirectorSysctls.EXPIRE_NODEST_CONN);
      if (value.isEmpty()) {
        return false;
      }
      if (value.get().equals("0")) {
        batch.run();
        return true;
      }
      if (foreign && !sysctls) {
        return false; // not ours to change, not even for a moment
      }
      machine.setSysctl(DirectorSysctls.EXPIRE_NODEST_CONN, "0");
      try {
        batch.run();
        machine.awaitPackets(); // those that met a destination while it was gone
      } finally {
        machine.setSysctl(DirectorSysctls.EXPIRE_NODEST_CONN, value.get());
      }
      return true;
    } catch (HostException e) {
      return false; // read-only: settle says so
    }
  }

  @Override
  public Set<ServiceKey> sourceNat() {
    return load(new ArrayList<>()).sourceNat();
  }

  @Override
  public SortedMap<ServiceKey, SourceRanges> sourceRanges() {
    return load(new ArrayList<>()).filter().ranges();
  }

  @Override
  public Report restore() {
    return guarded(
        () -> {
          List<String> notes = new ArrayList<>();
          Saved saved = load(notes);
          if (saved.isEmpty()) {
            notes.add("nothing is recorded for this network namespace: nothing to restore");
            return new Report(List.of(), List.of(), notes);
          }
          Restoration restoration = new Restoration(machine, saved);
          restoration.run();
          notes.addAll(restoration.notes());
          save(restoration.left(), saved);
          return new Report(restoration.changes(), restoration.errors(), notes);
        });
  }

  private Report guarded(Supplier<Report> work) {
    try {
      return work.get();
    } catch (NetlinkException | MalformedMessageException e) {
      machine.close(); // opened anew at the next attempt
      return failed(error("prepare this machine", e));
    } catch (StateException e) {
      return failed(
          new ProgramError(
              "save what is to be changed on this machine", 0, e.problem(), e.expected()));
    }
  }

  private static Report failed(ProgramError error) {
    return new Report(List.of(), List.of(error), List.of(), Optional.of(error), Optional.of(error));
  }

  static ProgramError error(String what, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case HostException host -> new ProgramError(what, host.errno(), message, host.expected());
      case NetlinkException netlink ->
          new ProgramError(
              what,
              netlink.errno(),
              message,
              netlink.errno() == Errno.EOPNOTSUPP
                  ? "a kernel with dummy links: modprobe dummy"
                  : "a kernel that takes it");
      default -> new ProgramError(what, 0, message, "a kernel that answers as Linux does");
    };
  }

  /** One file a namespace, like the record of services. */
  private String file() {
    return "host-" + namespace.netns().replaceAll("[^0-9]", "");
  }

  private Saved load(List<String> notes) {
    return switch (state.load(file())) {
      case StateDirectory.Loaded.Missing _ -> Saved.NOTHING;
      case StateDirectory.Loaded.Corrupt corrupt -> lost(corrupt.reason(), notes);
      case StateDirectory.Loaded.Present present -> {
        try {
          yield Saved.parse(new String(present.content(), StandardCharsets.UTF_8), namespace);
        } catch (IllegalArgumentException e) {
          yield lost(state.path().resolve(file()) + " " + e.getMessage(), notes);
        }
      }
    };
  }

  private static Saved lost(String why, List<String> notes) {
    notes.add(
        "the record of what was here before us is lost ("
            + why
            + "): addresses and sysctls that we set earlier are not put back");
    return Saved.NOTHING;
  }

  private void save(Saved saved, Saved before) {
    if (saved.equals(before)) {
      return;
    }
    if (saved.isEmpty()) {
      state.delete(file());
    } else {
      state.save(file(), saved.format(namespace).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    machine.close();
  }
}
