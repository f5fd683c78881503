package dev.freeway.dataplane.health.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.health.probe.Outcome.Failing;
import dev.freeway.dataplane.health.probe.Outcome.Well;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Everything that speaks TLS, against backends of every kind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TlsProbeTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final Certificates authority;
  private final Certificates good;
  private final Certificates expired;

  TlsProbeTest(@TempDir Path directory) throws IOException, GeneralSecurityException {
    authority = Certificates.authority(directory);
    good = Certificates.signed(directory, "good", "-1d", 365);
    expired = Certificates.signed(directory, "expired", "-20d", 10);
  }

  @BeforeAll
  void certificatesAreAsTheTestsNeedThem() {
    assertThat(good.certificate().getNotAfter()).isInTheFuture();
    assertThat(expired.certificate().getNotAfter()).isInThePast();
  }

  private static SSLContext context(Certificates with) throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(with.store(), Certificates.PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** Serves over the JDK's TLS. */
  private static Served serve(Certificates with, Served.Script script)
      throws IOException, GeneralSecurityException {
    return Served.by(
        context(with)
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
        script);
  }

  /** As kubelet, which asks for no name; a certificate is for the host all the same. */
  @Test
  void theHostIsAskedForInTheHandshakeUnlessThatIsSaidOtherwise() throws Exception {
    BlockingQueue<String> names = new LinkedBlockingQueue<>();
    try (Served served =
        serve(
            good,
            talk -> {
              SSLSocket secured = (SSLSocket) talk.socket();
              secured.startHandshake();
              names.add(
                  ((ExtendedSSLSession) secured.getSession()).getRequestedServerNames().toString());
              answer(talk);
            })) {
      String check = "https,tls-verify=true,host=www.example.com";
      assertThat(now(check, served.port())).isEqualTo(Outcome.WELL);
      assertThat(names.poll(20, TimeUnit.SECONDS)).contains("www.example.com");
      assertThat(now(check + ",tls-sni=false", served.port())).isEqualTo(Outcome.WELL);
      assertThat(names.poll(20, TimeUnit.SECONDS)).isEqualTo("[]");
      assertThat(now("https,tls-verify=true,host=a.example.org,tls-sni=false", served.port()))
          .isInstanceOf(Failing.class);
    }
  }

  /** Before TLS, as the relay sends it. */
  @Test
  void theHeaderOfTheProxyProtocolComesBeforeTheHandshake() throws Exception {
    SSLContext context = context(good);
    try (Served served =
            Served.by(
                talk -> {
                  talk.socket().getInputStream().readNBytes("PROXY UNKNOWN\r\n".length());
                  try (Socket secured =
                      context
                          .getSocketFactory()
                          .createSocket(talk.socket(), InputStream.nullInputStream(), true)) {
                    answer(new Served.Talk(secured, talk.written()));
                  }
                });
        Tries tries = new Tries(Instant.now(), List.of())) {
      assertThat(tries.of(Tries.proxied(ProxyProtocol.V1, "https,timeout=1s", served.port())))
          .isEqualTo(Outcome.WELL);
      assertThat(tries.of(Tries.proxied(ProxyProtocol.V1, "tls,timeout=1s", served.port())))
          .isEqualTo(Outcome.WELL);
    }
  }

  private static void answer(Served.Talk talk) throws IOException {
    talk.request();
    talk.say(OK);
  }

  private Outcome at(Instant now, String check, int port) {
    try (Tries tries = new Tries(now, List.of(authority.certificate()))) {
      return tries.of(check, port);
    }
  }

  private Outcome now(String check, int port) {
    return at(Instant.now(), check, port);
  }

  @Test
  void anyCertificateIsTakenWhereNoneIsVerified() throws Exception {
    try (Served served = serve(good, TlsProbeTest::answer);
        Served old = serve(expired, TlsProbeTest::answer);
        Tries tries = new Tries(Instant.now(), List.of())) {
      assertThat(tries.of("https,body=ok", served.port())).isEqualTo(Outcome.WELL);
      assertThat(tries.of("tls", served.port())).isEqualTo(Outcome.WELL);
      assertThat(tries.of("https", old.port()))
          .isInstanceOfSatisfying(
              Well.class,
              well ->
                  assertThat(well.warning().orElseThrow())
                      .matches("the certificate expired on \\d{4}-\\d{2}-\\d{2}"));
    }
  }

  @Test
  void aVerifiedCertificateHasToBeTrustedValidAndForTheName() throws Exception {
    try (Served served = serve(good, TlsProbeTest::answer);
        Served old = serve(expired, TlsProbeTest::answer)) {
      assertThat(now("https,tls-verify=true", served.port())).isEqualTo(Outcome.WELL);
      assertThat(now("https,tls-verify=true,host=www.example.com:443", served.port()))
          .isEqualTo(Outcome.WELL);
      assertThat(now("tls,tls-verify=true,host=www.example.org", served.port()))
          .isInstanceOfSatisfying(
              Failing.class,
              failing -> assertThat(failing.reason()).startsWith("TLS: ").contains("example.org"));
      assertThat(now("https,tls-verify=true", old.port()))
          .isEqualTo(new Failing("TLS: the certificate has expired"));
      try (Tries stranger = new Tries(Instant.now(), List.of())) {
        assertThat(stranger.of("tls,tls-verify=true", served.port()))
            .isInstanceOfSatisfying(
                Failing.class,
                failing -> assertThat(failing.reason()).startsWith("TLS: ").contains("path"));
      }
    }
  }

  @Test
  void aCertificateThatIsAboutToExpireIsWarnedOf() throws Exception {
    Instant end = good.certificate().getNotAfter().toInstant();
    try (Served served = serve(good, TlsProbeTest::answer)) {
      assertThat(at(end.minus(Duration.ofDays(15)), "tls", served.port())).isEqualTo(Outcome.WELL);
      assertThat(at(end.minus(Duration.ofHours(73)), "tls", served.port()))
          .isEqualTo(warning("the certificate expires in 3 days, on ", end));
      assertThat(at(end.minus(Duration.ofHours(30)), "tls", served.port()))
          .isEqualTo(warning("the certificate expires in 30 h, on ", end));
      assertThat(at(end.minus(Duration.ofHours(30)), "tls,expiry=24h", served.port()))
          .isEqualTo(Outcome.WELL);
      assertThat(at(Instant.EPOCH, "tls", served.port()))
          .isInstanceOfSatisfying(
              Well.class,
              well ->
                  assertThat(well.warning().orElseThrow())
                      .startsWith("the certificate is not valid before "));
    }
  }

  private static Well warning(String text, Instant end) {
    return new Well(Optional.of(text + end.toString().substring(0, 10)));
  }

  @Test
  void whatIsNotTlsIsNamed() throws Exception {
    try (Served plain = Served.by(talk -> talk.say("220 mail.example ESMTP\r\n").hang());
        Served silent = Served.by(Served.Talk::hang);
        Served closing = Served.by(_ -> {})) {
      assertThat(now("https", plain.port()))
          .isEqualTo(new Failing("the answer is not TLS: \"220 mail.example ESMTP\\x0d\\x0a\""));
      try (Tries tries = new Tries(Instant.now(), List.of())) {
        assertThat(tries.of("tls,timeout=300ms", silent.port()))
            .isEqualTo(new Failing("no TLS handshake within 300 ms"));
      }
      assertThat(now("tls", closing.port()))
          .isInstanceOfSatisfying(
              Failing.class,
              failing -> assertThat(failing.reason()).endsWith("in the TLS handshake"));
    }
  }

  @Test
  void httpInsideOfTlsIsJudgedLikeAnyOther() throws Exception {
    try (Served served =
            serve(
                good,
                talk -> {
                  talk.request();
                  talk.say("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
                });
        Served garbage = serve(good, talk -> talk.say("who knows\r\n\r\n").hang())) {
      assertThat(now("https", served.port())).isEqualTo(new Failing("HTTP 500, expected 200-399"));
      assertThat(now("https", garbage.port()))
          .isEqualTo(new Failing("the answer is not HTTP/1.1: \"who knows\\x0d\\x0a\\x0d\\x0a\""));
      assertThat(now("https2", served.port()))
          .isEqualTo(new Failing("TLS: the server does not offer HTTP/2 (ALPN h2)"));
    }
  }

  @Test
  void http2IsAgreedOnByAlpn() throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(good.key(), good.certificate())
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    "h2"))
            .build();
    try (FrameServer server =
        FrameServer.over(
            tls,
            request -> {
              if (String.valueOf(request.headers().path()).startsWith("/grpc.")) {
                request.headers(false, ":status", "200", "content-type", "application/grpc");
                request.data(
                    false, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 2, (byte) 8, (byte) 1);
                request.headers(true, "grpc-status", "0");
              } else {
                request.headers(true, ":status", "200", "scheme", "" + request.headers().scheme());
              }
            })) {
      assertThat(now("https2,header=scheme:https", server.port())).isEqualTo(Outcome.WELL);
      assertThat(now("grpcs,tls-verify=true", server.port())).isEqualTo(Outcome.WELL);
    }
  }
}
