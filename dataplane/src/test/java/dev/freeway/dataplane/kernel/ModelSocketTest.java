package dev.freeway.dataplane.kernel;

import static dev.freeway.dataplane.kernel.Errno.EAFNOSUPPORT;
import static dev.freeway.dataplane.kernel.Errno.EEXIST;
import static dev.freeway.dataplane.kernel.Errno.EINVAL;
import static dev.freeway.dataplane.kernel.Errno.ENOBUFS;
import static dev.freeway.dataplane.kernel.Errno.ENOENT;
import static dev.freeway.dataplane.kernel.Errno.ENOMEM;
import static dev.freeway.dataplane.kernel.Errno.EOPNOTSUPP;
import static dev.freeway.dataplane.kernel.Errno.EPERM;
import static dev.freeway.dataplane.kernel.Errno.ERANGE;
import static dev.freeway.dataplane.kernel.Errno.ESRCH;
import static dev.freeway.dataplane.kernel.IpvsCommand.DEL_DEST;
import static dev.freeway.dataplane.kernel.IpvsCommand.FLUSH;
import static dev.freeway.dataplane.kernel.IpvsCommand.GET_DEST;
import static dev.freeway.dataplane.kernel.IpvsCommand.GET_SERVICE;
import static dev.freeway.dataplane.kernel.IpvsCommand.NEW_DEST;
import static dev.freeway.dataplane.kernel.IpvsCommand.NEW_SERVICE;
import static dev.freeway.dataplane.kernel.IpvsCommand.SET_DEST;
import static dev.freeway.dataplane.kernel.IpvsCommand.SET_SERVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelSocketTest {
  private static final ServiceId WEB = web(80);
  private static final ServiceSpec RR = scheduler("rr");

  private final KernelModel model = new KernelModel(1);
  private final Requests requests = new Requests(model.open());

  private static ServiceId web(int port) {
    return new ServiceId(Family.IPV4, 6, IpAddress.parse("10.0.0.1"), port, 0);
  }

  private static ServiceSpec scheduler(String name) {
    return new ServiceSpec(name, 0, -1, 0, -1, "");
  }

  private static DestinationSpec to(String address) {
    return new DestinationSpec(key(address), 3, 1, 0, 0, 0, 0, 0);
  }

  private static DestinationKey key(String address) {
    return new DestinationKey(IpAddress.parse(address), 80);
  }

  private int add(ServiceId id, ServiceSpec spec) {
    return requests.command(NEW_SERVICE, Requests.service(id, spec));
  }

  private int add(DestinationSpec spec) {
    return requests.command(NEW_DEST, Requests.service(WEB), Requests.destination(spec));
  }

  private List<String> listed() {
    return model.service(WEB).orElseThrow().destinations().stream()
        .map(d -> d.key().address().toString())
        .toList();
  }

  @Test
  void keepsWhatItIsToldAndShowsDestinationsLastFirst() {
    assertThat(add(WEB, RR)).isZero();
    assertThat(add(to("10.1.0.1"))).isZero();
    assertThat(add(to("10.1.0.2"))).isZero();

    assertThat(listed()).containsExactly("10.1.0.2", "10.1.0.1");
    assertThat(requests.dump(GET_SERVICE, Optional.empty())).hasSize(1);
    assertThat(requests.dump(GET_DEST, Optional.of(Requests.service(WEB)))).hasSize(2);
    assertThat(model.service(WEB).orElseThrow().flags()).isEqualTo(2); // HASHED
  }

  @Test
  void refusesAsTheKernelDoes() {
    assertThat(requests.command(SET_SERVICE, Requests.service(WEB, RR))).isEqualTo(ESRCH);
    assertThat(requests.command(SET_SERVICE, Requests.service(WEB))).isEqualTo(EINVAL);
    assertThat(add(to("10.1.0.1"))).isEqualTo(ESRCH);
    assertThat(add(WEB, scheduler("nosuch"))).isEqualTo(ENOENT);
    assertThat(add(WEB, RR)).isZero();
    assertThat(add(WEB, scheduler("nosuch"))).isEqualTo(EEXIST);
    assertThat(
            requests.command(SET_DEST, Requests.service(WEB), Requests.destination(to("1.1.1.1"))))
        .isEqualTo(ENOENT);
    assertThat(
            requests.command(
                DEL_DEST, Requests.service(WEB), Requests.destination(key("10.1.0.1"))))
        .isEqualTo(ENOENT);
    assertThat(
            requests.command(
                NEW_DEST, Requests.service(WEB), Requests.destination(key("10.1.0.1"))))
        .isEqualTo(EINVAL);
    assertThat(add(new DestinationSpec(key("10.1.0.1"), 3, -1, 0, 0, 0, 0, 0))).isEqualTo(ERANGE);
    assertThat(add(new DestinationSpec(key("10.1.0.1"), 3, 1, 1, 2, 0, 0, 0))).isEqualTo(ERANGE);
    assertThat(add(new DestinationSpec(key("10.1.0.1"), 2, 1, 0, 0, 1, 0, 0))).isEqualTo(EINVAL);
    assertThat(add(to("224.0.0.1"))).isEqualTo(EINVAL);
    assertThat(add(to("2001:db8::1"))).isEqualTo(EINVAL); // another family by direct return
    assertThat(requests.command(GET_DEST, Requests.service(WEB))).isEqualTo(EOPNOTSUPP);
  }

  @Test
  void refusesWithoutModuleRightsOrFamily() {
    model.setPrivileged(false);
    assertThat(add(WEB, RR)).isEqualTo(EPERM);
    model.setPrivileged(true);
    model.setIpv6(false);
    ServiceId six = new ServiceId(Family.IPV6, 6, IpAddress.parse("2001:db8::1"), 80, 0);
    assertThat(add(six, RR)).isEqualTo(EAFNOSUPPORT);
    model.setLoaded(false);
    assertThatExceptionOfType(NetlinkException.class)
        .isThrownBy(() -> new Requests(model.open()))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(ENOENT));
  }

  @Test
  void changesOnlyTheFlagsUnderTheMask() {
    add(WEB, new ServiceSpec("mh", 8 | 16 | 1, -1, 300, -1, ""));
    requests.command(SET_SERVICE, Requests.service(WEB, new ServiceSpec("mh", 0, 16, 300, -1, "")));

    assertThat(model.service(WEB).orElseThrow().flags()).isEqualTo(1 | 2 | 8);
  }

  @Test
  void splitsLongDumpsIntoDatagrams() {
    for (int port = 1; port <= 500; port++) {
      add(web(port), RR);
    }

    assertThat(requests.dump(GET_SERVICE, Optional.empty())).hasSize(500);
  }

  @Test
  void skipsOrRepeatsEntriesWhenAnotherPartyChangesTheTableDuringADump() {
    for (int port = 1; port <= 500; port++) {
      add(web(port), RR);
    }
    ServiceId firstListed = model.services().getFirst().id();
    model.faults().betweenDumpParts(() -> model.deleteService(firstListed));

    assertThat(requests.dump(GET_SERVICE, Optional.empty())).hasSize(499); // one of them unseen
    assertThat(model.services()).hasSize(499);

    model.faults().betweenDumpParts(() -> model.newService(firstListed, RR));
    assertThat(requests.dump(GET_SERVICE, Optional.empty())).hasSize(500); // one of them twice
  }

  @Test
  void emptiesTheDumpOfDestinationsOfAServiceThatIsNotThere() {
    assertThat(requests.dump(GET_DEST, Optional.of(Requests.service(WEB)))).isEmpty();
  }

  @Test
  void takesBackADeletedDestinationWithItsConnections() {
    add(WEB, RR);
    add(to("10.1.0.1"));
    ModelConnection connection =
        model.connect(IpAddress.parse("192.0.2.1"), 4000, WEB).orElseThrow();
    requests.command(DEL_DEST, Requests.service(WEB), Requests.destination(key("10.1.0.1")));

    assertThat(model.packet(connection, 100)).isEqualTo(KernelModel.Verdict.DROPPED);

    add(to("10.1.0.1"));
    assertThat(model.packet(connection, 100)).isEqualTo(KernelModel.Verdict.FORWARDED);
    assertThat(model.service(WEB).orElseThrow().destinations().getFirst().active()).isEqualTo(1);
  }

  @Test
  void expiresConnectionsOfADeletedDestinationUnderExpireNodestConn() {
    model.setExpireNodestConn(true);
    add(WEB, RR);
    add(to("10.1.0.1"));
    ModelConnection connection =
        model.connect(IpAddress.parse("192.0.2.1"), 4000, WEB).orElseThrow();

    requests.command(DEL_DEST, Requests.service(WEB), Requests.destination(key("10.1.0.1")));

    assertThat(connection.alive()).isFalse();
    assertThat(model.connections()).isEmpty();
  }

  @Test
  void acceptsALinkLocalDestinationOnlyWhenItIsItsOwn() {
    ServiceId six = new ServiceId(Family.IPV6, 6, IpAddress.parse("2001:db8::1"), 80, 0);
    add(six, new ServiceSpec("rr", 0, -1, 0, 128, ""));
    Requests.Nest local = Requests.destination(to("fe80::1"));

    assertThat(requests.command(NEW_DEST, Requests.service(six), local)).isEqualTo(EINVAL);
    model.setLocalAddresses(Set.of(IpAddress.parse("fe80::1")));
    assertThat(requests.command(NEW_DEST, Requests.service(six), local)).isZero();
  }

  @Test
  void refusesTheNthCommandOnRequest() {
    model.faults().refuseCommand(2, ENOMEM, "");

    assertThat(add(WEB, RR)).isZero();
    assertThat(add(web(81), RR)).isEqualTo(ENOMEM);
    assertThat(add(web(81), RR)).isZero();
  }

  @Test
  void keepsWhatWasDoneBeforeTheProcessWasKilled() {
    model.faults().killAtCommand(2);
    add(WEB, RR);

    assertThatThrownBy(() -> add(web(81), RR)).isInstanceOf(Faults.Killed.class);
    assertThat(model.services()).hasSize(1);
  }

  @Test
  void losesAnswersWhenTheReaderIsSlow() {
    model.faults().failReceive(1, ENOBUFS);

    assertThatExceptionOfType(NetlinkException.class)
        .isThrownBy(() -> add(WEB, RR))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(ENOBUFS));
    assertThat(model.services()).hasSize(1); // done, though nobody heard
  }

  @Test
  void countsCommandsByKind() {
    add(WEB, RR);
    add(WEB, RR);
    add(to("10.1.0.1"));

    assertThat(model.received(NEW_SERVICE)).isEqualTo(2);
    assertThat(model.received(NEW_DEST)).isEqualTo(1);
    assertThat(model.received(FLUSH)).isZero();
    assertThat(model.changes()).isEqualTo(3);
  }
}
