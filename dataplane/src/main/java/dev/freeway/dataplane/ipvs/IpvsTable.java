package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.List;

/** The IPVS table of one network namespace, as its one writer sees it. */
public interface IpvsTable extends AutoCloseable {
  /** The table of a kernel that has not loaded {@code ip_vs}: nothing is in it. */
  IpvsTable EMPTY =
      new IpvsTable() {
        @Override
        public List<ObservedService> dump() {
          return List.of();
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
  List<ObservedService> dump();

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

  @Override
  void close();
}
