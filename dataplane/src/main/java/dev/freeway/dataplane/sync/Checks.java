package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.Policy;
import java.util.Map;

/** Who asks destinations whether they are well, and tells of it by events; must not block. */
public interface Checks {
  /** Nobody. */
  Checks NONE = _ -> {};

  /** From now on these are asked, and no others. */
  void watch(Map<Policy.Drain, HealthCheck> checks);
}
