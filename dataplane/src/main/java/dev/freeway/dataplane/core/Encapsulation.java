package dev.freeway.dataplane.core;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /** What {@link #parse} takes, in words. */
  String GRAMMAR =
      "ipip, or gue,port=6080 with csum or remcsum if wanted, or gre with csum if wanted";

  /** Reads an encapsulation as {@link #GRAMMAR} says; empty when it is none. */
  static Optional<Encapsulation> parse(String text) {
    List<String> words = Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    List<String> options = words.subList(1, words.size());
    if (Set.copyOf(options).size() != options.size()) {
      return Optional.empty();
    }
    return switch (words.getFirst()) {
      case "ipip" -> options.isEmpty() ? Optional.of(IPIP) : Optional.empty();
      case "gre" ->
          options.isEmpty() || options.equals(List.of("csum"))
              ? Optional.of(new Gre(!options.isEmpty()))
              : Optional.empty();
      case "gue" -> gue(options);
      default -> Optional.empty();
    };
  }

  private static Optional<Encapsulation> gue(List<String> options) {
    int port = 0;
    boolean checksum = false;
    boolean remote = false;
    for (String option : options) {
      switch (option) {
        case "csum" -> checksum = true;
        case "remcsum" -> remote = true;
        default -> {
          if (port != 0 || !option.matches("port=[1-9][0-9]{0,4}")) {
            return Optional.empty();
          }
          port = Integer.parseInt(option.substring("port=".length()));
        }
      }
    }
    return port < 1 || port > 65535 || (checksum && remote)
        ? Optional.empty()
        : Optional.of(new Gue(port, checksum, remote));
  }
}
