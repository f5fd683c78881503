package dev.freeway.dataplane.health.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.health.probe.FrameServer.Request;
import dev.freeway.dataplane.health.probe.Outcome.Failing;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 and gRPC, without TLS, against backends of every kind. */
final class Http2ProbeTest {
  private final Tries tries = new Tries(Instant.EPOCH, List.of());

  @AfterEach
  void close() {
    tries.close();
  }

  /**
   * @param expected the beginning of the reason; empty when the answer is right
   */
  record Case(String name, String check, Consumer<Request> answer, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case http(String name, String options, Consumer<Request> answer, String expected) {
    return new Case("HTTP/2 " + name, "http2" + options, answer, expected);
  }

  /** A whole answer: a message, and how the call ended. */
  private static Case grpc(String name, String message, String status, String expected) {
    return new Case(
        "gRPC " + name,
        "grpc",
        request -> {
          request.headers(false, ":status", "200", "content-type", "application/grpc+proto");
          request.data(false, HexFormat.of().parseHex(message.replace(" ", "")));
          request.headers(true, "grpc-status", status);
        },
        expected);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static Stream<Case> cases() {
    return Stream.of(
        http("answers", "", request -> request.headers(true, ":status", "204"), ""),
        http(
            "answers with trailers",
            ",body=two halves,header=x:y",
            request -> {
              request.headers(false, ":status", "200", "x", "y");
              request.data(false, bytes("two ha"));
              request.data(false, bytes("lves"));
              request.headers(true, "status", "500");
            },
            ""),
        http(
            "says first to go on",
            "",
            request -> {
              request.headers(false, ":status", "103");
              request.headers(true, ":status", "200");
            },
            ""),
        http(
            "is unavailable",
            "",
            request -> request.headers(true, ":status", "503"),
            "HTTP 503, expected 200-399"),
        http(
            "has no status",
            "",
            request -> request.headers(true, ":status", "many"),
            "HTTP 0, expected 200-399"),
        http(
            "has another body",
            ",body=fine",
            request -> {
              request.headers(false, ":status", "200");
              request.data(true, bytes("ill"));
            },
            "no \"fine\" in the 3 bytes of the body"),
        http(
            "floods",
            "",
            request -> {
              request.headers(false, ":status", "200");
              for (int i = 0; i < 1000; i++) {
                request.data(false, new byte[16 << 10]);
              }
            },
            ""),
        http(
            "floods without what is looked for",
            ",body=x",
            request -> {
              request.headers(false, ":status", "200");
              for (int i = 0; i < 1000; i++) {
                request.data(false, new byte[16 << 10]);
              }
            },
            "no \"x\" in the first 64 KiB of the body"),
        http(
            "has too many headers",
            "",
            request -> request.headers(true, ":status", "200", "x", "y".repeat(60_000)),
            "HTTP/2: "),
        http(
            "resets the stream",
            "",
            request ->
                request.write(
                    new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM).stream(request.stream())),
            "HTTP/2: the stream was reset, REFUSED_STREAM"),
        http(
            "goes away",
            "",
            request -> request.write(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM)),
            "HTTP/2: the server went away, ENHANCE_YOUR_CALM"),
        http("hangs", ",timeout=900ms", _ -> {}, "no whole answer within 900 ms, only "),
        http(
            "closes",
            "",
            request -> {
              request.ctx().channel().unsafe().close(request.ctx().newPromise());
            },
            "connection "),
        grpc("serves", "00 00000002 0801", "0", ""),
        grpc("serves, in more words", "00 00000007 1201ff 0801 1800", "0", ""),
        grpc("does not serve", "00 00000002 0802", "0", "gRPC health is NOT_SERVING"),
        grpc("does not know", "00 00000000", "0", "gRPC health is UNKNOWN"),
        grpc("knows no service", "00 00000002 0803", "0", "gRPC health is SERVICE_UNKNOWN"),
        grpc("says 9", "00 00000002 0809", "0", "gRPC health is 9"),
        grpc("fails", "00 00000002 0801", "14", "gRPC status 14 UNAVAILABLE"),
        grpc("fails by a word", "", "we\u0007ll", "HTTP/2: Validation failed"),
        grpc("fails by another word", "", "99", "gRPC status \"99\""),
        grpc("has no message", "", "0", "gRPC: no message in the answer"),
        grpc("compresses", "01 00000002 0801", "0", "gRPC: a compressed message"),
        grpc("is cut", "00 00000002 08", "0", "gRPC: a message of 2 bytes, and 1 in the answer"),
        grpc("is long", "00 ffffffff 0801", "0", "gRPC: a message of 4294967295 bytes, and 2"),
        grpc("is no message", "00 00000002 0bff", "0", "gRPC: not a protocol buffer"),
        grpc(
            "has a number without end",
            "00 0000000c 08 ffffffffffffffffffff 01",
            "0",
            "gRPC: not a protocol buffer"),
        new Case(
            "gRPC floods",
            "grpc",
            request -> {
              request.headers(false, ":status", "200", "content-type", "application/grpc");
              request.data(false, new byte[1025]);
            },
            "gRPC: a message of more than 1024 bytes"),
        new Case(
            "gRPC is not implemented",
            "grpc",
            request ->
                request.headers(
                    true,
                    ":status",
                    "200",
                    "content-type",
                    "application/grpc",
                    "grpc-status",
                    "12",
                    "grpc-message",
                    "unknown \"service\""),
            "gRPC status 12 UNIMPLEMENTED: \"unknown \\x22service\\x22\""),
        new Case(
            "gRPC without trailers",
            "grpc",
            request -> request.headers(true, ":status", "200", "content-type", "application/grpc"),
            "gRPC: the answer ended without grpc-status"),
        new Case(
            "gRPC is a page",
            "grpc",
            request -> request.headers(true, ":status", "200", "content-type", "text/html"),
            "the answer is not gRPC: content-type is \"text/html\""),
        new Case(
            "gRPC is not found",
            "grpc",
            request -> request.headers(true, ":status", "404"),
            "HTTP 404, expected 200 of gRPC"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void judges(Case one) {
    try (FrameServer server = FrameServer.plain(one.answer()::accept)) {
      Outcome outcome = tries.of(one.check(), server.port());
      if (one.expected().isEmpty()) {
        assertThat(outcome).isEqualTo(Outcome.WELL);
      } else {
        assertThat(outcome)
            .isInstanceOfSatisfying(
                Failing.class, failing -> assertThat(failing.reason()).startsWith(one.expected()));
      }
    }
  }

  @Test
  void asksAsTheCheckSays() {
    BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    try (FrameServer server =
        FrameServer.plain(
            request -> {
              requests.add(request);
              request.headers(true, ":status", "200");
            })) {
      assertThat(tries.of("http2,host=shop.example,path=/well", server.port()))
          .isEqualTo(Outcome.WELL);
      Request http = requests.remove();
      assertThat(http.headers().method()).hasToString("GET");
      assertThat(http.headers().scheme()).hasToString("http");
      assertThat(http.headers().authority()).hasToString("shop.example");
      assertThat(http.headers().path()).hasToString("/well");

      for (int length : new int[] {0, 4, 127, 128, 256}) {
        String service = "s".repeat(length);
        assertThat(tries.of("grpc,service=" + service, server.port())).isInstanceOf(Failing.class);
        Request grpc = requests.remove();
        assertThat(grpc.headers().method()).hasToString("POST");
        assertThat(grpc.headers().path()).hasToString("/grpc.health.v1.Health/Check");
        assertThat(grpc.headers().authority()).hasToString("127.0.0.1:" + server.port());
        assertThat(grpc.headers().get("te")).hasToString("trailers");
        String field =
            switch (length) {
              case 0 -> "";
              case 128 -> "0a8001" + "73".repeat(length);
              case 256 -> "0a8002" + "73".repeat(length);
              default -> "0a" + HexFormat.of().toHexDigits((byte) length) + "73".repeat(length);
            };
        assertThat(grpc.body()).isEqualTo("00%08x%s".formatted(field.length() / 2, field));
      }
    }
  }

  @Test
  void whatIsNotHttp2IsNamed() throws IOException {
    try (Served served = Served.by(talk -> talk.say("HTTP/1.1 400 Bad\r\n\r\n").hang())) {
      for (String check : List.of("http2", "grpc")) {
        assertThat(tries.of(check, served.port()))
            .isEqualTo(
                new Failing("the answer is not HTTP/2: \"HTTP/1.1 400 Bad\\x0d\\x0a\\x0d\\x0a\""));
      }
    }
  }
}
