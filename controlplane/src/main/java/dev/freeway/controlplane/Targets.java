package dev.freeway.controlplane;

import dev.freeway.controlplane.accounts.Member;
import dev.freeway.controlplane.accounts.Mfa;
import dev.freeway.controlplane.accounts.Organization;
import dev.freeway.controlplane.accounts.RoleArn;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.collect.Access;
import dev.freeway.controlplane.collect.Account;
import dev.freeway.controlplane.collect.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The accounts that a command line means. Finding them asks AWS: who the caller is, and which
 * accounts its organisation has.
 *
 * @param targets in order
 * @param left those that cannot be scanned, as they are suspended
 */
record Targets(List<Target> targets, List<Member> left) {

  /**
   * Finds them.
   *
   * @param first opened by the first access; it has the connections of all
   * @throws CommandException when AWS does not say, or has no such account
   */
  static Targets find(Session first, List<Access> access, TargetOptions options) {
    try {
      Optional<Mfa> mfa = options.mfa();
      List<Target> targets = new ArrayList<>();
      if (!options.assumes()) {
        for (int i = 0; i < access.size(); i++) {
          Session session = i == 0 ? first : first.beside(access.get(i), System.getenv());
          targets.add(
              new Target(
                  Optional.empty(),
                  access.get(i).profile(),
                  mfa.isPresent() ? mfa.get().session(session) : session,
                  Optional.empty()));
        }
        return new Targets(targets, List.of());
      }
      Session base = mfa.isPresent() ? mfa.get().session(first) : first;
      for (RoleArn role : options.roles()) {
        targets.add(new Target(Optional.of(role.account()), "", base, Optional.of(role)));
      }
      return options.byId() ? byId(base, options) : new Targets(targets, List.of());
    } catch (AwsException e) {
      throw new CommandException(Refused.words(e), e);
    }
  }

  private static Targets byId(Session base, TargetOptions options) throws AwsException {
    List<String> listed = options.listed();
    List<Member> members =
        options.organization()
            ? new Organization(base).members(options.units())
            : listed.stream().map(id -> new Member(id, "", "ACTIVE")).toList();
    Map<String, Member> byId = new HashMap<>();
    members.forEach(member -> byId.put(member.id(), member));
    known("--accounts", listed, byId);
    known("--exclude", options.excluded(), byId);
    String own = Account.id(base);
    List<Target> targets = new ArrayList<>();
    List<Member> left = new ArrayList<>();
    for (Member member : members) {
      if (options.excluded().contains(member.id())
          || !(listed.isEmpty() || listed.contains(member.id()))) {
        continue;
      }
      if (!member.isActive()) {
        left.add(member);
        continue;
      }
      Optional<RoleArn> role =
          member.id().equals(own)
              ? Optional.empty()
              : Optional.of(options.role(base.partition(), member.id()));
      targets.add(new Target(Optional.of(member.id()), member.name(), base, role));
    }
    if (targets.isEmpty()) {
      throw new CommandException(
          "no account to scan: of "
              + members.size()
              + " accounts "
              + left.size()
              + " are suspended and the others are excluded or not among those that were asked"
              + " for; expected one at least");
    }
    return new Targets(targets, left);
  }

  private static void known(String option, List<String> ids, Map<String, Member> members) {
    for (String id : ids) {
      if (!members.containsKey(id)) {
        throw new CommandException(
            option
                + " "
                + id
                + ": not among the "
                + members.size()
                + " accounts of the organisation, or of the units that were asked for; expected"
                + " one of them, see --dry-run");
      }
    }
  }
}
