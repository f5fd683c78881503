package dev.freeway.dataplane.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.Netlink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the real kernel, in a network namespace that begins empty for each test. */
@Tag("kernel")
class IpvsKernelTest {
  private static final ServiceKey WEB =
      new ServiceKey(Protocol.TCP, IpAddress.parse("192.0.2.1"), 80);

  private Ipvs ipvs;

  @BeforeEach
  void inAnEmptyNamespace() throws Exception {
    Namespaces.enterNew();
    ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC));
  }

  @AfterEach
  void close() {
    ipvs.close();
  }

  static List<VirtualService> services() {
    List<VirtualService> all = new ArrayList<>();
    for (String address : List.of("192.0.2.1", "2001:db8::1")) {
      for (Protocol protocol : Protocol.values()) {
        ServiceKey key = new ServiceKey(protocol, IpAddress.parse(address), 443);
        all.add(VirtualService.of(key, new Scheduler("rr", false, false)));
        all.add(VirtualService.of(key, Scheduler.DEFAULT));
        all.add(VirtualService.of(key, new Scheduler("mh", false, true)));
        all.add(VirtualService.of(key, new Scheduler("sh", true, false)));
        all.add(new VirtualService(key, new Scheduler("wlc", false, false), 300, 24, false));
        all.add(
            new VirtualService(
                key,
                new Scheduler("wrr", false, false),
                86400,
                key.address().family().bits(),
                false));
      }
    }
    ServiceKey dns = new ServiceKey(Protocol.UDP, IpAddress.parse("192.0.2.1"), 53);
    all.add(new VirtualService(dns, new Scheduler("rr", false, false), 0, 32, true));
    return all;
  }

  @ParameterizedTest
  @MethodSource("services")
  void showsAServiceAsItWasAdded(VirtualService service) {
    run(new Command.AddService(service));
    assertThat(ipvs.dump())
        .singleElement()
        .satisfies(seen -> assertThat(seen.value()).contains(service));
    run(new Command.DeleteService(service.key()));
    assertThat(ipvs.dump()).isEmpty();
  }

  static List<Destination> destinations() {
    DestinationKey four = new DestinationKey(IpAddress.parse("198.51.100.7"), 80);
    DestinationKey six = new DestinationKey(IpAddress.parse("2001:db8::7"), 80);
    DestinationKey other = new DestinationKey(IpAddress.parse("198.51.100.7"), 8080);
    List<Destination> all = new ArrayList<>();
    for (Encapsulation encapsulation :
        List.of(
            Encapsulation.IPIP,
            new Encapsulation.Gue(6080, false, false),
            new Encapsulation.Gue(6080, true, false),
            new Encapsulation.Gue(65535, false, true),
            new Encapsulation.Gre(false),
            new Encapsulation.Gre(true))) {
      all.add(new Destination(four, Forwarding.TUNNEL, encapsulation, 1, 0, 0));
      all.add(new Destination(six, Forwarding.TUNNEL, encapsulation, 1, 0, 0)); // across families
    }
    all.add(Destination.of(four, Forwarding.DIRECT, 0));
    all.add(Destination.of(four, Forwarding.DIRECT, Destination.MAX_WEIGHT));
    all.add(Destination.of(other, Forwarding.NAT, 5));
    all.add(new Destination(four, Forwarding.DIRECT, Encapsulation.IPIP, 3, 2000, 1500));
    return all;
  }

  @ParameterizedTest
  @MethodSource("destinations")
  void showsADestinationAsItWasAdded(Destination destination) {
    run(
        new Command.AddService(VirtualService.of(WEB, Scheduler.DEFAULT)),
        new Command.AddDestination(WEB, destination));
    assertThat(seenDestinations()).containsExactly(destination);
    run(new Command.DeleteDestination(WEB, destination.key()));
    assertThat(seenDestinations()).isEmpty();
  }

  @Test
  void answersEachRefusalWithTheKernelsErrno() {
    VirtualService web = VirtualService.of(WEB, Scheduler.DEFAULT);
    Destination one =
        Destination.of(
            new DestinationKey(IpAddress.parse("198.51.100.7"), 80), Forwarding.DIRECT, 1);
    List<Answer> answers =
        ipvs.execute(
            List.of(
                new Command.SetService(web),
                new Command.DeleteService(WEB),
                new Command.AddDestination(WEB, one),
                new Command.AddService(web.with(new Scheduler("nonesuch", false, false))),
                new Command.AddService(web),
                new Command.AddService(web),
                new Command.SetDestination(WEB, one),
                new Command.DeleteDestination(WEB, one.key()),
                new Command.AddDestination(WEB, one),
                new Command.AddDestination(WEB, one),
                new Command.AddDestination(
                    WEB,
                    Destination.of(
                        new DestinationKey(IpAddress.parse("2001:db8::7"), 80),
                        Forwarding.DIRECT,
                        1)),
                new Command.DeleteService(WEB)));
    assertThat(answers.stream().map(Answer::errno))
        .containsExactly(
            Errno.ESRCH,
            Errno.ESRCH,
            Errno.ESRCH,
            Errno.ENOENT,
            0,
            Errno.EEXIST,
            Errno.ENOENT,
            Errno.ENOENT,
            0,
            Errno.EEXIST,
            Errno.EINVAL,
            0);
  }

  private List<Destination> seenDestinations() {
    return ipvs.find(WEB).orElseThrow().destinations().stream()
        .map(ObservedDestination::value)
        .toList();
  }

  private void run(Command... commands) {
    assertThat(ipvs.execute(List.of(commands))).allMatch(Answer::done);
  }
}
