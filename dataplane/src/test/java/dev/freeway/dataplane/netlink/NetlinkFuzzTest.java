package dev.freeway.dataplane.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whatever bytes come where the kernel's are expected: values, or the declared exception. */
class NetlinkFuzzTest {
  private static final long INPUTS = 4_000_000;

  /** A datagram is walked to its end, within its bounds. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void messages(byte[] data) {
    MessageReader reader = new MessageReader(buffer(data));
    int seen = 0;
    try {
      while (reader.next()) {
        seen += MessageWriter.HEADER_BYTES + reader.payload().remaining();
        if (((reader.type() | reader.flags()) & ~0xffff) != 0) {
          throw new AssertionError("type and flags have 16 bits");
        }
        reader.sequence();
        reader.portId();
      }
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    if (seen > data.length) {
      throw new AssertionError("read " + seen + " bytes of " + data.length);
    }
  }

  /** Attributes are read in any type; what was read, written again, reads the same. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void attributes(byte[] data) {
    if (data.length > 512) {
      return; // more of the same, and slow
    }
    AttributeReader reader = new AttributeReader(buffer(data));
    ByteBuffer written = ByteBuffer.allocate(data.length + 8).order(ByteOrder.nativeOrder());
    MessageWriter writer = new MessageWriter(written);
    try {
      while (reader.next()) {
        int mark = writer.beginAttribute(reader.type());
        writer.buffer().put(reader.copy());
        writer.end(mark);
        readInEveryType(reader);
        walk(reader.nested(), 0);
      }
    } catch (MalformedMessageException e) {
      return;
    }
    AttributeReader second = new AttributeReader(writer.buffer().flip());
    AttributeReader first = new AttributeReader(buffer(data));
    while (first.next()) {
      if (!second.next()
          || second.type() != first.type()
          || !Arrays.equals(first.copy(), second.copy())) {
        throw new AssertionError("attribute " + first.type() + " reads differently the next time");
      }
    }
    if (second.next()) {
      throw new AssertionError("an attribute more than was written");
    }
  }

  /** Nests within nests, three deep: every level is read by the same code. */
  private static void walk(AttributeReader nest, int depth) {
    try {
      while (nest.next()) {
        readInEveryType(nest);
        if (depth < 2) {
          walk(nest.nested(), depth + 1);
        }
      }
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static void readInEveryType(AttributeReader in) {
    int length = in.length();
    try {
      in.string();
      in.payload();
      in.u8();
      in.u16();
      in.networkU16();
      in.u32();
      in.networkU32();
      in.u64();
      in.networkLong(0);
      in.networkLong(8);
    } catch (MalformedMessageException e) {
      if (length >= 16) {
        throw new AssertionError("sixteen bytes are enough for every type", e);
      }
    }
  }

  /** {@code NLMSG_ERROR} or {@code NLMSG_DONE}, by the third byte; flags are in the first two. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void acknowledgement(byte[] data) {
    if (data.length < 3) {
      return;
    }
    int flags = Byte.toUnsignedInt(data[0]) | Byte.toUnsignedInt(data[1]) << 8;
    ByteBuffer payload = buffer(Arrays.copyOfRange(data, 3, data.length));
    try {
      Acknowledgement verdict =
          (data[2] & 1) != 0
              ? Acknowledgement.decodeDone(flags, payload)
              : Acknowledgement.decodeError(flags, payload);
      if (verdict.errno() < 0 || verdict.errno() > 4095 || verdict.reason().isEmpty()) {
        throw new AssertionError(verdict);
      }
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  /** The answer to a look-up of a generic-netlink family. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void family(byte[] data) {
    try {
      GenericFamily family = GenericFamily.decode(buffer(data));
      if (family.id() < 16 || family.id() > 0xffff) {
        throw new AssertionError(family);
      }
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static final Script SCRIPT = new Script();
  private static final NetlinkConnection CONNECTION = new NetlinkConnection(SCRIPT);

  /**
   * Datagrams as answers to a batch, a request or a dump. The first byte says to which; then come a
   * length of two bytes and a datagram, repeatedly. Sequence numbers count from the first request.
   */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void connection(byte[] data) {
    if (data.length == 0) {
      return;
    }
    SCRIPT.start(data);
    List<Integer> acknowledged = new ArrayList<>();
    try {
      switch (data[0] & 3) {
        case 0 ->
            CONNECTION.batch(
                "batch",
                List.of(1, 2, 3),
                (request, out) -> write(out),
                (index, errno, message) -> {
                  if (index < 0 || index > 2 || errno < 0 || acknowledged.contains(index)) {
                    throw new AssertionError("answer " + index + ": " + errno);
                  }
                  acknowledged.add(index);
                });
        case 1 ->
            CONNECTION.<Integer>request("request", NetlinkFuzzTest::write, NetlinkFuzzTest::read);
        default -> CONNECTION.<Integer>dump("dump", NetlinkFuzzTest::write, NetlinkFuzzTest::read);
      }
    } catch (MalformedMessageException e) {
      return;
    } catch (NetlinkException e) {
      if (e.errno() <= 0 || e.errno() > 4095) {
        throw new AssertionError("errno " + e.errno(), e);
      }
      return;
    }
    if ((data[0] & 3) == 0 && acknowledged.size() != 3) {
      throw new AssertionError("returned with " + acknowledged.size() + " answers of 3");
    }
  }

  private static void write(MessageWriter out) {
    out.begin(16, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    out.end();
  }

  private static void read(int type, ByteBuffer payload, List<? super Integer> into) {
    AttributeReader in = new AttributeReader(payload);
    while (in.next()) {
      into.add(in.type());
    }
  }

  /** Answers whatever is asked with the datagrams of a script, and then nothing more in time. */
  private static final class Script implements NetlinkSocket {
    private byte[] script = {};
    private int at;
    private int before;

    void start(byte[] bytes) {
      script = bytes;
      at = 1;
    }

    @Override
    public void send(ByteBuffer messages) {
      before = messages.getInt(messages.position() + 8) - 1;
      messages.position(messages.limit());
    }

    @Override
    public void receive(ByteBuffer into) {
      into.clear();
      if (script.length - at < 2) {
        throw new NetlinkException("receive", Errno.EAGAIN, Errno.describe(Errno.EAGAIN));
      }
      int said = Byte.toUnsignedInt(script[at]) | Byte.toUnsignedInt(script[at + 1]) << 8;
      int length = Math.min(said, script.length - at - 2);
      into.put(script, at + 2, length).flip();
      at += 2 + length;
      int message = 0;
      while (length - message >= MessageWriter.HEADER_BYTES) {
        into.putInt(message + 8, into.getInt(message + 8) + before);
        int whole = into.getInt(message);
        if (whole < MessageWriter.HEADER_BYTES || whole > length - message) {
          return;
        }
        message += (whole + 3) & ~3;
      }
    }

    @Override
    public int portId() {
      return 7;
    }

    @Override
    public void close() {}
  }

  private static ByteBuffer buffer(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
  }
}
