package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DatagramSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes a service's datagrams. All that come from one client's address and port go to one member,
 * by a socket of their own, until none came for the kernel's time-out; its answers go back from the
 * service's address. What a socket does not take is lost, as datagrams are. On one loop.
 */
final class UdpRelay implements Front {
  /** The kernel's (ipvsadm --set). */
  static final Duration IDLE = Duration.ofMinutes(5);

  /**
   * Sockets are few: beyond this, and where {@link Capacity} has no more room, the flow whose
   * client has been silent for the longest goes first.
   */
  static final int MOST_FLOWS = 16_384;

  /** Datagrams taken before others have their turn. */
  private static final int TURNS = 64;

  private static final int LARGEST = 65_536;

  private final RelayService service;
  private final Admission admission;
  private final Loop loop;
  private final Capacity capacity;
  private final LongSupplier clock;
  private final Listener listener;
  private final Map<InetSocketAddress, Flow> flows = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * A relay that listens.
   *
   * @param inherited that is bound already; null for none
   * @throws IOException when it cannot listen there
   */
  UdpRelay(
      RelayService service,
      Admission admission,
      Loop loop,
      Capacity capacity,
      @Nullable LinuxSocket inherited,
      LongSupplier clock)
      throws IOException {
    this.service = service;
    this.admission = admission;
    this.loop = loop;
    this.capacity = capacity;
    this.clock = clock;
    this.listener = new Listener(service, loop, inherited, UdpRelay::bound, this::ready);
  }

  @Override
  public void begin() {
    loop.events().execute(listener::watch);
  }

  private static LinuxSocket bound(InetSocketAddress address) throws IOException {
    LinuxSocket socket = LinuxSocket.newSocketDgram(TcpRelay.family(address.getAddress()));
    try {
      socket.bind(address);
      return socket;
    } catch (IOException e) {
      Descriptors.close(socket);
      throw e;
    }
  }

  @Override
  public LinuxSocket socket() {
    return listener.fd();
  }

  private void ready() {
    LinuxSocket socket = listener.fd();
    for (int turn = 0; turn < TURNS && socket.isOpen(); turn++) {
      try {
        DatagramSocketAddress from = socket.recvFromAddress(loop.address(), 0, LARGEST);
        if (from == null) {
          return;
        }
        take(from, from.receivedAmount());
      } catch (IOException _) {
        // what a closed port says of a datagram that was sent to it is no end of the service
      }
    }
  }

  private void take(DatagramSocketAddress from, int bytes) throws IOException {
    IpAddress client = IpAddress.of(from.getAddress());
    if (!admission.names(client)) {
      return;
    }
    Flow flow = flows.get(from);
    if (flow != null && service.value().onePacket()) {
      flow.end();
      flow = null;
    }
    if (flow == null) {
      flow = open(new InetSocketAddress(from.getAddress(), from.getPort()), client);
    }
    if (flow != null) {
      service.in(flow.member, bytes);
      flow.spokenNanos = clock.getAsLong();
      int _ = flow.socket.sendAddress(loop.address(), 0, bytes);
    }
  }

  private @Nullable Flow open(InetSocketAddress from, IpAddress client) throws IOException {
    Optional<Member> chosen = service.choose(client, from.getPort(), Set.of());
    if (chosen.isEmpty()) {
      return null;
    }
    Member member = chosen.get();
    while (flows.size() >= MOST_FLOWS || !capacity.takeFlow()) {
      if (flows.isEmpty()) { // others have all the room
        service.over(member, client, false);
        return null;
      }
      flows.values().iterator().next().end();
    }
    Flow flow;
    try {
      flow = new Flow(from, member);
    } catch (ChannelException | IOException e) {
      capacity.giveFlow();
      service.over(member, client, false);
      capacity.failed(e);
      return null;
    }
    flows.put(from, flow);
    service.traffic.connections.increment();
    member.traffic.connections.increment();
    return flow;
  }

  @Override
  public void expire(long now) {
    endIf(flow -> now - flow.spokenNanos >= IDLE.toNanos());
  }

  @Override
  public void end(Member member) {
    endIf(flow -> flow.member == member);
  }

  private void endIf(Predicate<Flow> condition) {
    loop.events()
        .execute(() -> List.copyOf(flows.values()).stream().filter(condition).forEach(Flow::end));
  }

  @Override
  public void admit() {}

  @Override
  public void close() {
    listener.close();
    endIf(_ -> true);
  }

  /** A client's datagrams to one member, and the answers. */
  private final class Flow implements EpollIoHandle {
    private final InetSocketAddress client;
    private final Member member;
    private final LinuxSocket socket;
    private final IoRegistration registration;
    private long spokenNanos;

    Flow(InetSocketAddress client, Member member) throws IOException {
      this.client = client;
      this.member = member;
      this.socket = LinuxSocket.newSocketDgram(TcpRelay.family(member.address().getAddress()));
      try {
        boolean _ = socket.connect(member.address());
      } catch (IOException e) {
        Descriptors.close(socket);
        throw e;
      }
      this.registration = loop.watch(this);
    }

    @Override
    public LinuxSocket fd() {
      return socket;
    }

    @Override
    public void handle(IoRegistration registered, IoEvent event) {
      // A number that is closed may be another socket's by now, so nothing is sent from it.
      for (int turn = 0; turn < TURNS && socket.isOpen() && listener.fd().isOpen(); turn++) {
        try {
          int read = socket.recvAddress(loop.address(), 0, LARGEST);
          if (read == 0) {
            return;
          }
          answer(Math.max(read, 0)); // less than none is one without content
        } catch (IOException _) {
          // the member's port is closed; the next datagram tries again
        }
      }
    }

    private void answer(int bytes) throws IOException {
      service.out(member, bytes);
      spokenNanos = clock.getAsLong();
      int _ =
          listener
              .fd()
              .sendToAddress(loop.address(), 0, bytes, client.getAddress(), client.getPort());
    }

    void end() {
      if (flows.remove(client, this)) {
        capacity.giveFlow();
        service.over(member, IpAddress.of(client.getAddress()), false);
        close();
      }
    }

    @Override
    public void close() {
      if (socket.isOpen()) {
        Descriptors.close(socket);
        boolean _ = registration.cancel();
      }
    }
  }
}
