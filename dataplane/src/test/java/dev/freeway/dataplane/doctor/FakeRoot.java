package dev.freeway.dataplane.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of a machine on which nothing stands in the way, in a directory. */
public final class FakeRoot {
  private FakeRoot() {}

  /** Writes them. */
  public static void write(Path root) throws IOException {
    file(root, "proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
    file(root, "proc/thread-self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\n");
    file(root, "proc/modules", "ip_vs_mh 16384 1 - Live 0x0\nip_vs 200704 3 ip_vs_mh, Live 0x0\n");
    file(root, "proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable: 900000000 kB\n");
    file(root, "proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
    file(root, "proc/sys/net/ipv4/conf/default/rp_filter", "0\n");
    file(root, "proc/sys/net/ipv4/conf/lo/rp_filter", "0\n");
    file(root, "proc/sys/net/ipv4/vs/run_estimation", "1\n");
    file(root, "sys/module/ip_vs/parameters/conn_tab_bits", "12\n");
    file(
        root,
        "lib/modules/6.1.0-50-amd64/modules.dep",
        """
        kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko
        kernel/net/netfilter/ipvs/ip_vs_mh.ko: kernel/net/netfilter/ipvs/ip_vs.ko
        """);
    file(root, "lib/modules/6.1.0-50-amd64/modules.builtin", "kernel/net/netfilter/nf-tables.ko\n");
    file(root, "usr/lib/x86_64-linux-gnu/libnftables.so.1", "");
    file(root, "usr/sbin/modprobe", "#!/bin/sh\n");
    executable(root, "usr/sbin/modprobe");
  }

  /** Replaces a file. */
  public static void file(Path root, String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  static void executable(Path root, String path) {
    if (!root.resolve(path).toFile().setExecutable(true)) {
      throw new IllegalStateException(path);
    }
  }
}
