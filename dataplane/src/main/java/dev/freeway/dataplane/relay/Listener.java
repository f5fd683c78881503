package dev.freeway.dataplane.relay;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The socket that a service's clients come to, and whether its loop watches it. On that loop, but
 * for {@link #close}.
 */
final class Listener implements EpollIoHandle {
  private final LinuxSocket socket;
  private final Loop loop;
  private final Runnable ready;
  private @Nullable IoRegistration registration; // none while it is not watched

  /** Opens a socket that clients can come to. */
  interface Opening {
    LinuxSocket at(InetSocketAddress address) throws IOException;
  }

  /**
   * One that nobody watches yet.
   *
   * @param inherited that is open already; null for none
   * @param opening opens one otherwise
   * @param ready called when somebody is there
   * @throws IOException when it cannot be opened
   */
  Listener(
      RelayService service,
      Loop loop,
      @Nullable LinuxSocket inherited,
      Opening opening,
      Runnable ready)
      throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(
            service.value().key().address().toInetAddress(), service.value().key().port());
    this.socket = inherited == null ? opening.at(address) : inherited;
    this.loop = loop;
    this.ready = ready;
  }

  @Override
  public LinuxSocket fd() {
    return socket;
  }

  boolean isWatched() {
    return registration != null;
  }

  /** Is told when somebody is there, from now on; nothing when it is closed. */
  void watch() {
    if (registration == null && socket.isOpen()) {
      registration = loop.watch(this);
    }
  }

  /** Is told no more; whoever comes waits in the kernel's queue. */
  void rest() {
    IoRegistration one = registration;
    if (one != null) {
      one.cancel();
      registration = null;
    }
  }

  @Override
  public void handle(IoRegistration registered, IoEvent event) {
    ready.run();
  }

  /** Closes it, on any thread; it is closed when this returns. */
  @Override
  public void close() {
    if (loop.events().inEventLoop()) {
      stop();
    } else if (!loop.events().isShuttingDown()) {
      var _ = loop.events().submit(this::stop).awaitUninterruptibly();
    }
  }

  private void stop() {
    if (socket.isOpen()) {
      // First, for another process may have it too: then to close it does not take it out of the
      // epoll set, which would go on telling of who comes to that one.
      rest();
      Descriptors.close(socket);
    }
  }
}
