package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Short ways to write what services need. */
final class Needs {
  private final TreeMap<ServiceKey, HostNeeds.Need> services = new TreeMap<>();
  private final TreeSet<ServiceKey> held = new TreeSet<>();
  private final TreeSet<ServiceKey> present = new TreeSet<>();
  private boolean foreign;
  private Announcing announcing = new Announcing.Everyone();

  static ServiceKey key(String address) {
    return new ServiceKey(Protocol.TCP, IpAddress.parse(address), 80);
  }

  /** A service that is desired and in the table. */
  Needs service(String address, Forwarding forwarding, boolean sourceNat) {
    held.add(key(address));
    return desired(address, forwarding, sourceNat);
  }

  Needs direct(String address) {
    return service(address, Forwarding.DIRECT, false);
  }

  /** A service that is desired and not in the table. */
  Needs desired(String address, Forwarding forwarding, boolean sourceNat) {
    services.put(key(address), new HostNeeds.Need("rr", forwarding, sourceNat));
    return this;
  }

  /** A service that is in the table and not desired. */
  Needs kept(String address) {
    held.add(key(address));
    return this;
  }

  /** A service that is in the table and that our record does not know. */
  Needs unknown(String address) {
    present.add(key(address));
    return foreign();
  }

  Needs foreign() {
    foreign = true;
    return this;
  }

  /** A service that is desired, in the table, and takes only these clients' packets. */
  Needs limited(String address, String... cidrs) {
    held.add(key(address));
    present.add(key(address));
    services.put(
        key(address),
        new HostNeeds.Need(
            "rr",
            Forwarding.DIRECT,
            false,
            SourceRanges.of(Stream.of(cidrs).map(Prefix::parse).toList()),
            RelayRules.NONE));
    return this;
  }

  Needs announcing(Announcing who) {
    announcing = who;
    return this;
  }

  HostNeeds build() {
    return new HostNeeds(services, held, present, foreign, announcing);
  }
}
