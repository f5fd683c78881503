package dev.freeway.dataplane.libc;

import static dev.freeway.dataplane.libc.Native.C;

import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole Ethernet frames of the network namespace that the opening thread is in (packet(7)). It
 * never waits, and needs CAP_NET_RAW.
 */
public final class PacketSocket implements AutoCloseable {
  private static final int FRAME_BYTES = 2048;

  /** {@code struct sockaddr_ll}: family, protocol, link, kind of hardware, of packet, address. */
  private static final int ADDRESS_BYTES = 20;

  /** What one call of {@link #received} takes at most: a flood must not hold up its caller. */
  private static final int MOST = 1024;

  private final int descriptor;
  private final ByteBuffer address = direct(ADDRESS_BYTES);
  private final ByteBuffer addressLength = direct(4);
  private final ByteBuffer frame = direct(FRAME_BYTES);
  private boolean closed;

  private PacketSocket(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * An instruction of classic BPF ({@code struct sock_filter}).
   *
   * @param code what to do
   * @param jumpTrue instructions to leave out when a comparison holds
   * @param jumpFalse and when it does not
   * @param operand what it is about
   */
  public record Instruction(int code, int jumpTrue, int jumpFalse, int operand) {
    private static final int BYTES = 8;

    /** Loads the byte at an offset of the frame. */
    public static Instruction loadByte(int offset) {
      return new Instruction(0x30, 0, 0, offset);
    }

    /** Loads two bytes in network order. */
    public static Instruction loadHalf(int offset) {
      return new Instruction(0x28, 0, 0, offset);
    }

    /** Compares what was loaded. */
    public static Instruction jumpIfEqual(int value, int jumpTrue, int jumpFalse) {
      return new Instruction(0x15, jumpTrue, jumpFalse, value);
    }

    /** Ends with so many bytes of the frame; 0 drops it. */
    public static Instruction accept(int bytes) {
      return new Instruction(0x06, 0, 0, bytes);
    }
  }

  /**
   * A socket that receives nothing.
   *
   * @throws NetlinkException EPERM without the capability
   */
  public static PacketSocket toSend() {
    return open();
  }

  /**
   * A socket that receives the frames of one link that a filter accepts, and none from before it.
   *
   * @param link the link's index
   * @throws NetlinkException EPERM without the capability, ENODEV when the link is gone
   */
  public static PacketSocket toHear(int link, List<Instruction> filter) {
    PacketSocket socket = open();
    try {
      socket.attach(filter);
      socket.bind(link);
      return socket;
    } catch (RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static PacketSocket open() {
    int descriptor =
        C.socket(
            Native.AF_PACKET,
            Native.SOCK_RAW | Native.SOCK_CLOEXEC | Native.SOCK_NONBLOCK,
            0); // of no protocol until it is bound
    if (descriptor < 0) {
      throw Native.failure("open a packet socket");
    }
    return new PacketSocket(descriptor);
  }

  private void attach(List<Instruction> filter) {
    ByteBuffer program = direct(filter.size() * Instruction.BYTES);
    for (Instruction one : filter) {
      program.putShort((short) one.code);
      program.put((byte) one.jumpTrue).put((byte) one.jumpFalse);
      program.putInt(one.operand);
    }
    program.flip();
    ByteBuffer described = direct(16); // struct sock_fprog
    described.putShort(0, (short) filter.size());
    described.putLong(8, Native.address(program));
    try {
      if (C.setsockopt(descriptor, Native.SOL_SOCKET, Native.SO_ATTACH_FILTER, described, 16)
          != 0) {
        throw Native.failure("attach a filter to a packet socket");
      }
    } finally {
      Reference.reachabilityFence(program); // only its address is in what was handed over
    }
  }

  private void bind(int link) {
    to(link, Native.ETH_P_ALL);
    if (C.bind(descriptor, address, ADDRESS_BYTES) != 0) {
      throw Native.failure("bind a packet socket to link " + link);
    }
  }

  private void to(int link, int protocol) {
    address.putShort(0, (short) Native.AF_PACKET);
    address.put(2, (byte) (protocol >> 8)).put(3, (byte) protocol); // network order
    address.putInt(4, link);
    address.putShort(8, (short) 0).put(10, (byte) 0).put(11, (byte) 6);
  }

  /**
   * Sends a frame out of a link.
   *
   * @throws NetlinkException ENETDOWN when the link is down, ENXIO when it is gone
   */
  public void send(int link, byte[] bytes) {
    frame.clear().put(bytes).flip();
    to(link, ((bytes[12] & 0xff) << 8) | (bytes[13] & 0xff));
    long sent;
    do {
      sent = C.sendto(descriptor, frame, bytes.length, 0, address, ADDRESS_BYTES);
    } while (sent < 0 && Native.errno() == Errno.EINTR);
    if (sent < 0) {
      throw Native.failure("send a frame");
    }
  }

  /**
   * The frames that came since the last call, without those that this machine sent.
   *
   * @throws NetlinkException ENETDOWN when the link went down meanwhile
   */
  public List<byte[]> received() {
    List<byte[]> frames = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      frame.clear();
      addressLength.putInt(0, ADDRESS_BYTES);
      long received = C.recvfrom(descriptor, frame, FRAME_BYTES, 0, address, addressLength);
      if (received < 0) {
        switch (Native.errno()) {
          case Errno.EINTR -> {
            continue;
          }
          case Errno.EAGAIN -> {
            return frames;
          }
          default -> throw Native.failure("receive frames");
        }
      }
      if (address.get(10) != Native.PACKET_OUTGOING) {
        byte[] bytes = new byte[(int) received];
        frame.get(0, bytes);
        frames.add(bytes);
      }
    }
    return frames;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true; // a number closed twice may be somebody else's by then
      C.close(descriptor);
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
