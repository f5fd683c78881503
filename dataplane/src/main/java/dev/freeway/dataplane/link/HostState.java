package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is on the machine: everything that a plan looks at.
 *
 * @param links every link
 * @param addresses every address
 * @param sysctls values by path; what this kernel does not have is not in it
 * @param missingModules those of the wanted modules that are neither loaded nor built in
 * @param natTable a digest of the table of source NAT; empty when it is not there or was not asked
 *     for
 * @param filterTable the same of the table of source ranges
 * @param untrackedTable the same of the table of services that are not tracked
 * @param neighbours other programs that balance or forward in this namespace, by name
 * @param contended addresses that another router was just heard to answer for
 * @param unanswered addresses that nobody answered for when asked
 */
record HostState(
    List<Link> links,
    List<LinkAddress> addresses,
    Map<String, String> sysctls,
    Set<String> missingModules,
    String natTable,
    String filterTable,
    String untrackedTable,
    Set<String> neighbours,
    Set<IpAddress> contended,
    Set<IpAddress> unanswered) {
  static final HostState NONE =
      new HostState(
          List.of(), List.of(), Map.of(), Set.of(), "", "", "", Set.of(), Set.of(), Set.of());

  /** The name of the link with an index. */
  String linkName(int index) {
    return links.stream()
        .filter(link -> link.index() == index)
        .map(Link::name)
        .findFirst()
        .orElse("link " + index);
  }
}
