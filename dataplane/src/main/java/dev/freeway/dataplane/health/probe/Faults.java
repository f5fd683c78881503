package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.health.probe.Outcome.Dead;
import dev.freeway.dataplane.health.probe.Outcome.Failing;
import dev.freeway.dataplane.health.probe.Outcome.Untried;
import io.netty.channel.unix.Errors;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** What exceptions of sockets and TLS mean. */
final class Faults {
  /** Netty says the error's number in the text of an exception that does not have it otherwise. */
  private static final Pattern NUMBER = Pattern.compile("error\\(-(\\d{1,4})\\)");

  private static final int EPERM = 1;
  private static final int EAGAIN = 11;
  private static final int ENOMEM = 12;
  private static final int EACCES = 13;
  private static final int EINVAL = 22;
  private static final int ENFILE = 23;
  private static final int EMFILE = 24;
  private static final int EAFNOSUPPORT = 97;
  private static final int EADDRNOTAVAIL = 99;
  private static final int ENETUNREACH = 101;
  private static final int ECONNRESET = 104;
  private static final int ENOBUFS = 105;
  private static final int EHOSTUNREACH = 113;

  private Faults() {}

  /** Why there is no socket, or it cannot be as it has to be: always of this machine. */
  static Outcome ofOpening(Throwable cause) {
    return local(errno(cause), cause);
  }

  /** Why there is no connection. */
  static Outcome ofConnecting(Throwable cause) {
    if (cause instanceof NoRouteToHostException) {
      return new Dead("no route to host");
    }
    int errno = errno(cause);
    return switch (errno) {
      case ENETUNREACH, EHOSTUNREACH -> new Dead("no route to host");
      case EPERM,
          EAGAIN,
          ENOMEM,
          EACCES,
          EINVAL,
          ENFILE,
          EMFILE,
          EAFNOSUPPORT,
          EADDRNOTAVAIL,
          ENOBUFS ->
          local(errno, cause);
      default ->
          cause instanceof ConnectException
              ? new Dead("connection refused")
              : new Dead("cannot connect: " + text(cause));
    };
  }

  private static Outcome local(int errno, Throwable cause) {
    return switch (errno) {
      case EMFILE -> new Untried("this process has too many open files", true);
      case ENFILE -> new Untried("this machine has too many open files", true);
      case ENOMEM, ENOBUFS -> new Untried("this machine has no memory for sockets", true);
      case EAGAIN -> new Untried("this machine has no local port left", true);
      case EADDRNOTAVAIL -> new Untried("this machine has no address or port to ask from", false);
      case EPERM, EACCES ->
          new Untried("this machine does not permit it: SO_MARK or a firewall", false);
      default -> new Untried("this machine cannot: " + text(cause), false);
    };
  }

  /** What is wrong with a connection that was there. */
  static Outcome ofTalking(Throwable cause, String when) {
    if (cause instanceof PortUnreachableException) {
      return new Dead("port unreachable (ICMP)");
    }
    int errno = errno(cause);
    if (errno == ENETUNREACH || errno == EHOSTUNREACH || cause instanceof NoRouteToHostException) {
      return new Dead("host unreachable (ICMP)");
    }
    if (errno == ECONNRESET) {
      return new Failing("connection reset " + when);
    }
    return cause instanceof ClosedChannelException
        ? new Failing("connection closed " + when)
        : new Failing(text(cause));
  }

  /** What is wrong with a handshake. */
  static String ofHandshake(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException) {
        return "TLS: the certificate has expired";
      }
      if (cause instanceof CertificateNotYetValidException) {
        return "TLS: the certificate is not valid yet";
      }
    }
    Throwable deepest = failure;
    while (deepest.getCause() instanceof SSLException
        || deepest.getCause() instanceof IOException) {
      deepest = deepest.getCause();
    }
    return "TLS: " + text(deepest);
  }

  static String text(Throwable cause) {
    String message = cause.getMessage();
    return Words.plain(message == null ? cause.getClass().getSimpleName() : message);
  }

  /** The error's number; 0 for none. */
  private static int errno(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Errors.NativeIoException io) {
        return -io.expectedErr();
      }
      Matcher matcher = NUMBER.matcher(String.valueOf(cause.getMessage()));
      if (matcher.find()) {
        return Integer.parseInt(matcher.group(1));
      }
    }
    return 0;
  }
}
