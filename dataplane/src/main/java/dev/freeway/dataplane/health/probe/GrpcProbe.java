package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck.Question;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call of {@code grpc.health.v1.Health/Check}. */
final class GrpcProbe extends Http2Probe {
  /** By their number (google.golang.org/grpc/codes). */
  private static final List<String> CODES =
      List.of(
          "OK",
          "CANCELLED",
          "UNKNOWN",
          "INVALID_ARGUMENT",
          "DEADLINE_EXCEEDED",
          "NOT_FOUND",
          "ALREADY_EXISTS",
          "PERMISSION_DENIED",
          "RESOURCE_EXHAUSTED",
          "FAILED_PRECONDITION",
          "ABORTED",
          "OUT_OF_RANGE",
          "UNIMPLEMENTED",
          "INTERNAL",
          "UNAVAILABLE",
          "DATA_LOSS",
          "UNAUTHENTICATED");

  private final Question.Grpc question;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream(16);
  private boolean headed;
  private boolean ok;

  GrpcProbe(
      Target target,
      Question.Grpc question,
      @Nullable Security security,
      Consumer<Outcome> outcome) {
    super(target, security, outcome);
    this.question = question;
  }

  @Override
  void request(Http2Headers headers) {
    headers
        .method("POST")
        .path("/grpc.health.v1.Health/Check")
        .set("content-type", "application/grpc")
        .set("te", "trailers");
  }

  @Override
  String host() {
    return question.host();
  }

  /** The prefix, and {@code string service = 1}, which is left out when it is empty. */
  @Override
  ByteBuf body() {
    byte[] service = question.service().getBytes(StandardCharsets.UTF_8);
    ByteBuf field = Unpooled.buffer();
    if (service.length > 0) {
      field.writeByte((1 << 3) | 2);
      if (service.length > 127) {
        field.writeByte((service.length & 0x7f) | 0x80);
        field.writeByte(service.length >> 7);
      } else {
        field.writeByte(service.length);
      }
      field.writeBytes(service);
    }
    ByteBuf prefix = Unpooled.buffer(5).writeByte(0).writeInt(field.readableBytes());
    return Unpooled.wrappedBuffer(prefix, field);
  }

  @Override
  void headers(Http2Headers headers) {
    if (!headed) {
      headed = true;
      int status = HttpTwoProbe.status(headers);
      CharSequence type = headers.get("content-type");
      if (status != 200) {
        fail("HTTP " + status + ", expected 200 of gRPC");
        return;
      }
      if (type == null || !type.toString().startsWith("application/grpc")) {
        fail(
            "the answer is not gRPC: content-type is "
                + (type == null ? "missing" : Words.quoted(type)));
        return;
      }
    }
    CharSequence code = headers.get("grpc-status");
    if (code != null) {
      ok = code.toString().equals("0");
      if (!ok) {
        CharSequence text = headers.get("grpc-message");
        fail(
            "gRPC status "
                + named(code.toString())
                + (text == null || text.isEmpty() ? "" : ": " + Words.quoted(text)));
      }
    }
  }

  private static String named(String code) {
    return code.matches("[0-9]|1[0-6]")
        ? code + " " + CODES.get(Integer.parseInt(code))
        : Words.quoted(code);
  }

  @Override
  void data(ByteBuf piece) {
    if (message.size() + piece.readableBytes() > GrpcReply.MOST) {
      fail("gRPC: a message of more than " + GrpcReply.MOST + " bytes");
      return;
    }
    byte[] copy = new byte[piece.readableBytes()];
    piece.getBytes(piece.readerIndex(), copy);
    message.writeBytes(copy);
  }

  @Override
  void end() {
    if (ok) {
      GrpcReply.wrong(message.toByteArray()).ifPresentOrElse(this::fail, this::well);
    } else {
      fail("gRPC: the answer ended without grpc-status");
    }
  }
}
