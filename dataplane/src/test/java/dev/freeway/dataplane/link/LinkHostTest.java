package dev.freeway.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinkHostTest {
  private static final Namespace NAMESPACE = new Namespace("net:[42]", "boot-1");
  private static final HostNeeds EVERYTHING =
      new Needs()
          .direct("10.0.0.1")
          .service("10.0.0.2", Forwarding.NAT, false)
          .service("10.0.0.3", Forwarding.NAT, true)
          .service("2001:db8::1", Forwarding.NAT, true)
          .build();

  @TempDir private Path directory;
  private final FakeMachine machine = new FakeMachine();

  private LinkHost host() {
    return host(false);
  }

  private LinkHost host(boolean sysctls) {
    return new LinkHost(machine, StateDirectory.open(directory), NAMESPACE, sysctls);
  }

  private static List<String> what(Host.Report report) {
    return report.changes().stream().map(HostChange::what).toList();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void aPendingChangeSaysWhyAndHowAndNothingIsDone() throws IOException {
    Host.Report report = host().pending(new Needs().direct("10.0.0.1").build());

    assertThat(what(report))
        .containsExactly(
            "set sysctl net.ipv4.vs.expire_nodest_conn",
            "set sysctl net.ipv4.vs.expire_quiescent_template",
            "set sysctl net.ipv4.vs.sloppy_tcp",
            "set sysctl net.ipv4.vs.conn_reuse_mode",
            "set sysctl net.ipv4.vs.schedule_icmp",
            "set sysctl net.ipv4.conf.all.accept_local",
            "add link freeway0",
            "add address 10.0.0.1/32");
    assertThat(report.changes()).allSatisfy(change -> assertThat(change.reason()).isNotEmpty());
    assertThat(report.changes())
        .extracting(HostChange::command)
        .contains(
            "sysctl -w net.ipv4.vs.conn_reuse_mode=2", "ip address add 10.0.0.1/32 dev freeway0");
    assertThat(machine.log).isEmpty();
    assertThat(files()).isEmpty();
  }

  @Test
  void sysctlsAndSourceNatComeBeforeTheServiceAndTheAddressAfterIt() {
    HostNeeds coming = new Needs().desired("10.0.0.3", Forwarding.NAT, true).build();
    host().prepare(coming);
    assertThat(machine.sysctls)
        .containsEntry("net/ipv4/vs/conntrack", "1")
        .containsEntry("net/netfilter/nf_conntrack_tcp_be_liberal", "1")
        .containsEntry("net/ipv4/ip_forward", "1");
    assertThat(machine.table).isNotEmpty();
    assertThat(machine.ours()).isEmpty();

    host().settle(coming);
    assertThat(machine.ours()).as("the kernel refused the service").isEmpty();

    host().settle(new Needs().service("10.0.0.3", Forwarding.NAT, true).build());
    assertThat(machine.ours()).containsExactly("10.0.0.3/32");
  }

  @Test
  void whatIsSettledNeedsNothingMoreAndWritesNothing() throws IOException {
    host().settle(EVERYTHING);
    machine.log.clear();
    Path record = files().getFirst();
    Object written = Files.getLastModifiedTime(record);
    Object inode = Files.getAttribute(record, "unix:ino");

    assertThat(host().settle(EVERYTHING)).isEqualTo(Host.Report.NOTHING);
    assertThat(host().pending(EVERYTHING).changes()).isEmpty();
    assertThat(machine.log).isEmpty();
    assertThat(Files.getLastModifiedTime(record)).isEqualTo(written);
    assertThat(Files.getAttribute(record, "unix:ino")).isEqualTo(inode);
  }

  @Test
  void anAddressGoesWithItsLastService() {
    host().settle(new Needs().direct("10.0.0.1").direct("10.0.0.2").build());
    Host.Report report = host().settle(new Needs().direct("10.0.0.2").build());
    assertThat(what(report)).containsExactly("delete address 10.0.0.1/32");
    assertThat(machine.ours()).containsExactly("10.0.0.2/32");
  }

  @Test
  void anAddressThatWeDidNotAddIsLeft() {
    host().settle(new Needs().direct("10.0.0.1").build());
    int ours = machine.links.getLast().index();
    machine.addresses.add(new LinkAddress(ours, IpAddress.parse("10.0.0.9"), 32, 0));

    Host.Report report = host().settle(new Needs().direct("10.0.0.9").direct("10.1.0.1").build());
    assertThat(report.notes())
        .singleElement()
        .asString()
        .contains("10.1.0.1 is on eth0 and stays there");
    host().settle(HostNeeds.NONE);
    assertThat(machine.ours()).containsExactly("10.0.0.9/32");
    Host.Report restored = host().restore();
    assertThat(restored.errors())
        .singleElement()
        .satisfies(e -> assertThat(e.kernelMessage()).contains("10.0.0.9"));
    assertThat(machine.ours()).containsExactly("10.0.0.9/32");
  }

  @Test
  void whatOthersUndoIsDoneAgain() {
    host().settle(EVERYTHING);
    machine.addresses.removeIf(held -> held.address().equals(IpAddress.parse("10.0.0.1")));
    machine.sysctls.put("net/ipv4/vs/conntrack", "0");
    machine.table = "changed";
    assertThat(what(host().settle(EVERYTHING)))
        .containsExactly(
            "set sysctl net.ipv4.vs.conntrack",
            "set source-nat table inet freeway",
            "add address 10.0.0.1/32");
    machine.links.removeIf(link -> link.name().equals(HostPlan.LINK));
    machine.addresses.removeIf(held -> held.link() > 2);
    assertThat(what(host().settle(EVERYTHING))).startsWith("add link freeway0").hasSize(5);
  }

  @Test
  void sourceNatAndItsConntrackEndWithTheLastServiceThatHasThem() {
    host().settle(EVERYTHING);
    Host.Report report =
        host().settle(new Needs().service("10.0.0.2", Forwarding.NAT, false).build());
    assertThat(what(report))
        .contains("delete source-nat table inet freeway", "set sysctl net.ipv4.vs.conntrack");
    assertThat(machine.table).isEmpty();
    assertThat(machine.sysctls).containsEntry("net/ipv4/vs/conntrack", "0");
  }

  @Test
  void sourceRangesStandBeforeTheirServiceAndEndWithTheLast() {
    HostNeeds limited = new Needs().limited("10.0.0.4", "192.0.2.0/24").build();
    assertThat(what(host().prepare(limited)))
        .contains("add source-ranges table inet freeway-ranges")
        .doesNotContain("add address 10.0.0.4/32");
    assertThat(machine.filter).isNotEmpty();
    host().settle(limited);
    assertThat(what(host().settle(limited))).isEmpty();

    machine.filter = "changed";
    assertThat(what(host().settle(limited)))
        .containsExactly("set source-ranges table inet freeway-ranges");
    HostNeeds others = new Needs().limited("10.0.0.4", "198.51.100.0/24").build();
    assertThat(what(host().settle(others)))
        .containsExactly("set source-ranges table inet freeway-ranges");
    assertThat(host().sourceRanges().toString()).contains("198.51.100.0/24");
    assertThat(what(host().settle(new Needs().direct("10.0.0.4").build())))
        .containsExactly("delete source-ranges table inet freeway-ranges");
    assertThat(machine.filter).isEmpty();
    assertThat(host().sourceRanges()).isEmpty();
  }

  @Test
  void aServiceThatIsKeptKeepsItsSourceRanges() {
    host().settle(new Needs().limited("10.0.0.4", "192.0.2.0/24").build());
    assertThat(what(host().settle(new Needs().kept("10.0.0.4").build()))).isEmpty();
    assertThat(machine.filter).isNotEmpty();
    assertThat(what(host().restore())).contains("delete source-ranges table inet freeway-ranges");
    assertThat(machine.filter).isEmpty();
  }

  @Test
  void aTableOfSourceRangesThatNoRecordKnowsGoes() {
    machine.filter = "of a record that was lost";
    assertThat(what(host().settle(new Needs().direct("10.0.0.4").build())))
        .contains("delete source-ranges table inet freeway-ranges");
    assertThat(machine.filter).isEmpty();
  }

  @Test
  void aServiceWhoseSourceNatIsRefusedStillTurnsStrangersAway() {
    host().settle(new Needs().direct("10.0.0.4").build());
    HostNeeds refused =
        new Needs()
            .limited("10.0.0.4", "192.0.2.0/24")
            .build()
            .without(Set.of(Needs.key("10.0.0.4")));
    assertThat(what(host().settle(refused)))
        .containsExactly("add source-ranges table inet freeway-ranges");
  }

  @Test
  void sourceRangesThatCannotBeEnforcedAreSaidToBeTheCause() {
    HostNeeds limited = new Needs().limited("10.0.0.4", "192.0.2.0/24").build();
    machine.takesNft = false;
    Host.Report report = host().prepare(limited);
    assertThat(report.sourceRanges())
        .hasValueSatisfying(
            error ->
                assertThat(error.what()).isEqualTo("add source-ranges table inet freeway-ranges"));
    assertThat(report.sourceNat()).isEmpty();
    machine.library = false;
    assertThat(host().pending(limited).sourceRanges()).isPresent();
    machine.library = true;
    machine.takesNft = true;
    assertThat(host().prepare(limited).sourceRanges()).isEmpty();
  }

  /** Where nothing tracks connections, nothing is to be left alone. */
  @Test
  void whatReturnsDirectlyIsNotTrackedFromTheTimeOnWhenConnectionsAre() {
    HostNeeds needs =
        new Needs().direct("10.0.0.1").service("10.0.0.3", Forwarding.NAT, true).build();
    machine.sysctls.put("net/netfilter/nf_conntrack_count", "0");
    assertThat(what(host().settle(needs))).noneMatch(change -> change.contains("untracked"));

    machine.sysctls.put("net/netfilter/nf_conntrack_count", "3");
    assertThat(host().pending(needs).changes())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.what()).isEqualTo("add untracked table inet freeway-untracked");
              assertThat(change.service()).contains("10.0.0.1").doesNotContain("10.0.0.3");
            });
    host().settle(needs);
    machine.sysctls.put("net/netfilter/nf_conntrack_count", "0"); // no connection at this moment
    assertThat(host().settle(needs).changes()).isEmpty();
    assertThat(host().settle(new Needs().kept("10.0.0.1").build()).changes())
        .extracting(HostChange::what)
        .noneMatch(change -> change.contains("untracked"));

    machine.untracked = "changed";
    assertThat(what(host().settle(needs))).contains("set untracked table inet freeway-untracked");
    assertThat(what(host().settle(new Needs().service("10.0.0.3", Forwarding.NAT, true).build())))
        .contains("delete untracked table inet freeway-untracked");
    assertThat(machine.untracked).isEmpty();
  }

  @Test
  void whatCannotBeLeftUntrackedIsServedAndNoted() {
    HostNeeds needs = new Needs().direct("10.0.0.1").build();
    machine.sysctls.put("net/netfilter/nf_conntrack_count", "3");
    machine.takesNft = false;
    Host.Report refused = host().settle(needs);
    assertThat(refused.errors()).isEmpty();
    assertThat(refused.notes()).anyMatch(note -> note.contains("Could not process rule"));
    machine.library = false;
    Host.Report without = host().pending(needs);
    assertThat(without.notes()).anyMatch(note -> note.contains("libnftables"));
    assertThat(what(without)).isEmpty();

    machine.library = true;
    machine.takesNft = true;
    assertThat(what(host().settle(needs)))
        .containsExactly("add untracked table inet freeway-untracked");
    assertThat(what(host().restore())).contains("delete untracked table inet freeway-untracked");
  }

  @Test
  void aServiceThatIsKeptKeepsItsSourceNatAndItsAddress() {
    host().settle(new Needs().service("10.0.0.3", Forwarding.NAT, true).build());
    assertThat(host().settle(new Needs().kept("10.0.0.3").build()).changes()).isEmpty();
  }

  @Test
  void nothingOfTheNamespaceIsChangedWhileOthersHaveServicesUnlessAsked() {
    HostNeeds needs = new Needs().service("10.0.0.3", Forwarding.NAT, true).foreign().build();
    Map<String, String> before = new HashMap<>(machine.sysctls);

    Host.Report report = host().settle(needs);

    assertThat(machine.sysctls).isEqualTo(before);
    assertThat(report.errors())
        .extracting(ProgramError::what)
        .containsExactly("set sysctl net.ipv4.vs.conntrack", "set sysctl net.ipv4.ip_forward");
    assertThat(report.errors())
        .allSatisfy(error -> assertThat(error.expected()).contains("--sysctls", "sysctl -w "));
    assertThat(report.notes())
        .hasSize(6)
        .allSatisfy(note -> assertThat(note).contains("left at", "--sysctls"));
    assertThat(machine.ours()).containsExactly("10.0.0.3/32");

    assertThat(host(true).settle(needs).errors()).isEmpty();
    assertThat(machine.sysctls).containsEntry("net/ipv4/vs/conntrack", "1");
  }

  private static final HostNeeds COMING =
      new Needs().direct("10.0.0.1").desired("10.0.0.3", Forwarding.NAT, true).build();

  private static void saysWhy(Host.Report report, String what, String why, String expected) {
    assertThat(report.sourceNat())
        .hasValueSatisfying(
            error -> {
              assertThat(error.what()).isEqualTo(what);
              assertThat(error.kernelMessage()).contains(why);
              assertThat(error.expected()).contains(expected);
            });
  }

  @Test
  void sourceNatThatTheKernelDoesNotTakeIsAnErrorAndSaidToBeTheCause() {
    machine.takesNft = false;
    LinkHost host = host();
    for (Host.Report report : List.of(host.prepare(COMING), host.settle(COMING))) {
      saysWhy(report, "add source-nat table inet freeway", "process rule", "nft_masq");
      assertThat(report.errors()).containsExactly(report.sourceNat().orElseThrow());
    }
    assertThat(machine.ours()).containsExactly("10.0.0.1/32");
    machine.takesNft = true;
    assertThat(host.prepare(COMING).sourceNat()).isEmpty();
    assertThat(machine.table).isNotEmpty();
  }

  @Test
  void aMissingLibraryIsKnownWithoutTrying() throws IOException {
    machine.library = false;
    Host.Report report = host().pending(COMING);
    saysWhy(report, "add source-nat table inet freeway", "libnftables.so.1", "apt-get");
    assertThat(report.errors()).isEmpty();
    assertThat(machine.log).isEmpty();
    assertThat(files()).isEmpty();
    assertThat(host().pending(new Needs().direct("10.0.0.1").build()).sourceNat()).isEmpty();
  }

  @Test
  void sourceNatWithoutConnectionTrackingDoesNotWork() {
    HostNeeds withOthers = new Needs().service("10.0.0.3", Forwarding.NAT, true).foreign().build();
    String what = "set sysctl net.ipv4.vs.conntrack";
    saysWhy(host().pending(withOthers), what, "others have services", "--sysctls");
    for (String without : List.of("direct or tunnel", "freeway.dev/snat: \"false\" where")) {
      saysWhy(host().pending(withOthers), what, "others have services", without);
    }
    saysWhy(host().prepare(withOthers), what, "others have services", "--sysctls");
    machine.readOnly.add("net/ipv4/vs/conntrack");
    saysWhy(host().prepare(COMING), what, "Read-only", "/proc/sys");
    machine.sysctls.remove("net/ipv4/vs/conntrack");
    saysWhy(host().prepare(COMING), what, "does not have it", "freeway.dev/snat: \"false\"");
    machine.sysctls.put("net/ipv4/vs/conntrack", "1");
    machine.sysctls.put("net/ipv4/vs/sloppy_tcp", "0");
    machine.readOnly.add("net/ipv4/vs/sloppy_tcp");
    Host.Report report = host().prepare(COMING);
    assertThat(report.sourceNat()).isEmpty();
    assertThat(report.errors()).hasSize(1);
  }

  @Test
  void aServiceThatLeavesSourceNatHasItUntilItIsChanged() {
    host().settle(EVERYTHING);
    String table = machine.table;
    HostNeeds fewer =
        new Needs().direct("10.0.0.3").service("2001:db8::1", Forwarding.NAT, true).build();
    host().prepare(fewer);
    assertThat(machine.table).isEqualTo(table);
    host().settle(fewer);
    assertThat(machine.table).isNotEqualTo(table);
    assertThat(host().pending(fewer).changes()).isEmpty();
  }

  @Test
  void aRefusedSysctlIsAnErrorAndTheRestIsDone() {
    machine.readOnly.add("net/ipv4/vs/sloppy_tcp");
    Host.Report report = host().settle(new Needs().direct("10.0.0.1").build());
    assertThat(report.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.what()).isEqualTo("set sysctl net.ipv4.vs.sloppy_tcp");
              assertThat(error.expected()).contains("/proc/sys");
            });
    assertThat(machine.ours()).containsExactly("10.0.0.1/32");
  }

  @Test
  void aSysctlThatThisKernelLacksIsNoted() {
    machine.sysctls.remove("net/ipv4/vs/conn_reuse_mode");
    Host.Report report = host().settle(new Needs().direct("10.0.0.1").build());
    assertThat(report.errors()).isEmpty();
    assertThat(report.notes()).singleElement().asString().contains("net.ipv4.vs.conn_reuse_mode");
  }

  @Test
  void aMissingModuleIsLoadedOnceWhateverComesOfIt() {
    machine.modules.remove("ip_vs_rr");
    HostNeeds needs = new Needs().direct("10.0.0.1").build();
    LinkHost host = host();
    assertThat(what(host.prepare(needs))).startsWith("add module ip_vs_rr");
    machine.modules.remove("ip_vs_rr");
    assertThat(what(host.settle(needs))).doesNotContain("add module ip_vs_rr");
  }

  @ParameterizedTest
  @CsvSource({"kube-proxy,conntrack", "kube-router,deletes IPVS services"})
  void whoWorksHereTooIsTold(String neighbour, String expected) {
    machine.neighbours.add(neighbour);
    assertThat(host().pending(new Needs().direct("10.0.0.1").build()).notes())
        .singleElement()
        .asString()
        .contains(neighbour, expected);
  }

  @Test
  void whatKeepsNeighboursFromAnAddressIsTold() {
    machine.sysctls.put(HostPlan.ARP_IGNORE, "1");
    assertThat(
            host().pending(new Needs().direct("10.0.0.1").direct("2001:db8:1::9").build()).notes())
        .satisfiesExactly(
            note -> assertThat(note).contains("arp_ignore", "10.0.0.1"),
            note -> assertThat(note).contains("2001:db8:1::9", "eth0", "nodad"));
  }

  @Test
  void aLinkOfThatNameAndAnotherKindIsAnError() {
    machine.links.add(new Link(7, HostPlan.LINK, "bridge", 1));
    Host.Report report = host().settle(new Needs().direct("10.0.0.1").build());
    assertThat(report.errors())
        .singleElement()
        .satisfies(error -> assertThat(error.kernelMessage()).contains("bridge"));
    assertThat(machine.ours()).isEmpty();
  }

  @Test
  void restorePutsEverythingBackAndThenHasNothingToDo() throws IOException {
    Map<String, String> before = new HashMap<>(machine.sysctls);
    List<LinkAddress> addresses = List.copyOf(machine.addresses);
    List<Link> links = List.copyOf(machine.links);
    host().settle(EVERYTHING);
    assertThat(machine.sysctls)
        .isNotEqualTo(before)
        .containsEntry("net/ipv6/conf/eth0/accept_ra", "2")
        .containsEntry("net/ipv4/conf/eth0/send_redirects", "0");

    Host.Report report = host().restore();

    assertThat(report.errors()).isEmpty();
    assertThat(report.changes()).hasSizeGreaterThan(10);
    assertThat(machine.sysctls).isEqualTo(before);
    assertThat(machine.addresses).isEqualTo(addresses);
    assertThat(machine.links).isEqualTo(links);
    assertThat(machine.table).isEmpty();
    assertThat(files()).isEmpty();
    Host.Report again = host().restore();
    assertThat(again.changes()).isEmpty();
    assertThat(again.notes()).singleElement().asString().contains("nothing to restore");
  }

  @Test
  void aSysctlThatSomebodySetSinceIsLeftAndReported() {
    host().settle(EVERYTHING);
    machine.sysctls.put("net/ipv4/vs/conn_reuse_mode", "0");
    Host.Report report = host().restore();
    assertThat(report.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.what()).contains("conn_reuse_mode");
              assertThat(error.kernelMessage()).contains("left at 0", "it was 1", "we set 2");
            });
    assertThat(machine.sysctls).containsEntry("net/ipv4/vs/conn_reuse_mode", "0");
    machine.sysctls.put("net/ipv4/vs/conn_reuse_mode", "1");
    assertThat(host().restore().errors()).isEmpty();
  }

  @Test
  void whatIsRecordedOfALinkThatIsGoneIsSaidAndForgotten() throws IOException {
    host().settle(EVERYTHING);
    machine.links.removeIf(link -> link.name().equals("eth0"));
    machine.sysctls.keySet().removeIf(path -> path.contains("/eth0/"));
    Host.Report report = host().restore();
    assertThat(report.errors()).isEmpty();
    assertThat(report.notes())
        .containsExactlyInAnyOrder(
            "net.ipv4.conf.eth0.send_redirects was 1 and is gone with its link eth0",
            "net.ipv6.conf.eth0.accept_ra was 1 and is gone with its link eth0");
    assertThat(files()).isEmpty();
  }

  @Test
  void aKillAtAnyWriteIsPutBackByRestore() throws IOException {
    Map<String, String> before = new HashMap<>(machine.sysctls);
    List<LinkAddress> addresses = List.copyOf(machine.addresses);
    for (int kill = 0; ; kill++) {
      machine.writesUntilKilled = kill;
      boolean killed = false;
      try {
        host().settle(EVERYTHING);
      } catch (FakeMachine.Killed e) {
        killed = true;
      }
      machine.writesUntilKilled = Integer.MAX_VALUE;
      assertThat(host().restore().errors()).as("killed at %d", kill).isEmpty();
      assertThat(machine.sysctls).as("killed at %d", kill).isEqualTo(before);
      assertThat(machine.addresses).as("killed at %d", kill).isEqualTo(addresses);
      assertThat(machine.table).isEmpty();
      assertThat(files()).isEmpty();
      if (!killed) {
        assertThat(kill).isGreaterThan(15);
        return;
      }
    }
  }

  @Test
  void aKilledSettleIsFinishedByTheNextAndRestoredToTheVeryBeginning() {
    Map<String, String> before = new HashMap<>(machine.sysctls);
    machine.writesUntilKilled = 7;
    assertThatThrownBy(() -> host().settle(EVERYTHING)).isInstanceOf(FakeMachine.Killed.class);
    machine.writesUntilKilled = Integer.MAX_VALUE;
    host().settle(EVERYTHING);
    assertThat(host().pending(EVERYTHING).changes()).isEmpty();
    host().restore();
    assertThat(machine.sysctls).isEqualTo(before);
  }

  @Test
  void aStateDirectoryThatCannotBeWrittenLeavesTheMachineUntouched() throws IOException {
    // A directory in the temporary file's place stands for a full disk, also for root.
    Files.createDirectories(directory.resolve(".host-42.new"));
    Host.Report report = host().settle(EVERYTHING);
    assertThat(report.errors())
        .singleElement()
        .satisfies(e -> assertThat(e.expected()).contains("--state-dir"));
    assertThat(report.sourceNat()).hasValue(report.errors().getFirst());
    assertThat(machine.log).isEmpty();
  }

  @Test
  void aRecordOfAnotherBootOrThatIsRubbishNamesNothing() throws IOException {
    host().settle(EVERYTHING);
    Host.Report other =
        new LinkHost(
                machine, StateDirectory.open(directory), new Namespace("net:[42]", "boot-2"), false)
            .restore();
    assertThat(other.changes()).isEmpty();
    Files.writeString(directory.resolve("host-42"), "freeway-state 1 4 00000000\nrubb");
    Host.Report lost = host().restore();
    assertThat(lost.changes()).isEmpty();
    assertThat(lost.notes().getFirst()).contains("lost", "host-42");
  }

  @Test
  void connectionsAreKeptForAMomentAndTheSettingIsPutBack() {
    LinkHost host = host();
    HostNeeds needs = new Needs().direct("10.0.0.1").build();
    host.settle(needs);
    machine.log.clear();
    assertThat(host.whileKept(() -> machine.log.add("batch"))).isTrue();
    assertThat(machine.log)
        .containsExactly(
            "set net/ipv4/vs/expire_nodest_conn=0",
            "batch",
            "await packets",
            "set net/ipv4/vs/expire_nodest_conn=1");
    assertThatThrownBy(
            () ->
                host.whileKept(
                    () -> {
                      throw new IllegalStateException("batch");
                    }))
        .hasMessage("batch");
    assertThat(machine.sysctls).containsEntry("net/ipv4/vs/expire_nodest_conn", "1");
  }

  @Test
  void connectionsAreNotKeptWhereTheSettingIsOthersToo() {
    LinkHost host = host();
    machine.sysctls.put("net/ipv4/vs/expire_nodest_conn", "1");
    host.settle(
        new HostNeeds(EVERYTHING.services(), EVERYTHING.held(), EVERYTHING.present(), true));
    machine.log.clear();
    assertThat(host.whileKept(() -> machine.log.add("batch"))).isFalse();
    assertThat(machine.log).isEmpty();
    machine.sysctls.put("net/ipv4/vs/expire_nodest_conn", "0");
    assertThat(host.whileKept(() -> machine.log.add("batch"))).isTrue();
    assertThat(machine.log).containsExactly("batch");
  }

  @Test
  void whatServesAServiceThatTheRecordDoesNotKnowStays() {
    host().settle(EVERYTHING);
    machine.log.clear();
    Host.Report report =
        host(true)
            .settle(
                new Needs()
                    .unknown("10.0.0.1")
                    .unknown("10.0.0.2")
                    .unknown("10.0.0.3")
                    .unknown("2001:db8::1")
                    .build());
    assertThat(what(report)).isEmpty();
    assertThat(machine.sysctls).containsEntry("net/ipv4/vs/conntrack", "1");
  }

  @Test
  void linksWithoutAddressesAreLeftAlone() {
    machine.links.add(new Link(7, "veth-pod", "veth", RouteNumbers.IFF_UP));
    machine.sysctls.put("net/ipv6/conf/veth-pod/accept_ra", "1");
    machine.sysctls.put("net/ipv4/conf/veth-pod/send_redirects", "1");
    host().settle(EVERYTHING);
    assertThat(machine.sysctls)
        .containsEntry("net/ipv6/conf/veth-pod/accept_ra", "1")
        .containsEntry("net/ipv4/conf/veth-pod/send_redirects", "1");
  }
}
