package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Command;
import java.util.List;

/** The IPVS table of one network namespace, as its one writer sees it. */
public interface IpvsTable extends AutoCloseable {
  /**
   * Everything in the table, ours and foreign. The kernel resumes dumps by index without a
   * consistency flag; only the single writer's own changes are excluded.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the kernel refuses
   */
  List<ObservedService> dump();

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
