package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.ProgramError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** One putting back of what a record says; what cannot be put back stays in the record. */
final class Restoration {
  private static final String REASON = "as it was before us";

  private final Machine machine;
  private final List<HostChange> changes = new ArrayList<>();
  private final List<ProgramError> errors = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Saved left;

  Restoration(Machine machine, Saved saved) {
    this.machine = machine;
    this.left = saved;
  }

  List<HostChange> changes() {
    return changes;
  }

  List<ProgramError> errors() {
    return errors;
  }

  /** What needs no putting back, for people. */
  List<String> notes() {
    return notes;
  }

  /** What is still to be put back. */
  Saved left() {
    return left;
  }

  void run() {
    attempt("delete source-nat " + NftTable.SOURCE_NAT, this::sourceNat);
    Optional<Link> link =
        machine.links().stream().filter(held -> held.name().equals(HostPlan.LINK)).findFirst();
    for (Saved.OnLink address : left.announced()) {
      attempt("delete announcement " + address.address(), () -> announcement(address));
    }
    for (IpAddress address : left.addresses()) {
      attempt("delete address " + address, () -> address(address, link));
    }
    attempt("delete source-ranges " + NftTable.SOURCE_RANGES, this::sourceRanges);
    attempt("delete untracked " + NftTable.UNTRACKED, this::untracked);
    if (left.link()) {
      attempt("delete link " + HostPlan.LINK, () -> link(link));
    }
    for (Map.Entry<String, Saved.Sysctl> entry : left.sysctlsBackwards()) {
      String name = WantedSysctl.name(entry.getKey());
      attempt("set sysctl " + name, () -> sysctl(entry.getKey(), name, entry.getValue()));
    }
    if (left.sysctls().isEmpty()) {
      left = left.withoutDragged();
    }
  }

  private void attempt(String what, Runnable step) {
    try {
      step.run();
    } catch (HostException | NetlinkException e) {
      errors.add(LinkHost.error(what, e));
    }
  }

  private void changed(
      HostChange.Action action,
      HostChange.Kind kind,
      String name,
      String before,
      String after,
      String command) {
    changes.add(new HostChange(action, kind, "", name, before, after, REASON, command));
  }

  private void sourceNat() {
    if (!left.sourceNat().isEmpty()) {
      delete(NftTable.SOURCE_NAT, left.sourceNat().size());
      left = left.withSourceNat(new TreeSet<>(), "");
    }
  }

  private void sourceRanges() {
    int services = left.filter().ranges().size();
    if (services > 0) {
      if (delete(NftTable.SOURCE_RANGES, services)) {
        notes.add(
            "whatever of the services with source ranges is still reached takes everybody's packets"
                + " now; ipvsadm -D takes one away");
      }
      left = left.withFilter(Collections.emptySortedMap(), "");
    }
  }

  private void untracked() {
    if (!left.untracked().services().isEmpty()) {
      delete(NftTable.UNTRACKED, left.untracked().services().size());
      left = left.withUntracked(new TreeSet<>(), "");
    }
  }

  /** Deletes a table of so many services; answers whether it was there. */
  private boolean delete(NftTable table, int services) {
    if (machine.ruleset(table).isEmpty()) {
      return false;
    }
    machine.nft(table, table.clear());
    changed(
        HostChange.Action.DELETE,
        table.kind(),
        table.toString(),
        services + " services",
        "",
        table.deletion());
    return true;
  }

  private void announcement(Saved.OnLink announced) {
    for (Link link : machine.links()) {
      for (LinkAddress held : machine.addresses()) {
        if (link.name().equals(announced.link())
            && held.link() == link.index()
            && held.address().equals(announced.address())
            && held.bits() == held.address().family().bits()) {
          machine.deleteAddress(held);
          String text = held.address() + "/" + held.bits();
          changed(
              HostChange.Action.DELETE,
              HostChange.Kind.ANNOUNCEMENT,
              text,
              "on " + link.name(),
              "",
              "ip address delete " + text + " dev " + link.name());
        }
      }
    }
    left = left.withdrawn(announced);
  }

  private void address(IpAddress address, Optional<Link> link) {
    for (LinkAddress held : machine.addresses()) {
      if (link.isPresent() && held.link() == link.get().index() && held.address().equals(address)) {
        machine.deleteAddress(held);
        String text = address + "/" + held.bits();
        changed(
            HostChange.Action.DELETE,
            HostChange.Kind.ADDRESS,
            text,
            "on " + HostPlan.LINK,
            "",
            "ip address delete " + text + " dev " + HostPlan.LINK);
      }
    }
    left = left.without(address);
  }

  private void link(Optional<Link> link) {
    if (link.isPresent()) {
      for (LinkAddress held : machine.addresses()) {
        if (held.link() == link.get().index() && !held.address().isLinkLocal6()) {
          throw new HostException(
              "left, for it holds " + held.address() + ", which is not ours",
              0,
              "no address of others on it: ip address delete "
                  + held.address()
                  + "/"
                  + held.bits()
                  + " dev "
                  + HostPlan.LINK);
        }
      }
      machine.deleteLink(link.get());
      changed(
          HostChange.Action.DELETE,
          HostChange.Kind.LINK,
          HostPlan.LINK,
          "dummy",
          "",
          "ip link delete " + HostPlan.LINK);
    }
    left = left.withLink(false);
  }

  private void sysctl(String path, String name, Saved.Sysctl value) {
    Optional<String> now = machine.sysctl(path);
    if (now.isEmpty()) {
      // Not forgotten earlier: a link that comes back takes the default, which we may have set.
      notes.add(name + " was " + value.before() + " and is gone" + withLink(path));
    }
    if (now.isPresent()
        && now.get().equals(value.after())
        && !value.after().equals(value.before())) {
      machine.setSysctl(path, value.before());
      changed(
          HostChange.Action.SET,
          HostChange.Kind.SYSCTL,
          name,
          /* before= */ value.after(),
          /* after= */ value.before(),
          "sysctl -w " + name + "=" + value.before());
      dragged(path);
    } else if (now.isPresent() && !now.get().equals(value.before())) {
      throw new HostException(
          "left at "
              + now.get()
              + ", which somebody set since: it was "
              + value.before()
              + " and we set "
              + value.after(),
          0,
          "sysctl -w " + name + "=" + value.before() + ", if it is to be as before");
    }
    left = left.withoutSysctl(path);
  }

  private String withLink(String path) {
    String[] words = path.split("/", -1); // net/ipv4/conf/eth0/send_redirects
    boolean ofLink = words.length == 5 && words[2].equals("conf");
    return ofLink && machine.links().stream().noneMatch(link -> link.name().equals(words[3]))
        ? " with its link " + words[3]
        : "";
  }

  /** What the kernel changed along with the one goes back after it. */
  private void dragged(String path) {
    List<String> along = DirectorSysctls.dragged(path, machine.links());
    left.dragged()
        .forEach(
            (other, before) -> {
              Optional<String> now = machine.sysctl(other);
              if (along.contains(other) && now.isPresent() && !now.get().equals(before)) {
                machine.setSysctl(other, before);
              }
            });
  }
}
