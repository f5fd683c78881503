package dev.freeway.dataplane.kube.api;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is taken as it comes. After it is closed, on the loop's thread, nothing of it is
 * heard any more.
 */
final class ApiStream implements AutoCloseable {
  private final Executor loop;
  private final ApiClient.StreamListener listener;
  private @Nullable CompletableFuture<HttpResponse<AsyncBody>> response; // the loop's
  private boolean closed; // the loop's

  ApiStream(Executor loop, ApiClient.StreamListener listener) {
    this.loop = loop;
    this.listener = listener;
  }

  void opening(CompletableFuture<HttpResponse<AsyncBody>> opening) {
    this.response = opening;
    var _ =
        opening.whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                loop.execute(() -> end(Optional.of(ApiClient.reason(failure))));
                return;
              }
              loop.execute(() -> head(answer));
              var _ =
                  answer
                      .body()
                      .done()
                      .whenComplete(
                          (_, cut) ->
                              loop.execute(
                                  () -> end(Optional.ofNullable(cut).map(ApiClient::reason))));
            });
  }

  private void head(HttpResponse<AsyncBody> answer) {
    if (closed) {
      answer.body().cancel();
      return;
    }
    listener.head(answer.code(), ApiClient.retryAfter(answer.header("Retry-After")));
    if (!closed) {
      answer.body().consume();
    }
  }

  /** From a thread of the client. */
  void bytes(List<ByteBuffer> bytes, long receivedNanos) {
    loop.execute(
        () -> {
          if (!closed) {
            listener.bytes(bytes, receivedNanos);
          }
        });
  }

  private void end(Optional<String> error) {
    if (!closed) {
      closed = true;
      listener.end(error);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    CompletableFuture<HttpResponse<AsyncBody>> opened = response;
    if (opened != null) {
      var _ =
          opened.whenComplete(
              (answer, _) -> {
                if (answer != null) {
                  answer.body().cancel();
                }
              });
      opened.cancel(true);
    }
  }
}
