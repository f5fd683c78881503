package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A generic-netlink family, as the kernel has it at the moment.
 *
 * @param id its number: {@code nlmsg_type} of its messages
 * @param name for example {@code IPVS}
 * @param version of its interface
 */
public record GenericFamily(int id, String name, int version) {
  /** {@code struct genlmsghdr}: command, version, two reserved bytes. */
  public static final int HEADER_BYTES = 4;

  /** {@code GENL_ID_CTRL}: the family that knows the others. */
  static final int CONTROLLER = 0x10;

  private static final int CTRL_CMD_NEWFAMILY = 1;
  private static final int CTRL_CMD_GETFAMILY = 3;
  private static final int CTRL_ATTR_FAMILY_ID = 1;
  private static final int CTRL_ATTR_FAMILY_NAME = 2;
  private static final int CTRL_ATTR_VERSION = 3;

  /**
   * Asks the kernel for a family by name.
   *
   * @throws NetlinkException ENOENT when there is none, which mostly means a module not loaded
   */
  public static GenericFamily find(NetlinkConnection connection, String name) {
    String operation = "find the generic netlink family " + name;
    List<GenericFamily> found =
        connection.request(
            operation,
            writer -> {
              writer.beginGeneric(
                  CONTROLLER, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
              writer.putString(CTRL_ATTR_FAMILY_NAME, name);
              writer.end();
            },
            (type, payload, into) -> into.add(decode(payload)));
    for (GenericFamily family : found) {
      if (family.name().equals(name)) {
        return family;
      }
    }
    throw new NetlinkException(operation, Errno.ENOENT, "the kernel named another one");
  }

  static GenericFamily decode(ByteBuffer payload) {
    AttributeReader attributes = AttributeReader.after(payload, HEADER_BYTES);
    if ((payload.get(payload.position()) & 0xff) != CTRL_CMD_NEWFAMILY) {
      throw new MalformedMessageException("expected CTRL_CMD_NEWFAMILY");
    }
    int id = 0;
    String name = "";
    int version = 0;
    while (attributes.next()) {
      switch (attributes.type()) {
        case CTRL_ATTR_FAMILY_ID -> id = attributes.u16();
        case CTRL_ATTR_FAMILY_NAME -> name = attributes.string();
        case CTRL_ATTR_VERSION -> version = attributes.u32();
        default -> {}
      }
    }
    if (id < CONTROLLER) {
      throw new MalformedMessageException("family number " + id + ": expected 16 or more");
    }
    return new GenericFamily(id, name, version);
  }

  /** What {@link #decode} reads, as a whole message. */
  static void encode(int id, String name, MessageWriter out) {
    out.beginGeneric(CONTROLLER, 0, CTRL_CMD_NEWFAMILY, 2);
    out.putShort(CTRL_ATTR_FAMILY_ID, id);
    out.putString(CTRL_ATTR_FAMILY_NAME, name);
    out.putInt(CTRL_ATTR_VERSION, 1);
    out.end();
  }
}
