package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.core.ServiceDestination;
import java.util.Map;

/** Who asks destinations whether they are well, and tells of it by events; must not block. */
public interface Checks {
  /** Nobody. */
  Checks NONE = _ -> {};

  /**
   * How a destination is asked.
   *
   * @param mark of packets to the service's address that are led to this destination; 0 where none
   *     are
   * @param proxy the header that it expects before the first byte, at its own port
   */
  record Check(HealthCheck check, int mark, ProxyProtocol proxy) {}

  /** From now on these are asked, and no others. */
  void watch(Map<ServiceDestination, Check> checks);
}
