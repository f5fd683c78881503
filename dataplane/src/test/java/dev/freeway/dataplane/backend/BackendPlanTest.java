package dev.freeway.dataplane.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackendPlanTest {
  private static final IpAddress VIP4 = IpAddress.parse("192.0.2.1");
  private static final IpAddress VIP6 = IpAddress.parse("2001:db8::1");
  private static final Encapsulation GUE = new Encapsulation.Gue(6080, false, false);

  private final FakePodNetwork pod = new FakePodNetwork("10.1.0.11", "fd00:1::11");

  private static BackendNeeds needs(List<IpAddress> addresses, Encapsulation... tunnels) {
    return BackendNeeds.of(addresses, Set.of(tunnels));
  }

  private List<String> names(BackendNeeds needs) {
    return pod.plan(needs).stream().map(Step::name).toList();
  }

  @Test
  void directReturnNeedsAnAddressThatNobodyIsToldOf() {
    assertThat(Backend.prepare(pod, needs(List.of(VIP4, VIP6))).prepared()).isTrue();

    assertThat(pod.done)
        .containsExactly(
            "ARP_IGNORE=1 on eth0",
            "ARP_ANNOUNCE=2 on eth0",
            "link freeway-vip",
            "address 192.0.2.1 on freeway-vip",
            "address 2001:db8::1 on freeway-vip");
    assertThat(pod.plan(needs(List.of(VIP4, VIP6)))).isEmpty();
  }

  @Test
  void neighboursOfIpv6AskNobodyElseSoThereIsNothingToSilence() {
    Backend.prepare(pod, needs(List.of(VIP6)));
    assertThat(pod.done).containsExactly("link freeway-vip", "address 2001:db8::1 on freeway-vip");
  }

  @Test
  void aTunnelEndsAtTheServersOwnAddressOfEachFamily() {
    pod.all = new PodState.Settings(1, 0, 0);
    Backend.prepare(pod, needs(List.of(VIP4, VIP6), Encapsulation.IPIP));
    assertThat(pod.done)
        .containsSequence(
            "tunnel freeway-ipip",
            "RP_FILTER=2 on freeway-ipip",
            "address 127.0.0.42 on freeway-ipip")
        .contains("tunnel freeway-sit", "tunnel freeway-ip6tnl", "nft");
    assertThat(pod.device("freeway-ipip").orElseThrow().local())
        .contains(IpAddress.parse("10.1.0.11"));
    assertThat(pod.device("freeway-ip6tnl").orElseThrow().local())
        .contains(IpAddress.parse("fd00:1::11"));
    assertThat(names(needs(List.of(VIP4, VIP6), Encapsulation.IPIP))).isEmpty();
  }

  @Test
  void whereTheReversePathIsNotFilteredNothingIsSetForIt() {
    Backend.prepare(pod, needs(List.of(VIP4), Encapsulation.IPIP));
    assertThat(pod.done)
        .noneMatch(change -> change.contains("RP_FILTER") || change.contains("127."));
  }

  @Test
  void aPodOfOneFamilyGetsTunnelsOfThatFamily() {
    FakePodNetwork four = new FakePodNetwork("10.1.0.11");
    Backend.prepare(four, needs(List.of(VIP4), GUE));
    assertThat(four.devices.keySet()).containsExactly("lo", "eth0", "freeway-vip", "freeway-ipip");
    assertThat(four.gue).containsExactly(new PodState.GuePort(Family.IPV4, 6080));
  }

  @Test
  void whatWasDoneByHandIsGoodEnough() {
    pod.addresses.add(new dev.freeway.dataplane.link.LinkAddress(1, VIP4, 32, 0));
    pod.put("tunl0", "ipip", FakePodNetwork.UP | FakePodNetwork.NOARP, Optional.empty(), false);
    pod.put("any6", "ip6tnl", FakePodNetwork.UP | FakePodNetwork.NOARP, Optional.empty(), false);
    pod.all = new PodState.Settings(0, 1, 2);
    assertThat(names(needs(List.of(VIP4), Encapsulation.IPIP))).containsExactly("clamp");
  }

  @Test
  void aFallbackDeviceThatIsDownTakesNothing() {
    pod.put("tunl0", "ipip", FakePodNetwork.NOARP, Optional.empty(), false);
    assertThat(names(needs(List.of(VIP4), Encapsulation.IPIP))).contains("tunnel");
  }

  @Test
  void aPodThatGotAnotherAddressGetsItsTunnelsAnew() {
    BackendNeeds needs = needs(List.of(VIP4), Encapsulation.IPIP);
    Backend.prepare(pod, needs);
    pod.addresses.removeIf(one -> one.address().equals(IpAddress.parse("10.1.0.11")));
    pod.addresses.add(
        new dev.freeway.dataplane.link.LinkAddress(2, IpAddress.parse("10.1.0.99"), 24, 0));
    pod.done.clear();
    Backend.prepare(pod, needs);
    assertThat(pod.done).containsExactly("delete freeway-ipip", "tunnel freeway-ipip");
    assertThat(pod.device("freeway-ipip").orElseThrow().local())
        .contains(IpAddress.parse("10.1.0.99"));
  }

  @Test
  void greTakesPacketsWithAChecksumOrWithout() {
    Backend.prepare(pod, needs(List.of(VIP4), new Encapsulation.Gre(false)));
    pod.done.clear();
    Backend.prepare(pod, needs(List.of(VIP4), new Encapsulation.Gre(true)));
    assertThat(pod.done)
        .containsSequence("delete freeway-gre", "tunnel freeway-gre")
        .containsSequence("delete freeway-ip6gre", "tunnel freeway-ip6gre");
    assertThat(pod.device("freeway-gre").orElseThrow().checksum()).isTrue();
    BackendNeeds both =
        needs(List.of(VIP4), new Encapsulation.Gre(true), new Encapsulation.Gre(false));
    assertThatThrownBy(() -> pod.plan(both))
        .isInstanceOf(PreparationException.class)
        .hasMessageContaining("checksum");
    assertThat(Backend.prepare(pod, both).errors())
        .singleElement()
        .extracting(InputError::expected)
        .asString()
        .contains("the same freeway.dev/encapsulation");
  }

  @Test
  void whatIsNeededNoMoreGoesAndNothingElse() {
    pod.put("tunl0", "ipip", FakePodNetwork.UP | FakePodNetwork.NOARP, Optional.empty(), false);
    pod.addresses.add(new dev.freeway.dataplane.link.LinkAddress(1, VIP6, 128, 0));
    Backend.prepare(pod, needs(List.of(VIP4), GUE, new Encapsulation.Gre(false)));
    pod.done.clear();

    Backend.prepare(pod, needs(List.of(VIP4)));
    assertThat(pod.done)
        .contains("nft", "delete freeway-gre", "delete freeway-ip6gre")
        .doesNotContain("delete freeway-vip", "delete tunl0");

    Backend.prepare(pod, BackendNeeds.NONE);
    assertThat(pod.devices.keySet()).containsExactly("lo", "eth0", "tunl0");
    assertThat(pod.addresses).extracting(one -> one.address()).contains(VIP6);
    assertThat(pod.plan(BackendNeeds.NONE)).isEmpty();
  }

  @Test
  void whatIsRefusedIsSaidWithWhatMendsItAndTheRestIsDone() {
    pod.unknownKinds.add("sit");
    Backend.Report report = Backend.prepare(pod, needs(List.of(VIP4, VIP6), Encapsulation.IPIP));
    assertThat(report.prepared()).isFalse();
    assertThat(report.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.field()).contains("freeway-sit");
              assertThat(error.expected()).contains("modprobe sit");
            });
    assertThat(pod.done).contains("tunnel freeway-ip6tnl", "nft");
  }

  @ParameterizedTest
  @CsvSource({
    "ipip, 1500, IPV4, IPV4, 1440",
    "ipip, 1500, IPV4, IPV6, 1420",
    "ipip, 1500, IPV6, IPV4, 1420",
    "'gue,port=6080', 1500, IPV4, IPV4, 1428",
    "'gue,port=6080,remcsum', 1500, IPV4, IPV4, 1420",
    "gre, 1500, IPV4, IPV4, 1436",
    "'gre,csum', 9001, IPV6, IPV6, 8893",
  })
  void segmentsFitIntoTheTunnel(
      String encapsulation, int mtu, Family outer, Family inner, int size) {
    BackendNeeds needs =
        needs(List.of(VIP4, VIP6), Encapsulation.parse(encapsulation).orElseThrow());
    assertThat(MssClamp.size(needs, mtu, outer, inner)).isEqualTo(size);
  }

  @Test
  void aTableThatWasEmptiedOrIsForOthersIsNoticed() {
    BackendNeeds needs = needs(List.of(VIP4, VIP6), Encapsulation.IPIP);
    String text = MssClamp.replace(needs, 1500, Family.IPV4);
    assertThat(MssClamp.isIn(text, needs, 1500, Family.IPV4)).isTrue();
    assertThat(MssClamp.isIn(text, needs, 1400, Family.IPV4)).isFalse();
    assertThat(MssClamp.isIn(text, needs(List.of(VIP4), Encapsulation.IPIP), 1500, Family.IPV4))
        .isFalse();
    assertThat(MssClamp.isIn("", needs, 1500, Family.IPV4)).isFalse();
    String emptied =
        String.join("\n", text.lines().filter(line -> !line.contains("maxseg")).toList());
    assertThat(MssClamp.isIn(emptied, needs, 1500, Family.IPV4)).isFalse();
  }

  /** From whatever was prepared before and broken meanwhile, one round leads to what is needed. */
  @Test
  void oneRoundIsEnoughFromAnywhere() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Encapsulation> ways =
        List.of(
            Encapsulation.IPIP,
            GUE,
            new Encapsulation.Gue(7000, true, false),
            new Encapsulation.Gre(false));
    for (int round = 0; round < 2000; round++) {
      FakePodNetwork any =
          switch (random.nextInt(3)) {
            case 0 -> new FakePodNetwork("10.1.0.11");
            case 1 -> new FakePodNetwork("fd00:1::11");
            default -> new FakePodNetwork("10.1.0.11", "fd00:1::11");
          };
      any.defaultRpFilter = random.nextInt(3);
      any.all = new PodState.Settings(random.nextInt(3), random.nextInt(2), random.nextInt(3));
      for (int turn = 0; turn < 3; turn++) {
        Set<Encapsulation> tunnels = new HashSet<>();
        ways.stream().filter(way -> random.nextInt(3) == 0).forEach(tunnels::add);
        List<IpAddress> addresses = new ArrayList<>();
        Arrays.asList(VIP4, VIP6, IpAddress.parse("192.0.2.2")).stream()
            .filter(address -> random.nextBoolean())
            .forEach(addresses::add);
        BackendNeeds needs = BackendNeeds.of(addresses, tunnels);
        Backend.Report report = Backend.prepare(any, needs);
        assertThat(report.errors()).as("seed %d", seed).isEmpty();
        assertThat(any.plan(needs)).as("seed %d, %s", seed, needs).isEmpty();
        List<String> ours =
            any.devices.keySet().stream().filter(name -> name.startsWith("freeway")).toList();
        if (!ours.isEmpty() && random.nextBoolean()) {
          any.deleteLink(any.device(ours.get(random.nextInt(ours.size()))).orElseThrow().link());
        }
      }
    }
  }
}
