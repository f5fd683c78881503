package dev.freeway.dataplane.libc;

import static dev.freeway.dataplane.libc.Native.C;

import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * The kernel's netlink, through libc. It speaks to the network namespace that the opening thread is
 * in at that moment, wherever it is used later.
 */
public final class LibcNetlinkSocket implements NetlinkSocket {
  /** Acknowledgements of a batch take about 1 KiB of kernel memory each while they wait. */
  private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

  private static final Duration RECEIVE_TIME_OUT = Duration.ofSeconds(10);

  /** {@code struct sockaddr_nl}: family, padding, port, groups. */
  private static final int ADDRESS_BYTES = 12;

  private final int descriptor;
  private final int portId;
  private final ByteBuffer address = direct(ADDRESS_BYTES);
  private final ByteBuffer addressLength = direct(4);
  private boolean closed;

  private LibcNetlinkSocket(int descriptor) {
    this.descriptor = descriptor;
    address.putShort(0, (short) Native.AF_NETLINK);
    if (C.bind(descriptor, address, ADDRESS_BYTES) != 0) {
      throw Native.failure("bind a netlink socket");
    }
    addressLength.putInt(0, ADDRESS_BYTES);
    if (C.getsockname(descriptor, address, addressLength) != 0) {
      throw Native.failure("ask for a netlink socket's port");
    }
    portId = address.getInt(4);
    // Beyond net.core.rmem_max only with CAP_NET_ADMIN; what is allowed without it will do for
    // tests.
    if (!option(Native.SOL_SOCKET, Native.SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)) {
      option(Native.SOL_SOCKET, Native.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    }
    // Linux before 4.12 and 4.3 lacks these: answers are then longer, or without words.
    option(Native.SOL_NETLINK, Native.NETLINK_EXT_ACK, 1);
    option(Native.SOL_NETLINK, Native.NETLINK_CAP_ACK, 1);
    ByteBuffer timeval = direct(16);
    timeval.putLong(0, RECEIVE_TIME_OUT.toSeconds());
    if (C.setsockopt(descriptor, Native.SOL_SOCKET, Native.SO_RCVTIMEO, timeval, 16) != 0) {
      throw Native.failure("set a netlink socket's time-out");
    }
  }

  /**
   * Opens a socket in the calling thread's network namespace.
   *
   * @param protocol {@code NETLINK_ROUTE} or {@code NETLINK_GENERIC}; see {@link
   *     dev.freeway.dataplane.netlink.Netlink}
   * @throws NetlinkException EPROTONOSUPPORT when the kernel does not have it
   */
  public static LibcNetlinkSocket open(int protocol) {
    int descriptor = C.socket(Native.AF_NETLINK, Native.SOCK_RAW | Native.SOCK_CLOEXEC, protocol);
    if (descriptor < 0) {
      throw Native.failure("open a netlink socket of protocol " + protocol);
    }
    try {
      return new LibcNetlinkSocket(descriptor);
    } catch (RuntimeException e) {
      C.close(descriptor);
      throw e;
    }
  }

  @Override
  public void send(ByteBuffer messages) {
    int length = messages.remaining();
    long sent;
    do {
      sent = C.send(descriptor, messages, length, 0);
    } while (sent < 0 && Native.errno() == Errno.EINTR);
    if (sent < 0) {
      throw Native.failure("send to the kernel");
    }
    if (sent != length) {
      throw new NetlinkException(
          "send to the kernel", Errno.EMSGSIZE, "sent " + sent + " of " + length + " bytes");
    }
    messages.position(messages.limit());
  }

  @Override
  public void receive(ByteBuffer into) {
    while (true) {
      into.clear();
      addressLength.putInt(0, ADDRESS_BYTES);
      long received =
          C.recvfrom(descriptor, into, into.capacity(), Native.MSG_TRUNC, address, addressLength);
      if (received < 0) {
        if (Native.errno() == Errno.EINTR) {
          continue;
        }
        throw Native.failure("receive from the kernel");
      }
      if (address.getInt(4) != 0) {
        continue; // from a process, not from the kernel
      }
      if (received > into.capacity()) {
        throw new NetlinkException(
            "receive from the kernel",
            Errno.EMSGSIZE,
            received + " bytes came, there was room for " + into.capacity());
      }
      into.limit((int) received);
      return;
    }
  }

  @Override
  public int portId() {
    return portId;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true; // a number closed twice may be somebody else's by then
      C.close(descriptor);
    }
  }

  private boolean option(int level, int name, int value) {
    ByteBuffer buffer = direct(4);
    buffer.putInt(0, value);
    return C.setsockopt(descriptor, level, name, buffer, 4) == 0;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
