package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The other end of a generic-netlink socket when there shall be no kernel: it has every family,
 * holds nothing, and acknowledges whatever it is asked for. Used by one thread.
 */
public final class EmptyKernel implements NetlinkSocket {
  private static final int PORT = 1;
  private static final int FAMILY = 0x20;
  private static final int ANSWER_BYTES = 64 * 1024;

  private final ByteBuffer answers =
      ByteBuffer.allocate(ANSWER_BYTES).order(ByteOrder.nativeOrder());

  @Override
  public void send(ByteBuffer messages) {
    answers.clear();
    MessageWriter out = new MessageWriter(answers);
    MessageReader request = new MessageReader(messages);
    while (request.next()) {
      out.address(request.sequence(), PORT);
      boolean dump = (request.flags() & Netlink.NLM_F_DUMP) == Netlink.NLM_F_DUMP;
      if (request.type() == GenericFamily.CONTROLLER) {
        GenericFamily.encode(FAMILY, nameIn(request.payload()), out);
      }
      if (dump || (request.flags() & Netlink.NLM_F_ACK) != 0) {
        out.begin(dump ? Netlink.NLMSG_DONE : Netlink.NLMSG_ERROR, Netlink.NLM_F_CAPPED);
        out.buffer().putInt(0); // done
        out.end();
      }
    }
    messages.position(messages.limit());
    answers.flip();
  }

  private static String nameIn(ByteBuffer payload) {
    AttributeReader attributes = AttributeReader.after(payload, GenericFamily.HEADER_BYTES);
    return attributes.next() ? attributes.string() : "";
  }

  @Override
  public void receive(ByteBuffer into) {
    into.clear();
    into.put(answers).flip();
  }

  @Override
  public int portId() {
    return PORT;
  }

  @Override
  public void close() {}
}
