package dev.freeway.dataplane.core;

/**
 * What a service asks of the relay, which carries connections itself, and the kernel does not do.
 *
 * @param only whether the service is to be relayed and not forwarded by the kernel
 * @param proxy the header that tells a backend who its client is
 * @param connections the most at once; 0 for no limit. More wait to be accepted.
 * @param rate the most new ones a second; 0 for no limit. More wait to be accepted.
 * @param clientConnections the most at once of one client; 0 for no limit. More are reset.
 * @param clientRate the most new ones a second of one client; 0 for no limit. More are reset.
 */
public record RelayRules(
    boolean only,
    ProxyProtocol proxy,
    int connections,
    int rate,
    int clientConnections,
    int clientRate) {
  /** Nothing but to carry what comes. */
  public static final RelayRules NONE = new RelayRules(false, ProxyProtocol.NONE, 0, 0, 0, 0);

  /** HAProxy's header before the client's first byte, in its text or its binary form. */
  public enum ProxyProtocol {
    NONE,
    V1,
    V2
  }

  public RelayRules {
    if (connections < 0 || rate < 0 || clientConnections < 0 || clientRate < 0) {
      throw new IllegalArgumentException("a limit below 0: expected 0 for none, or more");
    }
  }

  /** Whether the kernel would do as well. */
  public boolean none() {
    return equals(NONE);
  }
}
