package dev.freeway.controlplane.aws;

import java.time.Duration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;

/**
 * The one HTTP client of a process: connections are kept and shared by every service, because new
 * TLS connections are what limits a scan.
 */
public final class Connections implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration IDLE = Duration.ofSeconds(50);

  private final SdkHttpClient http;

  /**
   * Connections.
   *
   * @param most at the same time
   */
  public Connections(int most) {
    this.http =
        ApacheHttpClient.builder()
            .maxConnections(most)
            .connectionTimeout(CONNECT)
            .socketTimeout(ANSWER)
            .connectionAcquisitionTimeout(Duration.ofMinutes(2))
            .connectionMaxIdleTime(IDLE)
            .tcpKeepAlive(true)
            .build();
  }

  /** The client. */
  public SdkHttpClient http() {
    return http;
  }

  @Override
  public void close() {
    http.close();
  }
}
