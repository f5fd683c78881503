package dev.freeway.dataplane.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import java.util.ArrayList;
import java.util.List;

/**
 * An event loop and what its sessions share: the buffer that all of them read into, and the memory
 * for what a socket would not take at once. Only its own thread touches it, but for {@link #size}.
 */
final class Loop {
  /** A read takes so much at most: what is a large part of a socket's buffer costs few calls. */
  private static final int PIECE = 128 << 10;

  /** And so much at least may be read, however much waits. */
  private static final int LEAST = 1 << 10;

  /** A read may take this part of the memory that is left, so that it lasts. */
  private static final int SHARE = 64;

  private final IoEventLoop events;
  private final long budget;
  private final ByteBuf piece;
  private final List<Session> sessions = new ArrayList<>();
  private long waiting;
  private volatile int size;

  /**
   * A loop without sessions.
   *
   * @param budget bytes for what waits to be sent; beyond, a session gets {@link #LEAST} more
   */
  Loop(IoEventLoop events, long budget) {
    this.events = events;
    this.budget = budget;
    this.piece = Unpooled.directBuffer(PIECE, PIECE);
  }

  IoEventLoop events() {
    return events;
  }

  /** Tells a handle when there is something to read, from now on. */
  IoRegistration watch(EpollIoHandle handle) {
    IoRegistration registration = events.register(handle).getNow();
    registration.submit(EpollIoOps.EPOLLIN);
    return registration;
  }

  /** How many sessions it has, for whoever wants to know. */
  int size() {
    return size;
  }

  /** The buffer that is read into, and sent from at once. */
  long address() {
    return piece.memoryAddress();
  }

  /** How much of it a read may take: less the more waits already. */
  int room() {
    return Math.clamp((budget - waiting) / SHARE, LEAST, PIECE);
  }

  /** Keeps what the buffer holds from one index to another, until it is {@link #sent}. */
  ByteBuf keep(int from, int to) {
    return kept(piece.slice(from, to - from));
  }

  /** Keeps a copy of some bytes until they are {@link #sent}. */
  ByteBuf kept(ByteBuf bytes) {
    ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(bytes.readableBytes());
    copy.writeBytes(bytes);
    waiting += copy.capacity();
    return copy;
  }

  /** What was kept is not needed any more. */
  void sent(ByteBuf kept) {
    waiting -= kept.capacity();
    kept.release();
  }

  void add(Session session) {
    session.place = sessions.size();
    sessions.add(session);
    size = sessions.size();
  }

  void remove(Session session) {
    Session last = sessions.removeLast();
    if (last != session) {
      sessions.set(session.place, last);
      last.place = session.place;
    }
    size = sessions.size();
  }

  /** Ends those that have been silent for too long. */
  void expire(long now) {
    List.copyOf(sessions).forEach(session -> session.expire(now));
  }

  /** Ends those of a member that is no more. */
  void end(Member member) {
    List.copyOf(sessions)
        .forEach(
            session -> {
              if (session.isOf(member)) {
                session.reset();
              }
            });
  }

  /** Its thread has ended, and all sessions with it. */
  void free() {
    piece.release();
  }
}
