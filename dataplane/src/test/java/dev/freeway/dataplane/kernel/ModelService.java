package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A service object of the kernel ({@code struct ip_vs_service}). */
public final class ModelService {
  static final int PERSISTENT = 1;
  static final int HASHED = 2;
  static final int ONE_PACKET = 4;
  static final int FALLBACK = 8;
  static final int PORT = 16;

  final ServiceId id;
  final ModelStatistics statistics = new ModelStatistics();
  final Map<DestinationKey, ModelDestination> byKey = new HashMap<>(4);
  final ModelDestination head;
  ModelScheduler scheduler = ModelScheduler.NONE;
  int flags;
  int timeout;
  int netmask;
  String persistenceEngine = "";

  ModelService(ServiceId id) {
    this.id = id;
    this.head = new ModelDestination(new DestinationKey(new IpAddress(id.family(), 0, 0), 0), this);
  }

  /** Its identity. */
  public ServiceId id() {
    return id;
  }

  /** The scheduler's name; {@code none} without one. */
  public String scheduler() {
    return scheduler.name();
  }

  /** {@code IP_VS_SVC_F_*}, HASHED included. */
  public int flags() {
    return flags;
  }

  /** Its destinations in list order, the last inserted first. */
  public List<ModelDestination> destinations() {
    List<ModelDestination> found = new ArrayList<>(byKey.size());
    for (ModelDestination d = head.next; d != head; d = d.next) {
      found.add(d);
    }
    return found;
  }

  void link(ModelDestination destination) {
    destination.linkAfter(head);
    destination.service = this;
    destination.available = true;
    byKey.put(destination.key, destination);
  }

  void unlink(ModelDestination destination) {
    destination.available = false;
    destination.unlink();
    byKey.remove(destination.key);
  }
}
