package dev.freeway.dataplane.kernel;

import static dev.freeway.dataplane.kernel.Attributes.Policy.ADDRESS;
import static dev.freeway.dataplane.kernel.Attributes.Policy.ANY;
import static dev.freeway.dataplane.kernel.Attributes.Policy.FLAGS;
import static dev.freeway.dataplane.kernel.Attributes.Policy.LONG_NAME;
import static dev.freeway.dataplane.kernel.Attributes.Policy.NAME;
import static dev.freeway.dataplane.kernel.Attributes.Policy.NEST;
import static dev.freeway.dataplane.kernel.Attributes.Policy.U16;
import static dev.freeway.dataplane.kernel.Attributes.Policy.U32;
import static dev.freeway.dataplane.kernel.Attributes.Policy.U8;
import static dev.freeway.dataplane.kernel.Errno.EAFNOSUPPORT;
import static dev.freeway.dataplane.kernel.Errno.EAGAIN;
import static dev.freeway.dataplane.kernel.Errno.EBUSY;
import static dev.freeway.dataplane.kernel.Errno.EINVAL;
import static dev.freeway.dataplane.kernel.Errno.EMSGSIZE;
import static dev.freeway.dataplane.kernel.Errno.ENOBUFS;
import static dev.freeway.dataplane.kernel.Errno.ENOENT;
import static dev.freeway.dataplane.kernel.Errno.EOPNOTSUPP;
import static dev.freeway.dataplane.kernel.Errno.EPERM;
import static dev.freeway.dataplane.kernel.Errno.ERANGE;
import static dev.freeway.dataplane.kernel.Errno.ESRCH;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A generic-netlink socket to a {@link KernelModel}, answering byte for byte like the kernel's:
 * {@code net/netlink/af_netlink.c}, {@code genetlink.c} and the netlink half of {@code
 * ip_vs_ctl.c}. Extended and capped acknowledgements are on, as the product asks for them.
 *
 * <p>Every acknowledgement is a datagram of its own. A dump's first part is made when it is asked
 * for, each further one when the one before is received, resumed by index: what other parties do in
 * between makes it skip or repeat entries.
 */
public final class ModelSocket implements NetlinkSocket {
  private static final int CONTROLLER = 0x10;
  private static final int ERROR = 2;
  private static final int DONE = 3;
  private static final int LEAST_FAMILY = 0x10;

  private static final int REQUEST = 1;
  private static final int MULTI = 2;
  private static final int ACK = 4;
  private static final int DUMP = 0x300;
  private static final int CAPPED = 0x100;
  private static final int ACK_TLVS = 0x200;
  private static final int HEADERS = 20; // of netlink and of generic netlink

  /** Bytes of a dump's first part: a page less {@code struct skb_shared_info}. */
  private static final int FIRST_PART = 3776;

  /** Bytes of a further part at most, however large the buffer it is received into. */
  private static final int LARGEST_PART = 32448;

  /** Acknowledgements that fit a receive buffer of 4 MiB, at 768 bytes each. */
  private static final int DEFAULT_ROOM = 5461;

  private final KernelModel model;
  private final int portId;
  private final Deque<byte[]> queue = new ArrayDeque<>();
  private final Reply reply = new Reply();
  private final Attributes outer = new Attributes(NEST, NEST, NEST, U32, U32, U32);
  private final Attributes service =
      new Attributes(U16, U16, ADDRESS, U16, U32, NAME, FLAGS, U32, U32, NEST, LONG_NAME, ANY);
  private final Attributes destination =
      new Attributes(ADDRESS, U16, U32, U32, U32, U32, U32, U32, U32, NEST, U16, ANY, U8, U16, U16);
  private final Attributes daemon = new Attributes(U32, LONG_NAME, U32, U16, U32, ANY, U16, U8);
  private final Attributes family = new Attributes(U16, LONG_NAME);

  private @Nullable Dump dump;
  private int room = DEFAULT_ROOM;
  private boolean overrun;
  private int largestReceive;

  /** A dump that is not at its end. */
  private static final class Dump {
    final IpvsCommand command;
    final int sequence;
    final @Nullable ServiceId of;
    int index;

    Dump(IpvsCommand command, int sequence, @Nullable ServiceId of) {
      this.command = command;
      this.sequence = sequence;
      this.of = of;
    }
  }

  ModelSocket(KernelModel model, int portId) {
    this.model = model;
    this.portId = portId;
  }

  /** Sets how many unread datagrams fit; more are lost and the next receive says ENOBUFS. */
  public void setRoom(int datagrams) {
    room = datagrams;
  }

  @Override
  public int portId() {
    return portId;
  }

  @Override
  public void send(ByteBuffer messages) {
    ByteBuffer in = messages.duplicate().order(ByteOrder.nativeOrder());
    synchronized (model) {
      int at = in.position();
      int end = in.limit();
      while (end - at >= Reply.MESSAGE_HEADER) {
        int length = in.getInt(at);
        if (length < Reply.MESSAGE_HEADER || length > end - at) {
          break;
        }
        handle(in, at, length);
        at += (length + 3) & ~3;
      }
      model.runDelayedWork();
    }
    messages.position(messages.limit());
  }

  @Override
  public void receive(ByteBuffer into) {
    int failure = model.faults().nextReceive();
    synchronized (model) {
      into.clear();
      largestReceive = Math.max(largestReceive, into.capacity());
      if (overrun || failure == ENOBUFS) {
        if (!overrun) {
          queue.clear();
        }
        overrun = false;
        throw new NetlinkException("receive", ENOBUFS, "No buffer space available");
      }
      if (failure != 0) {
        throw new NetlinkException("receive", failure, "injected");
      }
      byte[] datagram = queue.poll();
      if (datagram == null) {
        throw new NetlinkException("receive", EAGAIN, "Resource temporarily unavailable");
      }
      if (dump != null) {
        model.faults().tampering().run();
        continueDump(dump);
      }
      int length = model.faults().cutTo(datagram.length);
      if (length > into.remaining()) {
        throw new NetlinkException("receive", EMSGSIZE, "Message too long");
      }
      into.put(datagram, 0, length).flip();
    }
  }

  @Override
  public void close() {
    queue.clear();
    dump = null;
  }

  private void enqueue(byte[] datagram) {
    if (queue.size() >= room) {
      overrun = true;
    } else {
      queue.add(datagram);
    }
  }

  // One message.

  private void handle(ByteBuffer in, int at, int length) {
    int type = Short.toUnsignedInt(in.getShort(at + 4));
    int flags = Short.toUnsignedInt(in.getShort(at + 6));
    int sequence = in.getInt(at + 8);
    int errno = 0;
    String message = "";
    if ((flags & REQUEST) != 0 && type >= LEAST_FAMILY) {
      Optional<Faults.Refusal> refusal =
          type == model.family() ? model.faults().nextCommand() : Optional.empty();
      if (refusal.isPresent()) {
        errno = refusal.get().errno();
        message = refusal.get().message();
        countRefused(in, at, length);
      } else {
        errno = dispatch(in, at, length, type, flags, sequence);
        if (errno < 0) {
          return; // a dump was begun: it ends with DONE instead of an acknowledgement
        }
      }
    }
    if ((flags & ACK) != 0 || errno != 0) {
      acknowledge(in, at, sequence, errno, message);
    }
  }

  private void countRefused(ByteBuffer in, int at, int length) {
    if (length >= HEADERS && IpvsCommand.exists(in.get(at + 16))) {
      model.count(IpvsCommand.of(in.get(at + 16)));
    }
  }

  private void acknowledge(ByteBuffer in, int at, int sequence, int errno, String message) {
    reply.clear();
    int flags = CAPPED | (message.isEmpty() ? 0 : ACK_TLVS);
    reply.beginMessage(ERROR, flags, sequence, portId);
    reply.word(-errno);
    reply.raw(in, at, Reply.MESSAGE_HEADER);
    if (!message.isEmpty()) {
      reply.text(1, message);
    }
    reply.endMessage();
    enqueue(reply.bytes());
  }

  private int dispatch(ByteBuffer in, int at, int length, int type, int flags, int sequence) {
    if (type == CONTROLLER) {
      return length < HEADERS ? EINVAL : control(in, at, length, flags, sequence);
    }
    if (type != model.family() || !model.loaded()) {
      return ENOENT;
    }
    if (length < HEADERS) {
      return EINVAL;
    }
    int number = in.get(at + 16);
    if (!IpvsCommand.exists(number)) {
      return EOPNOTSUPP;
    }
    IpvsCommand command = IpvsCommand.of(number);
    model.count(command);
    boolean dumping = (flags & DUMP) == DUMP;
    if (dumping ? !command.dumps() : !command.single()) {
      return EOPNOTSUPP;
    }
    if (!model.privileged()) {
      return EPERM;
    }
    boolean wellFormed = outer.parse(in, at + HEADERS, at + length);
    if (dumping) {
      return startDump(command, sequence, wellFormed);
    }
    return wellFormed ? carryOut(command, sequence) : ERANGE;
  }

  private int control(ByteBuffer in, int at, int length, int flags, int sequence) {
    final int getFamily = 3;
    if (in.get(at + 16) != getFamily) {
      return EOPNOTSUPP;
    }
    if ((flags & DUMP) == DUMP) {
      return EOPNOTSUPP; // the kernel lists all families; nobody here asks
    }
    if (!family.parse(in, at + HEADERS, at + length)) {
      return ERANGE;
    }
    boolean asked = family.has(1) || family.has(2);
    if (!asked) {
      return EINVAL;
    }
    boolean named = family.has(2) ? family.text(2).equals("IPVS") : family.u16(1) == model.family();
    if (!named || !model.loaded()) {
      return ENOENT;
    }
    reply.clear();
    reply.beginMessage(CONTROLLER, 0, sequence, portId);
    reply.generic(1, 2);
    reply.text(2, "IPVS");
    reply.u16(1, model.family());
    reply.u32(3, 1); // version
    reply.u32(4, 0); // size of a header of the family's own
    reply.u32(5, 6); // the largest attribute
    int operations = reply.beginNest(6);
    for (IpvsCommand command : IpvsCommand.values()) {
      if (command == IpvsCommand.SET_INFO) {
        continue;
      }
      int operation = reply.beginNest(command.number());
      reply.u32(1, command.number());
      reply.u32(2, 0xb);
      reply.endNest(operation);
    }
    reply.endNest(operations);
    reply.endMessage();
    enqueue(reply.bytes());
    return 0;
  }

  private int carryOut(IpvsCommand command, int sequence) {
    return switch (command) {
      case FLUSH -> {
        model.flush();
        yield 0;
      }
      case SET_CONFIG -> setConfig();
      case GET_CONFIG -> {
        beginAnswer(IpvsCommand.SET_CONFIG, sequence);
        reply.u32(4, model.tcpTimeout);
        reply.u32(5, model.tcpFinTimeout);
        reply.u32(6, model.udpTimeout);
        yield endAnswer();
      }
      case GET_INFO -> {
        beginAnswer(IpvsCommand.SET_INFO, sequence);
        reply.u32(1, 0x010201);
        reply.u32(2, 4096);
        yield endAnswer();
      }
      case NEW_DAEMON, DEL_DAEMON -> daemon(command);
      case GET_DAEMON, GET_DEST, SET_INFO -> EOPNOTSUPP;
      case ZERO -> {
        if (!outer.has(1)) {
          model.zero(null);
          yield 0;
        }
        yield onService(command, sequence);
      }
      case NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE, NEW_DEST, SET_DEST, DEL_DEST ->
          onService(command, sequence);
    };
  }

  private void beginAnswer(IpvsCommand command, int sequence) {
    reply.clear();
    reply.beginMessage(model.family(), 0, sequence, portId);
    reply.generic(command.number(), 1);
  }

  private int endAnswer() {
    reply.endMessage();
    enqueue(reply.bytes());
    return 0;
  }

  private int setConfig() {
    int tcp = outer.u32(4, model.tcpTimeout);
    int fin = outer.u32(5, model.tcpFinTimeout);
    int udp = outer.u32(6, model.udpTimeout);
    int most = Integer.MAX_VALUE / 250;
    if (tcp < 0 || tcp > most || fin < 0 || fin > most || udp < 0 || udp > most) {
      return EINVAL;
    }
    model.tcpTimeout = tcp == 0 ? model.tcpTimeout : tcp;
    model.tcpFinTimeout = fin == 0 ? model.tcpFinTimeout : fin;
    model.udpTimeout = udp == 0 ? model.udpTimeout : udp;
    return 0;
  }

  private int daemon(IpvsCommand command) {
    if (!daemon.parseNested(outer, 3) || !daemon.has(1)) {
      return EINVAL;
    }
    if (command == IpvsCommand.DEL_DAEMON) {
      return model.stopSync(daemon.u32(1));
    }
    return daemon.has(2) && daemon.has(3) ? model.startSync(daemon.u32(1)) : EINVAL;
  }

  /** The order of the checks is the kernel's: {@code ip_vs_genl_set_cmd}. */
  private int onService(IpvsCommand command, int sequence) {
    boolean full = command == IpvsCommand.NEW_SERVICE || command == IpvsCommand.SET_SERVICE;
    int refused = checkService(full);
    if (refused != 0) {
      return refused;
    }
    ServiceId id = serviceId();
    ModelService found = model.find(id);
    if (found == null && command != IpvsCommand.NEW_SERVICE) {
      return ESRCH;
    }
    return switch (command) {
      case NEW_SERVICE -> model.newService(id, serviceSpec());
      case SET_SERVICE -> model.setService(id, serviceSpec());
      case DEL_SERVICE -> model.deleteService(id);
      case GET_SERVICE -> {
        beginAnswer(IpvsCommand.NEW_SERVICE, sequence);
        fill(java.util.Objects.requireNonNull(found));
        yield endAnswer();
      }
      case ZERO -> {
        model.zero(found);
        yield 0;
      }
      case NEW_DEST, SET_DEST, DEL_DEST -> onDestination(command, id);
      default -> EINVAL;
    };
  }

  private int checkService(boolean full) {
    if (!service.parseNested(outer, 1)) {
      return EINVAL;
    }
    boolean byAddress = service.has(2) && service.has(3) && service.has(4);
    if (!service.has(1) || !(service.has(5) || byAddress)) {
      return EINVAL;
    }
    if (!model.supports(service.u16(1))) {
      return EAFNOSUPPORT;
    }
    boolean complete = service.has(6) && service.has(7) && service.has(8) && service.has(9);
    return full && !complete ? EINVAL : 0;
  }

  private ServiceId serviceId() {
    Family af = family(service.u16(1));
    if (service.has(5)) {
      return ServiceId.ofMark(af, service.u32(5));
    }
    return new ServiceId(af, service.u16(2), service.address(3, af), service.be16(4), 0);
  }

  private ServiceSpec serviceSpec() {
    return new ServiceSpec(
        service.text(6),
        service.word(7, 0),
        service.word(7, 4),
        service.u32(8),
        service.u32(9),
        service.has(11) ? service.text(11) : "");
  }

  private static Family family(int number) {
    return number == Family.IPV4.number() ? Family.IPV4 : Family.IPV6;
  }

  private int onDestination(IpvsCommand command, ServiceId id) {
    boolean full = command != IpvsCommand.DEL_DEST;
    if (!destination.parseNested(outer, 2) || !destination.has(1) || !destination.has(2)) {
      return EINVAL;
    }
    for (int required = 3; full && required <= 6; required++) {
      if (!destination.has(required)) {
        return EINVAL;
      }
    }
    int number = destination.has(11) ? destination.u16(11) : 0;
    if (number == 0) {
      number = id.family().number();
    }
    if (!model.supports(number)) {
      return EAFNOSUPPORT;
    }
    Family af = family(number);
    IpAddress address = destination.address(1, af);
    DestinationKey key = new DestinationKey(address, destination.be16(2));
    if (!full) {
      return model.deleteDestination(id, key);
    }
    int forwarding = destination.u32(3) & 7;
    boolean mixed = af != id.family();
    if (mixed && (model.syncState() != 0 || forwarding != DestinationSpec.TUNNEL)) {
      return EINVAL;
    }
    DestinationSpec spec =
        new DestinationSpec(
            key,
            forwarding,
            destination.u32(4),
            destination.u32(5),
            destination.u32(6),
            destination.u8(13, 0),
            destination.has(14) ? destination.be16(14) : 0,
            destination.has(15) ? destination.u16(15) : 0);
    return command == IpvsCommand.NEW_DEST
        ? model.newDestination(id, spec)
        : model.setDestination(id, spec);
  }

  // Dumps.

  /** Answers a negative number when the dump runs, else the error. */
  private int startDump(IpvsCommand command, int sequence, boolean wellFormed) {
    if (dump != null) {
      return EBUSY;
    }
    boolean named = command == IpvsCommand.GET_DEST && wellFormed && checkService(false) == 0;
    Dump begun = new Dump(command, sequence, named ? serviceId() : null);
    dump = begun;
    continueDump(begun);
    return -1;
  }

  private void continueDump(Dump running) {
    reply.clear();
    int limit = Math.min(Math.max(FIRST_PART, largestReceive), LARGEST_PART);
    switch (running.command) {
      case GET_SERVICE -> dumpServices(running, limit);
      case GET_DEST -> dumpDestinations(running, limit);
      default -> dumpDaemons(running);
    }
    if (reply.size() == 0) {
      reply.beginMessage(DONE, MULTI, running.sequence, portId);
      reply.word(0);
      reply.endMessage();
      dump = null;
    }
    enqueue(reply.bytes());
  }

  private void dumpServices(Dump running, int limit) {
    KernelModel.DumpCursor cursor = new KernelModel.DumpCursor();
    int index = 0;
    for (ModelService s = model.serviceAt(cursor); s != null; s = model.serviceAt(cursor)) {
      if (index++ < running.index) {
        continue;
      }
      int before = reply.size();
      beginPart(IpvsCommand.NEW_SERVICE, running.sequence);
      fill(s);
      reply.endMessage();
      if (reply.size() > limit) {
        reply.cancel(before);
        running.index = index - 1;
        return;
      }
    }
    running.index = index;
  }

  private void dumpDestinations(Dump running, int limit) {
    ModelService of = running.of == null ? null : model.find(running.of);
    if (of == null) {
      return;
    }
    int index = 0;
    for (ModelDestination d = of.head.next; d != of.head; d = d.next) {
      if (index++ < running.index) {
        continue;
      }
      int before = reply.size();
      beginPart(IpvsCommand.NEW_DEST, running.sequence);
      fill(d);
      reply.endMessage();
      if (reply.size() > limit) {
        reply.cancel(before);
        running.index = index - 1;
        return;
      }
    }
    running.index = index;
  }

  private void dumpDaemons(Dump running) {
    for (int state = 1; state <= 2 && running.index == 0; state++) {
      if ((model.syncState() & state) != 0) {
        beginPart(IpvsCommand.NEW_DAEMON, running.sequence);
        int nest = reply.beginNest(3);
        reply.u32(1, state);
        reply.endNest(nest);
        reply.endMessage();
      }
    }
    running.index = 1;
  }

  private void beginPart(IpvsCommand command, int sequence) {
    reply.beginMessage(model.family(), MULTI, sequence, portId);
    reply.generic(command.number(), 1);
  }

  private void fill(ModelService s) {
    int nest = reply.beginNest(1);
    reply.u16(1, s.id.family().number());
    if (s.id.firewallMark() != 0) {
      reply.u32(5, s.id.firewallMark());
    } else {
      reply.u16(2, s.id.protocol());
      reply.address(3, s.id.address());
      reply.be16(4, s.id.port());
    }
    reply.text(6, s.scheduler.name());
    if (!s.persistenceEngine.isEmpty()) {
      reply.text(11, s.persistenceEngine);
    }
    reply.flags(7, s.flags);
    reply.u32(8, s.timeout);
    reply.u32(9, s.netmask);
    fill(s.statistics, 10, 12);
    reply.endNest(nest);
  }

  private void fill(ModelDestination d) {
    int nest = reply.beginNest(2);
    reply.address(1, d.key.address());
    reply.be16(2, d.key.port());
    reply.u32(3, d.forwarding);
    reply.u32(4, d.weight);
    reply.u8(13, d.tunnelType);
    reply.be16(14, d.tunnelPort);
    reply.u16(15, d.tunnelFlags);
    reply.u32(5, d.upperThreshold);
    reply.u32(6, d.lowerThreshold);
    reply.u32(7, d.active);
    reply.u32(8, d.inactive);
    reply.u32(9, d.templates);
    reply.u16(11, d.key.address().family().number());
    fill(d.statistics, 10, 12);
    reply.endNest(nest);
  }

  private void fill(ModelStatistics s, int narrow, int wide) {
    int nest = reply.beginNest(narrow);
    reply.u32(1, (int) s.connections);
    reply.u32(2, (int) s.inPackets);
    reply.u32(3, (int) s.outPackets);
    reply.u64(4, s.inBytes);
    reply.u64(5, s.outBytes);
    for (int rate = 6; rate <= 10; rate++) {
      reply.u32(rate, 0);
    }
    reply.endNest(nest);
    nest = reply.beginNest(wide);
    reply.u64(1, s.connections);
    reply.u64(2, s.inPackets);
    reply.u64(3, s.outPackets);
    reply.u64(4, s.inBytes);
    reply.u64(5, s.outBytes);
    for (int rate = 6; rate <= 10; rate++) {
      reply.u64(rate, 0);
    }
    reply.endNest(nest);
  }
}
