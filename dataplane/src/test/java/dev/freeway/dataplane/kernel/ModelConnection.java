package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.IpAddress;

/** An entry of the kernel's connection table ({@code struct ip_vs_conn}). */
public final class ModelConnection {
  /**
   * By what the kernel finds it.
   *
   * @param client the client's address; of a persistence template, its network
   * @param clientPort the client's port; 0 for a template
   * @param service the service's identity
   */
  record Key(IpAddress client, int clientPort, ServiceId service) {}

  final Key key;
  final ModelDestination destination;
  final boolean template;
  boolean established;
  boolean closed;
  boolean alive = true;

  ModelConnection(Key key, ModelDestination destination, boolean template) {
    this.key = key;
    this.destination = destination;
    this.template = template;
  }

  /** The destination that it is bound to for its life. */
  public ModelDestination destination() {
    return destination;
  }

  /** Whether it is still in the kernel's table. */
  public boolean alive() {
    return alive;
  }
}
