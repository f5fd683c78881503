package dev.freeway.dataplane.kube.api;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one API server, by Fabric8's HTTP client: it finds the server, its certificate
 * authority and our credentials as every client does (kubeconfig, or a Pod's service account, whose
 * token is read again when it changes). Each watch has a connection of its own (HTTP/1.1), so that
 * none waits behind another or is lost with it.
 */
public final class ApiClient implements AutoCloseable {
  /** How long a server may take to begin its answer. */
  static final Duration ANSWER = Duration.ofSeconds(10);

  private final Config config;
  private final HttpClient http;
  private final Executor loop;
  private final LongSupplier clock;

  private ApiClient(Config config, Executor loop, LongSupplier clock) {
    this.config = config;
    this.loop = loop;
    this.clock = clock;
    this.http = client(config, loop);
  }

  /** An answer of the server, whole. */
  public record Answer(int status, String body) {
    /** Whether the request was carried out. */
    public boolean ok() {
      return status >= 200 && status < 300;
    }
  }

  /** What becomes of a stream, on the loop's thread, in this order. */
  interface StreamListener {
    /** The answer begins. */
    void head(int status, Optional<Duration> retryAfter);

    /** A piece of it, and when it was received. */
    void bytes(List<ByteBuffer> bytes, long receivedNanos);

    /** It has ended, or never began. */
    void end(Optional<String> error);
  }

  /**
   * The API server of a kubeconfig, or of the cluster around us.
   *
   * @param kubeconfig a file; otherwise {@code KUBECONFIG}, the Pod's service account or {@code
   *     ~/.kube/config}
   * @param loop runs everything that is called back, on one thread
   * @throws ApiException when there is none, saying where it was looked for
   */
  public static ApiClient open(
      Optional<Path> kubeconfig, String userAgent, Executor loop, LongSupplier clock)
      throws ApiException {
    Config config;
    try {
      config =
          kubeconfig.isPresent()
              ? Config.fromKubeconfig(kubeconfig.get().toFile())
              : Config.autoConfigure(null);
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new ApiException(
          kubeconfig.map(Path::toString).orElse("kubeconfig"), ApiException.NO_ANSWER, reason(e));
    }
    config.setUserAgent(userAgent);
    return new ApiClient(config, loop, clock);
  }

  private static HttpClient client(Config config, Executor loop) {
    config.setRequestRetryBackoffLimit(0); // when to try again is decided here
    config.setConnectionTimeout((int) ANSWER.toMillis());
    config.setRequestTimeout((int) ANSWER.toMillis());
    config.setHttp2Disable(true);
    // Each thread that an event passes is one more that may have to wait for a processor.
    JdkHttpClientFactory factory =
        new JdkHttpClientFactory() {
          @Override
          protected void additionalConfig(java.net.http.HttpClient.Builder builder) {
            builder.executor(loop);
          }
        };
    HttpClient.Builder builder = factory.newBuilder();
    HttpClientUtils.applyCommonConfiguration(config, builder, factory);
    return builder.build();
  }

  /** Where the server is. */
  public String server() {
    return base();
  }

  /** The namespace that we live in, or that the kubeconfig names. */
  public String namespace() {
    String namespace = config.getNamespace();
    return namespace == null || namespace.isEmpty() ? "default" : namespace;
  }

  private String base() {
    String url = config.getMasterUrl();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** Begins a request whose answer is taken as it comes. */
  ApiStream stream(String pathAndQuery, StreamListener listener) {
    HttpRequest request =
        http.newHttpRequestBuilder()
            .uri(base() + pathAndQuery)
            .header("Accept", "application/json")
            .forStreaming()
            .build();
    ApiStream stream = new ApiStream(loop, listener);
    CompletableFuture<HttpResponse<AsyncBody>> response =
        http.consumeBytes(
            request,
            (bytes, body) -> {
              stream.bytes(bytes, clock.getAsLong());
              body.consume();
            });
    stream.opening(response);
    return stream;
  }

  /**
   * Sends a request; completes on the loop's thread.
   *
   * @param contentType of the body
   * @param body empty for none
   */
  public CompletableFuture<Answer> send(
      String method, String path, String contentType, String body) {
    HttpRequest request =
        http.newHttpRequestBuilder()
            .uri(base() + path)
            .header("Accept", "application/json")
            .timeout(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
            .method(method, contentType, body.isEmpty() ? null : body)
            .build();
    return sent(request)
        .handleAsync(
            (response, failure) -> {
              if (failure != null) {
                throw new CompletionException(
                    new ApiException(method + " " + path, ApiException.NO_ANSWER, reason(failure)));
              }
              String answer = response.body();
              return new Answer(response.code(), answer == null ? "" : answer);
            },
            loop);
  }

  /** The answer that comes; of a client that was closed meanwhile, that none does. */
  private CompletableFuture<HttpResponse<String>> sent(HttpRequest request) {
    try {
      return http.sendAsync(request, String.class);
    } catch (IllegalStateException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Why, in the words of whoever knows best. */
  public static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && (cause instanceof CompletionException
            || cause instanceof KubernetesClientException
            || cause instanceof IOException
            || cause.getMessage() == null)) {
      cause = cause.getCause();
    }
    if (cause instanceof ClosedChannelException) {
      return "the connection was refused or closed";
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /** Whether a kubeconfig or a service account is to be found, without one being named. */
  public static boolean inPod(Path root) {
    return Files.exists(root.resolve("var/run/secrets/kubernetes.io/serviceaccount/token"));
  }

  @Override
  public void close() {
    http.close();
  }

  static Optional<Duration> retryAfter(@Nullable String header) {
    try {
      return header == null
          ? Optional.empty()
          : Optional.of(Duration.ofSeconds(Math.clamp(Long.parseLong(header.strip()), 0, 60)));
    } catch (NumberFormatException e) {
      return Optional.empty(); // a date: the usual waiting does
    }
  }
}
