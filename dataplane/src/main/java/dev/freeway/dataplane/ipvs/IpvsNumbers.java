package dev.freeway.dataplane.ipvs;

/**
 * Numbers of {@code include/uapi/linux/ip_vs.h}. The command that empties the table is left out.
 */
final class IpvsNumbers {
  static final String FAMILY = "IPVS";
  static final int VERSION = 1;

  static final int CMD_NEW_SERVICE = 1;
  static final int CMD_SET_SERVICE = 2;
  static final int CMD_DEL_SERVICE = 3;
  static final int CMD_GET_SERVICE = 4;
  static final int CMD_NEW_DEST = 5;
  static final int CMD_SET_DEST = 6;
  static final int CMD_DEL_DEST = 7;
  static final int CMD_GET_DEST = 8;
  static final int CMD_GET_DAEMON = 11;
  static final int CMD_SET_CONFIG = 12;
  static final int CMD_GET_CONFIG = 13;
  static final int CMD_GET_INFO = 15;
  static final int CMD_ZERO = 16;

  static final int ATTR_SERVICE = 1;
  static final int ATTR_DEST = 2;
  static final int ATTR_DAEMON = 3;
  static final int ATTR_TIMEOUT_TCP = 4;
  static final int ATTR_TIMEOUT_TCP_FIN = 5;
  static final int ATTR_TIMEOUT_UDP = 6;

  static final int SVC_AF = 1;
  static final int SVC_PROTOCOL = 2;
  static final int SVC_ADDR = 3;
  static final int SVC_PORT = 4;
  static final int SVC_FWMARK = 5;
  static final int SVC_SCHED_NAME = 6;
  static final int SVC_FLAGS = 7;
  static final int SVC_TIMEOUT = 8;
  static final int SVC_NETMASK = 9;
  static final int SVC_STATS = 10;
  static final int SVC_PE_NAME = 11;
  static final int SVC_STATS64 = 12;

  static final int DEST_ADDR = 1;
  static final int DEST_PORT = 2;
  static final int DEST_FWD_METHOD = 3;
  static final int DEST_WEIGHT = 4;
  static final int DEST_U_THRESH = 5;
  static final int DEST_L_THRESH = 6;
  static final int DEST_ACTIVE_CONNS = 7;
  static final int DEST_INACT_CONNS = 8;
  static final int DEST_PERSIST_CONNS = 9;
  static final int DEST_STATS = 10;
  static final int DEST_ADDR_FAMILY = 11;
  static final int DEST_STATS64 = 12;
  static final int DEST_TUN_TYPE = 13;
  static final int DEST_TUN_PORT = 14;
  static final int DEST_TUN_FLAGS = 15;

  static final int DAEMON_STATE = 1;
  static final int DAEMON_LINK = 2;
  static final int STATE_MASTER = 1;

  static final int FLAG_PERSISTENT = 0x1;
  static final int FLAG_ONEPACKET = 0x4;
  static final int FLAG_SCHED1 = 0x8;
  static final int FLAG_SCHED2 = 0x10;

  static final int TUNNEL_IPIP = 0;
  static final int TUNNEL_GUE = 1;
  static final int TUNNEL_GRE = 2;
  static final int TUNNEL_CHECKSUM = 0x1;
  static final int TUNNEL_REMOTE_CHECKSUM = 0x2;

  private IpvsNumbers() {}
}
