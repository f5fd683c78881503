package dev.freeway.controlplane.aws;

import java.io.IOException;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.protocol.HttpContext;
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

  private final Secured secured = Secured.byDefault();
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
            .socketFactory(secured)
            .build();
  }

  /** The client. */
  public SdkHttpClient http() {
    return http;
  }

  /** TLS handshakes so far: each is a connection that was new. */
  public long handshakes() {
    return secured.handshakes.sum();
  }

  @Override
  public void close() {
    http.close();
  }

  /** TLS by the JDK's own settings and the quickest ciphers, counted. */
  private static final class Secured extends SSLConnectionSocketFactory {
    private final LongAdder handshakes = new LongAdder();

    private Secured(SSLContext context) {
      super(context);
    }

    static Secured byDefault() {
      NativeCryptography.prefer();
      try {
        return new Secured(SSLContext.getDefault());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("the JDK's TLS cannot be used: " + e.getMessage(), e);
      }
    }

    @Override
    public Socket createLayeredSocket(Socket plain, String host, int port, HttpContext context)
        throws IOException {
      Socket secure = super.createLayeredSocket(plain, host, port, context);
      handshakes.increment();
      return secure;
    }
  }
}
