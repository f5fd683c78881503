package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The doctor on a real machine: in order after {@code apply}, then with things that go wrong. */
@Tag("kernel")
class DoctorKernelTest {
  @TempDir private Path directory;
  private RouterFixture router;

  @BeforeEach
  void inANamespaceOfItsOwn() throws Exception {
    Namespaces.shell("modprobe ip_vs");
    Namespaces.enterNew();
    Namespaces.shell(
        "ip link add eth0 type dummy; ip addr add 10.1.0.2/16 dev eth0; ip link set eth0 up");
    router = new RouterFixture(directory);
    router.onThisMachine(() -> LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC));
    router.write("web.yaml", RouterFixture.service("web", "10.0.0.1", "", "10.1.0.11"));
    assertThat(router.on("apply")).as(router.err).isZero();
  }

  private Map<String, String> commandsByName() {
    router.on("doctor", "-o", "json");
    Map<String, String> commands = new TreeMap<>();
    for (JsonNode finding : router.document().get("findings")) {
      commands.put(finding.get("name").asString(), finding.get("command").asString());
    }
    return commands;
  }

  @Test
  void afterAnApplyNothingStandsInTheWay() {
    assertThat(router.on("doctor")).as(router.out + router.err).isZero();
    assertThat(router.out).isEqualTo("nothing stands in the way\n");
  }

  @Test
  void whatGoesWrongIsFoundAndItsCommandMendsIt() throws Exception {
    Namespaces.shell(
        """
        ip link set lo down
        echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter
        echo 0 > /proc/sys/net/ipv4/vs/run_estimation
        """);
    Map<String, String> found = commandsByName();
    assertThat(found).containsOnlyKeys("loopback-down", "reverse-path-strict", "rates-off");
    for (String command : found.values()) {
      Namespaces.shell(command);
    }
    assertThat(commandsByName()).isEmpty();
  }

  @Test
  void otherProgramsOfTheNamespaceAreFound() throws Exception {
    Namespaces.shell(
        """
        ipvsadm -A -t 10.9.9.9:443 -s rr
        ip link add kube-dummy-if type dummy
        ip link add kube-ipvs0 type dummy
        """);
    Map<String, String> found = commandsByName();
    assertThat(found).containsOnlyKeys("foreign-services", "kube-proxy", "kube-router");
    assertThat(found.get("foreign-services")).endsWith("ipvsadm -D -t 10.9.9.9:443");
  }

  @Test
  void theSyncDaemonIsFoundWhereTunnelsCrossFamilies() throws Exception {
    Namespaces.shell("ipvsadm --start-daemon backup --mcast-interface eth0");
    assertThat(commandsByName()).isEmpty();
    router.write(
        "web.yaml",
        RouterFixture.service("web", "10.0.0.1", "", "'fd00::11'")
            .replace("direct", "tunnel")
            .replace("IPv4", "IPv6"));
    Map<String, String> found = commandsByName();
    assertThat(found).containsOnlyKeys("sync-daemon");
    Namespaces.shell(found.getOrDefault("sync-daemon", ""));
    assertThat(commandsByName()).isEmpty();
  }

  @Test
  void aLostRecordIsFoundAndItsCommandMendsIt() throws Exception {
    Namespaces.shell(
        "for file in " + router.state + "/*; do echo freeway-state 1 nonsense > $file; done");
    assertThat(router.on("apply")).isEqualTo(1);
    assertThat(router.err).contains("is lost").contains("--adopt").doesNotContain("Exception");
    String command = commandsByName().getOrDefault("record-lost", "");
    assertThat(command).startsWith("ipvs-router apply --adopt --state-dir ");
    assertThat(router.run(List.of(command.split(" ", -1)).subList(1, 7).toArray(String[]::new)))
        .as(command)
        .isZero();
    assertThat(commandsByName()).isEmpty();
  }
}
