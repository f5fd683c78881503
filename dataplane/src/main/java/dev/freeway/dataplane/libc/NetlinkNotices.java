package dev.freeway.dataplane.libc;

import static dev.freeway.dataplane.libc.Native.C;

import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells whether the kernel had something to say to a netlink group, not what: whoever keeps what it
 * read needs no more. The kernel says it before it acknowledges the change, so what is asked for
 * after a change was made knows of it. Of the network namespace that the opening thread was in.
 */
public final class NetlinkNotices implements AutoCloseable {
  /** {@code struct sockaddr_nl}: family, padding, port, groups. */
  private static final int ADDRESS_BYTES = 12;

  private final int descriptor;
  private final ByteBuffer address = direct(ADDRESS_BYTES);
  private final ByteBuffer addressLength = direct(4);
  private final ByteBuffer ignored = direct(16);

  private NetlinkNotices(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Begins to listen.
   *
   * @param protocol for example {@code NETLINK_ROUTE}
   * @param groups bits, for example {@code RTMGRP_LINK}
   * @throws NetlinkException when the kernel refuses
   */
  public static NetlinkNotices open(int protocol, int groups) {
    int type = Native.SOCK_RAW | Native.SOCK_CLOEXEC | Native.SOCK_NONBLOCK;
    int descriptor = C.socket(Native.AF_NETLINK, type, protocol);
    if (descriptor < 0) {
      throw Native.failure("open a netlink socket of protocol " + protocol);
    }
    NetlinkNotices notices = new NetlinkNotices(descriptor);
    notices.address.putShort(0, (short) Native.AF_NETLINK).putInt(8, groups);
    if (C.bind(descriptor, notices.address, ADDRESS_BYTES) != 0) {
      NetlinkException failure = Native.failure("listen to netlink groups");
      notices.close();
      throw failure;
    }
    return notices;
  }

  /** Whether there was anything since this was asked last, be it more than could be kept. */
  public boolean heard() {
    boolean heard = false;
    while (true) {
      addressLength.putInt(0, ADDRESS_BYTES);
      long received =
          C.recvfrom(descriptor, ignored.clear(), ignored.capacity(), 0, address, addressLength);
      if (received < 0) {
        switch (Native.errno()) {
          case Errno.EAGAIN -> {
            return heard;
          }
          case Errno.EINTR -> {
            continue;
          }
          case Errno.ENOBUFS -> {} // some were lost: that there were some is enough
          default -> throw Native.failure("receive from the kernel");
        }
      }
      heard = true;
    }
  }

  @Override
  public void close() {
    C.close(descriptor);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
