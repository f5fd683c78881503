package dev.freeway.dataplane.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a backend is asked whether it is well, and how often: what the annotation {@code
 * freeway.dev/health-check} says.
 *
 * @param question what is asked
 * @param port where, 1 to 65535; 0 for the backend's own
 * @param interval from the start of one attempt to the start of the next at most, 100 ms to 1 h
 * @param timeout how long an attempt may take, 10 ms to {@code interval}
 * @param rise good attempts in a row after which a backend that was down is up, 1 to 100
 * @param fall bad attempts in a row after which a backend that was up is down, 1 to 100
 */
public record HealthCheck(
    Question question, int port, Duration interval, Duration timeout, int rise, int fall) {
  static final Duration LEAST_INTERVAL = Duration.ofMillis(100);
  static final Duration MOST_INTERVAL = Duration.ofHours(1);
  static final Duration LEAST_TIMEOUT = Duration.ofMillis(10);
  static final int MOST_IN_A_ROW = 100;

  /** What {@link #parse} takes, in words. */
  public static final String GRAMMAR =
      "tcp, tls, http, https, http2, https2, grpc, grpcs, udp or dns, then keys with values, such"
          + " as http,path=/healthz,interval=1s,timeout=1s,rise=2,fall=3";

  /** Whether a path can be asked for; values have no commas. */
  public static boolean isPath(String path) {
    return HealthCheckText.isPath(path);
  }

  /** Whether a name can be asked as, with or without a port. */
  public static boolean isHost(String host) {
    return HealthCheckText.isHost(host);
  }

  /** Whether a service of gRPC can be asked about. */
  public static boolean isService(String service) {
    return HealthCheckText.isService(service);
  }

  public HealthCheck {
    Ports.check(port);
    if (interval.compareTo(LEAST_INTERVAL) < 0 || interval.compareTo(MOST_INTERVAL) > 0) {
      throw new IllegalArgumentException("interval " + interval + ": expected 100ms to 1h");
    }
    if (timeout.compareTo(LEAST_TIMEOUT) < 0 || timeout.compareTo(interval) > 0) {
      throw new IllegalArgumentException(
          "timeout " + timeout + ": expected 10ms to the interval, " + interval);
    }
    if (rise < 1 || rise > MOST_IN_A_ROW || fall < 1 || fall > MOST_IN_A_ROW) {
      throw new IllegalArgumentException(
          "rise " + rise + ", fall " + fall + ": expected 1 to " + MOST_IN_A_ROW);
    }
  }

  /** What is asked of the backend. */
  public sealed interface Question {
    /** The annotation's first word. */
    String kind();

    /** {@code tcp}: whether a connection is accepted. */
    record Connect() implements Question {
      @Override
      public String kind() {
        return "tcp";
      }
    }

    /**
     * {@code tls}: whether a handshake succeeds.
     *
     * @param host the name that is asked for (SNI) and that the certificate has to have where it is
     *     verified; empty for none, and the address
     */
    record Handshake(Tls tls, String host) implements Question {
      @Override
      public String kind() {
        return "tls";
      }
    }

    /**
     * {@code http}, {@code https}, {@code http2} without negotiation, {@code https2} by ALPN: what
     * {@code GET} gives.
     *
     * @param two whether HTTP/2 is spoken rather than HTTP/1.1
     * @param tls null for plain text
     * @param host for the header Host (or {@code :authority}), and SNI where that is sent; empty
     *     for the address
     * @param path begins with /
     * @param statuses those that are right
     * @param header what the answer has to have besides; null for none
     * @param body bytes that the first 64 KiB of the body contain; empty for none
     */
    record Http(
        boolean two,
        @Nullable Tls tls,
        String host,
        String path,
        Statuses statuses,
        @Nullable Header header,
        Octets body)
        implements Question {
      @Override
      public String kind() {
        return (tls == null ? "http" : "https") + (two ? "2" : "");
      }
    }

    /**
     * {@code grpc} over HTTP/2 without negotiation, {@code grpcs} by ALPN: whether {@code
     * grpc.health.v1.Health/Check} says SERVING.
     *
     * @param tls null for plain text
     * @param host for {@code :authority} and SNI; empty for the address
     * @param service what is asked about; empty for the server as a whole
     */
    record Grpc(@Nullable Tls tls, String host, String service) implements Question {
      @Override
      public String kind() {
        return tls == null ? "grpc" : "grpcs";
      }
    }

    /**
     * {@code udp}: whether a datagram is answered.
     *
     * @param send the datagram
     * @param expect bytes that the answer contains; empty when silence is right as well, and only
     *     an "unreachable" of ICMP is wrong
     */
    record Datagram(Octets send, Octets expect) implements Question {
      @Override
      public String kind() {
        return "udp";
      }
    }

    /**
     * {@code dns}: whether a name is resolved, over UDP.
     *
     * @param name without the last dot
     * @param type of the record that the answer has to have
     */
    record Lookup(String name, RecordType type) implements Question {
      @Override
      public String kind() {
        return "dns";
      }
    }
  }

  /** The records that a lookup may ask for, by their number (RFC 1035, RFC 3596). */
  public enum RecordType {
    A(1),
    AAAA(28);

    private final int number;

    RecordType(int number) {
      this.number = number;
    }

    public int number() {
      return number;
    }
  }

  /**
   * How a certificate is looked at.
   *
   * @param verify whether one that the JDK's trust store does not vouch for, or that is for another
   *     name, is wrong
   * @param sni whether the host, where there is one, is asked for (RFC 6066, section 3)
   * @param expiry the time before its end from which a certificate is warned of
   */
  public record Tls(boolean verify, boolean sni, Duration expiry) {
    /** Where nothing is said of it: it verifies none, as kubelet. */
    public static final Tls DEFAULT = new Tls(false, true, Duration.ofDays(14));

    /** As kubelet, which asks by the Pod's address, whatever header Host it sends. */
    public static final Tls KUBELET = new Tls(false, false, DEFAULT.expiry);
  }

  /**
   * A header that an answer has to have.
   *
   * @param name in lower case
   * @param value what it contains
   */
  public record Header(String name, Octets value) {}

  /** What a text was read as. */
  public sealed interface Reading {
    record Right(HealthCheck check) implements Reading {}

    /**
     * It is no health check.
     *
     * @param word what is wrong of it
     * @param expected what would be right
     */
    record Wrong(String word, String expected) implements Reading, ProbeOverrides.Reading {}
  }

  /** Reads a text as {@link #GRAMMAR} says. Values have no commas; {@code \x2c} is one. */
  public static Reading parse(String text) {
    return HealthCheckText.parse(text);
  }

  /** The text that reads as this check: what is as by default is left out, but for the rates. */
  public String text() {
    return HealthCheckText.of(this);
  }

  @Override
  public String toString() {
    return text();
  }
}
