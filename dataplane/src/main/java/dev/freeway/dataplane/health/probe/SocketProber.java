package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthCheck.Question;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Makes attempts over sockets, all on one event loop, by whose thread it is used. */
public final class SocketProber implements Prober {
  /** A certificate that was replaced is seen after so long, though sessions are resumed. */
  private static final long SESSION_SECONDS = 300;

  private final EventLoop loop;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final List<X509Certificate> trusted;
  private final Map<Trust, SslContext> contexts = new EnumMap<>(Trust.class);

  private enum Trust {
    ALL(false, false),
    ALL_WITH_TWO(false, true),
    KNOWN(true, false),
    KNOWN_WITH_TWO(true, true);

    private final boolean verify;
    private final boolean two;

    Trust(boolean verify, boolean two) {
      this.verify = verify;
      this.two = two;
    }

    static Trust of(boolean verify, boolean two) {
      return verify ? two ? KNOWN_WITH_TWO : KNOWN : two ? ALL_WITH_TWO : ALL;
    }
  }

  /**
   * @param loop an epoll loop
   * @param clock tells whether a certificate has expired
   * @param random for the numbers of questions
   * @param trusted vouch for others where those are verified; empty for the JDK's trust store
   */
  public SocketProber(
      EventLoop loop, InstantSource clock, RandomGenerator random, List<X509Certificate> trusted) {
    this.loop = loop;
    this.clock = clock;
    this.random = random;
    this.trusted = List.copyOf(trusted);
  }

  @Override
  public Attempt begin(Target target, Consumer<Outcome> outcome) {
    Probe probe =
        switch (target.check().question()) {
          case Question.Connect _ -> new ConnectProbe(target, null, outcome);
          case Question.Handshake asked ->
              new ConnectProbe(target, security(asked.tls(), asked.host(), false), outcome);
          case Question.Http asked -> {
            Security security = security(asked.tls(), asked.host(), asked.two());
            yield asked.two()
                ? new HttpTwoProbe(target, asked, security, outcome)
                : new HttpProbe(target, asked, security, outcome);
          }
          case Question.Grpc asked ->
              new GrpcProbe(target, asked, security(asked.tls(), asked.host(), true), outcome);
          case Question.Datagram asked ->
              new DatagramProbe(target, new Conversations.Plain(asked), outcome);
          case Question.Lookup asked ->
              new DatagramProbe(
                  target, new Conversations.Dns(asked, random.nextInt(1 << 16)), outcome);
        };
    probe.begin(loop);
    return probe;
  }

  private @Nullable Security security(HealthCheck.@Nullable Tls tls, String host, boolean two) {
    return tls == null
        ? null
        : new Security(
            contexts.computeIfAbsent(Trust.of(tls.verify(), two), this::context),
            tls,
            host,
            two,
            clock);
  }

  private SslContext context(Trust trust) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .sessionTimeout(SESSION_SECONDS)
            .endpointIdentificationAlgorithm(trust.verify ? "HTTPS" : "");
    if (!trust.verify) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    } else if (!trusted.isEmpty()) {
      builder.trustManager(trusted);
    }
    if (trust.two) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              ApplicationProtocolNames.HTTP_2));
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException("the JDK has no TLS: " + e.getMessage(), e);
    }
  }
}
