package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection and the one to its member: what one side says is sent to the other, the end
 * of what it says included, and a reset too. A member that refuses, or does not answer in time, is
 * passed over for another, for the client has been told nothing yet. All of it is on one loop.
 */
final class Session {
  /** The kernel's, for connections in which both sides may speak (ipvsadm --set). */
  static final Duration IDLE = Duration.ofMinutes(15);

  /** And for those in which one has ended. */
  static final Duration FINISHING = Duration.ofMinutes(2);

  /** A member has so long to answer. */
  private static final int CONNECT_MILLIS = 3000;

  private enum State {
    CONNECTING,
    OPEN,
    /** One side has ended. */
    HALF,
    OVER
  }

  /** Its place in its loop's list. */
  int place;

  private final TcpRelay relay;
  private final Loop loop;
  private final IpAddress from;
  private final int port;
  private final Side client;
  private State state = State.CONNECTING;
  private @Nullable Side backend;
  private @Nullable Member member;
  private @Nullable Future<?> patience;
  private Set<Member> tried = Set.of();
  private boolean answered; // by the member
  private long spokenNanos;

  /**
   * A client that has just come; on the loop that it is to stay on.
   *
   * @throws IOException when it cannot be watched; the socket is closed
   */
  Session(TcpRelay relay, Loop loop, LinuxSocket client, IpAddress from, int port)
      throws IOException {
    this.relay = relay;
    this.loop = loop;
    this.from = from;
    this.port = port;
    this.client = new Side(client, this, loop, false);
    this.spokenNanos = relay.now();
    loop.add(this);
  }

  boolean isOf(Member other) {
    return member == other;
  }

  /** Finds it a member. */
  void connect() {
    boolean found = false;
    while (state == State.CONNECTING && !found) {
      Optional<Member> chosen = relay.service().choose(from, port, tried);
      if (chosen.isEmpty()) {
        reset();
        return;
      }
      found = begin(chosen.get());
    }
  }

  /** Whether a member may still take it. */
  private boolean begin(Member next) {
    member = next;
    LinuxSocket socket;
    try {
      socket = relay.socketTo(next.address());
    } catch (IOException _) { // which is no fault of the member's
      reset();
      return true;
    }
    try {
      boolean stands;
      try {
        stands = socket.connect(next.address());
      } catch (IOException e) {
        Descriptors.close(socket);
        throw e;
      }
      backend = new Side(socket, this, loop, !stands);
      if (stands) {
        connected();
      } else {
        patience = loop.events().schedule(this::refused, CONNECT_MILLIS, TimeUnit.MILLISECONDS);
      }
      return true;
    } catch (IOException _) {
      passOver();
      return false;
    }
  }

  /** The member does not take it, or not in time. */
  void refused() {
    if (state == State.CONNECTING) {
      passOver();
      connect();
    }
  }

  private void passOver() {
    Member one = member;
    if (one != null) {
      one.refused.increment();
      leave(true);
      if (tried.isEmpty()) {
        tried = new HashSet<>();
      }
      tried.add(one);
    }
  }

  /** Gives a member back that was not connected to. */
  private void leave(boolean reset) {
    Member one = member;
    if (one != null) {
      relay.service().over(one, from, state == State.OPEN);
      member = null;
    }
    Side side = backend;
    if (side != null) {
      side.end(reset);
      backend = null;
    }
    stopWaiting();
  }

  private void stopWaiting() {
    Future<?> late = patience;
    if (late != null) {
      late.cancel(false);
      patience = null;
    }
  }

  /** The member has taken it. */
  void connected() {
    Side side = backend;
    Member one = member;
    if (side == null || one == null) {
      return;
    }
    stopWaiting();
    tried = Set.of();
    state = State.OPEN;
    one.inactive.decrementAndGet();
    one.active.incrementAndGet();
    relay.service().traffic.connections.increment(); // not of clients that nobody took
    one.traffic.connections.increment();
    try {
      ByteBuf header = relay.introduction(from, port, client.fd());
      if (header.isReadable()) {
        side.introduce(header);
      }
      side.join(client);
      client.join(side);
    } catch (IOException _) {
      reset();
    }
  }

  /** One side's peer has said so many bytes. */
  void spoke(Side side, int bytes) {
    spokenNanos = relay.now();
    Member one = member;
    if (one != null) {
      if (side == client) {
        relay.service().in(one, bytes);
      } else {
        answered = true;
        relay.service().out(one, bytes);
      }
    }
  }

  /** One side's peer has nothing more to say. */
  void ended() throws IOException {
    Member one = member;
    if (state == State.OPEN && one != null) {
      state = State.HALF;
      one.active.decrementAndGet();
      one.inactive.incrementAndGet();
    }
    settle();
  }

  /** One side has sent what it had to. */
  void drained() throws IOException {
    settle();
  }

  private void settle() throws IOException {
    Side side = backend;
    if (side == null) {
      return;
    }
    if (client.ended() && side.ended()) {
      if (!client.blocked() && !side.blocked()) {
        end(false);
        return;
      }
    } else if (client.ended()) {
      side.finish();
    } else if (side.ended()) {
      client.finish();
    }
    client.listen();
    side.listen();
  }

  /** Ends it when it has been silent for too long. */
  void expire(long now) {
    if (state != State.CONNECTING
        && now - spokenNanos >= (state == State.HALF ? FINISHING : IDLE).toNanos()) {
      reset();
    }
  }

  /** One side's peer has reset it. */
  void failed(Side side) {
    Member one = member;
    if (side != client && !answered && one != null) {
      one.lost.increment();
    }
    reset();
  }

  void reset() {
    end(true);
  }

  private void end(boolean reset) {
    if (state == State.OVER) {
      return;
    }
    leave(reset);
    state = State.OVER;
    client.end(reset);
    loop.remove(this);
    relay.left(from);
  }
}
