package dev.freeway.dataplane.link;

import dev.freeway.dataplane.netlink.AttributeReader;
import dev.freeway.dataplane.netlink.MessageWriter;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkConnection;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What nf_tables says of itself over netlink (include/uapi/linux/netfilter/nf_tables.h): cheap
 * enough to be asked at every audit. Used by one thread.
 */
public final class Netfilter implements AutoCloseable {
  private static final int NFTABLES = 10 << 8; // NFNL_SUBSYS_NFTABLES
  private static final int NFT_MSG_GETCHAIN = 4;
  private static final int NFT_MSG_GETGEN = 16;
  private static final int NFTA_CHAIN_TABLE = 1;
  private static final int NFTA_CHAIN_NAME = 3;
  private static final int NFTA_GEN_ID = 1;

  /** {@code struct nfgenmsg}: family, version, two bytes of resource. */
  private static final int HEADER = 4;

  private final NetlinkConnection connection;

  /** Over a socket of {@code NETLINK_NETFILTER}, which is closed with the result. */
  public Netfilter(NetlinkSocket socket) {
    this.connection = new NetlinkConnection(socket);
  }

  /** A chain of any family. */
  record Chain(String table, String name) {}

  /**
   * A number that every change to any ruleset of the namespace raises. The kernel loads nf_tables
   * for it.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when it has none
   */
  public long generation() {
    List<Long> answers =
        connection.request(
            "read the generation of nf_tables",
            out -> {
              begin(NFT_MSG_GETGEN, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, out);
              out.end();
            },
            (type, payload, into) -> into.add(decodeGeneration(payload)));
    return answers.isEmpty() ? -1 : answers.getFirst();
  }

  static Long decodeGeneration(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, HEADER);
    long generation = -1;
    while (in.next()) {
      if (in.type() == NFTA_GEN_ID) {
        generation = in.networkU32() & 0xffffffffL;
      }
    }
    return generation;
  }

  /** Every chain of nf_tables, those of iptables-nft among them. */
  List<Chain> chains() {
    return connection.dump(
        "read the chains of nf_tables",
        out -> {
          begin(NFT_MSG_GETCHAIN, Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, out);
          out.end();
        },
        (type, payload, into) -> into.add(decodeChain(payload)));
  }

  static Chain decodeChain(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, HEADER);
    String table = "";
    String name = "";
    while (in.next()) {
      switch (in.type()) {
        case NFTA_CHAIN_TABLE -> table = in.string();
        case NFTA_CHAIN_NAME -> name = in.string();
        default -> {}
      }
    }
    return new Chain(table, name);
  }

  private static void begin(int message, int flags, MessageWriter out) {
    out.begin(NFTABLES | message, flags);
    out.buffer().putInt(0); // AF_UNSPEC, version 0
  }

  @Override
  public void close() {
    connection.close();
  }
}
