package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * How one attempt speaks TLS.
 *
 * @param context whom it trusts, and what it offers
 * @param tls how the certificate is looked at
 * @param host the name that is asked for, maybe with a port; empty for the address
 * @param two whether HTTP/2 has to be agreed on
 * @param clock tells whether a certificate has expired
 */
record Security(
    SslContext context, HealthCheck.Tls tls, String host, boolean two, InstantSource clock) {

  SslHandler handler(ByteBufAllocator allocator, InetSocketAddress at) {
    String name =
        host.isEmpty() ? IpAddress.of(at.getAddress()).toString() : host.replaceFirst(":.*", "");
    SslHandler handler = context.newHandler(allocator, name, at.getPort());
    handler.setHandshakeTimeoutMillis(0); // the attempt's own time ends it
    if (!tls.sni()) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setServerNames(List.of());
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  /** What is wrong with a handshake that succeeded. */
  Optional<String> wrong(SslHandler handler) {
    return two && !ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())
        ? Optional.of("TLS: the server does not offer HTTP/2 (ALPN h2)")
        : Optional.empty();
  }

  /** What is to be said of the certificate. */
  Optional<String> warning(SslHandler handler) {
    try {
      return handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate one
          ? warning(one.getNotBefore().toInstant(), one.getNotAfter().toInstant())
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.of("the server has no certificate");
    }
  }

  private Optional<String> warning(Instant from, Instant until) {
    Instant now = clock.instant();
    if (now.isAfter(until)) {
      return Optional.of("the certificate expired on " + date(until));
    }
    if (now.isBefore(from)) {
      return Optional.of("the certificate is not valid before " + date(from));
    }
    Duration left = Duration.between(now, until);
    if (left.compareTo(tls.expiry()) >= 0) {
      return Optional.empty();
    }
    return Optional.of(
        "the certificate expires in "
            + (left.toDays() > 1 ? left.toDays() + " days" : left.toHours() + " h")
            + ", on "
            + date(until));
  }

  private static LocalDate date(Instant instant) {
    return LocalDate.ofInstant(instant, ZoneOffset.UTC);
  }

  Optional<String> unreadable(Throwable failure, Intake intake) {
    Throwable cause =
        failure instanceof DecoderException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof NotSslRecordException) {
      return Optional.of("the answer is not TLS: " + intake.quoted());
    }
    return cause instanceof SSLException
        ? Optional.of(Faults.ofHandshake(cause))
        : Optional.empty();
  }
}
