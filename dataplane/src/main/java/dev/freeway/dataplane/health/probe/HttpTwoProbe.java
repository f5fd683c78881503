package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck.Question;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One GET over HTTP/2. */
final class HttpTwoProbe extends Http2Probe {
  private final Question.Http question;
  private final HttpJudge judge;
  private boolean headed;

  HttpTwoProbe(
      Target target,
      Question.Http question,
      @Nullable Security security,
      Consumer<Outcome> outcome) {
    super(target, security, outcome);
    this.question = question;
    judge = new HttpJudge(question);
  }

  @Override
  void request(Http2Headers headers) {
    headers.method("GET").path(question.path()).set("accept", "*/*");
  }

  @Override
  String host() {
    return question.host();
  }

  @Override
  @Nullable ByteBuf body() {
    return null;
  }

  @Override
  void headers(Http2Headers headers) {
    if (!headed) { // and not the trailers
      headed = true;
      judge.head(status(headers), headers::getAll).ifPresent(this::fail);
    }
  }

  /** 0 when there is none, or it is no number of three digits. */
  static int status(Http2Headers headers) {
    CharSequence status = headers.status();
    return status != null && status.toString().matches("[0-9]{3}")
        ? Integer.parseInt(status.toString())
        : 0;
  }

  @Override
  void data(ByteBuf piece) {
    if (judge.body(piece)) {
      end();
    }
  }

  @Override
  void end() {
    judge.body().ifPresentOrElse(this::fail, this::well);
  }
}
