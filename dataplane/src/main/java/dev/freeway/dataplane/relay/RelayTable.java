package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.ServiceIdentity;
import dev.freeway.dataplane.netlink.Errno;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.util.NettyRuntime;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The table of a relay: what the writer puts into it is listened on and relayed at once, and
 * answered as the kernel answers it. It begins empty, for what a process relays ends with it. A
 * destination gets connections at its own address and port, however the kernel would forward to it.
 */
public final class RelayTable implements IpvsTable {
  private static final int ESTIMATE_SECONDS = 2;
  private static final long FINISH_MILLIS = 20;

  /** asm-generic/socket.h, and linux/net.h. */
  private static final int SOL_SOCKET = 1;

  private static final int SO_TYPE = 3;
  private static final int SOCK_DGRAM = 2;

  private static final HostNeeds.Need UNKNOWN = new HostNeeds.Need("", Forwarding.NAT, false);

  private final LongSupplier clock;
  private final EventLoopGroup group;
  private final List<Loop> loops = new ArrayList<>();
  private final Capacity capacity;
  private int next; // the loop that the next service listens on
  private volatile Map<ServiceKey, HostNeeds.Need> needs = Map.of();
  private final Map<ServiceKey, Listening> services = new ConcurrentSkipListMap<>();
  private final Map<ServiceKey, LinuxSocket> inherited = new ConcurrentHashMap<>();
  private final List<Front> held = new ArrayList<>(); // until all is there, after a take-over
  private volatile Optional<HandOver.Taken> before = Optional.empty(); // until this one serves

  /** Whether the process that takes over serves; empty while nobody does. */
  private volatile Optional<CompletableFuture<Boolean>> after = Optional.empty();

  private final AtomicBoolean over = new AtomicBoolean();

  /**
   * A service and what takes its clients.
   *
   * @param admission who may come to it
   */
  private record Listening(RelayService service, Admission admission, Front front) {}

  private RelayTable(LongSupplier clock, EventLoopGroup group, Capacity capacity) {
    this.clock = clock;
    this.group = group;
    this.capacity = capacity;
    // Half of what may be outside of the heap, which is as much as the heap unless it is said.
    long budget = Runtime.getRuntime().maxMemory() / 2 / NettyRuntime.availableProcessors();
    for (EventExecutor one : group) {
      loops.add(new Loop((IoEventLoop) one, budget));
    }
  }

  /** How many sockets of health checks this process has descriptors for, beside connections. */
  public static int checks() {
    return Capacity.checks();
  }

  /**
   * An empty table.
   *
   * @param clock in nanoseconds
   * @param warnings told in words what a person should know: that no more connections are taken. On
   *     any thread; not to block
   */
  public static RelayTable open(LongSupplier clock, Consumer<String> warnings) {
    return open(clock, Capacity.ofThisProcess(warnings, clock));
  }

  static RelayTable open(LongSupplier clock, Capacity capacity) {
    RelayTable table =
        new RelayTable(
            clock,
            new MultiThreadIoEventLoopGroup(
                NettyRuntime.availableProcessors(),
                new DefaultThreadFactory("relay", true),
                EpollIoHandler.newFactory()),
            capacity);
    var _ =
        table.group.scheduleWithFixedDelay(
            table::tick, ESTIMATE_SECONDS, ESTIMATE_SECONDS, TimeUnit.SECONDS);
    return table;
  }

  /**
   * Takes over from the process that {@link #offer}s: its listening sockets become this table's,
   * each when its service comes. It serves until {@link #begin}.
   *
   * @throws IOException when none offers there, or it does not let go of the rest
   */
  public void takeOver(Path path) throws IOException {
    HandOver.Taken taken = HandOver.take(path, group);
    before = Optional.of(taken);
    for (LinuxSocket socket : taken.sockets()) {
      inherited.put(service(socket), socket);
    }
  }

  private static ServiceKey service(LinuxSocket socket) throws IOException {
    InetSocketAddress at = socket.localAddress();
    return new ServiceKey(
        socket.getIntOpt(SOL_SOCKET, SO_TYPE) == SOCK_DGRAM ? Protocol.UDP : Protocol.TCP,
        IpAddress.of(at.getAddress()),
        at.getPort());
  }

  /**
   * All that is desired is in the table: who waits is taken, the process before is told that this
   * one serves, and what was taken over and no service asked for is listened on no more.
   */
  public void begin() {
    before.ifPresent(
        one -> {
          held.forEach(Front::begin);
          held.clear();
          forsake();
          one.serves();
        });
    before = Optional.empty();
  }

  /**
   * Whether a service was taken over that is to be and is not in the table, as where it cannot be
   * recorded: until it is, the process before serves.
   */
  boolean lacks(Set<ServiceKey> desired) {
    return inherited.keySet().stream().anyMatch(desired::contains);
  }

  private void forsake() {
    inherited.values().forEach(Descriptors::close);
    inherited.clear();
  }

  /**
   * Lets one other process take over: {@code release} lets go of all that only one can have, and it
   * gets what listens here. The table serves on as it is then; {@link #resumes} says what became of
   * it.
   *
   * @throws IOException when nobody can ask there
   */
  public void offer(Path path, Runnable release) throws IOException {
    after = Optional.empty();
    HandOver.offer(
        path,
        group,
        new HandOver.Listeners() {
          @Override
          public boolean ready() {
            return before.isEmpty();
          }

          @Override
          public List<LinuxSocket> release() {
            after = Optional.of(new CompletableFuture<>());
            release.run();
            return services.values().stream().map(one -> one.front.socket()).toList();
          }

          @Override
          public void settled(boolean serves) {
            if (serves) {
              services.values().forEach(one -> one.front.close());
            }
            after.orElseThrow().complete(serves);
          }
        });
  }

  /**
   * Whether another process was to take over and is gone: waits until that or until it serves. Then
   * all is here as it was released, to be gone on with and to be {@link #offer}ed again. False at
   * once when nobody was to take over.
   */
  public boolean resumes() {
    return after.isPresent() && !after.get().join();
  }

  /** Waits until what was begun here has ended, or for so long; then ends the rest. */
  public void finish(Duration most) throws InterruptedException {
    long end = System.nanoTime() + most.toNanos();
    while (after.isPresent()
        && loops.stream().anyMatch(loop -> loop.size() > 0)
        && System.nanoTime() < end) {
      Thread.sleep(FINISH_MILLIS);
    }
    shutDown();
  }

  /** How many connections there are, and may be; on any thread. */
  public Room room() {
    return capacity.room();
  }

  /** What services ask for beside the table; one that is not named takes everybody. */
  Map<ServiceKey, HostNeeds.Need> needs() {
    return needs;
  }

  void need(Map<ServiceKey, HostNeeds.Need> next) {
    if (next.equals(needs)) {
      return;
    }
    needs = Map.copyOf(next);
    services.values().forEach(one -> one.front.admit()); // a limit may be no more
  }

  private void tick() {
    long now = clock.getAsLong();
    loops.forEach(loop -> loop.events().execute(() -> loop.expire(now)));
    for (Listening one : services.values()) {
      one.service.estimate(ESTIMATE_SECONDS);
      one.admission.expire(now);
      one.front.expire(now);
    }
  }

  @Override
  public List<ListedService> services() {
    List<ListedService> all = new ArrayList<>();
    services.forEach(
        (key, one) ->
            all.add(new ListedService(ServiceIdentity.of(key), one.service.observed(false))));
    return all;
  }

  @Override
  public ObservedService read(ListedService service) {
    return service.value().value().flatMap(value -> find(value.key())).orElse(service.value());
  }

  @Override
  public Optional<ObservedService> find(ServiceKey service) {
    return Optional.ofNullable(services.get(service)).map(one -> one.service.observed(true));
  }

  @Override
  public List<Answer> execute(List<Command> commands) {
    List<Answer> answers = new ArrayList<>(commands.size());
    for (Command command : commands) {
      answers.add(execute(command));
    }
    return answers;
  }

  private Answer execute(Command command) {
    Listening listening = services.get(command.service());
    if (listening == null) {
      return command instanceof Command.AddService add ? listen(add.value()) : refused(Errno.ESRCH);
    }
    RelayService service = listening.service;
    return switch (command) {
      case Command.AddService _ -> refused(Errno.EEXIST);
      case Command.SetService set -> set(service, set.value());
      case Command.DeleteService delete -> {
        services.remove(delete.service());
        listening.front.close();
        service.members().forEach(listening.front::end);
        yield Answer.DONE;
      }
      case Command.AddDestination add -> {
        Destination value = add.value();
        if (service.member(value.key()).isPresent()) {
          yield refused(Errno.EEXIST);
        }
        service.add(value);
        yield Answer.DONE;
      }
      case Command.SetDestination set -> {
        Optional<Member> member = service.member(set.value().key());
        member.ifPresent(one -> service.set(one, set.value()));
        yield member.isPresent() ? Answer.DONE : refused(Errno.ENOENT);
      }
      case Command.DeleteDestination delete -> {
        // What it carries ends with it, flows too, as in the kernel with expire_nodest_conn=1.
        Optional<Member> member = service.member(delete.destination());
        member.ifPresent(
            one -> {
              service.remove(one);
              listening.front.end(one);
            });
        yield member.isPresent() ? Answer.DONE : refused(Errno.ENOENT);
      }
    };
  }

  private static Answer set(RelayService service, VirtualService value) {
    Optional<Scheduling> scheduling = Scheduling.of(value.scheduler(), value.key().address());
    if (scheduling.isEmpty()) {
      return noScheduler(value);
    }
    service.set(value, scheduling.get());
    return Answer.DONE;
  }

  private Answer listen(VirtualService value) {
    ServiceKey key = value.key();
    Optional<Scheduling> scheduling = Scheduling.of(value.scheduler(), key.address());
    if (scheduling.isEmpty()) {
      return noScheduler(value);
    }
    RelayService service = new RelayService(value, scheduling.get(), clock);
    Admission admission = new Admission(() -> needs.getOrDefault(key, UNKNOWN), clock);
    try {
      Optional<Front> front = front(service, admission);
      if (front.isEmpty()) {
        return new Answer(
            Errno.EOPNOTSUPP, "a relay has TCP and UDP; " + key.protocol() + " needs the kernel");
      }
      services.put(key, new Listening(service, admission, front.get()));
      if (before.isPresent()) {
        held.add(front.get());
      } else {
        front.get().begin();
      }
      return Answer.DONE;
    } catch (IOException e) {
      return new Answer(Errno.EADDRNOTAVAIL, "cannot listen on " + key + ": " + e.getMessage());
    }
  }

  private Optional<Front> front(RelayService service, Admission admission) throws IOException {
    List<Loop> first = new ArrayList<>(loops);
    LinuxSocket listening = inherited.remove(service.value().key());
    Collections.rotate(first, -(next++ % loops.size()));
    return switch (service.value().key().protocol()) {
      case UDP ->
          Optional.of(
              new UdpRelay(service, admission, first.getFirst(), capacity, listening, clock));
      case TCP -> Optional.of(new TcpRelay(service, admission, first, capacity, listening, clock));
      case SCTP -> Optional.empty();
    };
  }

  private static Answer noScheduler(VirtualService value) {
    return new Answer(
        Errno.EOPNOTSUPP, // ENOENT would have a kernel's module loaded
        "a relay has no scheduler "
            + value.scheduler().name()
            + ", only "
            + String.join(" ", Scheduling.NAMES));
  }

  private static Answer refused(int errno) {
    return new Answer(errno, "");
  }

  /** Ends what it relays, for the process ends; not while another one takes over. */
  @Override
  public void close() {
    if (after.isEmpty()) {
      shutDown();
    }
  }

  private void shutDown() {
    if (over.getAndSet(true)) {
      return;
    }
    forsake();
    Future<?> _ =
        group
            .shutdownGracefully(0, 1, TimeUnit.SECONDS)
            .addListener(
                _ -> {
                  loops.forEach(Loop::free);
                  capacity.close();
                });
  }
}
