package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which member the clients of a prefix went to, for as long as one of them came within the time-out
 * (the kernel's templates). Not safe for several threads: its service's lock guards it.
 */
final class Persistence {
  /** A member, and when it is forgotten. */
  private static final class Template {
    final Member member;
    long until;

    Template(Member member, long until) {
      this.member = member;
      this.until = until;
    }
  }

  private final Map<IpAddress, Template> templates = new HashMap<>();

  /** The member of a client's prefix, while it takes new connections. */
  Optional<Member> find(IpAddress prefix, long now) {
    Template template = templates.get(prefix);
    if (template == null) {
      return Optional.empty();
    }
    // A member that drains loses its clients, as with expire_quiescent_template.
    if (now - template.until >= 0 || template.member.value().weight() == 0) {
      templates.remove(prefix);
      return Optional.empty();
    }
    return Optional.of(template.member);
  }

  /** A client of a prefix has come to a member. */
  void keep(IpAddress prefix, Member member, long until) {
    Template template = templates.get(prefix);
    if (template == null || template.member != member) {
      templates.put(prefix, new Template(member, until));
    } else {
      template.until = until;
    }
  }

  void forget(Member member) {
    templates.values().removeIf(template -> template.member == member);
  }

  /** Forgets what has timed out. */
  void expire(long now) {
    templates.values().removeIf(template -> now - template.until >= 0);
  }

  /** How many prefixes each member has. */
  Map<Member, Integer> counts() {
    Map<Member, Integer> counts = new HashMap<>();
    templates.values().forEach(template -> counts.merge(template.member, 1, Integer::sum));
    return counts;
  }
}
