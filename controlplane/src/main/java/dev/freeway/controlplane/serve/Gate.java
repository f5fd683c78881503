package dev.freeway.controlplane.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whom the server answers: a browser's page of its own, and programs of this machine. A name of
 * somebody's that points here (DNS rebinding) is told by Host, another site's page by what browsers
 * send of their own and no script can change: Sec-Fetch-Site and Origin.
 *
 * @param hosts what Host may be, in lower case
 */
record Gate(Set<String> hosts) {
  private static final int LONGEST_TARGET = 4096;

  Gate {
    hosts = Set.copyOf(hosts);
  }

  /** A gate of a server on a port: by its address, and by localhost. */
  static Gate of(String address, int port) {
    String name = address.contains(":") ? "[" + address + "]" : address;
    return new Gate(Set.of(name + ":" + port, "localhost:" + port));
  }

  /**
   * Lets a request through.
   *
   * @param methods that it may have
   * @param page whether it is for the page itself, to which a link on another site may lead
   * @throws Refused when it is not to be answered
   */
  void check(HttpExchange exchange, Set<String> methods, boolean page) {
    Headers headers = exchange.getRequestHeaders();
    List<String> host = headers.getOrDefault("Host", List.of());
    if (host.size() != 1 || !hosts.contains(host.getFirst().toLowerCase(Locale.ROOT))) {
      throw new Refused(
          421, "Host " + host + ": expected one of " + hosts.stream().sorted().toList());
    }
    if (exchange.getRequestURI().toString().length() > LONGEST_TARGET) {
      throw new Refused(414, "a target of more than " + LONGEST_TARGET + " characters");
    }
    if (!methods.contains(exchange.getRequestMethod())) {
      exchange.getResponseHeaders().set("Allow", String.join(", ", methods));
      throw new Refused(
          405, exchange.getRequestMethod() + ": expected " + String.join(" or ", methods));
    }
    for (String site : headers.getOrDefault("Sec-Fetch-Site", List.of())) {
      boolean followed =
          page
              && "navigate".equals(headers.getFirst("Sec-Fetch-Mode"))
              && "document".equals(headers.getFirst("Sec-Fetch-Dest"));
      if (!site.equals("same-origin") && !site.equals("none") && !followed) {
        throw new Refused(403, "Sec-Fetch-Site " + site + ": expected this page's own request");
      }
    }
    for (String origin : headers.getOrDefault("Origin", List.of())) {
      if (!origin.equalsIgnoreCase("http://" + host.getFirst())) {
        throw new Refused(403, "Origin " + origin + ": expected http://" + host.getFirst());
      }
    }
  }
}
