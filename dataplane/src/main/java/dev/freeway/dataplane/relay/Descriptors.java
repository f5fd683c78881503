package dev.freeway.dataplane.relay;

import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/**
 * What the kernel gave a number to, from beginning to end. Why one cannot be closed changes nothing
 * here.
 */
final class Descriptors {
  private Descriptors() {}

  /**
   * One that stands for nothing. Whoever keeps spares has loaded this class by that: when there are
   * no more descriptors, none may be had for a file of classes either.
   *
   * @throws io.netty.channel.ChannelException when there are no more
   */
  static FileDescriptor spare() {
    return Native.newEventFd();
  }

  static void close(FileDescriptor descriptor) {
    try {
      descriptor.close();
    } catch (IOException _) {
      // the number is free in any case
    }
  }

  /** Closes it as a port does that nobody listens on. */
  static void reset(LinuxSocket socket) {
    try {
      socket.setSoLinger(0);
    } catch (IOException _) {
      // its peer has gone already
    }
    close(socket);
  }
}
