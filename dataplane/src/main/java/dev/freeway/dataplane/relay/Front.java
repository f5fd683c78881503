package dev.freeway.dataplane.relay;

import io.netty.channel.epoll.LinuxSocket;

/** What takes a service's clients. Its methods may be called by any thread but an event loop's. */
sealed interface Front permits TcpRelay, UdpRelay {
  /** Takes clients from now on; before, they wait in the kernel's queue. */
  void begin();

  /** Asked once in a while, {@code now} in the table's nanoseconds. */
  void expire(long now);

  /** Ends what goes to a member that is no more. */
  void end(Member member);

  /** Who may come has changed. */
  void admit();

  /** What it listens with, for another process to listen with too. */
  LinuxSocket socket();

  /** Listens no more when it returns; connections that it took go on, and flows do not. */
  void close();
}
