package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.sync.Host;
import java.util.HashMap;
import java.util.Map;

/** The machine around a relay's table: nothing has to be prepared, but who may come is told. */
public final class RelayHost implements Host {
  private final RelayTable table;

  /** The machine around this table. */
  public RelayHost(RelayTable table) {
    this.table = table;
  }

  @Override
  public Report pending(HostNeeds needs) {
    return Report.NOTHING;
  }

  @Override
  public Report prepare(HostNeeds needs) {
    Map<ServiceKey, SourceRanges> ranges = new HashMap<>(table.ranges());
    take(needs, ranges);
    table.limit(ranges);
    return Report.NOTHING;
  }

  @Override
  public Report settle(HostNeeds needs) {
    Map<ServiceKey, SourceRanges> ranges = new HashMap<>(table.ranges());
    ranges.keySet().retainAll(needs.held()); // what is no longer desired stays as it is
    take(needs, ranges);
    table.limit(ranges);
    return Report.NOTHING;
  }

  private static void take(HostNeeds needs, Map<ServiceKey, SourceRanges> ranges) {
    needs.services().forEach((service, need) -> ranges.put(service, need.sourceRanges()));
  }

  @Override
  public Report restore() {
    return Report.NOTHING;
  }

  @Override
  public boolean whileKept(Runnable batch) {
    return false;
  }
}
