package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.core.ServiceKey;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Single attempts over real sockets, each with its time-out. */
public final class Tries implements AutoCloseable {
  private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1");
  public static final ServiceKey SERVICE = new ServiceKey(Protocol.TCP, LOOPBACK, 80);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("tries", true), EpollIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final SocketProber prober;

  Tries(Instant now, List<X509Certificate> trusted) {
    prober = new SocketProber(loop, InstantSource.fixed(now), new SplittableRandom(1), trusted);
  }

  public static HealthCheck check(String text) {
    return switch (HealthCheck.parse(text)) {
      case Reading.Right right -> right.check();
      case Reading.Wrong wrong -> throw new IllegalArgumentException(text + ": " + wrong);
    };
  }

  /** A check that says no time-out gets a long one, for machines that do much else. */
  static Target target(String check, int port) {
    String text = check.contains("timeout=") ? check : check + ",interval=15s,timeout=15s";
    return Target.of(SERVICE, new DestinationKey(LOOPBACK, port), check(text));
  }

  static Target marked(String check, InetSocketAddress at, int mark) {
    return new Target(
        SERVICE,
        new DestinationKey(LOOPBACK, 1),
        at,
        OptionalInt.of(mark),
        null,
        ProxyProtocol.NONE,
        check(check));
  }

  /** One at a backend that expects a header. */
  static Target proxied(ProxyProtocol form, String check, int port) {
    return Target.of(SERVICE, new DestinationKey(LOOPBACK, port), check(check), form);
  }

  Outcome of(String check, int port) {
    return of(target(check, port));
  }

  Outcome of(Target target) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    loop.execute(
        () -> {
          Attempt attempt =
              prober.begin(
                  target,
                  value -> {
                    if (!outcome.complete(value)) {
                      throw new AssertionError("a second outcome: " + value);
                    }
                  });
          var _ =
              loop.schedule(
                  attempt::timeOut, target.check().timeout().toMillis(), TimeUnit.MILLISECONDS);
        });
    return outcome.orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** One that is begun, and whose outcome would be an error. */
  Attempt begun(Target target) {
    return CompletableFuture.supplyAsync(
            () ->
                prober.begin(
                    target,
                    outcome -> {
                      throw new AssertionError("expected no outcome: " + outcome);
                    }),
            loop)
        .join();
  }

  /** Does it on the loop, and waits for its end. */
  void run(Runnable action) {
    CompletableFuture.runAsync(action, loop).join();
  }

  @Override
  public void close() {
    Future<?> _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
