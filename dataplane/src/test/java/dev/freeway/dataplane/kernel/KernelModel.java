package dev.freeway.dataplane.kernel;

import static dev.freeway.dataplane.kernel.Errno.EEXIST;
import static dev.freeway.dataplane.kernel.Errno.EINVAL;
import static dev.freeway.dataplane.kernel.Errno.ENOENT;
import static dev.freeway.dataplane.kernel.Errno.ERANGE;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.MaglevTable;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The IPVS table of one network namespace, with the kernel's own rules: which request is refused
 * with which error and in which order that is checked, in which order services and destinations are
 * listed, what a deleted destination's connections live through, whom a scheduler chooses.
 *
 * <p>Follows {@code net/netfilter/ipvs/ip_vs_ctl.c}, {@code ip_vs_core.c} and {@code ip_vs_conn.c}
 * of Linux 6.1 to 7.2; time passes only when told. Open sockets with {@link #open}; several may
 * share a model, so that a second party can tamper. All methods may be called from any thread.
 */
public final class KernelModel {
  /** {@code IP_VS_SVC_TAB_SIZE} of kernels before the 2026 rework. */
  private static final int BUCKETS = 256;

  private static final int TICKS_PER_SECOND = 250; // CONFIG_HZ of Debian: time-outs wrap by it

  private final int hashSecret;
  private final SplittableRandom random;
  private final Map<ServiceId, ModelService> services = new HashMap<>();
  private final List<List<ModelService>> byAddress = buckets();
  private final List<List<ModelService>> byMark = buckets();
  private final Map<TrashKey, ModelDestination> trash = new HashMap<>();
  private final Map<ModelConnection.Key, ModelConnection> connections = new LinkedHashMap<>();
  private final Map<ModelConnection.Key, ModelConnection> templates = new LinkedHashMap<>();
  private final Faults faults = new Faults();
  private final long[] received = new long[IpvsCommand.FLUSH.number() + 1];

  private Set<IpAddress> localAddresses = Set.of();
  private boolean takesLargeThresholds;
  private Set<IpAddress> broadcastAddresses = Set.of();
  private Set<String> missingSchedulers = Set.of();
  private boolean loaded = true;
  private int family = 0x1d;
  private boolean privileged = true;
  private boolean ipv6 = true;
  private boolean expireNodestConn;
  private boolean expireQuiescentTemplate;
  private int connReuseMode = 1;
  private boolean nodestWorkQueued;
  private int mixedFamilyDestinations;
  private int syncState; // 1 master, 2 backup
  private int nextPort = 4000;
  int tcpTimeout = 900; // seconds, as are the next two
  int tcpFinTimeout = 120;
  int udpTimeout = 300;

  private record TrashKey(ServiceId service, DestinationKey destination) {}

  /** What became of a packet of a connection that the kernel knows. */
  public enum Verdict {
    /** Sent on to the connection's destination. */
    FORWARDED,
    /** Dropped: the destination is gone and {@code expire_nodest_conn} is 0; the entry stays. */
    DROPPED,
    /** The entry was removed; a stray TCP packet is then answered with a reset. */
    EXPIRED
  }

  /**
   * An empty table.
   *
   * @param seed decides the hash order of services and the draws of {@code twos}
   */
  public KernelModel(long seed) {
    random = new SplittableRandom(seed);
    hashSecret = random.nextInt();
  }

  private static List<List<ModelService>> buckets() {
    List<List<ModelService>> buckets = new ArrayList<>(BUCKETS);
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(new ArrayList<>(0));
    }
    return buckets;
  }

  /** A socket to this kernel, as opened by one more process. */
  public synchronized ModelSocket open() {
    return new ModelSocket(this, nextPort++);
  }

  /** What is to go wrong on this kernel's sockets. */
  public Faults faults() {
    return faults;
  }

  /** How often a command was received, refused ones and dumps included. */
  public synchronized long received(IpvsCommand command) {
    return received[command.number()];
  }

  /** Commands received that change the table. */
  public synchronized long changes() {
    long sum = 0;
    for (IpvsCommand command : IpvsCommand.values()) {
      sum +=
          switch (command) {
            case NEW_SERVICE, SET_SERVICE, DEL_SERVICE, NEW_DEST, SET_DEST, DEL_DEST, FLUSH ->
                received[command.number()];
            default -> 0;
          };
    }
    return sum;
  }

  /** Forgets what was counted so far. */
  public synchronized void resetCounters() {
    Arrays.fill(received, 0);
  }

  synchronized void count(IpvsCommand command) {
    received[command.number()]++;
  }

  // Switches.

  /**
   * Whether the module {@code ip_vs} is there; without it the family lookup finds nothing. Loaded
   * again it has another number: {@code genl_register_family} gives the next one.
   */
  public synchronized void setLoaded(boolean isLoaded) {
    if (loaded && !isLoaded && !services.isEmpty()) {
      throw new IllegalStateException("a module whose table is not empty is not unloaded");
    }
    family += isLoaded && !loaded ? 1 : 0;
    loaded = isLoaded;
  }

  /** The family number of IPVS on this kernel. */
  public synchronized int family() {
    return family;
  }

  synchronized boolean loaded() {
    return loaded;
  }

  /** Whether callers hold {@code CAP_NET_ADMIN}. */
  public synchronized void setPrivileged(boolean isPrivileged) {
    privileged = isPrivileged;
  }

  synchronized boolean privileged() {
    return privileged;
  }

  /** Whether IPv6 is enabled; without it the family is refused. */
  public synchronized void setIpv6(boolean enabled) {
    ipv6 = enabled;
  }

  /** Scheduler modules that this kernel does not have. */
  public synchronized void setMissingSchedulers(Set<String> names) {
    missingSchedulers = Set.copyOf(names);
  }

  /** Be a kernel from before July 2026: upper thresholds above 2147483647 are accepted. */
  public void takeLargeThresholds() {
    takesLargeThresholds = true;
  }

  /** Addresses of this host: allowed as destinations even where they are link-local. */
  public synchronized void setLocalAddresses(Set<IpAddress> addresses) {
    localAddresses = Set.copyOf(addresses);
  }

  /** Broadcast addresses of this host's IPv4 networks: refused as destinations. */
  public synchronized void setBroadcastAddresses(Set<IpAddress> addresses) {
    broadcastAddresses = Set.copyOf(addresses);
  }

  /** The sysctl {@code expire_nodest_conn}, 0 by default. */
  public synchronized void setExpireNodestConn(boolean enabled) {
    expireNodestConn = enabled;
  }

  /** The sysctl {@code expire_quiescent_template}, 0 by default. */
  public synchronized void setExpireQuiescentTemplate(boolean enabled) {
    expireQuiescentTemplate = enabled;
  }

  /** The sysctl {@code conn_reuse_mode}, 1 by default. */
  public synchronized void setConnReuseMode(int mode) {
    connReuseMode = mode;
  }

  // What is there.

  /** The services in the order in which the kernel dumps them. */
  public synchronized List<ModelService> services() {
    List<ModelService> found = new ArrayList<>(services.size());
    byAddress.forEach(found::addAll);
    byMark.forEach(found::addAll);
    return found;
  }

  /** A service by address. */
  public synchronized Optional<ModelService> service(ServiceKey key) {
    return Optional.ofNullable(services.get(ServiceId.of(key)));
  }

  /** A service by identity. */
  public synchronized Optional<ModelService> service(ServiceId id) {
    return Optional.ofNullable(services.get(id));
  }

  /** Whether a destination is there and takes new connections. */
  public synchronized boolean accepts(ServiceId id, DestinationKey key) {
    ModelService service = services.get(id);
    ModelDestination destination = service == null ? null : service.byKey.get(key);
    return destination != null && destination.accepts();
  }

  /** Deleted destinations that are still held. */
  public synchronized List<ModelDestination> trash() {
    return List.copyOf(trash.values());
  }

  /** All connections in the table, templates not among them. */
  public synchronized List<ModelConnection> connections() {
    return List.copyOf(connections.values());
  }

  @Nullable ModelService find(ServiceId id) {
    return services.get(id);
  }

  boolean supports(int family) {
    return family == Family.IPV4.number() || (ipv6 && family == Family.IPV6.number());
  }

  int syncState() {
    return syncState;
  }

  /** Entries of the dump of services from an index on, for a part of a dump. */
  @Nullable ModelService serviceAt(DumpCursor cursor) {
    while (cursor.bucket < 2 * BUCKETS) {
      List<ModelService> chain =
          cursor.bucket < BUCKETS
              ? byAddress.get(cursor.bucket)
              : byMark.get(cursor.bucket - BUCKETS);
      if (cursor.inBucket < chain.size()) {
        return chain.get(cursor.inBucket++);
      }
      cursor.bucket++;
      cursor.inBucket = 0;
    }
    return null;
  }

  /** A walk over the hash table, begun anew for every part of a dump. */
  static final class DumpCursor {
    private int bucket;
    private int inBucket;
  }

  // Commands: each answers 0 or the positive error number.

  private @Nullable ModelScheduler bind(String name, ModelService service) {
    return missingSchedulers.contains(name)
        ? null
        : ModelScheduler.bind(name, service, random).orElse(null);
  }

  private static int checkNetmask(ServiceId id, ServiceSpec spec) {
    boolean outside = spec.netmask() < 1 || spec.netmask() > 128;
    return id.family() == Family.IPV6 && outside ? EINVAL : 0;
  }

  private static boolean knownEngine(String name) {
    return name.isEmpty() || name.equals("sip");
  }

  /** {@code ip_vs_add_service}. */
  public synchronized int newService(ServiceId id, ServiceSpec spec) {
    if (services.containsKey(id)) {
      return EEXIST;
    }
    ModelService service = new ModelService(id);
    ModelScheduler scheduler = bind(spec.scheduler(), service);
    if (scheduler == null || !knownEngine(spec.persistenceEngine())) {
      return ENOENT;
    }
    int refused = checkNetmask(id, spec);
    if (refused != 0) {
      return refused;
    }
    service.scheduler = scheduler;
    service.flags = (spec.flags() & spec.mask()) | ModelService.HASHED;
    set(service, spec);
    services.put(id, service);
    chain(id).addFirst(service);
    return 0;
  }

  private static void set(ModelService service, ServiceSpec spec) {
    service.timeout = Integer.divideUnsigned(spec.timeout() * TICKS_PER_SECOND, TICKS_PER_SECOND);
    service.netmask = spec.netmask();
    service.persistenceEngine = spec.persistenceEngine();
  }

  private List<ModelService> chain(ServiceId id) {
    if (id.firewallMark() != 0) {
      return byMark.get((id.firewallMark() ^ hashSecret) & (BUCKETS - 1));
    }
    long words = id.address().high() ^ id.address().low();
    int fold = (int) ((words >>> 32) ^ words);
    int hash = id.protocol() ^ fold ^ hashSecret ^ (id.port() >> 8) ^ id.port();
    return byAddress.get(hash & (BUCKETS - 1));
  }

  /** {@code ip_vs_edit_service}; the caller has found the service. */
  public synchronized int setService(ServiceId id, ServiceSpec spec) {
    ModelService service = services.get(id);
    if (service == null) {
      return Errno.ESRCH;
    }
    if (missingSchedulers.contains(spec.scheduler())) {
      return ENOENT;
    }
    boolean same = spec.scheduler().equals(service.scheduler());
    ModelScheduler scheduler = same ? service.scheduler : bind(spec.scheduler(), service);
    if (scheduler == null || !knownEngine(spec.persistenceEngine())) {
      return ENOENT;
    }
    int refused = checkNetmask(id, spec);
    if (refused != 0) {
      return refused;
    }
    if (!same && scheduler.name().equals("mh") && service.byKey.size() > MaglevTable.SLOTS) {
      service.scheduler = ModelScheduler.NONE; // the old one is unbound by then
      return EINVAL;
    }
    service.scheduler = scheduler;
    service.flags =
        (service.flags & ~spec.mask()) | (spec.flags() & spec.mask()) | ModelService.HASHED;
    set(service, spec);
    return 0;
  }

  /** {@code ip_vs_del_service}: its destinations go to the trash with their connections. */
  public synchronized int deleteService(ServiceId id) {
    ModelService service = services.remove(id);
    if (service == null) {
      return Errno.ESRCH;
    }
    chain(id).remove(service);
    for (ModelDestination destination : service.destinations()) {
      discard(service, destination);
    }
    return 0;
  }

  /** Gives an IPv6 service the netmask of no kernel there is: whoever reads it cannot. */
  public synchronized void makeUnreadable(ServiceId id) {
    Objects.requireNonNull(services.get(id)).netmask = 1000;
  }

  /** {@code ip_vs_flush}: what the program under test must never ask for. */
  public synchronized void flush() {
    for (ServiceId id : List.copyOf(services.keySet())) {
      deleteService(id);
    }
  }

  private void discard(ModelService service, ModelDestination destination) {
    service.unlink(destination);
    mixedFamilyDestinations -= destination.key.address().family() != service.id.family() ? 1 : 0;
    trash.put(new TrashKey(service.id, destination.key), destination);
    nodestWorkQueued |= expireNodestConn;
  }

  private int checkDestination(DestinationSpec spec) {
    if (spec.weight() < 0) {
      return ERANGE;
    }
    if (Integer.compareUnsigned(spec.lowerThreshold(), spec.upperThreshold()) > 0) {
      return ERANGE;
    }
    if (spec.upperThreshold() < 0 && !takesLargeThresholds) {
      return EINVAL; // since July 2026, also in some stable kernels
    }
    return spec.tunnelType() == DestinationSpec.GUE && spec.tunnelPort() == 0 ? EINVAL : 0;
  }

  /** {@code ip_vs_add_dest}: takes an equal one back from the trash, connections and all. */
  public synchronized int newDestination(ServiceId id, DestinationSpec spec) {
    ModelService service = services.get(id);
    if (service == null) {
      return Errno.ESRCH;
    }
    int refused = checkDestination(spec);
    if (refused != 0) {
      return refused;
    }
    if (service.byKey.containsKey(spec.key())) {
      return EEXIST;
    }
    ModelDestination destination =
        trash.isEmpty() ? null : trash.remove(new TrashKey(id, spec.key()));
    if (destination == null) {
      if (!unicast(spec.key().address())) {
        return EINVAL;
      }
      destination = new ModelDestination(spec.key(), service);
    } else if (destination.service != service) {
      destination.statistics.zero(); // of a service of the same identity, deleted since
    }
    destination.lastWeight = spec.weight();
    update(destination, spec);
    service.link(destination);
    mixedFamilyDestinations += spec.key().address().family() != id.family() ? 1 : 0;
    service.scheduler.changed();
    return 0;
  }

  private static void update(ModelDestination destination, DestinationSpec spec) {
    if (spec.weight() != 0) {
      destination.lastWeight = spec.weight();
    }
    destination.weight = spec.weight();
    destination.forwarding = spec.forwarding();
    destination.tunnelType = spec.tunnelType();
    destination.tunnelPort = spec.tunnelPort();
    destination.tunnelFlags = spec.tunnelFlags();
    if (destination.upperThreshold != spec.upperThreshold()
        || destination.lowerThreshold != spec.lowerThreshold()) {
      destination.upperThreshold = spec.upperThreshold();
      destination.lowerThreshold = spec.lowerThreshold();
      destination.updateOverload();
    }
  }

  /** {@code ip_vs_edit_dest}. */
  public synchronized int setDestination(ServiceId id, DestinationSpec spec) {
    ModelService service = services.get(id);
    if (service == null) {
      return Errno.ESRCH;
    }
    int refused = checkDestination(spec);
    if (refused != 0) {
      return refused;
    }
    ModelDestination destination = service.byKey.get(spec.key());
    if (destination == null) {
      return ENOENT;
    }
    update(destination, spec);
    service.scheduler.changed();
    return 0;
  }

  /** {@code ip_vs_del_dest}: unlinked at once, kept in the trash. */
  public synchronized int deleteDestination(ServiceId id, DestinationKey key) {
    ModelService service = services.get(id);
    if (service == null) {
      return Errno.ESRCH;
    }
    ModelDestination destination = service.byKey.get(key);
    if (destination == null) {
      return ENOENT;
    }
    discard(service, destination);
    service.scheduler.deleted(destination);
    return 0;
  }

  /** {@code ip_vs_zero_service}, or of all services for a null. */
  synchronized void zero(@Nullable ModelService only) {
    for (ModelService service : only == null ? services.values() : List.of(only)) {
      service.statistics.zero();
      service.byKey.values().forEach(destination -> destination.statistics.zero());
    }
  }

  /** {@code start_sync_thread}, as far as programming is concerned. */
  synchronized int startSync(int state) {
    if (mixedFamilyDestinations > 0 || (state != 1 && state != 2)) {
      return EINVAL;
    }
    if ((syncState & state) != 0) {
      return EEXIST;
    }
    syncState |= state;
    return 0;
  }

  /** {@code stop_sync_thread}. */
  synchronized int stopSync(int state) {
    if (state != 1 && state != 2) {
      return EINVAL;
    }
    if ((syncState & state) == 0) {
      return Errno.ESRCH;
    }
    syncState &= ~state;
    return 0;
  }

  /** {@code inet_addr_type} and {@code ipv6_addr_type} as {@code ip_vs_new_dest} reads them. */
  private boolean unicast(IpAddress address) {
    if (localAddresses.contains(address)) {
      return true;
    }
    if (address.family() == Family.IPV4) {
      long bits = address.low();
      boolean multicast = bits >>> 28 == 0xe;
      return bits != 0
          && bits != 0xffffffffL
          && !multicast
          && !broadcastAddresses.contains(address);
    }
    boolean multicast = address.high() >>> 56 == 0xff;
    boolean unspecified = (address.high() | address.low()) == 0;
    boolean mapped = address.high() == 0 && address.low() >>> 32 == 0xffff;
    return !multicast && !unspecified && !mapped && !address.isLinkLocal6();
  }

  // Packets.

  /**
   * A client opens a connection: a TCP handshake that succeeds, or a first datagram.
   *
   * @return the entry; empty when no service matches or the scheduler finds no destination
   */
  public synchronized Optional<ModelConnection> connect(
      IpAddress client, int clientPort, ServiceId wanted) {
    ModelService service = services.get(wanted);
    if (service == null) {
      service = services.get(wanted.anyPort());
    }
    if (service == null) {
      return Optional.empty();
    }
    var key = new ModelConnection.Key(client, clientPort, wanted);
    ModelConnection known = connections.get(key);
    if (known != null) {
      boolean reused = known.closed && connReuseMode != 0;
      if (!reused && packet(known, 60) != Verdict.EXPIRED) {
        return known.destination.available ? Optional.of(known) : Optional.empty();
      }
      expire(known);
    }
    ModelDestination destination =
        (service.flags & ModelService.PERSISTENT) != 0
            ? persistent(service, client, clientPort)
            : service.scheduler.schedule(client, clientPort);
    if (destination == null) {
      return Optional.empty();
    }
    ModelConnection made = new ModelConnection(key, destination, false);
    service.statistics.connections++;
    destination.statistics.connections++;
    service.statistics.packet(60);
    destination.statistics.packet(60);
    if ((service.flags & ModelService.ONE_PACKET) != 0 && wanted.protocol() != ServiceId.TCP) {
      made.alive = false;
      return Optional.of(made);
    }
    made.established = wanted.protocol() == ServiceId.TCP;
    if (made.established) {
      destination.active++;
    } else {
      destination.inactive++; // UDP has no ESTABLISHED
    }
    destination.updateOverload();
    connections.put(key, made);
    return Optional.of(made);
  }

  private @Nullable ModelDestination persistent(
      ModelService service, IpAddress client, int clientPort) {
    var key = new ModelConnection.Key(network(client, service), 0, service.id);
    ModelConnection template = templates.get(key);
    if (template != null) {
      ModelDestination bound = template.destination;
      if (bound.available && !(expireQuiescentTemplate && bound.weight == 0)) {
        return bound;
      }
    }
    ModelDestination chosen = service.scheduler.schedule(client, clientPort);
    if (chosen != null) {
      if (template != null) {
        expire(template);
      }
      templates.put(key, new ModelConnection(key, chosen, true));
      chosen.templates++;
    }
    return chosen;
  }

  private static IpAddress network(IpAddress client, ModelService service) {
    if (client.family() == Family.IPV4) {
      long mask = Integer.toUnsignedLong(Integer.reverseBytes(service.netmask));
      return new IpAddress(Family.IPV4, 0, client.low() & mask);
    }
    int bits = service.netmask;
    long high = bits >= 64 ? -1L : ~(-1L >>> bits);
    long low = bits >= 128 ? -1L : bits <= 64 ? 0 : ~(-1L >>> (bits - 64));
    return new IpAddress(Family.IPV6, client.high() & high, client.low() & low);
  }

  /** A packet of a connection arrives in mid-flow. */
  public synchronized Verdict packet(ModelConnection connection, int bytes) {
    if (!connection.alive) {
      return Verdict.EXPIRED;
    }
    ModelDestination destination = connection.destination;
    if (!destination.available) {
      if (!expireNodestConn) {
        return Verdict.DROPPED;
      }
      expire(connection);
      return Verdict.EXPIRED;
    }
    destination.statistics.packet(bytes);
    destination.service.statistics.packet(bytes);
    return Verdict.FORWARDED;
  }

  /** The connection's FIN was seen: it counts as inactive until it expires. */
  public synchronized void close(ModelConnection connection) {
    if (connection.alive && connection.established) {
      connection.established = false;
      connection.destination.active--;
      connection.destination.inactive++;
    }
    connection.closed = true;
  }

  /** The connection's or template's time is up: the entry goes. */
  public synchronized void expire(ModelConnection connection) {
    if (!connection.alive) {
      return;
    }
    connection.alive = false;
    ModelDestination destination = connection.destination;
    if (connection.template) {
      templates.remove(connection.key, connection);
      destination.templates--;
    } else {
      connections.remove(connection.key, connection);
      destination.active -= connection.established ? 1 : 0;
      destination.inactive -= connection.established ? 0 : 1;
    }
    destination.updateOverload();
  }

  /** All persistence templates run out. */
  public synchronized void expireTemplates() {
    List.copyOf(templates.values()).forEach(this::expire);
  }

  /**
   * What the kernel does a tick after a deletion under {@code expire_nodest_conn}: every connection
   * to a destination that is not there now is removed. Sockets call it at the end of a datagram.
   */
  public synchronized void runDelayedWork() {
    if (!nodestWorkQueued) {
      return;
    }
    nodestWorkQueued = false;
    for (ModelConnection connection : List.copyOf(connections.values())) {
      if (!connection.destination.available) {
        expire(connection);
      }
    }
  }

  /** Two minutes and more pass: what nothing refers to leaves the trash. */
  public synchronized void emptyTrash() {
    trash.values().removeIf(destination -> !destination.referenced());
  }
}
