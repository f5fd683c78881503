package dev.freeway.dataplane.doctor;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import dev.freeway.dataplane.sync.StateDirectory;
import dev.freeway.dataplane.sync.StateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gathers the facts from {@code /proc}, {@code /sys}, the kernel's IPVS and the state directory, in
 * the calling thread's network namespace. Changes nothing: the one file that it writes, to see
 * whether the state directory takes it, is gone again.
 */
public final class MachineReader {
  private static final int NET_ADMIN = 12; // include/uapi/linux/capability.h
  private static final int PROGRAM_SECONDS = 5;

  /** Room for a record of some 20,000 services. */
  private static final long ROOM = 1 << 20;

  private final Path root;
  private final Supplier<NetlinkSocket> genericNetlink;

  /**
   * A reader.
   *
   * @param root of the file system, another one in tests
   */
  public MachineReader(Path root, Supplier<NetlinkSocket> genericNetlink) {
    this.root = root;
    this.genericNetlink = genericNetlink;
  }

  /**
   * Looks at everything once, in a process that does not write to the table.
   *
   * @throws UncheckedIOException when {@code /proc} is not there
   */
  public Machine read(
      StateDirectory state,
      Namespace namespace,
      StateDirectory.Recorded recorded,
      Ownership ownership,
      List<String> input,
      List<Machine.PendingChange> pending,
      List<Machine.Unmet> unmet) {
    return read(
        state,
        recorded,
        ownership,
        input,
        pending,
        unmet,
        writer(state.path().resolve(StateDirectory.lockFile(namespace))));
  }

  /**
   * The same in the process of the writer, which makes what is pending and says itself what it
   * cannot. The file of its lock is not touched: who closes it once has lost the lock (POSIX).
   *
   * @throws UncheckedIOException when {@code /proc} is not there
   */
  public Machine readBesideWriter(
      StateDirectory state, Namespace namespace, Ownership ownership, List<String> input) {
    return read(state, recorded(state, namespace), ownership, input, List.of(), List.of(), "");
  }

  private Machine read(
      StateDirectory state,
      StateDirectory.Recorded recorded,
      Ownership ownership,
      List<String> input,
      List<Machine.PendingChange> pending,
      List<Machine.Unmet> unmet,
      String writer) {
    KernelRelease kernel = kernel(root);
    boolean netAdmin = netAdmin(required(root.resolve("proc/thread-self/status")));
    Map<String, String> sysctls = new TreeMap<>();
    sysctl("net/ipv4/vs/run_estimation", sysctls);
    Map<String, Boolean> links = links(sysctls);
    return new Machine(
        kernel,
        netAdmin,
        container(),
        modules(kernel),
        sysctls,
        links,
        netAdmin ? chains() : List.of(),
        libnftables(),
        table(),
        disk(state.path()),
        recorded,
        ownership,
        state.path().toString(),
        input,
        pending,
        unmet,
        writer,
        new Machine.Memory(Runtime.getRuntime().maxMemory(), memoryLimit()));
  }

  /**
   * Which kernel runs.
   *
   * @throws UncheckedIOException when {@code /proc} is not there
   */
  public static KernelRelease kernel(Path root) {
    return KernelRelease.parse(required(root.resolve("proc/sys/kernel/osrelease")));
  }

  private static String required(Path path) {
    try {
      return Files.readString(path).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /** The content without its last line's end; empty when it cannot be read. */
  private String content(String path) {
    try {
      return Files.readString(root.resolve(path)).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private void sysctl(String path, Map<String, String> into) {
    String value = content("proc/sys/" + path);
    if (!value.isEmpty()) {
      into.put(path, value);
    }
  }

  private static boolean netAdmin(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("CapEff:"))
        .anyMatch(
            line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> NET_ADMIN & 1) == 1);
  }

  private boolean container() {
    return Files.exists(root.resolve(".dockerenv"))
        || Files.exists(root.resolve("run/.containerenv"))
        || Files.exists(root.resolve("var/run/secrets/kubernetes.io"));
  }

  private Modules modules(KernelRelease kernel) {
    String directory = "lib/modules/" + kernel.text() + "/";
    Set<String> loaded = new HashSet<>();
    content("proc/modules").lines().forEach(line -> loaded.add(line.split(" ", 2)[0]));
    content(directory + "modules.builtin").lines().forEach(line -> loaded.add(module(line)));
    Set<String> available = new HashSet<>();
    content(directory + "modules.dep")
        .lines()
        .forEach(line -> available.add(module(line.split(":", 2)[0])));
    return new Modules(
        loaded,
        available,
        Files.isReadable(root.resolve(directory + "modules.dep")),
        program("modprobe").isPresent());
  }

  /** {@code kernel/net/netfilter/ipvs/ip_vs.ko.xz} is {@code ip_vs}. */
  private static String module(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int end = file.indexOf(".ko");
    return (end < 0 ? file : file.substring(0, end)).replace('-', '_');
  }

  /** Every device of the namespace; up are those that are so and have an address. */
  private Map<String, Boolean> links(Map<String, String> sysctls) {
    Map<String, Boolean> links = new TreeMap<>();
    Path conf = root.resolve("proc/sys/net/ipv4/conf");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(conf)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        sysctl("net/ipv4/conf/" + name + "/rp_filter", sysctls);
        if (!name.equals("all") && !name.equals("default")) {
          links.put(name, false);
        }
      }
      for (NetworkInterface link : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        links.computeIfPresent(link.getName(), (_, _) -> isUp(link));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list network devices in " + conf, e);
    }
    return links;
  }

  private static boolean isUp(NetworkInterface link) {
    try {
      return link.isUp();
    } catch (IOException e) {
      return false; // it went meanwhile
    }
  }

  /** What nftables and, where a table of theirs is loaded, the older iptables call their chains. */
  private List<String> chains() {
    List<String> chains = new ArrayList<>();
    output("nft", "list", "chains")
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("chain "))
        .forEach(line -> chains.add(line.split(" ", 3)[1]));
    if (!content("proc/thread-self/net/ip_tables_names").isEmpty()) {
      output("iptables-legacy-save")
          .lines()
          .filter(line -> line.startsWith(":"))
          .forEach(line -> chains.add(line.substring(1).split(" ", 2)[0]));
    }
    return chains;
  }

  /** Where a program is; root's directories are searched whatever PATH says. */
  private Optional<Path> program(String name) {
    return Stream.of("usr/sbin", "sbin", "usr/bin", "bin")
        .map(directory -> root.resolve(directory).resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What a program writes, without its complaints; empty when it is not there. */
  private String output(String name, String... arguments) {
    Optional<Path> program = program(name);
    if (program.isEmpty()) {
      return "";
    }
    List<String> command = new ArrayList<>(List.of(program.get().toString()));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      return "";
    }
    CompletableFuture<Void> limit =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(PROGRAM_SECONDS, TimeUnit.SECONDS));
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    } finally {
      limit.cancel(false);
    }
  }

  private boolean libnftables() {
    for (String directory : List.of("usr/lib", "usr/lib64", "lib", "lib64")) {
      if (Files.exists(root.resolve(directory + "/libnftables.so.1"))) {
        return true;
      }
    }
    try (DirectoryStream<Path> multiarch =
        Files.newDirectoryStream(root.resolve("usr/lib"), "*-linux-gnu*")) {
      for (Path directory : multiarch) {
        if (Files.exists(directory.resolve("libnftables.so.1"))) {
          return true;
        }
      }
    } catch (IOException e) {
      return false;
    }
    return false;
  }

  private Machine.Table table() {
    try (Ipvs ipvs = Ipvs.open(genericNetlink.get())) {
      boolean grows = !content("proc/sys/net/ipv4/vs/conn_lfactor").isEmpty();
      String bits = content("sys/module/ip_vs/parameters/conn_tab_bits");
      int buckets = grows || bits.isEmpty() ? 0 : 1 << Integer.parseInt(bits);
      return new Machine.Table.Read(ipvs.dump(), ipvs.daemons(), buckets);
    } catch (NetlinkException e) {
      return e.errno() == Errno.ENOENT
          ? new Machine.Table.Absent()
          : new Machine.Table.Refused(String.valueOf(e.getMessage()));
    }
  }

  /** The record; one that cannot be read is lost, which is a finding and not a failure. */
  public static StateDirectory.Recorded recorded(StateDirectory state, Namespace namespace) {
    try {
      return state.ownership(namespace);
    } catch (StateException e) {
      return StateDirectory.Recorded.lost(e.problem());
    }
  }

  private static Machine.Disk disk(Path directory) {
    if (!Files.isDirectory(directory)) {
      Path parent = directory.toAbsolutePath();
      while (parent != null && !Files.exists(parent)) {
        parent = parent.getParent();
      }
      boolean possible = parent != null && Files.isDirectory(parent) && Files.isWritable(parent);
      return new Machine.Disk(
          Files.exists(directory),
          possible
              ? ""
              : parent != null && !Files.isDirectory(parent)
                  ? parent + " is not a directory"
                  : "it is not there, and " + parent + " is not writable");
    }
    try {
      Path probe = Files.createTempFile(directory, ".doctor", "");
      try {
        Files.write(probe, new byte[4096]);
      } finally {
        Files.delete(probe);
      }
      long free = Files.getFileStore(directory).getUsableSpace();
      return new Machine.Disk(true, free < ROOM ? "only " + free + " bytes are free" : "");
    } catch (IOException e) {
      return new Machine.Disk(true, StateException.reason(e));
    }
  }

  /** What the file says, while somebody holds a lock on it; the lock ends with its process. */
  private static String writer(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      String holder = Files.readString(file).strip();
      return isFree(channel) ? "" : holder.isEmpty() ? "another process" : holder;
    } catch (IOException e) {
      return ""; // never locked
    }
  }

  private static boolean isFree(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(0, Long.MAX_VALUE, true) != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this very process
    }
  }

  /** The least of the control group's limit and what is available; 0 for unknown. */
  private long memoryLimit() {
    long limit = Long.MAX_VALUE;
    for (String path :
        List.of("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")) {
      String text = content(path);
      if (text.matches("\\d{1,18}")) {
        limit = Math.min(limit, Long.parseLong(text));
      }
    }
    for (String line : content("proc/meminfo").lines().toList()) {
      String[] words = line.split("\\s+", -1);
      if (words.length >= 2 && words[0].equals("MemAvailable:") && words[1].matches("\\d{1,15}")) {
        // What this process took already is not available, and is part of what it may take.
        long own = Runtime.getRuntime().totalMemory();
        limit = Math.min(limit, Long.parseLong(words[1]) * 1024 + own);
      }
    }
    return limit == Long.MAX_VALUE ? 0 : limit;
  }
}
