package dev.freeway.dataplane.kube;

/** What the router keeps of a slice, for those who weigh it. */
public final class SliceRecords {
  private SliceRecords() {}

  /** Reads an EndpointSlice in JSON as a watch does. */
  public static Object read(String json) {
    return ClusterFixture.read(ClusterObjects.SLICES, json).object();
  }
}
