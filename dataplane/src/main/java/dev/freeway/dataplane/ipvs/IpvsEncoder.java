package dev.freeway.dataplane.ipvs;

import static dev.freeway.dataplane.ipvs.IpvsNumbers.*;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.netlink.MessageWriter;
import dev.freeway.dataplane.netlink.Netlink;

/**
 * Core commands to the kernel's messages, in the layout of ipvsadm's libipvs, so that captures of
 * it can be compared byte for byte. Allocates nothing.
 */
final class IpvsEncoder {
  private static final int FLAGS = Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK;
  private static final int ALL_FLAGS = ~0;

  private final int family;

  /**
   * An encoder.
   *
   * @param family the number that the kernel gave IPVS
   */
  IpvsEncoder(int family) {
    this.family = family;
  }

  int family() {
    return family;
  }

  void encode(Command command, MessageWriter out) {
    switch (command) {
      case Command.AddService add -> service(CMD_NEW_SERVICE, add.value(), out);
      case Command.SetService set -> service(CMD_SET_SERVICE, set.value(), out);
      case Command.DeleteService delete -> {
        begin(CMD_DEL_SERVICE, FLAGS, out);
        identity(delete.service(), out);
        out.end();
      }
      case Command.AddDestination add -> destination(CMD_NEW_DEST, add.service(), add.value(), out);
      case Command.SetDestination set -> destination(CMD_SET_DEST, set.service(), set.value(), out);
      case Command.DeleteDestination delete -> {
        begin(CMD_DEL_DEST, FLAGS, out);
        identity(delete.service(), out);
        int nest = out.beginNest(ATTR_DEST);
        destinationIdentity(delete.destination(), out);
        out.end(nest);
        out.end();
      }
    }
  }

  private void service(int command, VirtualService value, MessageWriter out) {
    begin(command, FLAGS, out);
    int nest = out.beginNest(ATTR_SERVICE);
    identityAttributes(value.key(), out);
    out.putString(SVC_SCHED_NAME, value.scheduler().name());
    out.putInts(SVC_FLAGS, flags(value), ALL_FLAGS);
    out.putInt(SVC_TIMEOUT, value.persistenceSeconds());
    if (value.key().address().family() == Family.IPV4) {
      int bits = value.persistenceBits();
      out.putNetworkInt(SVC_NETMASK, bits == 0 ? 0 : -1 << (32 - bits));
    } else {
      out.putInt(SVC_NETMASK, value.persistenceBits());
    }
    out.end(nest);
    out.end();
  }

  static int flags(VirtualService value) {
    return (value.persistenceSeconds() > 0 ? FLAG_PERSISTENT : 0)
        | (value.onePacket() ? FLAG_ONEPACKET : 0)
        | (value.scheduler().fallback() ? FLAG_SCHED1 : 0)
        | (value.scheduler().port() ? FLAG_SCHED2 : 0);
  }

  /** A service by firewall mark. */
  void mark(Marked value, MessageWriter out) {
    begin(CMD_NEW_SERVICE, FLAGS, out);
    int nest = out.beginNest(ATTR_SERVICE);
    markAttributes(value.key(), out);
    out.putString(SVC_SCHED_NAME, "rr");
    out.putInts(SVC_FLAGS, 0, ALL_FLAGS);
    out.putInt(SVC_TIMEOUT, 0);
    if (value.family() == Family.IPV4) {
      out.putNetworkInt(SVC_NETMASK, -1);
    } else {
      out.putInt(SVC_NETMASK, value.family().bits());
    }
    out.end(nest);
    out.end();
  }

  /** Its destination. */
  void markedDestination(Marked value, MessageWriter out) {
    begin(CMD_NEW_DEST, FLAGS, out);
    markIdentity(value.key(), out);
    destinationAttributes(value.to(), out);
    out.end();
  }

  void unmark(Marked.Key key, MessageWriter out) {
    begin(CMD_DEL_SERVICE, FLAGS, out);
    markIdentity(key, out);
    out.end();
  }

  private static void markIdentity(Marked.Key key, MessageWriter out) {
    int nest = out.beginNest(ATTR_SERVICE);
    markAttributes(key, out);
    out.end(nest);
  }

  private static void markAttributes(Marked.Key key, MessageWriter out) {
    out.putShort(SVC_AF, key.family().number());
    out.putInt(SVC_FWMARK, key.mark());
  }

  private void destination(int command, ServiceKey service, Destination value, MessageWriter out) {
    begin(command, FLAGS, out);
    identity(service, out);
    destinationAttributes(value, out);
    out.end();
  }

  private static void destinationAttributes(Destination value, MessageWriter out) {
    int nest = out.beginNest(ATTR_DEST);
    destinationIdentity(value.key(), out);
    out.putInt(DEST_FWD_METHOD, value.forwarding().number());
    out.putInt(DEST_WEIGHT, value.weight());
    if (value.forwarding() == Forwarding.TUNNEL) {
      encapsulation(value.encapsulation(), out);
    }
    out.putInt(DEST_U_THRESH, value.upperThreshold());
    out.putInt(DEST_L_THRESH, value.lowerThreshold());
    out.end(nest);
  }

  private static void encapsulation(Encapsulation value, MessageWriter out) {
    int type;
    int port = 0;
    int flags = 0;
    switch (value) {
      case Encapsulation.Ipip ipip -> type = TUNNEL_IPIP;
      case Encapsulation.Gue gue -> {
        type = TUNNEL_GUE;
        port = gue.port();
        flags =
            (gue.checksum() ? TUNNEL_CHECKSUM : 0)
                | (gue.remoteChecksum() ? TUNNEL_REMOTE_CHECKSUM : 0);
      }
      case Encapsulation.Gre gre -> {
        type = TUNNEL_GRE;
        flags = gre.checksum() ? TUNNEL_CHECKSUM : 0;
      }
    }
    out.putByte(DEST_TUN_TYPE, type);
    out.putNetworkShort(DEST_TUN_PORT, port);
    out.putShort(DEST_TUN_FLAGS, flags);
  }

  /** A request without attributes of its own, or for the caller to add to. */
  void begin(int command, int flags, MessageWriter out) {
    out.beginGeneric(family, flags, command, VERSION);
  }

  void identity(ServiceKey key, MessageWriter out) {
    int nest = out.beginNest(ATTR_SERVICE);
    identityAttributes(key, out);
    out.end(nest);
  }

  /** The same for a service of any kind. */
  void identity(ServiceIdentity identity, MessageWriter out) {
    int nest = out.beginNest(ATTR_SERVICE);
    out.putShort(SVC_AF, identity.family().number());
    if (identity.firewallMark() != 0) {
      out.putInt(SVC_FWMARK, identity.firewallMark());
    } else {
      out.putShort(SVC_PROTOCOL, identity.protocol());
      address(SVC_ADDR, identity.address(), out);
      out.putNetworkShort(SVC_PORT, identity.port());
    }
    out.end(nest);
  }

  private static void identityAttributes(ServiceKey key, MessageWriter out) {
    out.putShort(SVC_AF, key.address().family().number());
    out.putShort(SVC_PROTOCOL, key.protocol().number());
    address(SVC_ADDR, key.address(), out);
    out.putNetworkShort(SVC_PORT, key.port());
  }

  private static void destinationIdentity(DestinationKey key, MessageWriter out) {
    out.putShort(DEST_ADDR_FAMILY, key.address().family().number());
    address(DEST_ADDR, key.address(), out);
    out.putNetworkShort(DEST_PORT, key.port());
  }

  /** {@code union nf_inet_addr}: always 16 bytes, an IPv4 address in the first four. */
  private static void address(int type, IpAddress address, MessageWriter out) {
    if (address.family() == Family.IPV4) {
      out.putNetworkLongs(type, address.low() << 32, 0);
    } else {
      out.putNetworkLongs(type, address.high(), address.low());
    }
  }
}
