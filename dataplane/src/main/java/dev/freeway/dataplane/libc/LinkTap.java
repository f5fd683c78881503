package dev.freeway.dataplane.libc;

import static dev.freeway.dataplane.libc.Native.C;

import dev.freeway.dataplane.netlink.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * Packets of one link, without the link's own header: what arrives, what leaves, and what one puts
 * on it past the machine's own routing (packet(7)). It belongs to the network namespace that the
 * opening thread is in at that moment. Needs NET_RAW.
 */
public final class LinkTap implements AutoCloseable {
  /** {@code struct sockaddr_ll}. */
  private static final int ADDRESS_BYTES = 20;

  private static final int LONGEST = 65536;

  private final int descriptor;
  private final int link;
  private final ByteBuffer received = ByteBuffer.allocateDirect(LONGEST);
  private final ByteBuffer from = direct(ADDRESS_BYTES);
  private final ByteBuffer fromLength = direct(4);

  private LinkTap(int descriptor, int link) {
    this.descriptor = descriptor;
    this.link = link;
  }

  /**
   * Opens one on a link of the calling thread's namespace.
   *
   * @param link its index
   * @param patience how long a receive waits
   * @throws dev.freeway.dataplane.netlink.NetlinkException EPERM without NET_RAW
   */
  public static LinkTap open(int link, Duration patience) {
    int everything = Short.toUnsignedInt(Short.reverseBytes((short) Native.ETH_P_ALL));
    int protocol =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? everything : Native.ETH_P_ALL;
    int descriptor = C.socket(Native.AF_PACKET, Native.SOCK_DGRAM | Native.SOCK_CLOEXEC, protocol);
    if (descriptor < 0) {
      throw Native.failure("open a packet socket");
    }
    LinkTap socket = new LinkTap(descriptor, link);
    ByteBuffer timeval = direct(16);
    timeval.putLong(0, patience.toSeconds()).putLong(8, patience.toNanosPart() / 1000);
    ByteBuffer address = socket.address(Native.ETH_P_ALL, new byte[0]);
    if (C.setsockopt(descriptor, Native.SOL_SOCKET, Native.SO_RCVTIMEO, timeval, 16) != 0
        || C.bind(descriptor, address, ADDRESS_BYTES) != 0) {
      RuntimeException failure = Native.failure("listen to the packets of link " + link);
      socket.close();
      throw failure;
    }
    return socket;
  }

  private ByteBuffer address(int protocol, byte[] hardware) {
    ByteBuffer address = direct(ADDRESS_BYTES);
    address.putShort(0, (short) Native.AF_PACKET);
    address.put(2, (byte) (protocol >> 8)).put(3, (byte) protocol);
    address.putInt(4, link);
    address.put(11, (byte) hardware.length);
    address.put(12, hardware);
    return address;
  }

  /**
   * Sends a packet.
   *
   * @param protocol of Ethernet, such as 0x0800
   * @param hardware the address it goes to
   */
  public void send(int protocol, byte[] hardware, byte[] packet) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(packet.length).put(0, packet);
    ByteBuffer to = address(protocol, hardware);
    if (C.sendto(descriptor, bytes, packet.length, 0, to, ADDRESS_BYTES) < 0) {
      throw Native.failure("send a packet on link " + link);
    }
  }

  /** What a packet does. */
  public enum Way {
    ARRIVES,
    LEAVES,
    /** There was none in time. */
    NONE
  }

  /**
   * Waits for the next packet, from its IP header on.
   *
   * @param into is cleared and filled, the rest of a longer one left out
   */
  public Way receive(ByteBuffer into) {
    fromLength.putInt(0, ADDRESS_BYTES);
    long length = C.recvfrom(descriptor, received.clear(), LONGEST, 0, from, fromLength);
    into.clear();
    if (length < 0) {
      if (Native.errno() == Errno.EAGAIN || Native.errno() == Errno.EINTR) {
        into.limit(0);
        return Way.NONE;
      }
      throw Native.failure("listen to the packets of link " + link);
    }
    int taken = (int) Math.min(length, into.capacity());
    into.put(0, received, 0, taken).limit(taken);
    return from.get(10) == Native.PACKET_OUTGOING ? Way.LEAVES : Way.ARRIVES;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    C.close(descriptor);
  }
}
