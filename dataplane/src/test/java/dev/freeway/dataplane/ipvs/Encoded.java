package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.netlink.MessageReader;
import dev.freeway.dataplane.netlink.MessageWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Commands as the bytes that the kernel gets: it shows a service or destination the same way. */
final class Encoded {
  private static final int FAMILY = 0x20;

  private Encoded() {}

  /** The message's payload: generic header and attributes. */
  static ByteBuffer payload(Command command) {
    ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
    new IpvsEncoder(FAMILY).encode(command, new MessageWriter(bytes));
    MessageReader reader = new MessageReader(bytes.flip());
    if (!reader.next()) {
      throw new AssertionError("nothing was written for " + command);
    }
    return reader.payload();
  }
}
