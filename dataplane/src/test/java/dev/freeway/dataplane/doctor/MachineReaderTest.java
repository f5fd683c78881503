package dev.freeway.dataplane.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a machine to facts. */
class MachineReaderTest {
  private static final Namespace HERE = new Namespace("net:[7]", "boot");

  @TempDir private Path root;
  private StateDirectory state;
  private Supplier<NetlinkSocket> socket = new KernelModel(1)::open;

  @BeforeEach
  void aMachineInOrder() throws IOException {
    FakeRoot.write(root);
    Files.createDirectory(root.resolve("state"));
    state = StateDirectory.open(root.resolve("state"));
  }

  private Machine read() {
    return new MachineReader(root, socket)
        .read(
            state,
            HERE,
            MachineReader.recorded(state, HERE),
            new Ownership(Set.of(), List.of(), false),
            List.of("web.yaml"),
            List.of(),
            List.of());
  }

  @Test
  void readsWhatThereIs() throws IOException {
    Machine machine = read();
    assertThat(machine.kernel()).isEqualTo(new KernelRelease(6, 1, "6.1.0-50-amd64"));
    assertThat(machine.netAdmin()).isTrue();
    assertThat(machine.container()).isFalse();
    assertThat(machine.modules().loaded())
        .containsExactlyInAnyOrder("ip_vs", "ip_vs_mh", "nf_tables");
    assertThat(machine.modules().available()).containsExactlyInAnyOrder("ip_vs", "ip_vs_mh");
    assertThat(machine.modules().directory()).isTrue();
    assertThat(machine.modules().modprobe()).isTrue();
    assertThat(machine.sysctls())
        .containsEntry("net/ipv4/vs/run_estimation", "1")
        .containsEntry("net/ipv4/conf/lo/rp_filter", "0");
    assertThat(machine.links()).containsOnlyKeys("lo");
    assertThat(machine.sourceNat()).isTrue();
    assertThat(machine.table()).isEqualTo(new Machine.Table.Read(List.of(), List.of(), 4096));
    assertThat(machine.disk()).isEqualTo(new Machine.Disk(true, ""));
    assertThat(machine.record().standing()).isEqualTo(StateDirectory.Standing.MISSING);
    assertThat(machine.writer()).isEmpty();
    try (var left = Files.list(state.path())) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void theCapabilityIsOneBit() throws IOException {
    FakeRoot.file(root, "proc/thread-self/status", "CapEff:\t0000000000001000\n");
    assertThat(read().netAdmin()).isTrue();
    FakeRoot.file(root, "proc/thread-self/status", "CapEff:\tffffffffffffefff\n");
    assertThat(read().netAdmin()).isFalse();
  }

  @Test
  void aKernelWhoseTableGrowsHasNoFixedSize() throws IOException {
    FakeRoot.file(root, "proc/sys/net/ipv4/vs/conn_lfactor", "-4\n");
    assertThat(read().table()).isEqualTo(new Machine.Table.Read(List.of(), List.of(), 0));
  }

  @Test
  void noIpvsAndARefusalAreFacts() {
    socket =
        () -> {
          throw new NetlinkException("find IPVS", Errno.ENOENT, "");
        };
    assertThat(read().table()).isInstanceOf(Machine.Table.Absent.class);
    socket =
        () -> {
          throw new NetlinkException("read", Errno.EPERM, "");
        };
    assertThat(read().table()).isInstanceOf(Machine.Table.Refused.class);
  }

  @Test
  void chainsOfNftablesAndOfTheOlderIptables() throws IOException {
    FakeRoot.file(
        root,
        "usr/sbin/nft",
        "#!/bin/sh\necho 'table ip nat {'\necho '\tchain KUBE-SERVICES {'\necho '\t}'\n");
    FakeRoot.executable(root, "usr/sbin/nft");
    FakeRoot.file(
        root, "usr/sbin/iptables-legacy-save", "#!/bin/sh\necho ':KUBE-ROUTER-INPUT - [0:0]'\n");
    FakeRoot.executable(root, "usr/sbin/iptables-legacy-save");
    assertThat(read().chains()).containsExactly("KUBE-SERVICES");
    FakeRoot.file(root, "proc/thread-self/net/ip_tables_names", "nat\n");
    assertThat(read().chains()).containsExactly("KUBE-SERVICES", "KUBE-ROUTER-INPUT");
  }

  @Test
  void aStateDirectoryThatIsNotThereIsMadeWhereItCanBe() throws IOException {
    state = StateDirectory.open(root.resolve("a/b"));
    assertThat(read().disk()).isEqualTo(new Machine.Disk(false, ""));
    assertThat(root.resolve("a")).doesNotExist();
    Files.writeString(root.resolve("a"), "");
    assertThat(read().disk())
        .isEqualTo(new Machine.Disk(false, root.resolve("a") + " is not a directory"));
  }

  @Test
  void aRecordThatIsCorruptIsLost() throws IOException {
    state.record(HERE, new TreeMap<>());
    assertThat(read().record().standing()).isEqualTo(StateDirectory.Standing.WRITTEN);
    Files.writeString(state.path().resolve("ownership-7"), "nonsense");
    assertThat(read().record().standing()).isEqualTo(StateDirectory.Standing.LOST);
    Files.delete(state.path().resolve("ownership-7"));
    Files.createDirectory(state.path().resolve("ownership-7"));
    assertThat(read().record().findings()).singleElement().asString().contains("Is a directory");
  }

  @Test
  void aLockThatNobodyHoldsIsNoWriter() throws IOException {
    Path lock = state.path().resolve(StateDirectory.lockFile(HERE));
    Files.writeString(lock, "ipvs-router run, process 7");
    assertThat(read().writer()).isEmpty();
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      channel.lock();
      assertThat(read().writer()).isEqualTo("ipvs-router run, process 7");
    }
    assertThat(read().writer()).isEmpty();
  }

  @Test
  void theLeastLimitOfMemoryCounts() throws IOException {
    FakeRoot.file(root, "sys/fs/cgroup/memory.max", "268435456\n");
    assertThat(read().memory().limit()).isEqualTo(256L << 20);
    FakeRoot.file(root, "sys/fs/cgroup/memory.max", "max\n");
    assertThat(read().memory().limit()).isGreaterThan(900_000_000L * 1024);
  }

  @Test
  void withoutProcThereIsNothingToSee() throws IOException {
    Files.delete(root.resolve("proc/sys/kernel/osrelease"));
    assertThatThrownBy(this::read)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("osrelease");
  }
}
