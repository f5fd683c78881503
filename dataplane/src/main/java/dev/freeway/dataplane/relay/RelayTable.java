package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.ServiceIdentity;
import dev.freeway.dataplane.netlink.Errno;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The table of a relay: what the writer puts into it is listened on and relayed at once, and
 * answered as the kernel answers it. It begins empty, for what a process relays ends with it. A
 * destination gets connections at its own address and port, however the kernel would forward to it.
 */
public final class RelayTable implements IpvsTable {
  private static final int BACKLOG = 4096;
  private static final int ESTIMATE_SECONDS = 2;

  private static final HostNeeds.Need UNKNOWN = new HostNeeds.Need("", Forwarding.NAT, false);

  private final LongSupplier clock;
  private final EventLoopGroup loops;
  private final Sessions sessions = new Sessions();
  private volatile Map<ServiceKey, HostNeeds.Need> needs = Map.of();
  private final Map<ServiceKey, Listening> services = new ConcurrentSkipListMap<>();

  /**
   * A service and the socket that listens for it.
   *
   * @param admission who may come to it
   * @param udp what takes its datagrams; null for TCP
   * @param tcp what takes its connections; null for UDP
   */
  private record Listening(
      RelayService service,
      Admission admission,
      Channel channel,
      @Nullable UdpRelay udp,
      @Nullable TcpRelay tcp) {}

  private RelayTable(LongSupplier clock, EventLoopGroup loops) {
    this.clock = clock;
    this.loops = loops;
  }

  /**
   * An empty table.
   *
   * @param clock in nanoseconds
   */
  public static RelayTable open(LongSupplier clock) {
    RelayTable table =
        new RelayTable(
            clock,
            new MultiThreadIoEventLoopGroup(
                new DefaultThreadFactory("relay", true), HalfClosedEpoll.factory()));
    var _ =
        table.loops.scheduleWithFixedDelay(
            table::tick, ESTIMATE_SECONDS, ESTIMATE_SECONDS, TimeUnit.SECONDS);
    return table;
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
    for (Listening one : services.values()) {
      TcpRelay tcp = one.tcp;
      if (tcp != null) {
        tcp.accept(one.channel); // a limit may be no more
      }
    }
  }

  private void tick() {
    long now = clock.getAsLong();
    sessions.expire(now);
    for (Listening one : services.values()) {
      one.service.estimate(ESTIMATE_SECONDS);
      one.admission.expire(now);
      UdpRelay udp = one.udp;
      if (udp != null) {
        one.channel.eventLoop().execute(() -> udp.expire(now));
      }
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
        listening.channel.close().awaitUninterruptibly();
        service.members().forEach(member -> end(listening, member));
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
        Optional<Member> member = service.member(delete.destination());
        member.ifPresent(
            one -> {
              service.remove(one);
              end(listening, one);
            });
        yield member.isPresent() ? Answer.DONE : refused(Errno.ENOENT);
      }
    };
  }

  /** What a member carries ends with it, as in the kernel with {@code expire_nodest_conn}. */
  private void end(Listening listening, Member member) {
    sessions.end(member);
    UdpRelay udp = listening.udp;
    if (udp != null) {
      listening.channel.eventLoop().execute(() -> udp.end(member));
    }
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
    UdpRelay udp = key.protocol() == Protocol.UDP ? new UdpRelay(service, admission, clock) : null;
    TcpRelay tcp =
        key.protocol() == Protocol.TCP ? new TcpRelay(service, admission, sessions, clock) : null;
    InetSocketAddress address = new InetSocketAddress(key.address().toInetAddress(), key.port());
    ChannelFuture bound;
    if (udp != null) {
      bound =
          new Bootstrap()
              .group(loops)
              .channel(EpollDatagramChannel.class)
              .handler(udp)
              .bind(address);
    } else if (tcp != null) {
      bound =
          new ServerBootstrap()
              .group(loops)
              .channel(EpollServerSocketChannel.class)
              .option(ChannelOption.SO_REUSEADDR, true)
              .option(ChannelOption.SO_BACKLOG, BACKLOG)
              .childHandler(tcp)
              .bind(address);
    } else {
      return new Answer(
          Errno.EOPNOTSUPP, "a relay has TCP and UDP; " + key.protocol() + " needs the kernel");
    }
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      return new Answer(
          Errno.EADDRNOTAVAIL, "cannot listen on " + key + ": " + bound.cause().getMessage());
    }
    services.put(key, new Listening(service, admission, bound.channel(), udp, tcp));
    return Answer.DONE;
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

  /** Ends what it relays: the process ends. */
  @Override
  public void close() {
    Future<?> _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
