package dev.freeway.dataplane.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real machine, seen by its own tools, in a network namespace that begins empty. */
@Tag("kernel")
final class LinkKernelTest {
  /** Everything that we may change, in the words of ip, sysctl and nft. */
  private static final String EVERYTHING =
      "ip -o address | grep -v fe80 | sed 's/ *valid_lft.*//'; ip -o link | sed 's/ state .*//';"
          + " nft list ruleset;"
          + " find /proc/sys/net/ipv4/vs /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf"
          + " /proc/sys/net/ipv6/conf -type f -perm -200 ! -name stable_secret ! -path '*/freeway0/*'"
          + " | sort | xargs grep -H .";

  private static final HostNeeds NEEDS =
      new Needs()
          .direct("10.0.0.1")
          .service("10.0.0.2", Forwarding.NAT, false)
          .service("10.0.0.3", Forwarding.NAT, true)
          .service("2001:db8::1", Forwarding.NAT, true)
          .build();

  @TempDir private Path directory;
  private LinkHost host;

  @BeforeEach
  void inAnEmptyNamespace() throws Exception {
    Namespaces.enterNew();
    Namespaces.shell(
        "modprobe ip_vs; ip link add eth0 type veth peer name eth1;"
            + " ip link set eth0 up; ip link set eth1 up;"
            + " ip address add 10.1.0.1/24 dev eth0; ip address add 2001:db8:1::1/64 dev eth0 nodad;"
            + " ip route add default via 10.1.0.254;"
            + " ip neighbour add 10.1.0.254 lladdr 02:00:00:00:00:0a dev eth0;"
            + " ip rule add from 10.9.0.0/16 fwmark 0x5/0xff table 77 priority 500");
    host = host(false);
  }

  @AfterEach
  void close() {
    host.close();
  }

  private LinkHost host(boolean sysctls) {
    return LinkHost.open(
        StateDirectory.open(directory), dev.freeway.dataplane.sync.Namespaces.current(), sysctls);
  }

  private static String say(String commands) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-euc", commands).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(commands + ": " + said).isZero();
    return said;
  }

  @Test
  void whatIpShowsIsRead() {
    try (RouteNetlink netlink = new RouteNetlink(LibcNetlinkSocket.open(Netlink.NETLINK_ROUTE))) {
      Link eth0 =
          netlink.links().stream().filter(link -> link.name().equals("eth0")).findFirst().get();
      assertThat(eth0.kind()).isEqualTo("veth");
      assertThat(eth0.up()).isTrue();
      assertThat(netlink.links()).anySatisfy(link -> assertThat(link.loopback()).isTrue());
      assertThat(netlink.addresses())
          .anySatisfy(
              held -> {
                assertThat(held.address()).isEqualTo(IpAddress.parse("10.1.0.1"));
                assertThat(held.bits()).isEqualTo(24);
                assertThat(held.link()).isEqualTo(eth0.index());
              });
      assertThat(netlink.routes())
          .anySatisfy(
              route -> {
                assertThat(route.destination()).isEmpty();
                assertThat(route.gateway()).contains(IpAddress.parse("10.1.0.254"));
                assertThat(route.link()).isEqualTo(eth0.index());
                assertThat(route.table()).isEqualTo(254);
              });
      assertThat(netlink.rules())
          .anySatisfy(
              rule -> {
                assertThat(rule.priority()).isEqualTo(500);
                assertThat(rule.source()).contains(IpAddress.parse("10.9.0.0"));
                assertThat(rule.sourceBits()).isEqualTo(16);
                assertThat(rule.mark()).isEqualTo(5);
                assertThat(rule.mask()).isEqualTo(255);
                assertThat(rule.table()).isEqualTo(77);
              });
      assertThat(netlink.neighbours())
          .contains(
              new Neighbour(eth0.index(), IpAddress.parse("10.1.0.254"), 128, "02:00:00:00:00:0a"));
    }
  }

  @Test
  void settledAndRestoredTheMachineIsAsBefore() throws Exception {
    String before = say(EVERYTHING);

    Host.Report done = host.settle(NEEDS);
    assertThat(done.errors()).isEmpty();
    assertThat(say("ip -o address show dev freeway0"))
        .contains("inet 10.0.0.1/32", "inet 10.0.0.2/32", "inet6 2001:db8::1/128")
        .doesNotContain("tentative");
    assertThat(say("sysctl -n net.ipv4.vs.conntrack net.ipv4.vs.sloppy_tcp net.ipv4.ip_forward"))
        .isEqualTo("1\n1\n1\n");
    assertThat(say("sysctl -n net.ipv6.conf.all.forwarding net.ipv6.conf.eth0.accept_ra"))
        .isEqualTo("1\n2\n");
    assertThat(say("nft list table inet freeway"))
        .contains("10.0.0.3 . tcp . 80", "2001:db8::1 . tcp . 80", "masquerade")
        .doesNotContain("10.0.0.2 ");
    assertThat(host.settle(NEEDS).changes()).isEmpty();
    assertThat(host(false).pending(NEEDS).changes()).isEmpty();

    Host.Report restored = host.restore();
    assertThat(restored.errors()).isEmpty();
    assertThat(say(EVERYTHING)).isEqualTo(before);
    assertThat(host.restore().changes()).isEmpty();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void whatOthersUndoIsDoneAgain() throws Exception {
    host.settle(NEEDS);
    Namespaces.shell(
        "ip address delete 10.0.0.1/32 dev freeway0; sysctl -qw net.ipv4.vs.conntrack=0;"
            + " nft add table inet other; nft flush chain inet freeway masquerade-services");
    assertThat(host.settle(NEEDS).changes())
        .extracting(HostChange::what)
        .containsExactly(
            "set sysctl net.ipv4.vs.conntrack",
            "set source-nat table inet freeway",
            "add address 10.0.0.1/32");
    assertThat(say("nft list ruleset")).contains("table inet other", "masquerade");
    Namespaces.shell("ip link delete freeway0; nft delete table inet freeway");
    assertThat(host.settle(NEEDS).changes()).hasSize(6);
    assertThat(host.settle(NEEDS).changes()).isEmpty();
  }

  @Test
  void withServicesOfOthersNoSysctlIsTouchedUnlessAsked() throws Exception {
    String sysctls = EVERYTHING.substring(EVERYTHING.indexOf(" find"));
    String before = say(sysctls);
    HostNeeds needs = new Needs().direct("10.0.0.1").foreign().build();
    Host.Report report = host.settle(needs);
    assertThat(say(sysctls)).isEqualTo(before);
    assertThat(report.errors()).isEmpty();
    assertThat(report.notes()).anySatisfy(note -> assertThat(note).contains("--sysctls"));
    assertThat(say("ip -o address show dev freeway0")).contains("10.0.0.1/32");
    try (LinkHost asked = host(true)) {
      assertThat(asked.settle(needs).errors()).isEmpty();
    }
    assertThat(say("sysctl -n net.ipv4.vs.sloppy_tcp")).isEqualTo("1\n");
  }

  /** What did not change is not read again; a change is seen at once, whoever made it. */
  @Test
  void whatIsKeptOfLinksAndAddressesIsWhatIsThere() throws Exception {
    try (KernelMachine machine = new KernelMachine()) {
      List<LinkAddress> before = machine.addresses();
      List<Link> links = machine.links();
      assertThat(machine.addresses()).isSameAs(before);
      assertThat(machine.links()).isSameAs(links);

      for (String change :
          List.of(
              "ip address add 10.7.0.1/32 dev eth0",
              "ip address delete 10.7.0.1/32 dev eth0",
              "ip address add 2001:db8:7::1/128 dev eth0 nodad",
              "ip link add other type dummy",
              "ip link set other up",
              "ip link set eth0 down",
              "ip link delete other")) {
        Namespaces.shell(change);
        try (KernelMachine fresh = new KernelMachine()) {
          assertThat(machine.addresses()).as(change).isEqualTo(fresh.addresses());
          assertThat(machine.links()).as(change).isEqualTo(fresh.links());
        }
      }
      Namespaces.shell( // more than can be kept of it
          "for i in {1..250}; do echo address add 10.7.1.$i/32 dev lo; done | ip -batch -;"
              + " for i in {1..250}; do echo address delete 10.7.1.$i/32 dev lo; done | ip -batch -");
      try (KernelMachine fresh = new KernelMachine()) {
        assertThat(machine.addresses()).isEqualTo(fresh.addresses());
      }
    }
  }

  @Test
  void theNeighboursOfAClusterAreSeen() throws Exception {
    Namespaces.shell("ip link add kube-ipvs0 type dummy; ip link add kube-dummy-if type dummy");
    List<String> notes = host.pending(NEEDS).notes();
    assertThat(notes)
        .anySatisfy(note -> assertThat(note).startsWith("kube-proxy"))
        .anySatisfy(note -> assertThat(note).startsWith("kube-router"));
  }
}
