package dev.freeway.dataplane.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

/**
 * One of a session's two sockets. What its peer says is sent to the other side's at once, from the
 * buffer that it was read into; what that does not take waits there, and until it is gone this side
 * is not read: nothing else is kept. It is Netty's epoll without Netty's channel, which would have
 * a buffer for each read, and some kilobytes and twice the calls for each connection.
 */
final class Side implements EpollIoHandle {
  /** Reads before other sessions have their turn. */
  private static final int TURNS = 8;

  private static final EpollIoOps IN = EpollIoOps.EPOLLIN;
  private static final EpollIoOps OUT = EpollIoOps.EPOLLOUT;
  private static final EpollIoOps BOTH = IN.with(OUT);

  /**
   * Errors and hang-ups are told in any case: edge-triggered, so that one that waits for the other
   * side wakes nobody for ever.
   */
  private static final EpollIoOps NEITHER = EpollIoOps.EPOLLERR.with(EpollIoOps.EPOLLET);

  private final LinuxSocket socket;
  private final Session session;
  private final Loop loop;
  private final IoRegistration registration;
  private EpollIoOps wanted;
  private ByteBuf waiting = Unpooled.EMPTY_BUFFER;
  private @Nullable Side other;
  private boolean connecting;
  private boolean ended;
  private boolean finished;

  /**
   * A side that does nothing yet, but for telling of an error.
   *
   * @param connecting whether its session is to be told when the connection stands or cannot
   * @throws IOException when epoll has no place for it; the socket is closed
   */
  Side(LinuxSocket socket, Session session, Loop loop, boolean connecting) throws IOException {
    this.socket = socket;
    this.session = session;
    this.loop = loop;
    this.connecting = connecting;
    this.wanted = connecting ? OUT : NEITHER;
    Future<IoRegistration> registering = loop.events().register(this);
    if (!registering.isSuccess()) {
      Descriptors.close(socket);
      throw new IOException("the loop ends", registering.cause());
    }
    registration = registering.getNow();
    try {
      registration.submit(wanted);
    } catch (UncheckedIOException e) {
      end(true);
      throw e.getCause();
    }
  }

  @Override
  public LinuxSocket fd() {
    return socket;
  }

  boolean isOpen() {
    return socket.isOpen();
  }

  /** Whether its peer has nothing more to say. */
  boolean ended() {
    return ended;
  }

  /** Whether it has something to send. */
  boolean blocked() {
    return waiting.isReadable();
  }

  @Override
  public void handle(IoRegistration registered, IoEvent event) {
    int ops = ((EpollIoEvent) event).ops().value();
    if (!socket.isOpen()) {
      return;
    }
    try {
      if (connecting) {
        connected();
        return;
      }
      if ((ops & OUT.value()) != 0 && blocked()) {
        flush();
      }
      if (!socket.isOpen()) {
        return;
      }
      if (wanted.contains(IN)) {
        if ((ops & ~OUT.value()) != 0) {
          read();
        }
      } else if ((ops & EpollIoOps.EPOLLERR.value()) != 0
          && socket.getSoError() != 0) { // it may be meant for a socket that had this number before
        session.failed(this);
      }
    } catch (IOException | NotYetConnectedException _) {
      session.failed(this);
    }
  }

  private void connected() {
    boolean stands;
    try {
      stands = socket.finishConnect();
    } catch (IOException _) {
      session.refused();
      return;
    }
    // An event may be meant for a socket that had this number before: then it stands not yet.
    if (stands && socket.remoteAddress() != null) {
      connecting = false;
      session.connected();
    }
  }

  /** From now on what its peer says goes to the other side. */
  void join(Side to) {
    other = to;
    listen();
  }

  /** Sends bytes of our own, before any that the other side's peer says. */
  void introduce(ByteBuf bytes) throws IOException {
    waiting = loop.kept(bytes);
    flush();
  }

  private void read() throws IOException {
    Side to = other;
    for (int turn = 0; to != null && turn < TURNS; turn++) {
      int room = loop.room();
      int read = socket.recvAddress(loop.address(), 0, room);
      if (read < 0) {
        ended = true;
        session.ended();
        return;
      }
      if (read == 0) {
        return;
      }
      session.spoke(this, read);
      if (!to.send(read)) {
        if (socket.isOpen()) {
          listen();
        }
        return;
      }
      if (read < room) {
        return;
      }
    }
  }

  /** Sends what the loop's buffer holds; whether all of it has gone. */
  private boolean send(int bytes) {
    int sent;
    try {
      sent = socket.sendAddress(loop.address(), 0, bytes);
    } catch (IOException | NotYetConnectedException _) {
      session.failed(this);
      return false;
    }
    if (sent == bytes) {
      return true;
    }
    waiting = loop.keep(sent, bytes);
    listen();
    return false;
  }

  private void flush() throws IOException {
    waiting.skipBytes(
        socket.sendAddress(waiting.memoryAddress(), waiting.readerIndex(), waiting.writerIndex()));
    if (!waiting.isReadable()) {
      drop();
      session.drained();
    }
    if (socket.isOpen()) {
      listen();
    }
  }

  private void drop() {
    if (waiting.capacity() > 0) {
      loop.sent(waiting);
      waiting = Unpooled.EMPTY_BUFFER;
    }
  }

  /** Says to epoll what it waits for. */
  void listen() {
    Side to = other;
    boolean reads = to != null && !ended && !to.blocked();
    EpollIoOps next = blocked() ? reads ? BOTH : OUT : reads ? IN : NEITHER;
    if (!next.equals(wanted)) {
      wanted = next;
      registration.submit(next);
    }
  }

  /** Passes on that the other side's peer has nothing more to say. */
  void finish() throws IOException {
    if (!finished && !blocked()) {
      finished = true;
      socket.shutdown(false, true);
    }
  }

  /**
   * Closes it.
   *
   * @param reset as a port does that nobody listens on, and not as one who has said everything
   */
  void end(boolean reset) {
    if (!socket.isOpen()) {
      return;
    }
    if (reset) { // closed, it is out of the epoll set too
      Descriptors.reset(socket);
    } else {
      Descriptors.close(socket);
    }
    registration.cancel();
    drop();
  }

  /** The loop ends. */
  @Override
  public void close() {
    session.reset();
  }
}
