package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.libc.Nftables;
import dev.freeway.dataplane.link.Modules;
import dev.freeway.dataplane.link.Netfilter;
import dev.freeway.dataplane.netlink.Netlink;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Tables of nftables in the network namespace that the calling thread is in. */
final class Nft {
  private final Modules modules;
  private final String purpose;
  private @Nullable Nftables loaded;

  /**
   * Loads the library when it is needed.
   *
   * @param purpose what it is for, as in "libnftables, which ..."
   */
  Nft(Modules modules, String purpose) {
    this.modules = modules;
    this.purpose = purpose;
  }

  private Nftables library() {
    Nftables library = loaded;
    if (library == null) {
      library =
          Nftables.load()
              .orElseThrow(
                  () ->
                      new PreparationException(
                          "libnftables.so.1 is not installed",
                          "libnftables, which " + purpose + ": apt-get install libnftables1"));
      loaded = library;
    }
    return library;
  }

  /**
   * A table as it is listed; empty when it is not there.
   *
   * @param command for example {@code list table inet freeway-backend}
   */
  String listing(String command) {
    if (!modules.has("nf_tables")) {
      return ""; // some versions of the library end the process
    }
    Nftables.Answer answer = library().run(command);
    return answer.done() ? answer.output() : "";
  }

  /** nft lists rules in words of its own, so what they were made from is in the chain's name. */
  static String chain(String prefix, String rules) {
    CRC32C hash = new CRC32C();
    hash.update(rules.getBytes(StandardCharsets.UTF_8));
    return prefix + "-" + Long.toHexString(hash.getValue());
  }

  /**
   * Whether a listing has the chain of these rules, and still as many of them.
   *
   * @param mark what every rule has, as nft lists it
   */
  static boolean holds(String listing, String prefix, String rules, String mark) {
    long marked = listing.lines().filter(line -> line.contains(mark)).count();
    return listing.contains("chain " + chain(prefix, rules) + " {")
        && marked == rules.lines().count();
  }

  /** Carries out commands as one transaction. */
  void run(String commands) {
    Nftables library = library();
    try (Netfilter netfilter = new Netfilter(LibcNetlinkSocket.open(Netlink.NETLINK_NETFILTER))) {
      netfilter.generation(); // loads nf_tables, or says that this kernel has none
    }
    Nftables.Answer answer = library.run(commands);
    if (!answer.done()) {
      throw new PreparationException(
          answer.error().lines().findFirst().orElse("nft refused"),
          "a kernel with nf_tables, and NET_ADMIN in this network namespace");
    }
  }
}
