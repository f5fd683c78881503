package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The IPVS table of one network namespace, as its one writer sees it. */
public interface IpvsTable extends AutoCloseable {
  /** The table of a kernel that has not loaded {@code ip_vs}: nothing is in it. */
  IpvsTable EMPTY =
      new IpvsTable() {
        @Override
        public List<ListedService> services() {
          return List.of();
        }

        @Override
        public ObservedService read(ListedService service) {
          return service.value();
        }

        @Override
        public Optional<ObservedService> find(ServiceKey service) {
          return Optional.empty();
        }

        @Override
        public List<Answer> execute(List<Command> commands) {
          throw new NetlinkException("change the IPVS table", Errno.ENOENT, "ip_vs is not loaded");
        }

        @Override
        public void close() {}
      };

  /**
   * Everything in the table, ours and foreign, but for what is {@link #unreadable}. The kernel
   * resumes dumps by index without a consistency flag; only the single writer's own changes are
   * excluded.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the kernel refuses
   */
  default List<ObservedService> dump() {
    List<ListedService> services = services();
    List<ObservedService> table = new ArrayList<>(services.size());
    for (ListedService service : services) {
      table.add(read(service));
    }
    return table;
  }

  /**
   * The services of the table, as {@link #dump} begins: for a reader who has other things to do
   * between their destinations.
   */
  List<ListedService> services();

  /**
   * The same list piece by piece, for a reader who has other things to do between them: what is
   * changed meanwhile can make it skip entries or repeat them.
   */
  interface Listing {
    /** Reads the next piece; answers whether it was the last. */
    boolean read();

    /** What was read. */
    List<ListedService> services();
  }

  /** Begins a list. One that was not read to its end is given up by the next. */
  default Listing listing() {
    return new Listing() {
      private List<ListedService> all = List.of();

      @Override
      public boolean read() {
        all = IpvsTable.this.services();
        return true;
      }

      @Override
      public List<ListedService> services() {
        return all;
      }
    };
  }

  /** A listed service with the destinations that it has now; without any when it is gone. */
  ObservedService read(ListedService service);

  /**
   * One service with its destinations as they are now.
   *
   * @return empty when the kernel has none, or one that is {@link #unreadable}
   */
  Optional<ObservedService> find(ServiceKey service);

  /** What the last dump left out because it could not be read, for people. */
  default List<String> unreadable() {
    return List.of();
  }

  /**
   * Runs commands in order, many to a datagram, and goes on after a refused one.
   *
   * @return one answer for each command, in its order
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the socket itself fails; which of
   *     the commands were done is then unknown: dump
   */
  List<Answer> execute(List<Command> commands);

  /** Whether services by firewall mark lead packets here. */
  default boolean marks() {
    return false;
  }

  /** Those of ours by firewall mark that the last list showed; no list and no dump names them. */
  default Set<Marked.Key> marked() {
    return Set.of();
  }

  /**
   * Makes services by firewall mark.
   *
   * @return one answer for each, in their order: EEXIST where it is there already
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the socket itself fails
   */
  default List<Answer> mark(List<Marked> services) {
    throw new UnsupportedOperationException("no packets have marks here");
  }

  /**
   * Takes services by firewall mark away, as far as they are there.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the socket itself fails
   */
  default void unmark(List<Marked.Key> services) {}

  @Override
  void close();
}
