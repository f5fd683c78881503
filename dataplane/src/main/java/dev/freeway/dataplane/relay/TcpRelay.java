package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.NativeInetAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Listens for a service's connections and begins a session for each, on whichever loop has few.
 * While there are too many, of this service or of all, it leaves new ones in the kernel's queue. On
 * the loop that it listens on.
 */
final class TcpRelay implements Front {
  private static final int BACKLOG = 4096;

  /** Connections taken before others have their turn. */
  private static final int TURNS = 16;

  /** Where there is no room for more it looks again after so long. */
  private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** A peer that takes no bytes for so long is gone; tcp(7). */
  private static final int USER_TIMEOUT_MILLIS = 60_000;

  private static final int IPPROTO_TCP = 6;
  private static final int TCP_USER_TIMEOUT = 18;

  /** A loop may have so many more than another, and an eighth: to hand over has its cost too. */
  private static final int SLACK = 8;

  private final RelayService service;
  private final Admission admission;
  private final List<Loop> loops;
  private final Loop own;
  private final Capacity capacity;
  private final LongSupplier clock;
  private final Listener listener;
  private final byte[] accepted = new byte[25]; // length, address, port

  private volatile boolean begun;
  private boolean waking;
  private volatile boolean resting;

  /**
   * A relay that listens.
   *
   * @param loops all of them, the first the one to listen on
   * @param inherited that listens already; null for none
   * @throws IOException when it cannot listen there
   */
  TcpRelay(
      RelayService service,
      Admission admission,
      List<Loop> loops,
      Capacity capacity,
      @Nullable LinuxSocket inherited,
      LongSupplier clock)
      throws IOException {
    this.service = service;
    this.admission = admission;
    this.loops = loops;
    this.own = loops.getFirst();
    this.capacity = capacity;
    this.clock = clock;
    this.listener = new Listener(service, own, inherited, TcpRelay::listenOn, this::ready);
  }

  @Override
  public void begin() {
    begun = true;
    own.events().execute(this::listen);
  }

  private static LinuxSocket listenOn(InetSocketAddress address) throws IOException {
    LinuxSocket socket = LinuxSocket.newSocketStream(family(address.getAddress()));
    try {
      socket.setReuseAddress(true);
      configure(socket);
      socket.bind(address);
      socket.listen(BACKLOG);
      return socket;
    } catch (IOException e) {
      Descriptors.close(socket);
      throw e;
    }
  }

  /** IPv4 has sockets of its own: one of IPv6 costs more calls. */
  static SocketProtocolFamily family(InetAddress address) {
    return address instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
  }

  /** Both sides alike; those that are accepted have it from the socket that listens. */
  private static void configure(LinuxSocket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setIntOpt(IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
  }

  /**
   * A socket to connect to a member with.
   *
   * @throws IOException when there are no more
   */
  LinuxSocket socketTo(InetSocketAddress address) throws IOException {
    while (true) {
      try {
        LinuxSocket one = LinuxSocket.newSocketStream(family(address.getAddress()));
        try {
          configure(one);
        } catch (IOException e) {
          Descriptors.close(one);
          throw e;
        }
        return one;
      } catch (ChannelException e) {
        capacity.failed(e);
        if (!capacity.lend()) {
          throw new IOException(e);
        }
      }
    }
  }

  RelayService service() {
    return service;
  }

  long now() {
    return clock.getAsLong();
  }

  @Override
  public LinuxSocket socket() {
    return listener.fd();
  }

  private void listen() {
    resting = false;
    if (begun) {
      listener.watch();
    }
  }

  private void ready() {
    for (int turn = 0; turn < TURNS && listener.isWatched(); turn++) {
      long pause = admission.pauses() ? admission.pause() : 0;
      if (pause > 0) {
        rest(pause);
      } else if (!capacity.take()) {
        rest(FULL_NANOS);
      } else if (!accept()) {
        capacity.give();
        return;
      }
    }
  }

  /** Whether somebody was there. */
  private boolean accept() {
    int descriptor;
    try {
      descriptor = listener.fd().accept(accepted);
    } catch (IOException e) {
      capacity.failed(e);
      rest(FULL_NANOS);
      return false;
    }
    if (descriptor < 0) {
      return false;
    }
    LinuxSocket client = LinuxSocket.newSocket(descriptor);
    InetSocketAddress from = NativeInetAddress.address(accepted, 1, accepted[0]);
    IpAddress address = IpAddress.of(from.getAddress());
    if (admission.come(address)) {
      Loop loop = loop();
      if (loop == own || !capacity.leave()) {
        begin(own, client, address, from.getPort());
      } else {
        loop.events()
            .execute(
                () -> {
                  try {
                    begin(loop, client, address, from.getPort());
                  } finally {
                    capacity.seen();
                  }
                });
      }
    } else {
      capacity.give();
      Descriptors.reset(client);
    }
    return true;
  }

  private Loop loop() {
    Loop least = own;
    for (Loop one : loops) {
      if (one.size() < least.size()) {
        least = one;
      }
    }
    return own.size() > least.size() + least.size() / 8 + SLACK ? least : own;
  }

  private void begin(Loop loop, LinuxSocket client, IpAddress from, int port) {
    try {
      new Session(this, loop, client, from, port).connect();
    } catch (IOException _) {
      left(from);
    }
  }

  /** A session is over; on any loop. */
  void left(IpAddress client) {
    admission.left(client);
    capacity.give();
    if (resting && !own.events().isShuttingDown() && admission.pause() == 0) {
      own.events().execute(this::listen);
    }
  }

  /** Takes nobody for some time; {@link Long#MAX_VALUE} for until one has {@link #left}. */
  private void rest(long nanos) {
    listener.rest();
    resting = true;
    if (nanos < Long.MAX_VALUE) {
      if (!waking) {
        waking = true;
        var _ = own.events().schedule(this::wake, nanos, TimeUnit.NANOSECONDS);
      }
    } else if (admission.pause() == 0) { // somebody left just now, and did not see it rest
      listen();
    }
  }

  private void wake() {
    waking = false;
    listen();
  }

  /** The header that is to introduce a client; no bytes for none. */
  ByteBuf introduction(IpAddress from, int port, LinuxSocket client) {
    ProxyProtocol form = admission.rules().proxy();
    return form == ProxyProtocol.NONE
        ? Unpooled.EMPTY_BUFFER
        : ProxyHeader.of(
            form, new InetSocketAddress(from.toInetAddress(), port), client.localAddress());
  }

  @Override
  public void admit() {
    own.events().execute(this::listen);
  }

  @Override
  public void expire(long now) {}

  @Override
  public void end(Member member) {
    for (Loop loop : loops) {
      loop.events().execute(() -> loop.end(member));
    }
  }

  @Override
  public void close() {
    listener.close();
  }
}
