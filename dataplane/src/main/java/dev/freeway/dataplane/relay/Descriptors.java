package dev.freeway.dataplane.relay;

import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;

/** The end of what the kernel gave a number to. Why it cannot be closed changes nothing here. */
final class Descriptors {
  private Descriptors() {}

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
