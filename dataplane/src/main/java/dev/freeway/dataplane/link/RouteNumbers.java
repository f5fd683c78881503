package dev.freeway.dataplane.link;

/** Numbers of {@code include/uapi/linux/rtnetlink.h} and of the headers that it takes in. */
final class RouteNumbers {
  static final int RTM_NEWLINK = 16;
  static final int RTM_DELLINK = 17;
  static final int RTM_GETLINK = 18;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;
  static final int RTM_NEWROUTE = 24;
  static final int RTM_GETROUTE = 26;
  static final int RTM_NEWNEIGH = 28;
  static final int RTM_GETNEIGH = 30;
  static final int RTM_NEWRULE = 32;
  static final int RTM_GETRULE = 34;

  /** {@code struct ifinfomsg}. */
  static final int LINK_HEADER = 16;

  /** {@code struct ifaddrmsg}. */
  static final int ADDRESS_HEADER = 8;

  /** {@code struct rtmsg}, {@code struct fib_rule_hdr} and {@code struct ndmsg}. */
  static final int ROUTE_HEADER = 12;

  static final int IFF_UP = 0x1;
  static final int IFF_LOOPBACK = 0x8;
  static final int IFF_POINTOPOINT = 0x10;
  static final int IFF_RUNNING = 0x40;
  static final int IFF_NOARP = 0x80;
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINK = 5;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_AF_SPEC = 26;
  static final int IFLA_INFO_KIND = 1;
  static final int IFLA_INFO_DATA = 2;
  static final int IFLA_INET_CONF = 1;
  static final int AF_INET = 2;

  static final int IFLA_IPTUN_LOCAL = 2;
  static final int IFLA_IPTUN_REMOTE = 3;
  static final int IFLA_GRE_IFLAGS = 2;
  static final int IFLA_GRE_LOCAL = 6;
  static final int IFLA_GRE_REMOTE = 7;
  static final int GRE_CSUM = 0x8000;

  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_CACHEINFO = 6;
  static final int IFA_FLAGS = 8;
  static final int RTMGRP_LINK = 0x1;
  static final int RTMGRP_IPV4_IFADDR = 0x10;
  static final int RTMGRP_IPV6_IFADDR = 0x100;

  static final int IFA_F_NODAD = 0x2;
  static final int IFA_F_PERMANENT = 0x80;

  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;
  static final int RTA_PRIORITY = 6;
  static final int RTA_PREFSRC = 7;
  static final int RTA_TABLE = 15;

  static final int FRA_DST = 1;
  static final int FRA_SRC = 2;
  static final int FRA_IIFNAME = 3;
  static final int FRA_PRIORITY = 6;
  static final int FRA_FWMARK = 10;
  static final int FRA_TABLE = 15;
  static final int FRA_FWMASK = 16;

  static final int NDA_DST = 1;
  static final int NDA_LLADDR = 2;

  private RouteNumbers() {}
}
