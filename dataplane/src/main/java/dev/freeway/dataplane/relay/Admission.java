package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.RelayRules;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Who may come to a service: whom its source ranges name, and so many as its limits allow. A client
 * is an IPv4 address or a /64 of IPv6, which is what one customer has. Every event loop asks; its
 * lock guards it.
 */
final class Admission {
  private static final int CLIENT_BITS = 64;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** So many in a second: a bucket that holds as many, and fills in that time. */
  private static final class Bucket {
    private double tokens;
    private long filledNanos;

    Bucket(int rate, long now) {
      tokens = rate;
      filledNanos = now;
    }

    private void fill(int rate, long now) {
      tokens = Math.min(rate, tokens + (double) (now - filledNanos) * rate / SECOND);
      filledNanos = now;
    }

    boolean take(int rate, long now) {
      fill(rate, now);
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }

    boolean isFull(int rate, long now) {
      fill(rate, now);
      return tokens >= rate;
    }

    /** Nanoseconds until there is one. */
    long wait(int rate, long now) {
      fill(rate, now);
      return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) * SECOND / rate);
    }
  }

  private static final class Client {
    private int connections;
    private final Bucket recent;

    Client(int rate, long now) {
      recent = new Bucket(rate, now);
    }
  }

  private final Supplier<HostNeeds.Need> need;
  private final LongSupplier clock;
  private final Map<IpAddress, Client> clients = new HashMap<>();
  private int connections;
  private final Bucket recent;

  /**
   * Nobody there yet.
   *
   * @param need of the service, which may change
   */
  Admission(Supplier<HostNeeds.Need> need, LongSupplier clock) {
    this.need = need;
    this.clock = clock;
    this.recent = new Bucket(need.get().relay().rate(), clock.getAsLong());
  }

  RelayRules rules() {
    return need.get().relay();
  }

  /** Whether it has to be asked for a {@link #pause} when somebody comes or leaves. */
  boolean pauses() {
    RelayRules rules = rules();
    return rules.connections() > 0 || rules.rate() > 0;
  }

  /** Whether the service's source ranges name a client. */
  boolean names(IpAddress client) {
    return need.get().sourceRanges().take(client);
  }

  /** Whether a client that has come may stay; then it does until it has {@link #left}. */
  synchronized boolean come(IpAddress client) {
    if (!names(client)) {
      return false;
    }
    RelayRules rules = rules();
    long now = clock.getAsLong();
    if (rules.clientConnections() > 0 || rules.clientRate() > 0) {
      Client one = clients.computeIfAbsent(of(client), _ -> new Client(rules.clientRate(), now));
      if ((rules.clientConnections() > 0 && one.connections >= rules.clientConnections())
          || (rules.clientRate() > 0 && !one.recent.take(rules.clientRate(), now))) {
        return false;
      }
      one.connections++;
    }
    connections++;
    if (rules.rate() > 0) {
      recent.take(rules.rate(), now);
    }
    return true;
  }

  private static IpAddress of(IpAddress client) {
    return Prefix.around(client, Math.min(client.family().bits(), CLIENT_BITS)).address();
  }

  /** One that came has gone. */
  synchronized void left(IpAddress client) {
    connections--;
    Client one = clients.isEmpty() ? null : clients.get(of(client));
    if (one != null && one.connections > 0) { // some came before there was a limit
      one.connections--;
    }
  }

  /**
   * For how long nobody more is to be accepted, in nanoseconds: 0 for not at all, {@link
   * Long#MAX_VALUE} until somebody has left.
   */
  synchronized long pause() {
    RelayRules rules = rules();
    if (rules.connections() > 0 && connections >= rules.connections()) {
      return Long.MAX_VALUE;
    }
    return rules.rate() > 0 ? recent.wait(rules.rate(), clock.getAsLong()) : 0;
  }

  /** Forgets clients that have nothing here and came long ago. */
  synchronized void expire(long now) {
    RelayRules rules = rules();
    clients
        .values()
        .removeIf(
            one ->
                one.connections == 0
                    && (rules.clientRate() == 0 || one.recent.isFull(rules.clientRate(), now)));
  }
}
