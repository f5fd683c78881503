package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which member the clients of a prefix went to, for as long as one of them came within the time-out
 * or has a connection (the kernel's templates, and {@code n_control} in ip_vs_conn_expire). Not
 * safe for several threads: its service's lock guards it.
 */
final class Persistence {
  /** What has timed out while there are connections is looked at again after so long. */
  private static final long LATER = Duration.ofSeconds(60).toNanos();

  /** A member, and when it is forgotten. */
  private static final class Template {
    final Member member;
    long until;
    int connections; // that it has led there and that have not ended

    Template(Member member, long until) {
      this.member = member;
      this.until = until;
    }

    /** Whether its time is over, now that it is looked at; it is not while it has connections. */
    boolean over(long now) {
      if (now - until >= 0 && connections > 0) {
        until = now + LATER;
      }
      return now - until >= 0;
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
    if (template.over(now) || template.member.value().weight() == 0) {
      templates.remove(prefix);
      return Optional.empty();
    }
    return Optional.of(template.member);
  }

  /** A client of a prefix has come to a member; to be {@link #left}. */
  void keep(IpAddress prefix, Member member, long until) {
    Template template = templates.get(prefix);
    if (template == null || template.member != member) {
      template = new Template(member, until);
      templates.put(prefix, template);
    } else {
      template.until = until;
    }
    template.connections++;
  }

  boolean isEmpty() {
    return templates.isEmpty();
  }

  /** A connection of a client of a prefix to a member has ended. */
  void left(IpAddress prefix, Member member) {
    Template template = templates.get(prefix);
    if (template != null && template.member == member && template.connections > 0) {
      template.connections--;
    }
  }

  /** Forgets all: prefixes are of another length from now on. */
  void clear() {
    templates.clear();
  }

  void forget(Member member) {
    templates.values().removeIf(template -> template.member == member);
  }

  /** Forgets what has timed out. */
  void expire(long now) {
    templates.values().removeIf(template -> template.over(now));
  }

  /** How many prefixes each member has. */
  Map<Member, Integer> counts() {
    Map<Member, Integer> counts = new HashMap<>();
    templates.values().forEach(template -> counts.merge(template.member, 1, Integer::sum));
    return counts;
  }
}
