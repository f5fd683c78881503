package dev.freeway.dataplane.suite;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.netlink.Errno;
import java.util.concurrent.Callable;

/**
 * A data plane with an empty table, and the addresses around it: clients that reach its services,
 * backends that its services reach.
 *
 * <p>Where planes differ and may, a method says how and why; its default is what the kernel does.
 */
public interface Plane extends AutoCloseable {
  /** How many backends there are. */
  int BACKENDS = 3;

  /** Clients whose addresses differ in the last octet alone, in two /28 of the same size. */
  int CLIENTS = 32;

  /** The table; one thread's. */
  IpvsTable table();

  /** A service's key that no other test had. */
  ServiceKey service(Protocol protocol, Family family) throws Exception;

  /** The address of a backend, 0 to {@link #BACKENDS} - 1. */
  IpAddress backend(Family family, int index);

  /** The address of a client, 0 to {@link #CLIENTS} - 1; of IPv6 all may have the same. */
  IpAddress client(Family family, int index);

  /** Opens sockets where the backend of that index is. */
  <T> T onBackend(int index, Callable<T> task) throws Exception;

  /** Opens sockets where clients are. */
  <T> T onClients(Callable<T> task) throws Exception;

  /** Deletes what is in the table. */
  @Override
  void close();

  // Where planes differ.

  /**
   * The errno of a scheduler that there is not. The kernel's ENOENT makes a writer load a module;
   * of a relay none can be loaded.
   */
  default int unknownScheduler() {
    return Errno.ENOENT;
  }

  /**
   * Whether a client never meets a backend whose port is closed while there is another. The kernel
   * has chosen with the client's first packet; a relay has told the client nothing by then.
   */
  default boolean passesOverWhoRefuses() {
    return false;
  }

  /**
   * Whether a connection's bytes are counted as they pass, headers included. The kernel counts
   * packets, a relay what it reads.
   */
  default boolean countsHeaders() {
    return true;
  }

  /**
   * Whether a client whose datagrams nobody takes is told so. The kernel answers with ICMP; a relay
   * is heard by its socket alone.
   */
  default boolean tellsOfDatagramsInVain() {
    return true;
  }
}
