package dev.freeway.dataplane.core;

/** The outer header of {@link Forwarding#TUNNEL} ({@code IP_VS_CONN_F_TUNNEL_TYPE_*}). */
public sealed interface Encapsulation {
  /** IP in IP, or IPv6 in its like: 20 or 40 bytes, no options. */
  record Ipip() implements Encapsulation {}

  /**
   * Generic UDP Encapsulation, since Linux 5.3.
   *
   * @param port the UDP port that backends listen on, 1 to 65535
   * @param checksum whether the outer UDP checksum is filled in
   * @param remoteChecksum remote checksum offload; excludes {@code checksum}
   */
  record Gue(int port, boolean checksum, boolean remoteChecksum) implements Encapsulation {
    public Gue {
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("gue port " + port + ": expected 1 to 65535");
      }
      if (checksum && remoteChecksum) {
        throw new IllegalArgumentException("gue: expected csum or remcsum, not both");
      }
    }
  }

  /**
   * Generic Routing Encapsulation, since Linux 5.3.
   *
   * @param checksum whether the GRE checksum is present
   */
  record Gre(boolean checksum) implements Encapsulation {}

  /** The default. */
  Encapsulation IPIP = new Ipip();
}
