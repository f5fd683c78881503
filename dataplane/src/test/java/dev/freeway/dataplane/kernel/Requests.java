package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Requests to IPVS written by hand, without the product's encoder and with whatever is missing or
 * wrong in them; the same for the model and for a kernel. Answers come back as plain values.
 */
final class Requests {
  static final int DUMP = 0x300;

  private static final int REQUEST = 1;
  private static final int ACK = 4;

  private final NetlinkSocket socket;
  private final int family;
  private final Reply message = new Reply();
  private final ByteBuffer out = direct();
  private final ByteBuffer in = direct();
  private final List<byte[]> answers = new ArrayList<>();
  private int sequence;

  Requests(NetlinkSocket socket) {
    this.socket = socket;
    this.family = lookUp();
  }

  private static ByteBuffer direct() {
    return ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.nativeOrder());
  }

  /** A nest of attributes to be sent; a type that is already there is written again. */
  static final class Nest {
    private final List<java.util.function.Consumer<Reply>> parts = new ArrayList<>();

    Nest u8(int type, int value) {
      parts.add(out -> out.u8(type, value));
      return this;
    }

    Nest u16(int type, int value) {
      parts.add(out -> out.u16(type, value));
      return this;
    }

    Nest be16(int type, int value) {
      parts.add(out -> out.be16(type, value));
      return this;
    }

    Nest u32(int type, int value) {
      parts.add(out -> out.u32(type, value));
      return this;
    }

    Nest text(int type, String value) {
      parts.add(out -> out.text(type, value));
      return this;
    }

    Nest address(int type, IpAddress value) {
      parts.add(out -> out.address(type, value));
      return this;
    }

    Nest flags(int type, int flags, int mask) {
      parts.add(
          out -> {
            ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
            out.binary(type, bytes.putInt(flags).putInt(mask).array());
          });
      return this;
    }

    Nest binary(int type, byte... bytes) {
      parts.add(out -> out.binary(type, bytes));
      return this;
    }

    /** The same without one of its attributes. */
    Nest without(int index) {
      Nest nest = new Nest();
      nest.parts.addAll(parts);
      nest.parts.remove(index);
      return nest;
    }

    int size() {
      return parts.size();
    }

    /** The attributes' bytes, for a test's message. */
    @Override
    public String toString() {
      Reply bytes = new Reply();
      write(bytes, 0);
      return HexFormat.of().formatHex(bytes.bytes());
    }

    void write(Reply out, int type) {
      int nest = out.beginNest(type);
      parts.forEach(part -> part.accept(out));
      out.endNest(nest);
    }
  }

  /** What identifies a service. */
  static Nest service(ServiceId id) {
    Nest nest = new Nest().u16(1, id.family().number());
    if (id.firewallMark() != 0) {
      return nest.u32(5, id.firewallMark());
    }
    return nest.u16(2, id.protocol()).address(3, id.address()).be16(4, id.port());
  }

  /** A whole service. */
  static Nest service(ServiceId id, ServiceSpec spec) {
    Nest nest =
        service(id)
            .text(6, spec.scheduler())
            .flags(7, spec.flags(), spec.mask())
            .u32(8, spec.timeout())
            .u32(9, spec.netmask());
    return spec.persistenceEngine().isEmpty() ? nest : nest.text(11, spec.persistenceEngine());
  }

  /** What identifies a destination, its family included. */
  static Nest destination(DestinationKey key) {
    return new Nest()
        .address(1, key.address())
        .be16(2, key.port())
        .u16(11, key.address().family().number());
  }

  /** A whole destination. */
  static Nest destination(DestinationSpec spec) {
    return destination(spec.key())
        .u32(3, spec.forwarding())
        .u32(4, spec.weight())
        .u32(5, spec.upperThreshold())
        .u32(6, spec.lowerThreshold())
        .u8(13, spec.tunnelType())
        .be16(14, spec.tunnelPort())
        .u16(15, spec.tunnelFlags());
  }

  private int lookUp() {
    message.clear();
    message.beginMessage(0x10, REQUEST | ACK, ++sequence, 0);
    message.generic(3, 1);
    message.text(2, "IPVS");
    message.endMessage();
    int errno = exchange();
    if (errno != 0) {
      throw new NetlinkException("look up IPVS", errno, "no such family");
    }
    Attributes found = new Attributes(Attributes.Policy.U16);
    ByteBuffer answer = wrap(answers.getFirst());
    found.parse(answer, 20, answer.limit());
    return found.u16(1);
  }

  static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  /** Sends one command with up to two nests (types 1 and 2) and answers its errno. */
  int command(IpvsCommand command, int flags, Optional<Nest> service, Optional<Nest> destination) {
    message.clear();
    message.beginMessage(family, REQUEST | ACK | flags, ++sequence, 0);
    message.generic(command.number(), 1);
    service.ifPresent(nest -> nest.write(message, 1));
    destination.ifPresent(nest -> nest.write(message, 2));
    message.endMessage();
    return exchange();
  }

  int command(IpvsCommand command, Nest service) {
    return command(command, 0, Optional.of(service), Optional.empty());
  }

  int command(IpvsCommand command, Nest service, Nest destination) {
    return command(command, 0, Optional.of(service), Optional.of(destination));
  }

  /** Dumps, and answers the payload of each entry after the netlink header. */
  List<byte[]> dump(IpvsCommand command, Optional<Nest> service) {
    int errno = command(command, DUMP, service, Optional.empty());
    if (errno != 0) {
      throw new NetlinkException("dump", errno, "refused");
    }
    return List.copyOf(answers);
  }

  /** Sends the message and reads to its acknowledgement, or to the end of its dump. */
  private int exchange() {
    answers.clear();
    out.clear().put(message.bytes()).flip();
    socket.send(out);
    while (true) {
      socket.receive(in);
      int at = in.position();
      while (in.limit() - at >= Reply.MESSAGE_HEADER) {
        int length = in.getInt(at);
        int type = Short.toUnsignedInt(in.getShort(at + 4));
        if (in.getInt(at + 8) != sequence) {
          throw new IllegalStateException("an answer to another request");
        }
        if (type == 2 || type == 3) {
          return -in.getInt(at + 16);
        }
        byte[] answer = new byte[length];
        in.get(at, answer);
        answers.add(answer);
        at += (length + 3) & ~3;
      }
    }
  }
}
