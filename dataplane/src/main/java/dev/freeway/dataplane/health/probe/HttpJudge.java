package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck.Header;
import dev.freeway.dataplane.core.HealthCheck.Question;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether the answer to one HTTP request is right, as it comes. Keeps nothing of its body. */
final class HttpJudge {
  /** What is not read any more. With HTTP/2 it is the window that nothing is added to. */
  static final int MOST_BODY = 65_535;

  private final Question.Http question;
  private final @Nullable Needle needle;
  private int read;

  HttpJudge(Question.Http question) {
    this.question = question;
    needle = question.body().isEmpty() ? null : new Needle(question.body());
  }

  /**
   * What is wrong with the head.
   *
   * @param headers gives all values of a header
   */
  Optional<String> head(
      int status, Function<String, ? extends List<? extends CharSequence>> headers) {
    if (!question.statuses().contains(status)) {
      return Optional.of("HTTP " + status + ", expected " + question.statuses());
    }
    Header header = question.header();
    if (header == null) {
      return Optional.empty();
    }
    List<? extends CharSequence> values = headers.apply(header.name());
    for (CharSequence value : values) {
      ByteBuf bytes =
          Unpooled.wrappedBuffer(value.toString().getBytes(StandardCharsets.ISO_8859_1));
      if (new Needle(header.value()).found(bytes, bytes.readableBytes())) {
        return Optional.empty();
      }
    }
    return Optional.of(
        "header "
            + header.name()
            + (values.isEmpty() ? " is missing" : " is " + Words.quoted(values.getFirst()))
            + ", expected \""
            + header.value()
            + "\" in it");
  }

  /** Takes a piece of the body; whether no more of it is needed. */
  boolean body(ByteBuf piece) {
    int length = Math.min(piece.readableBytes(), MOST_BODY - read);
    read += length;
    return (needle != null && needle.found(piece, length)) || read == MOST_BODY;
  }

  /** What is wrong with the body as far as it was read. */
  Optional<String> body() {
    return needle == null || needle.found()
        ? Optional.empty()
        : Optional.of(
            "no \""
                + question.body()
                + "\" in the "
                + (read == MOST_BODY ? "first 64 KiB" : read + " bytes")
                + " of the body");
  }
}
