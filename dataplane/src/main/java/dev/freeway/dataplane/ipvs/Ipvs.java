package dev.freeway.dataplane.ipvs;

import static dev.freeway.dataplane.ipvs.IpvsNumbers.*;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.GenericFamily;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import dev.freeway.dataplane.netlink.MessageWriter;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkConnection;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** IPVS of the network namespace that the socket was opened in. Used by one thread. */
public final class Ipvs implements IpvsTable {
  private static final int REQUEST = Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK;
  private static final int DUMP = Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP;

  private final NetlinkConnection connection;
  private final @Nullable Supplier<NetlinkSocket>
      sockets; // for lists, where they are read in pieces
  private final Set<String> unreadable = new LinkedHashSet<>();
  private Set<Marked.Key> marked = new HashSet<>();
  private @Nullable NetlinkConnection lists;
  private IpvsEncoder encoder;

  private Ipvs(NetlinkConnection connection, @Nullable Supplier<NetlinkSocket> sockets) {
    this.connection = connection;
    this.sockets = sockets;
    this.encoder = encoder(connection);
  }

  /**
   * Finds IPVS behind a generic-netlink socket, which is closed with the result, or at once when
   * there is none.
   *
   * @throws NetlinkException ENOENT when {@code ip_vs} is not loaded
   */
  public static Ipvs open(NetlinkSocket socket) {
    return open(new NetlinkConnection(socket));
  }

  /**
   * Finds IPVS behind sockets of generic netlink, of which it opens a second one when a list is
   * read in pieces: meanwhile the first one takes changes.
   *
   * @throws NetlinkException ENOENT when {@code ip_vs} is not loaded
   */
  public static Ipvs open(Supplier<NetlinkSocket> sockets) {
    return open(new NetlinkConnection(sockets.get()), sockets);
  }

  /** The same over a connection, for its batch size. */
  public static Ipvs open(NetlinkConnection connection) {
    return open(connection, null);
  }

  private static Ipvs open(
      NetlinkConnection connection, @Nullable Supplier<NetlinkSocket> sockets) {
    try {
      return new Ipvs(connection, sockets);
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** An encoder for the number that IPVS has now. */
  private static IpvsEncoder encoder(NetlinkConnection connection) {
    try {
      return new IpvsEncoder(GenericFamily.find(connection, FAMILY).id());
    } catch (NetlinkException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new NetlinkException(
            "find IPVS in the kernel",
            Errno.ENOENT,
            "the module ip_vs is not loaded; as root: modprobe ip_vs");
      }
      throw e;
    }
  }

  @Override
  public List<ListedService> services() {
    try {
      return list();
    } catch (NetlinkException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      // No family has the number any more: the module was unloaded, and has another one since.
      encoder = encoder(connection);
      return list();
    }
  }

  private List<ListedService> list() {
    unreadable.clear();
    marked = new HashSet<>();
    return once(
        connection.<ListedService>dump(
            "read IPVS services",
            this::askForServices,
            (type, payload, into) -> decodeService(payload, into)));
  }

  private void askForServices(MessageWriter out) {
    encoder.begin(CMD_GET_SERVICE, DUMP, out);
    out.end();
  }

  private void decodeService(ByteBuffer payload, List<? super ListedService> into) {
    readable(
        () -> "an IPVS service",
        () -> {
          ListedService service = IpvsDecoder.service(payload);
          ServiceIdentity identity = service.identity();
          if (identity.firewallMark() != 0 && Marked.isOurs(identity.firewallMark())) {
            marked.add(new Marked.Key(identity.firewallMark(), identity.family()));
          } else {
            into.add(service);
          }
        });
  }

  /** An entry that a dump repeats, because others came before it meanwhile, is taken once. */
  private static List<ListedService> once(List<ListedService> dumped) {
    Map<ServiceIdentity, ListedService> services = LinkedHashMap.newLinkedHashMap(dumped.size());
    for (ListedService service : dumped) {
      services.putIfAbsent(service.identity(), service);
    }
    return new ArrayList<>(services.values());
  }

  @Override
  public Listing listing() {
    return sockets == null ? IpvsTable.super.listing() : new Pieces(sockets);
  }

  /** A list over a connection of its own, which goes with it when it is not read to its end. */
  private final class Pieces implements Listing {
    private final Supplier<NetlinkSocket> sockets;
    private final List<ListedService> dumped = new ArrayList<>();
    private NetlinkConnection.@Nullable Dump<ListedService> dump;
    private List<ListedService> services = List.of();
    private boolean again = true;

    Pieces(Supplier<NetlinkSocket> sockets) {
      this.sockets = sockets;
    }

    @Override
    public boolean read() {
      try {
        return piece();
      } catch (NetlinkException e) {
        endLists();
        if (e.errno() != Errno.ENOENT || !again) {
          throw e;
        }
        again = false; // as for a list in one piece: the module was unloaded and loaded again
        encoder = encoder(connection);
        dump = null;
        return false;
      } catch (RuntimeException e) {
        endLists();
        throw e;
      }
    }

    private boolean piece() {
      NetlinkConnection.Dump<ListedService> current = dump;
      if (current == null) {
        endLists(); // of one that was given up
        unreadable.clear();
        marked = new HashSet<>();
        NetlinkConnection opened = new NetlinkConnection(sockets.get());
        lists = opened;
        current =
            opened.<ListedService>begin(
                "read IPVS services",
                Ipvs.this::askForServices,
                (type, payload, into) -> decodeService(payload, into));
        dump = current;
      }
      if (!current.read(dumped)) {
        return false;
      }
      services = once(dumped);
      endLists();
      return true;
    }

    @Override
    public List<ListedService> services() {
      return services;
    }
  }

  private void endLists() {
    NetlinkConnection open = lists;
    if (open != null) {
      lists = null;
      open.close();
    }
  }

  @Override
  public ObservedService read(ListedService service) {
    return service.with(destinations(service.identity()));
  }

  private List<ObservedDestination> destinations(ServiceIdentity service) {
    List<ObservedDestination> dumped =
        connection.dump(
            "read IPVS destinations",
            out -> {
              encoder.begin(CMD_GET_DEST, DUMP, out);
              encoder.identity(service, out);
              out.end();
            },
            (type, payload, into) ->
                readable(
                    () -> "of the IPVS service " + service.text(),
                    () -> into.add(IpvsDecoder.destination(service.family(), payload))));
    Map<DestinationKey, ObservedDestination> byKey = LinkedHashMap.newLinkedHashMap(dumped.size());
    for (ObservedDestination destination : dumped) {
      byKey.putIfAbsent(destination.value().key(), destination);
    }
    return byKey.size() == dumped.size() ? dumped : new ArrayList<>(byKey.values());
  }

  /**
   * Decodes one entry. What a newer kernel or another program made of it must not hide the rest of
   * the table.
   */
  private void readable(Supplier<String> what, Runnable decode) {
    try {
      decode.run();
    } catch (MalformedMessageException e) {
      unreadable.add(what.get() + ": " + e.getMessage());
    }
  }

  @Override
  public List<String> unreadable() {
    return List.copyOf(unreadable);
  }

  @Override
  public Optional<ObservedService> find(ServiceKey key) {
    List<ListedService> found;
    try {
      found =
          connection.<ListedService>request(
              "read the IPVS service " + key,
              out -> {
                encoder.begin(CMD_GET_SERVICE, REQUEST, out);
                encoder.identity(key, out);
                out.end();
              },
              (type, payload, into) -> decodeService(payload, into));
    } catch (NetlinkException e) {
      if (e.errno() == Errno.ESRCH) {
        return Optional.empty();
      }
      throw e;
    }
    return found.stream().findFirst().map(s -> s.with(destinations(s.identity())));
  }

  /** The connection synchronisation that runs: {@code master on eth0}, {@code backup on eth0}. */
  public List<String> daemons() {
    return connection.dump(
        "read the IPVS synchronisation",
        out -> {
          encoder.begin(CMD_GET_DAEMON, DUMP, out);
          out.end();
        },
        (type, payload, into) -> into.add(IpvsDecoder.daemon(payload)));
  }

  @Override
  public List<Answer> execute(List<Command> commands) {
    List<Answer> answers = executeOnce(commands);
    if (!commands.isEmpty() && answers.stream().allMatch(a -> a.errno() == Errno.ENOENT)) {
      // That is also what is said of a family number that is no longer there.
      IpvsEncoder current = encoder(connection);
      if (current.family() != encoder.family()) {
        encoder = current;
        return executeOnce(commands);
      }
    }
    return answers;
  }

  private List<Answer> executeOnce(List<Command> commands) {
    return answers("change the IPVS table", commands, encoder::encode);
  }

  @Override
  public boolean marks() {
    return true;
  }

  @Override
  public Set<Marked.Key> marked() {
    return Set.copyOf(marked);
  }

  @Override
  public List<Answer> mark(List<Marked> services) {
    List<Answer> answers = answers("make services by firewall mark", services, encoder::mark);
    List<Answer> destinations =
        answers("fill services by firewall mark", services, encoder::markedDestination);
    List<Answer> worse = new ArrayList<>();
    for (int i = 0; i < services.size(); i++) {
      worse.add(destinations.get(i).errno() == 0 ? answers.get(i) : destinations.get(i));
    }
    return worse;
  }

  @Override
  public void unmark(List<Marked.Key> services) {
    answers("delete services by firewall mark", services, encoder::unmark);
  }

  private <T> List<Answer> answers(
      String what, List<T> items, BiConsumer<T, MessageWriter> encode) {
    Answer[] answers = new Answer[items.size()];
    if (!items.isEmpty()) {
      connection.batch(
          what,
          items,
          encode::accept,
          (index, errno, message) ->
              answers[index] = errno == 0 ? Answer.DONE : new Answer(errno, message));
    }
    return Arrays.asList(answers);
  }

  @Override
  public void close() {
    endLists();
    connection.close();
  }
}
