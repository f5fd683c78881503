package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.ServiceKey;
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
    Map<ServiceKey, HostNeeds.Need> all = new HashMap<>(table.needs());
    all.putAll(needs.services());
    table.need(all);
    return Report.NOTHING;
  }

  @Override
  public Report settle(HostNeeds needs) {
    Map<ServiceKey, HostNeeds.Need> all = new HashMap<>(table.needs());
    all.keySet().retainAll(needs.held()); // what is no longer desired stays as it is
    all.putAll(needs.services());
    table.need(all);
    if (!table.lacks(needs.services().keySet())) {
      table.begin(); // what is desired is there by now
    }
    return Report.NOTHING;
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
