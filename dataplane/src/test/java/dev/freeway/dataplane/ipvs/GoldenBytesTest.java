package dev.freeway.dataplane.ipvs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.netlink.Capture;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.GenericFamily;
import dev.freeway.dataplane.netlink.ReplaySocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ipvsadm and the real kernel said to each other: we ask the same and read the same. */
class GoldenBytesTest {
  private static final Capture CAPTURE = Capture.read("ipvsadm.txt");

  /** How the family was found, which the capture has once: the first thing that was asked. */
  private static final Capture.Exchange LOOKUP =
      new Capture.Exchange("family", CAPTURE.exchanges().getFirst().turns().subList(0, 1));

  /**
   * What libipvs repeats of a service that is only named: the kernel's {@code
   * ip_vs_genl_parse_service} reads no further than the identity then.
   */
  private static final List<String> SERVICE_NAMED = List.of("1/6", "1/7", "1/8", "1/9");

  /** Without a tunnel there is nothing to say about it: absent is 0 to the kernel. */
  private static final List<String> NO_TUNNEL = List.of("2/13=00", "2/14=0000", "2/15=0000");

  /** A destination that is deleted is only named. */
  private static final List<String> DESTINATION_NAMED =
      List.of("2/3", "2/4", "2/5", "2/6", "2/13", "2/14", "2/15");

  private static final ServiceKey WEB = tcp("192.0.2.1", 80);
  private static final ServiceKey SIX = tcp("2001:db8::1", 80);
  private static final Scheduler RR = new Scheduler("rr", false, false);
  private static final Scheduler WLC = new Scheduler("wlc", false, false);
  private static final Scheduler WRR = new Scheduler("wrr", false, false);

  private static ServiceKey tcp(String address, int port) {
    return new ServiceKey(Protocol.TCP, IpAddress.parse(address), port);
  }

  private static DestinationKey at(String address, int port) {
    return new DestinationKey(IpAddress.parse(address), port);
  }

  private static DestinationKey four(int last) {
    return at("198.51.100." + last, 80);
  }

  /** A command line of ipvsadm, what it is in our words, and the kernel's answers in turn. */
  record Same(String commandLine, Command command, List<Integer> errnos) {
    static Same of(String commandLine, Command command, Integer... errnos) {
      return new Same(
          "ipvsadm " + commandLine, command, errnos.length == 0 ? List.of(0) : List.of(errnos));
    }

    @Override
    public String toString() {
      return commandLine;
    }
  }

  private static Same add(String arguments, VirtualService service, Integer... errnos) {
    return Same.of("-A " + arguments, new Command.AddService(service), errnos);
  }

  private static Same edit(String arguments, VirtualService service, Integer... errnos) {
    return Same.of("-E " + arguments, new Command.SetService(service), errnos);
  }

  private static Same add(String arguments, ServiceKey of, Destination to, Integer... errnos) {
    return Same.of("-a " + arguments, new Command.AddDestination(of, to), errnos);
  }

  private static Same edit(String arguments, ServiceKey of, Destination to, Integer... errnos) {
    return Same.of("-e " + arguments, new Command.SetDestination(of, to), errnos);
  }

  private static Same delete(
      String arguments, ServiceKey of, DestinationKey to, Integer... errnos) {
    return Same.of("-d " + arguments, new Command.DeleteDestination(of, to), errnos);
  }

  private static Destination tunnel(DestinationKey key, Encapsulation encapsulation, int weight) {
    return new Destination(key, Forwarding.TUNNEL, encapsulation, weight, 0, 0);
  }

  private static final Destination TO_NAT =
      Destination.of(at("198.51.100.1", 8080), Forwarding.NAT, 5);
  private static final Destination TO_DIRECT =
      new Destination(four(2), Forwarding.DIRECT, Encapsulation.IPIP, 1, 2000, 1500);
  private static final Destination TO_IPIP = tunnel(four(3), Encapsulation.IPIP, 0);
  private static final Destination TO_GUE =
      tunnel(four(4), new Encapsulation.Gue(6080, false, false), 1);
  private static final Destination TO_GUE_CHECKSUM =
      tunnel(four(5), new Encapsulation.Gue(6080, true, false), 1);
  private static final Destination TO_GUE_REMOTE =
      tunnel(four(6), new Encapsulation.Gue(65535, false, true), 1);
  private static final Destination TO_GRE =
      tunnel(four(7), new Encapsulation.Gre(false), Destination.MAX_WEIGHT);
  private static final Destination TO_GRE_CHECKSUM =
      tunnel(four(8), new Encapsulation.Gre(true), 1);
  private static final Destination SIX_IN_FOUR =
      tunnel(at("2001:db8:b::9", 80), Encapsulation.IPIP, 1);
  private static final Destination FOUR_IN_SIX =
      tunnel(four(10), new Encapsulation.Gue(6080, true, false), 1);

  static Stream<Same> changes() {
    ServiceKey dns = new ServiceKey(Protocol.UDP, IpAddress.parse("192.0.2.1"), 53);
    ServiceKey sip = new ServiceKey(Protocol.SCTP, IpAddress.parse("192.0.2.1"), 5060);
    return Stream.of(
        add("-t 192.0.2.1:80 -s rr", VirtualService.of(WEB, RR), 0, Errno.EEXIST),
        add(
            "-t 192.0.2.1:443 -s mh -b mh-fallback,mh-port",
            VirtualService.of(tcp("192.0.2.1", 443), Scheduler.DEFAULT)),
        add(
            "-t 192.0.2.1:444 -s mh -b mh-fallback",
            VirtualService.of(tcp("192.0.2.1", 444), new Scheduler("mh", true, false))),
        add(
            "-t 192.0.2.1:445 -s sh -b sh-port",
            VirtualService.of(tcp("192.0.2.1", 445), new Scheduler("sh", false, true))),
        add("-u 192.0.2.1:53 -s rr -o", new VirtualService(dns, RR, 0, 32, true)),
        add("--sctp-service 192.0.2.1:5060 -s wlc", VirtualService.of(sip, WLC)),
        add(
            "-t 192.0.2.2:80 -s wrr -p 300 -M 255.255.255.0",
            new VirtualService(tcp("192.0.2.2", 80), WRR, 300, 24, false)),
        add(
            "-t 192.0.2.3:80 -s wrr -p 360",
            new VirtualService(tcp("192.0.2.3", 80), WRR, 360, 32, false)),
        add("-t [2001:db8::1]:80 -s wlc", VirtualService.of(SIX, WLC)),
        add(
            "-t [2001:db8::2]:80 -s mh -b mh-port -p 86400 -M 64",
            new VirtualService(
                tcp("2001:db8::2", 80), new Scheduler("mh", false, true), 86400, 64, false)),
        add(
            "-t 192.0.2.9:80 -s nonesuch",
            VirtualService.of(tcp("192.0.2.9", 80), new Scheduler("nonesuch", false, false)),
            Errno.ENOENT),
        edit(
            "-t 192.0.2.1:80 -s mh -b mh-port",
            VirtualService.of(WEB, new Scheduler("mh", false, true))),
        edit(
            "-t 192.0.2.1:443 -s mh",
            VirtualService.of(tcp("192.0.2.1", 443), new Scheduler("mh", false, false))),
        edit(
            "-t 192.0.2.1:444 -s wlc -p 600",
            new VirtualService(tcp("192.0.2.1", 444), WLC, 600, 32, false)),
        edit("-t 192.0.2.9:80 -s rr", VirtualService.of(tcp("192.0.2.9", 80), RR), Errno.ESRCH),
        add("-t 192.0.2.1:80 -r 198.51.100.1:8080 -m -w 5", WEB, TO_NAT, 0, Errno.EEXIST),
        add("-t 192.0.2.1:80 -r 198.51.100.2:80 -g -w 1 -x 2000 -y 1500", WEB, TO_DIRECT),
        add("-t 192.0.2.1:80 -r 198.51.100.3:80 -i -w 0", WEB, TO_IPIP),
        add(
            "-t 192.0.2.1:80 -r 198.51.100.4:80 -i -w 1 --tun-type gue --tun-port 6080"
                + " --tun-nocsum",
            WEB,
            TO_GUE),
        add(
            "-t 192.0.2.1:80 -r 198.51.100.5:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
            WEB,
            TO_GUE_CHECKSUM),
        add(
            "-t 192.0.2.1:80 -r 198.51.100.6:80 -i -w 1 --tun-type gue --tun-port 65535"
                + " --tun-remcsum",
            WEB,
            TO_GUE_REMOTE),
        add(
            "-t 192.0.2.1:80 -r 198.51.100.7:80 -i -w 65535 --tun-type gre --tun-nocsum",
            WEB,
            TO_GRE),
        add(
            "-t 192.0.2.1:80 -r 198.51.100.8:80 -i -w 1 --tun-type gre --tun-csum",
            WEB,
            TO_GRE_CHECKSUM),
        add("-t 192.0.2.1:80 -r [2001:db8:b::9]:80 -i -w 1", WEB, SIX_IN_FOUR),
        add(
            "-t [2001:db8::1]:80 -r [2001:db8:b::1]:8080 -m -w 5",
            SIX,
            Destination.of(at("2001:db8:b::1", 8080), Forwarding.NAT, 5)),
        add(
            "-t [2001:db8::1]:80 -r [2001:db8:b::2]:80 -g -w 1",
            SIX,
            Destination.of(at("2001:db8:b::2", 80), Forwarding.DIRECT, 1)),
        add(
            "-t [2001:db8::1]:80 -r [2001:db8:b::3]:80 -i -w 1",
            SIX,
            tunnel(at("2001:db8:b::3", 80), Encapsulation.IPIP, 1)),
        add(
            "-t [2001:db8::1]:80 -r 198.51.100.10:80 -i -w 1 --tun-type gue --tun-port 6080"
                + " --tun-csum",
            SIX,
            FOUR_IN_SIX),
        edit("-t 192.0.2.1:80 -r 198.51.100.1:8080 -m -w 50", WEB, TO_NAT.with(50)),
        edit(
            "-t 192.0.2.1:80 -r 198.51.100.2:80 -g -w 2 -x 0 -y 0",
            WEB,
            Destination.of(four(2), Forwarding.DIRECT, 2)),
        edit(
            "-t 192.0.2.1:80 -r 198.51.100.99:80 -g -w 2",
            WEB,
            Destination.of(four(99), Forwarding.DIRECT, 2),
            Errno.ENOENT),
        delete("-t 192.0.2.1:80 -r 198.51.100.1:8080", WEB, TO_NAT.key()),
        delete("-t [2001:db8::1]:80 -r [2001:db8:b::1]:8080", SIX, at("2001:db8:b::1", 8080)),
        delete("-t 192.0.2.1:80 -r 198.51.100.99:80", WEB, four(99), Errno.ENOENT),
        Same.of("-D -t 192.0.2.1:80", new Command.DeleteService(WEB), 0, Errno.ESRCH),
        Same.of("-D -t [2001:db8::1]:80", new Command.DeleteService(SIX)));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void asksAndIsAnsweredAsIpvsadm(Same same) {
    List<Capture.Exchange> runs = CAPTURE.of(same.commandLine());
    assertThat(runs).hasSameSizeAs(same.errnos());
    for (int i = 0; i < runs.size(); i++) {
      ReplaySocket kernel = replay(runs.get(i), lacking(same.command()));
      if (same.command() instanceof Command.AddDestination add
          && add.value().key().address().family() == Family.IPV4) {
        // ipvsadm leaves what it had there before, of an IPv6 service.
        kernel.readingOnly("2/1", Family.IPV4.bits() / 8);
      }
      try (Ipvs ipvs = Ipvs.open(kernel)) {
        assertThat(ipvs.execute(List.of(same.command())))
            .singleElement()
            .extracting(Answer::errno)
            .isEqualTo(same.errnos().get(i));
      }
    }
  }

  private static List<String> lacking(Command command) {
    List<String> lacking = new ArrayList<>();
    switch (command) {
      case Command.AddService _, Command.SetService _ -> {}
      case Command.DeleteService _ -> lacking.addAll(SERVICE_NAMED);
      case Command.AddDestination _, Command.SetDestination _ -> {
        lacking.addAll(SERVICE_NAMED);
        lacking.addAll(NO_TUNNEL);
      }
      case Command.DeleteDestination _ -> {
        lacking.addAll(SERVICE_NAMED);
        lacking.addAll(DESTINATION_NAMED);
      }
    }
    return lacking;
  }

  /** Firewall marks are for others; a destination across families is refused before it is sent. */
  @Test
  void everyCapturedChangeIsCompared() {
    assertThat(
            CAPTURE.exchanges().stream()
                .map(Capture.Exchange::command)
                .distinct()
                .filter(line -> !line.startsWith("ipvsadm -L") && !line.contains(" -f "))
                .filter(line -> !line.endsWith("-r [2001:db8:b::4]:80 -g -w 1")))
        .containsExactlyInAnyOrderElementsOf(changes().map(Same::commandLine).toList());
  }

  @Test
  void readsTheTableThatIpvsadmLists() {
    List<ObservedService> table;
    try (Ipvs ipvs = Ipvs.open(replay(CAPTURE.of("ipvsadm -L -n").getFirst(), List.of()))) {
      table = ipvs.dump();
    }
    assertThat(table.stream().map(ObservedService::value).flatMap(Optional::stream))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    added().filter(s -> !edited().containsKey(s.key())), edited().values().stream())
                .toList());
    assertThat(destinations(the(table, WEB)))
        .containsExactly(
            SIX_IN_FOUR,
            TO_GRE_CHECKSUM,
            TO_GRE,
            TO_GUE_REMOTE,
            TO_GUE_CHECKSUM,
            TO_GUE,
            TO_IPIP,
            Destination.of(four(2), Forwarding.DIRECT, 2),
            TO_NAT.with(50));
    assertThat(destinations(the(table, SIX)))
        .containsExactly(
            FOUR_IN_SIX,
            tunnel(at("2001:db8:b::3", 80), Encapsulation.IPIP, 1),
            Destination.of(at("2001:db8:b::2", 80), Forwarding.DIRECT, 1),
            Destination.of(at("2001:db8:b::1", 8080), Forwarding.NAT, 5));
    assertThat(the(table, 7).family()).isEqualTo(Family.IPV4);
    assertThat(the(table, 8).family()).isEqualTo(Family.IPV6);
    assertThat(destinations(the(table, 7)))
        .containsExactly(Destination.of(at("198.51.100.1", 0), Forwarding.DIRECT, 1));
    assertThat(table)
        .allSatisfy(service -> assertThat(service.statistics()).isEqualTo(Statistics.NONE));
  }

  @Test
  void readsOneService() {
    Capture.Exchange listed = CAPTURE.of("ipvsadm -L -n -t 192.0.2.1:80").getFirst();
    try (Ipvs ipvs = Ipvs.open(replay(listed, SERVICE_NAMED))) {
      assertThat(destinations(ipvs.find(WEB).orElseThrow())).hasSize(9).contains(TO_GRE_CHECKSUM);
    }
    Capture.Exchange absent = CAPTURE.of("ipvsadm -L -n -t 192.0.2.9:80").getFirst();
    try (Ipvs ipvs = Ipvs.open(replay(absent, SERVICE_NAMED))) {
      assertThat(ipvs.find(tcp("192.0.2.9", 80))).isEmpty();
    }
  }

  /** A witness for the others: a request that differs in one value is noticed. */
  @Test
  void noticesARequestThatDiffers() {
    try (Ipvs ipvs = Ipvs.open(replay(CAPTURE.exchanges().getFirst(), SERVICE_NAMED))) {
      List<Command> other = List.of(new Command.AddService(VirtualService.of(WEB, WRR)));
      assertThatThrownBy(() -> ipvs.execute(other))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("not captured");
    }
  }

  private static Stream<VirtualService> added() {
    return changes()
        .filter(same -> same.errnos().getFirst() == 0)
        .map(Same::command)
        .flatMap(c -> c instanceof Command.AddService add ? Stream.of(add.value()) : Stream.of());
  }

  private static Map<ServiceKey, VirtualService> edited() {
    Map<ServiceKey, VirtualService> edited = new HashMap<>();
    changes()
        .filter(same -> same.errnos().getFirst() == 0)
        .map(Same::command)
        .forEach(
            c -> {
              if (c instanceof Command.SetService set) {
                edited.put(set.service(), set.value());
              }
            });
    return edited;
  }

  private static ObservedService the(List<ObservedService> table, ServiceKey key) {
    return table.stream()
        .filter(service -> service.value().filter(value -> value.key().equals(key)).isPresent())
        .findFirst()
        .orElseThrow();
  }

  private static ObservedService the(List<ObservedService> table, int firewallMark) {
    return table.stream()
        .filter(service -> service.firewallMark() == firewallMark)
        .findFirst()
        .orElseThrow();
  }

  private static List<Destination> destinations(ObservedService service) {
    return service.destinations().stream().map(ObservedDestination::value).toList();
  }

  private static ReplaySocket replay(Capture.Exchange exchange, List<String> lacking) {
    return Capture.replay(GenericFamily.HEADER_BYTES, LOOKUP, exchange)
        .passingOver(lacking.toArray(String[]::new));
  }
}
