package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck.Question;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One GET over HTTP/1.1 on a connection of its own. */
final class HttpProbe extends StreamProbe {
  private static final int MOST_HEADERS = 16 << 10;

  private static final HttpDecoderConfig READING =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(4 << 10)
          .setMaxHeaderSize(MOST_HEADERS)
          .setMaxChunkSize(8 << 10)
          .setValidateHeaders(false); // one is looked at, and none is passed on

  private final Question.Http question;
  private final HttpJudge judge;
  private boolean interim;

  HttpProbe(
      Target target,
      Question.Http question,
      @Nullable Security security,
      Consumer<Outcome> outcome) {
    super(target, security, true, outcome);
    this.question = question;
    judge = new HttpJudge(question);
  }

  @Override
  void ask(ChannelPipeline pipeline) {
    pipeline.addLast(new HttpResponseDecoder(READING));
    String host = question.host().isEmpty() ? target().authority() : question.host();
    ByteBuf request = pipeline.channel().alloc().buffer(256);
    ByteBufUtil.writeAscii(
        request,
        "GET "
            + question.path()
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nUser-Agent: freeway-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    ChannelFuture _ = pipeline.writeAndFlush(request);
  }

  @Override
  void heard(Object message) {
    try {
      if (!over() && message instanceof HttpObject part) {
        heard(part);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void heard(HttpObject part) {
    DecoderResult result = part.decoderResult();
    if (result.isFailure()) {
      fail(unreadable(result.cause()).orElse("the answer is not HTTP"));
      return;
    }
    if (part instanceof HttpResponse response) {
      interim =
          response.status().codeClass() == HttpStatusClass.INFORMATIONAL
              && response.status().code() != 101;
      Optional<String> wrong =
          interim
              ? Optional.empty()
              : judge.head(response.status().code(), response.headers()::getAll);
      wrong.ifPresent(this::fail);
    }
    if (part instanceof HttpContent content && !interim && !over()) {
      if (judge.body(content.content()) || part instanceof LastHttpContent) {
        judge.body().ifPresentOrElse(this::fail, this::well);
      }
    }
  }

  @Override
  Optional<String> unreadable(Throwable cause) {
    if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException) {
      return Optional.of("HTTP headers of more than " + (MOST_HEADERS >> 10) + " KiB");
    }
    return cause instanceof RuntimeException
        ? Optional.of("the answer is not HTTP/1.1: " + intake().quoted())
        : Optional.empty();
  }
}
