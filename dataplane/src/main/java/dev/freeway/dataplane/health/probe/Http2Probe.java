package dev.freeway.dataplane.health.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP/2 on a connection of its own. The window for its answer is never widened,
 * so that no more than 64 KiB of a body can come.
 */
abstract class Http2Probe extends StreamProbe {
  private static final int MOST_HEADERS = 16 << 10;

  private final boolean secured;
  private boolean framed;
  private int received;

  Http2Probe(Target target, @Nullable Security security, Consumer<Outcome> outcome) {
    super(target, security, true, outcome);
    secured = security != null;
  }

  /** Adds method, path and what else the request has. */
  abstract void request(Http2Headers headers);

  /** The host to ask for; empty for the address. */
  abstract String host();

  /** The request's body; null for none. */
  abstract @Nullable ByteBuf body();

  /** Takes the headers of the answer, and maybe those that follow its body. */
  abstract void headers(Http2Headers headers);

  /** Takes a piece of the body. */
  abstract void data(ByteBuf piece);

  /** The answer has ended, or its window is used up. */
  abstract void end();

  @Override
  final void ask(ChannelPipeline pipeline) {
    pipeline.addLast(
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(MOST_HEADERS))
            .decoupleCloseAndGoAway(true)
            .gracefulShutdownTimeoutMillis(0)
            .build(),
        new Frames());
  }

  @Override
  final void heard(Object message) {
    try {
      if (!over()) {
        take(message);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(Object message) {
    framed = true;
    switch (message) {
      case Http2HeadersFrame frame -> {
        CharSequence status = frame.headers().status();
        if (status == null || status.length() != 3 || status.charAt(0) != '1') {
          headers(frame.headers());
          end(frame.isEndStream());
        }
      }
      case Http2DataFrame frame -> {
        received += frame.initialFlowControlledBytes();
        data(frame.content());
        end(frame.isEndStream() || received >= HttpJudge.MOST_BODY);
      }
      case Http2ResetFrame frame ->
          fail("HTTP/2: the stream was reset, " + error(frame.errorCode()));
      case Http2GoAwayFrame frame -> {
        if (frame.errorCode() != Http2Error.NO_ERROR.code() || frame.lastStreamId() < 1) {
          fail("HTTP/2: the server went away, " + error(frame.errorCode()));
        }
      }
      default -> {}
    }
  }

  private void end(boolean now) {
    if (now && !over()) {
      end();
    }
  }

  private static String error(long code) {
    return code >= 0 && code < Http2Error.values().length
        ? Http2Error.valueOf(code).name()
        : "error " + code;
  }

  @Override
  final Optional<String> unreadable(Throwable cause) {
    return switch (cause) {
      case Http2FrameStreamException stream -> Optional.of("HTTP/2: " + Faults.text(stream));
      case Http2Exception wrong ->
          Optional.of(
              framed
                  ? "HTTP/2: " + Faults.text(wrong)
                  : "the answer is not HTTP/2: " + intake().quoted());
      default -> Optional.empty();
    };
  }

  /** Makes the stream, which only a handler of this kind can. */
  private final class Frames extends Http2ChannelDuplexHandler {
    @Override
    protected void handlerAdded0(ChannelHandlerContext ctx) {
      Http2Headers headers =
          new DefaultHttp2Headers()
              .scheme(secured ? "https" : "http")
              .authority(host().isEmpty() ? target().authority() : host());
      request(headers);
      headers.set("user-agent", "freeway-health-check");
      Http2FrameStream stream = newStream();
      ByteBuf body = body();
      ChannelFuture _ =
          ctx.write(new DefaultHttp2HeadersFrame(headers, body == null).stream(stream));
      if (body != null) {
        ChannelFuture _ = ctx.write(new DefaultHttp2DataFrame(body, true).stream(stream));
      }
      ctx.flush();
    }
  }
}
