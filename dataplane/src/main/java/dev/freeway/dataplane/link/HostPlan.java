package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.sync.ProgramError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What has to be changed on the machine, in order: pure. Its inputs are what our services need,
 * what is there, and what we did before.
 *
 * <p>Addresses go on a dummy link of our own. The kernel answers ARP for an IPv4 address on
 * whatever link it is ({@code arp_ignore} 0), so a router on the segment finds it. It does not
 * answer neighbour solicitations for an IPv6 address of another link (ndisc_recv_ns): such an
 * address has to be routed to the machine, or be on the right link already, where it is left.
 *
 * <p>Where one router is to answer ({@link dev.freeway.dataplane.core.Announcing}), its kernel does
 * so because the address is on the asked link too; on the others {@code arp_ignore} 1 makes the
 * address on our link a silent one. Whichever of the two links an address is taken from, it stays
 * local by the other.
 *
 * @param steps in order of execution
 * @param errors what a service needs and must not be changed
 * @param notes what is left as it is and why, and who else is there
 * @param sourceNat that of the errors which keeps source NAT from working
 */
record HostPlan(
    List<Step> steps,
    List<ProgramError> errors,
    List<String> notes,
    Optional<ProgramError> sourceNat) {
  /** Nothing needed, nothing done before. */
  static final HostPlan NOTHING = new HostPlan(List.of(), List.of(), List.of(), Optional.empty());

  /** The name of the link that holds our addresses. */
  static final String LINK = "freeway0";

  static final String ARP_IGNORE = "net/ipv4/conf/all/arp_ignore";

  /** How many connections are tracked in this namespace. */
  static final String TRACKED = "net/netfilter/nf_conntrack_count";

  private static final int NAMED = 3;

  private static final String WITHOUT_SOURCE_NAT =
      "or a Service that does without: freeway.dev/forwarding direct or tunnel, or"
          + " freeway.dev/snat: \"false\" where its backends route replies through this machine";

  /** When a step is due. */
  enum Phase {
    /** Before services are made. */
    PREPARE,
    /** After services were made and deleted. */
    SETTLE
  }

  /** What is done. */
  sealed interface Task {
    record LoadModule(String name) implements Task {}

    record SetSysctl(String path, String before, String after) implements Task {}

    record WriteSourceNat(SortedSet<ServiceKey> services) implements Task {}

    record DeleteSourceNat() implements Task {}

    record WriteSourceRanges(SortedMap<ServiceKey, SourceRanges> ranges) implements Task {}

    record DeleteSourceRanges() implements Task {}

    record WriteUntracked(SortedSet<ServiceKey> services) implements Task {}

    record DeleteUntracked() implements Task {}

    record AddLink() implements Task {}

    record SetUp(Link link) implements Task {}

    record AddAddress(IpAddress address) implements Task {}

    record DeleteAddress(LinkAddress address) implements Task {}

    record Announce(IpAddress address, Link link, Announcing announcing) implements Task {}

    record Withdraw(LinkAddress address, String link) implements Task {}
  }

  /** A change, what does it, and when. */
  record Step(HostChange change, Phase phase, Task task) {
    /** Whether it writes a table of nftables. */
    boolean writes(NftTable table) {
      return switch (task) {
        case Task.WriteSourceNat _ -> table == NftTable.SOURCE_NAT;
        case Task.WriteSourceRanges _ -> table == NftTable.SOURCE_RANGES;
        case Task.WriteUntracked _ -> table == NftTable.UNTRACKED;
        default -> false;
      };
    }

    /** Whether source NAT does not work without it. */
    boolean forSourceNat() {
      return switch (task) {
        case Task.WriteSourceNat _ -> true;
        case Task.SetSysctl set ->
            set.path().equals(DirectorSysctls.CONNTRACK) && phase == Phase.PREPARE;
        default -> false;
      };
    }
  }

  /** The services that source NAT is for: those desired, and those that had it and are kept. */
  static SortedSet<ServiceKey> sourceNat(HostNeeds needs, Saved saved) {
    return services(needs, HostNeeds.Need::sourceNat, saved.sourceNat());
  }

  /** The desired services of a kind, and those that were of it and are kept. */
  private static SortedSet<ServiceKey> services(
      HostNeeds needs, Predicate<HostNeeds.Need> kind, Set<ServiceKey> before) {
    SortedSet<ServiceKey> services = new TreeSet<>();
    needs
        .services()
        .forEach(
            (key, need) -> {
              if (kind.test(need)) {
                services.add(key);
              }
            });
    for (ServiceKey key : before) {
      if (kept(needs, key)) {
        services.add(key);
      }
    }
    return services;
  }

  /** Whether a service is not desired and stays as it is. */
  private static boolean kept(HostNeeds needs, ServiceKey key) {
    boolean there = needs.held().contains(key) || needs.present().contains(key);
    return there && !needs.services().containsKey(key);
  }

  /** The ranges of those desired, and of those that had some and are kept. */
  static SortedMap<ServiceKey, SourceRanges> sourceRanges(HostNeeds needs, Saved saved) {
    SortedMap<ServiceKey, SourceRanges> ranges = new TreeMap<>();
    needs
        .services()
        .forEach(
            (key, need) -> {
              if (need.sourceRanges().limited()) {
                ranges.put(key, need.sourceRanges());
              }
            });
    saved
        .filter()
        .ranges()
        .forEach(
            (key, held) -> {
              if (kept(needs, key)) {
                ranges.put(key, held);
              }
            });
    return ranges;
  }

  /**
   * The services that the connection tracker, if it works here, is to leave alone: those whose
   * replies it does not see, be they desired, or known as such and kept.
   */
  static SortedSet<ServiceKey> untracked(HostNeeds needs, Saved saved) {
    return services(
        needs, need -> need.forwarding() != Forwarding.NAT, saved.untracked().services());
  }

  /** The modules that services need and the kernel is asked for by name. */
  static SortedSet<String> modules(HostNeeds needs) {
    SortedSet<String> modules = new TreeSet<>();
    if (!needs.isEmpty()) {
      modules.add("ip_vs");
    }
    needs.services().values().forEach(need -> modules.add("ip_vs_" + need.scheduler()));
    return modules;
  }

  /**
   * Compares.
   *
   * @param sysctls whether sysctls are set although the table holds services of others: they are
   *     the whole namespace's
   */
  static HostPlan of(HostNeeds needs, HostState state, Saved saved, boolean sysctls) {
    Builder builder = new Builder(needs, state, saved, sysctls);
    builder.modules();
    builder.sysctls();
    builder.voices();
    builder.sourceNat();
    builder.sourceRanges();
    builder.untracked();
    builder.addresses();
    builder.neighbours();
    return new HostPlan(
        List.copyOf(builder.steps),
        List.copyOf(builder.errors),
        List.copyOf(builder.notes),
        builder.noSourceNat);
  }

  /** The parts of a plan as they come. */
  private static final class Builder {
    private final HostNeeds needs;
    private final HostState state;
    private final Saved saved;
    private final boolean setsSysctls;
    private final SortedSet<ServiceKey> sourceNat;
    private final List<Step> steps = new ArrayList<>();
    private final List<Step> last = new ArrayList<>();
    private final List<ProgramError> errors = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Optional<ProgramError> noSourceNat = Optional.empty();

    private Builder(HostNeeds needs, HostState state, Saved saved, boolean setsSysctls) {
      this.needs = needs;
      this.state = state;
      this.saved = saved;
      this.setsSysctls = setsSysctls || !needs.foreign();
      this.sourceNat = HostPlan.sourceNat(needs, saved);
    }

    private void modules() {
      for (String module : HostPlan.modules(needs)) {
        if (state.missingModules().contains(module)) {
          String reason =
              module.equals("ip_vs") ? "the kernel's load balancer" : "a service's scheduler";
          steps.add(
              new Step(
                  new HostChange(
                      HostChange.Action.ADD,
                      HostChange.Kind.MODULE,
                      "",
                      module,
                      "",
                      "loaded",
                      reason,
                      "modprobe " + module),
                  Phase.PREPARE,
                  new Task.LoadModule(module)));
        }
      }
    }

    private void sysctls() {
      boolean noIpvs = state.missingModules().contains("ip_vs");
      for (WantedSysctl wanted :
          DirectorSysctls.of(needs, !sourceNat.isEmpty(), state.links(), state.addresses())) {
        Optional<String> value = Optional.ofNullable(state.sysctls().get(wanted.path()));
        if (value.isEmpty() && !(noIpvs && DirectorSysctls.comesWithIpvs(wanted.path()))) {
          if (wanted.required() && wanted.path().equals(DirectorSysctls.CONNTRACK)) {
            error(
                wanted,
                "this kernel does not have it",
                "a kernel with CONFIG_IP_VS_NFCT",
                /* command= */ "");
            continue;
          }
          boolean ofOneLink = wanted.path().contains("/conf/") && !wanted.path().contains("/all/");
          if (!ofOneLink) { // a link may have no IPv6, and then needs nothing of it
            notes.add(
                "this kernel has no "
                    + wanted.name()
                    + " ("
                    + wanted.value()
                    + " would be right: "
                    + wanted.reason()
                    + ")");
          }
        } else if (value.isEmpty() || !DirectorSysctls.satisfied(wanted, value.get())) {
          sysctl(wanted, value.orElse(""));
        }
      }
    }

    /** Where every router answers again, what made this one silent is as it was before us. */
    private void voices() {
      if (needs.announcing().layer2()) {
        return;
      }
      saved
          .sysctls()
          .forEach(
              (path, ours) -> {
                boolean still = ours.after().equals(state.sysctls().get(path));
                if (DirectorSysctls.silences(path)
                    && still
                    && !ours.before().equals(ours.after())) {
                  sysctl(
                      new WantedSysctl(
                          path, ours.before(), "every router answers for every address", false),
                      /* before= */ ours.after());
                }
              });
    }

    private void sysctl(WantedSysctl wanted, String before) {
      String command = "sysctl -w " + wanted.name() + "=" + wanted.value();
      if (setsSysctls) {
        boolean lowers = wanted.path().equals(DirectorSysctls.CONNTRACK) && sourceNat.isEmpty();
        (lowers ? last : steps)
            .add(
                new Step(
                    new HostChange(
                        HostChange.Action.SET,
                        HostChange.Kind.SYSCTL,
                        "",
                        wanted.name(),
                        before,
                        wanted.value(),
                        wanted.reason(),
                        command),
                    lowers ? Phase.SETTLE : Phase.PREPARE,
                    new Task.SetSysctl(wanted.path(), before, wanted.value())));
        return;
      }
      String left = "left at " + before + ", for others have services in this network namespace";
      if (wanted.required()) {
        error(
            wanted,
            left,
            wanted.value() + ", because " + wanted.reason() + ": --sysctls, or " + command,
            command);
      } else {
        notes.add(
            wanted.name()
                + " is "
                + left
                + "; --sysctls sets it to "
                + wanted.value()
                + ": "
                + wanted.reason());
      }
    }

    private void error(WantedSysctl wanted, String problem, String expected, String command) {
      boolean forSourceNat = wanted.path().equals(DirectorSysctls.CONNTRACK);
      String right = forSourceNat ? expected + "; " + WITHOUT_SOURCE_NAT : expected;
      ProgramError error =
          new ProgramError("set sysctl " + wanted.name(), 0, problem, right, command);
      errors.add(error);
      if (forSourceNat) {
        noSourceNat = Optional.of(error);
      }
    }

    private void sourceNat() {
      if (!sourceNat.isEmpty()) {
        boolean there = !state.natTable().isEmpty();
        boolean same = sourceNat.equals(saved.sourceNat());
        boolean intact = there && state.natTable().equals(saved.ruleset());
        if (same && intact) {
          return;
        }
        boolean onlyFewer = intact && saved.sourceNat().containsAll(sourceNat); // they serve still
        steps.add(
            write(
                NftTable.SOURCE_NAT,
                there ? Optional.of(saved.sourceNat()) : Optional.empty(),
                sourceNat,
                same && there
                    ? "another program changed the table"
                    : "backends answer to this machine, whatever their routes say",
                onlyFewer ? Phase.SETTLE : Phase.PREPARE,
                new Task.WriteSourceNat(sourceNat)));
      } else if (!saved.sourceNat().isEmpty()) {
        last.add(
            delete(
                NftTable.SOURCE_NAT,
                saved.sourceNat(),
                "no service with source NAT is left",
                new Task.DeleteSourceNat()));
      }
    }

    /**
     * Nobody is let in before a service is limited; those who were let in stay until it is gone.
     */
    private void sourceRanges() {
      SortedMap<ServiceKey, SourceRanges> ranges = HostPlan.sourceRanges(needs, saved);
      Saved.Filter before = saved.filter();
      boolean there = !state.filterTable().isEmpty();
      if (!ranges.isEmpty()) {
        boolean same = ranges.equals(before.ranges());
        boolean intact = there && state.filterTable().equals(before.ruleset());
        if (same && intact) {
          return;
        }
        boolean onlyFewer =
            intact
                && before.ranges().entrySet().containsAll(ranges.entrySet()); // limited till gone
        steps.add(
            write(
                NftTable.SOURCE_RANGES,
                there ? Optional.of(before.ranges().keySet()) : Optional.empty(),
                ranges.keySet(),
                same && there
                    ? "another program changed the table"
                    : "only some clients may come: spec.loadBalancerSourceRanges",
                onlyFewer ? Phase.SETTLE : Phase.PREPARE,
                new Task.WriteSourceRanges(ranges)));
      } else if (there || !before.ranges().isEmpty()) {
        last.add(
            delete(
                NftTable.SOURCE_RANGES,
                before.ranges().keySet(),
                "no service with source ranges is left",
                new Task.DeleteSourceRanges()));
      }
    }

    /** Only where connections are tracked at all, and then for as long as there are services. */
    private void untracked() {
      SortedSet<ServiceKey> services = HostPlan.untracked(needs, saved);
      Saved.Untracked before = saved.untracked();
      boolean there = !state.untrackedTable().isEmpty();
      boolean tracks = !state.sysctls().getOrDefault(TRACKED, "0").equals("0");
      if (!services.isEmpty() && (tracks || there)) {
        boolean same = services.equals(before.services());
        if (same && there && state.untrackedTable().equals(before.ruleset())) {
          return;
        }
        steps.add(
            write(
                NftTable.UNTRACKED,
                there ? Optional.of(before.services()) : Optional.empty(),
                services,
                same && there
                    ? "another program changed the table"
                    : "the connection tracker sees half of each connection under direct return,"
                        + " and firewalls drop what it calls invalid",
                Phase.PREPARE,
                new Task.WriteUntracked(services)));
      } else if (services.isEmpty() && !before.services().isEmpty()) {
        last.add(
            delete(
                NftTable.UNTRACKED,
                before.services(),
                "no service of direct return is left",
                new Task.DeleteUntracked()));
      }
    }

    /**
     * Writes a table.
     *
     * @param before the services in it; empty when it is not there
     */
    private static Step write(
        NftTable table,
        Optional<Set<ServiceKey>> before,
        Set<ServiceKey> after,
        String reason,
        Phase phase,
        Task task) {
      return new Step(
          new HostChange(
              before.isPresent() ? HostChange.Action.SET : HostChange.Action.ADD,
              table.kind(),
              text(after),
              table.toString(),
              before.map(Builder::count).orElse(""),
              count(after),
              reason,
              "ipvs-router apply --manifests PATH"),
          phase,
          task);
    }

    private static Step delete(NftTable table, Set<ServiceKey> before, String reason, Task task) {
      return new Step(
          new HostChange(
              HostChange.Action.DELETE,
              table.kind(),
              text(before),
              table.toString(),
              count(before),
              "",
              reason,
              table.deletion()),
          Phase.SETTLE,
          task);
    }

    private static String count(Set<ServiceKey> services) {
      return services.size() + (services.size() == 1 ? " service" : " services");
    }

    private static String text(Set<ServiceKey> services) {
      return services.stream().map(ServiceKey::toString).collect(Collectors.joining(", "));
    }

    private void addresses() {
      Optional<Link> ours =
          state.links().stream().filter(link -> link.name().equals(LINK)).findFirst();
      int index = ours.map(Link::index).orElse(-1);
      SortedSet<IpAddress> wanted = needs.addresses();
      List<IpAddress> missing = new ArrayList<>();
      Map<IpAddress, LinkAddress> onOthers = new HashMap<>();
      Set<IpAddress> onOurs = new HashSet<>();
      for (LinkAddress held : state.addresses()) {
        if (held.link() == index) {
          onOurs.add(held.address());
        } else if (!isAnnounced(held)) {
          onOthers.put(held.address(), held);
        }
      }
      for (IpAddress address : wanted) {
        Optional<LinkAddress> elsewhere = Optional.ofNullable(onOthers.get(address));
        boolean there = onOurs.contains(address);
        if (elsewhere.isPresent()) {
          notes.add(
              address
                  + " is on "
                  + state.linkName(elsewhere.get().link())
                  + " and stays there"
                  + (needs.announcing().layer2()
                      ? ": this machine answers for it there, whoever is elected"
                      : ""));
        } else {
          if (!there) {
            missing.add(address);
          }
          if (!needs.announcing().layer2()) {
            reachable(address, index);
          }
        }
      }
      if (!missing.isEmpty() && link(ours)) {
        missing.forEach(this::add);
      }
      announcements(onOthers.keySet());
      SortedSet<IpAddress> inUse = needs.addressesInUse();
      for (LinkAddress held : state.addresses()) {
        if (held.link() == index
            && saved.addresses().contains(held.address())
            && !inUse.contains(held.address())) {
          delete(held);
        }
      }
      steps.addAll(last);
    }

    /** Whether we put an address on a link where neighbours ask for it. */
    private boolean isAnnounced(LinkAddress held) {
      return held.bits() == held.address().family().bits()
          && saved
              .announced()
              .contains(new Saved.OnLink(held.address(), state.linkName(held.link())));
    }

    /**
     * Plans who answers for what.
     *
     * @param others addresses that somebody else put on links
     */
    private void announcements(Set<IpAddress> others) {
      Segments segments = new Segments(state.links(), state.addresses());
      SortedSet<IpAddress> wanted = new TreeSet<>(needs.addresses());
      wanted.removeAll(others);
      Set<IpAddress> answered = new HashSet<>();
      for (LinkAddress held : state.addresses()) {
        if (!isAnnounced(held)) {
          continue;
        }
        boolean right =
            segments
                .of(held.address())
                .map(one -> one.link().index())
                .equals(Optional.of(held.link()));
        Answer answer = answer(held.address(), /* here= */ true);
        if (wanted.contains(held.address()) && right && answer.here()) {
          answered.add(held.address());
        } else if (wanted.contains(held.address())) {
          withdraw(held, right ? answer.reason() : "neighbours cannot ask there now");
        } else if (!needs.addressesInUse().contains(held.address())) {
          withdraw(held, "its last service is gone");
        }
      }
      List<IpAddress> nowhere = new ArrayList<>();
      for (IpAddress address : wanted) {
        Optional<Segments.OnLink> segment = segments.of(address);
        if (segment.isEmpty()) {
          nowhere.add(address);
        } else if (!answered.contains(address)) {
          Answer answer = answer(address, /* here= */ false);
          if (answer.here()) {
            announce(address, segment.get().link(), answer.reason());
          }
        }
      }
      if (needs.announcing().layer2()) {
        unreachable(nowhere);
        ignored();
      }
    }

    /** Whether this machine is to answer, and why. */
    private record Answer(boolean here, String reason) {}

    private Answer answer(IpAddress address, boolean here) {
      return switch (needs.announcing()) {
        case Announcing.Everyone _ -> new Answer(false, "every router answers for every address");
        case Announcing.Alone _ -> new Answer(true, "this router answers for it, the only one");
        case Announcing.Unknown _ -> new Answer(here, "");
        case Announcing.Elected elected -> answer(address, here, elected.routers());
      };
    }

    private Answer answer(IpAddress address, boolean here, Routers routers) {
      Optional<String> one = routers.elected(address);
      boolean self = one.equals(Optional.of(routers.self()));
      if (one.isEmpty()) { // nobody else would
        return new Answer(here, "");
      }
      if (routers.heard()) {
        return new Answer(
            self,
            (self ? "elected" : one.get() + " is elected")
                + " of "
                + String.join(", ", routers.candidates(address)));
      }
      return here
          ? new Answer(
              !state.contended().contains(address),
              "another router answers for it, and the API server is not heard")
          : new Answer(
              self && state.unanswered().contains(address),
              "nobody answers for it, and the API server is not heard");
    }

    private void announce(IpAddress address, Link link, String reason) {
      String text = address + "/" + address.family().bits();
      steps.add(
          new Step(
              new HostChange(
                  HostChange.Action.ADD,
                  HostChange.Kind.ANNOUNCEMENT,
                  servicesAt(address),
                  text,
                  "",
                  "on " + link.name(),
                  reason,
                  "ip address add "
                      + text
                      + " dev "
                      + link.name()
                      + " preferred_lft 0"
                      + (address.family() == Family.IPV6 ? " nodad" : "")),
              Phase.SETTLE,
              new Task.Announce(address, link, needs.announcing())));
    }

    private void withdraw(LinkAddress held, String reason) {
      String text = held.address() + "/" + held.bits();
      String link = state.linkName(held.link());
      steps.add(
          new Step(
              new HostChange(
                  HostChange.Action.DELETE,
                  HostChange.Kind.ANNOUNCEMENT,
                  servicesAt(held.address()),
                  text,
                  "on " + link,
                  "",
                  reason,
                  "ip address delete " + text + " dev " + link),
              Phase.SETTLE,
              new Task.Withdraw(held, link)));
    }

    /** Of many the first few are named. */
    private void unreachable(List<IpAddress> nowhere) {
      if (nowhere.isEmpty()) {
        return;
      }
      String first =
          nowhere.stream()
              .limit(NAMED)
              .map(address -> address + " (" + servicesAt(address) + ")")
              .collect(Collectors.joining(", "));
      notes.add(
          "no link of this machine that is up has a subnet with "
              + first
              + (nowhere.size() > NAMED ? " and " + (nowhere.size() - NAMED) + " more" : "")
              + ": no neighbour can ask for it here; route it to the routers, or take an address of"
              + " their subnet");
    }

    /** The higher one of a link's own and of all links' counts. */
    private void ignored() {
      String all = state.sysctls().getOrDefault(ARP_IGNORE, "0");
      if (all.compareTo("2") > 0) {
        errors.add(
            new ProgramError(
                "answer ARP for services' addresses",
                0,
                WantedSysctl.name(ARP_IGNORE) + " is " + all + ", under which the kernel is silent",
                "0, 1 or 2",
                "sysctl -w " + WantedSysctl.name(ARP_IGNORE) + "=1"));
      }
    }

    /** Notes what keeps neighbours from finding an address on our link. */
    private void reachable(IpAddress address, int index) {
      if (address.family() == Family.IPV4) {
        String ignore = state.sysctls().getOrDefault(ARP_IGNORE, "0");
        if (!ignore.equals("0")) {
          notes.add(
              WantedSysctl.name(ARP_IGNORE)
                  + " is "
                  + ignore
                  + ": this machine does not answer ARP for "
                  + address
                  + " on "
                  + LINK
                  + "; route the address to this machine, or set it to 0");
        }
        return;
      }
      for (LinkAddress held : state.addresses()) {
        if (held.link() != index
            && held.address().family() == Family.IPV6
            && held.bits() < Family.IPV6.bits()
            && Prefix.around(held.address(), held.bits()).contains(address)) {
          String name = state.linkName(held.link());
          notes.add(
              address
                  + " lies in a prefix of "
                  + name
                  + ", where neighbours cannot find it on "
                  + LINK
                  + "; route it to this machine, or: ip address add "
                  + address
                  + "/128 dev "
                  + name
                  + " nodad");
        }
      }
    }

    /** Plans the link, if it has to be made; answers whether addresses can go on it. */
    private boolean link(Optional<Link> ours) {
      if (ours.isEmpty()) {
        steps.add(
            linkStep(
                HostChange.Action.ADD,
                "",
                "ip link add " + LINK + " up type dummy",
                new Task.AddLink()));
        return true;
      }
      Link link = ours.get();
      if (!link.kind().equals("dummy")) {
        errors.add(
            new ProgramError(
                "add link " + LINK,
                0,
                "a link of that name is there and is of kind " + link.kind(),
                "a dummy link of that name, or none"));
        return false;
      }
      if (!link.up()) {
        steps.add(
            linkStep(
                HostChange.Action.SET,
                "down",
                "ip link set " + LINK + " up",
                new Task.SetUp(link)));
      }
      return true;
    }

    private static Step linkStep(
        HostChange.Action action, String before, String command, Task task) {
      return new Step(
          new HostChange(
              action,
              HostChange.Kind.LINK,
              "",
              LINK,
              before,
              "dummy, up",
              "the services' addresses are local there",
              command),
          Phase.SETTLE,
          task);
    }

    private void add(IpAddress address) {
      String text = address + "/" + address.family().bits();
      boolean six = address.family() == Family.IPV6;
      steps.add(
          new Step(
              new HostChange(
                  HostChange.Action.ADD,
                  HostChange.Kind.ADDRESS,
                  servicesAt(address),
                  text,
                  "",
                  "on " + LINK,
                  "the kernel balances only what is addressed to this machine",
                  "ip address add " + text + " dev " + LINK + (six ? " nodad" : "")),
              Phase.SETTLE,
              new Task.AddAddress(address)));
    }

    private void delete(LinkAddress held) {
      String text = held.address() + "/" + held.bits();
      steps.add(
          new Step(
              new HostChange(
                  HostChange.Action.DELETE,
                  HostChange.Kind.ADDRESS,
                  "",
                  text,
                  "on " + LINK,
                  "",
                  "its last service is gone",
                  "ip address delete " + text + " dev " + LINK),
              Phase.SETTLE,
              new Task.DeleteAddress(held)));
    }

    private String servicesAt(IpAddress address) {
      return needs.held().stream()
          .filter(key -> key.address().equals(address))
          .map(ServiceKey::toString)
          .collect(Collectors.joining(", "));
    }

    private void neighbours() {
      if (state.neighbours().contains("kube-proxy")) {
        notes.add(
            "kube-proxy works in this network namespace in its IPVS mode: it sets"
                + " net.ipv4.vs.conntrack to 1 and deletes IPVS services that it did not make; run it"
                + " with --proxy-mode=nftables");
      }
      if (state.neighbours().contains("kube-router")) {
        notes.add(
            "kube-router works in this network namespace: it sets net.ipv4.vs.conntrack to 1 and"
                + " deletes IPVS services that it did not make; give the router a namespace of its"
                + " own, or run kube-router without --run-service-proxy");
      }
    }
  }

  /** What the record has to say before steps are done. */
  static Saved before(List<Step> steps, Saved saved, HostState state) {
    Saved next = saved;
    for (Saved.OnLink address : saved.announced()) {
      boolean there =
          state.addresses().stream()
              .anyMatch(
                  held ->
                      held.address().equals(address.address())
                          && state.linkName(held.link()).equals(address.link()));
      if (!there) { // the kernel let go of it: what comes there next is another's
        next = next.withdrawn(address);
      }
    }
    for (Step step : steps) {
      switch (step.task()) {
        case Task.SetSysctl set -> {
          next = next.setting(set.path(), set.before(), set.after());
          Map<String, String> dragged = new LinkedHashMap<>();
          for (String path : DirectorSysctls.dragged(set.path(), state.links())) {
            Optional.ofNullable(state.sysctls().get(path))
                .ifPresent(value -> dragged.put(path, value));
          }
          next = next.dragging(dragged);
        }
        case Task.WriteSourceNat write -> next = next.withSourceNat(write.services(), "unknown");
        case Task.WriteSourceRanges write -> next = next.withFilter(write.ranges(), "unknown");
        case Task.WriteUntracked write -> next = next.withUntracked(write.services(), "unknown");
        case Task.AddLink _ -> next = next.withLink(true);
        case Task.AddAddress add -> next = next.with(add.address());
        case Task.Announce announce ->
            next = next.announcing(new Saved.OnLink(announce.address(), announce.link().name()));
        case Task.LoadModule _,
            Task.DeleteSourceNat _,
            Task.DeleteSourceRanges _,
            Task.DeleteUntracked _,
            Task.SetUp _,
            Task.DeleteAddress _,
            Task.Withdraw _ -> {}
      }
    }
    return next;
  }
}
