package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.IpAddress;
import java.util.List;

/**
 * An endpoint of an EndpointSlice. Names of nodes and zones repeat and are shared between
 * endpoints.
 *
 * @param address its first one; the API server's rule is that others mean the same backend
 * @param several whether there were others
 * @param state {@link #READY}, {@link #SERVING} and {@link #TERMINATING} together
 * @param node where it runs; empty when that is not known
 * @param zone where its node is; empty when that is not known
 * @param hints where its clients are to be, for a share that is even
 * @param target the Pod's name; empty when it is none
 * @param incarnation of the Pod, see {@link PodKey#incarnation}; 0 when that is not told
 */
record SliceEndpoint(
    IpAddress address,
    boolean several,
    byte state,
    String node,
    String zone,
    Hints hints,
    String target,
    int incarnation) {
  static final byte READY = 1;
  static final byte SERVING = 2;
  static final byte TERMINATING = 4;

  /** Zones and nodes that an endpoint is meant for; nearly always the same few lists. */
  record Hints(List<String> zones, List<String> nodes) {
    static final Hints NONE = new Hints(List.of(), List.of());
  }

  boolean ready() {
    return (state & READY) != 0;
  }

  boolean serving() {
    return (state & SERVING) != 0;
  }

  boolean terminating() {
    return (state & TERMINATING) != 0;
  }
}
