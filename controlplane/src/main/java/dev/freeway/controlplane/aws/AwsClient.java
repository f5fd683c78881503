package dev.freeway.controlplane.aws;

import dev.freeway.controlplane.aws.AwsException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls any operation of any service, once: it signs, sends and reads, and does not try again. Over
 * one HTTP client for all. Any thread may use it.
 */
public final class AwsClient {
  /** An answer larger than this is not AWS's. */
  private static final int LARGEST = 64 << 20;

  /** How much of an answer tells what it is. */
  private static final int BEGINNING = 64;

  /** Which parser of XML there is: the SDK has one for each thread, and asks for it each time. */
  private static final String PARSER = "javax.xml.stream.XMLInputFactory";

  static {
    if (System.getProperty(PARSER) == null) { // else it is looked for in every jar
      System.setProperty(PARSER, "com.sun.xml.internal.stream.XMLInputFactoryImpl");
    }
  }

  private static final Pattern LENGTH = Pattern.compile("\\d{1,9}");

  private final SdkHttpClient http;
  private final Endpoints endpoints;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final Map<String, Wire> wires = new ConcurrentHashMap<>();
  private final Map<Place, Endpoints.Endpoint> places = new ConcurrentHashMap<>();
  private final AtomicReference<Duration> skew = new AtomicReference<>(Duration.ZERO);

  /** Where a service is asked. */
  private record Place(String module, String region) {}

  /** A client; the HTTP client stays the caller's. */
  public AwsClient(SdkHttpClient http, Endpoints endpoints) {
    this.http = http;
    this.endpoints = endpoints;
  }

  /**
   * Calls an operation.
   *
   * @param region where
   * @param input by member: text, numbers, booleans, lists and maps of them
   * @return the answer, members by the model's names; times as ISO 8601, bytes as base64
   * @throws AwsException when there is no such answer
   * @throws IllegalArgumentException when a value does not fit the operation's input
   */
  public ObjectNode call(
      ServiceModel model,
      Operation operation,
      String region,
      Map<String, ?> input,
      AwsCredentialsIdentity credentials)
      throws AwsException {
    String name = model.module() + ":" + operation.awsName();
    Wire wire = wires.computeIfAbsent(model.module(), _ -> new Wire(model));
    Endpoints.Endpoint endpoint =
        places.computeIfAbsent(new Place(model.module(), region), _ -> endpoints.of(model, region));
    SdkHttpFullRequest request = at(endpoint, operation, input, wire.request(operation, input));
    SignedRequest signed = signed(endpoint, credentials, request, model.module().startsWith("s3"));
    SdkHttpFullResponse response = exchange(name, signed);
    try {
      if (response.isSuccessful() && !html(response)) {
        if (response.statusCode() == 200
            && beginning(response).isEmpty()
            && operation.output().members().stream().anyMatch(AwsClient::isWritten)) {
          throw new IOException("it is empty"); // not an empty list: that is said in words
        }
        return wire.answer(operation, response);
      }
    } catch (Exception e) {
      throw new AwsException(
          name,
          Kind.UNREACHABLE,
          response.statusCode(),
          "",
          "the answer cannot be read: " + e.getMessage(),
          Optional.empty(),
          Optional.of(e));
    }
    throw refusal(name, wire, response);
  }

  /** Text may be the whole body, and empty; what has parts is there in words also when it is. */
  private static boolean isWritten(Member member) {
    return switch (member.kind()) {
      case LIST, MAP, SDK_POJO -> true;
      default -> false;
    };
  }

  private SdkHttpFullRequest at(
      Endpoints.Endpoint endpoint,
      Operation operation,
      Map<String, ?> input,
      SdkHttpFullRequest request) {
    URI url = endpoint.url();
    String prefix = endpoints.override().isPresent() ? "" : operation.hostPrefix();
    if (prefix.contains("{")) {
      for (Map.Entry<String, ?> value : input.entrySet()) {
        prefix = prefix.replace("{" + value.getKey() + "}", String.valueOf(value.getValue()));
      }
    }
    SdkHttpFullRequest.Builder placed =
        request.toBuilder()
            .protocol(url.getScheme())
            .host(prefix + url.getHost())
            .port(url.getPort() < 0 ? null : url.getPort());
    String path = url.getPath();
    if (path != null && path.length() > 1) {
      placed.encodedPath(
          (path.endsWith("/") ? path.substring(0, path.length() - 1) : path)
              + request.encodedPath());
    }
    return placed.build();
  }

  private SignedRequest signed(
      Endpoints.Endpoint endpoint,
      AwsCredentialsIdentity credentials,
      SdkHttpFullRequest request,
      boolean s3) {
    return signer.sign(
        sign -> {
          sign.identity(credentials)
              .request(request)
              .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, endpoint.signingName())
              .putProperty(AwsV4HttpSigner.REGION_NAME, endpoint.signingRegion());
          request.contentStreamProvider().ifPresent(sign::payload);
          Duration ahead = skew.get();
          if (!ahead.isZero()) {
            sign.putProperty(HttpSigner.SIGNING_CLOCK, Clock.offset(Clock.systemUTC(), ahead));
          }
          if (s3) { // it takes paths as they are
            sign.putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false);
          }
        });
  }

  private SdkHttpFullResponse exchange(String name, SignedRequest signed) throws AwsException {
    HttpExecuteRequest.Builder request = HttpExecuteRequest.builder().request(signed.request());
    signed.payload().ifPresent(request::contentStreamProvider);
    try {
      HttpExecuteResponse response = http.prepareRequest(request.build()).call();
      SdkHttpFullResponse.Builder whole =
          SdkHttpFullResponse.builder()
              .statusCode(response.httpResponse().statusCode())
              .headers(response.httpResponse().headers());
      AbortableInputStream body = response.responseBody().orElse(null);
      if (body != null) {
        whole.content(
            AbortableInputStream.create(
                new ByteArrayInputStream(
                    read(body, response.httpResponse().firstMatchingHeader("Content-Length")))));
      }
      return whole.build();
    } catch (IOException | SdkClientException e) {
      Throwable cause = root(e);
      throw new AwsException(
          name,
          cause instanceof UnknownHostException ? Kind.NO_HOST : Kind.UNREACHABLE,
          0,
          "",
          signed.request().host() + ": " + words(cause),
          Optional.empty(),
          Optional.of(e));
    }
  }

  private static byte[] read(AbortableInputStream body, Optional<String> length)
      throws IOException {
    try (InputStream from = body) {
      byte[] bytes = from.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        body.abort();
        throw new IOException("the answer is larger than " + LARGEST + " bytes");
      }
      if (length.isPresent()
          && LENGTH.matcher(length.get()).matches()
          && Integer.parseInt(length.get()) > bytes.length) {
        throw new IOException(
            "the answer was cut off after " + bytes.length + " of " + length.get() + " bytes");
      }
      return bytes;
    }
  }

  private static Throwable root(Throwable thrown) {
    Throwable cause = thrown;
    for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
      cause = next;
    }
    return cause;
  }

  private static String words(Throwable cause) {
    return switch (cause) {
      case UnknownHostException _ -> "no such host";
      default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    };
  }

  private AwsException refusal(String name, Wire wire, SdkHttpFullResponse response) {
    int status = response.statusCode();
    String code = "";
    String message = "";
    boolean html = html(response);
    if (!html) {
      try {
        AwsServiceException error = wire.error(response);
        AwsErrorDetails details = error.awsErrorDetails();
        code = details == null ? "" : text(details.errorCode());
        message = details == null ? text(error.getMessage()) : text(details.errorMessage());
      } catch (Exception _) {
        // an answer of another kind; its status is all that it says
      }
    }
    Kind kind = html && status != 503 ? Kind.FOREIGN : Refusals.kind(status, code, message);
    if (kind == Kind.SKEWED) {
      learn(response);
    }
    return new AwsException(
        name,
        kind,
        status,
        code,
        message.isEmpty() ? "HTTP status " + status + (html ? " with an HTML page" : "") : message,
        retryAfter(response),
        Optional.empty());
  }

  /**
   * A page is for people: an emulator's, a proxy's, a captive portal's. Told by what it begins
   * with, because emulators send answers as text/html too, and portals pages as anything.
   */
  private static boolean html(SdkHttpFullResponse response) {
    String first = beginning(response).strip().toLowerCase(Locale.ROOT);
    return first.startsWith("<!doctype")
        || first.startsWith("<html")
        || (first.isEmpty()
            && response
                .firstMatchingHeader("Content-Type")
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .startsWith("text/html"));
  }

  /** Empty where the answer is. */
  private static String beginning(SdkHttpFullResponse response) {
    AbortableInputStream body = response.content().orElse(null);
    if (body == null) {
      return "";
    }
    try {
      body.mark(BEGINNING);
      String begins = new String(body.readNBytes(BEGINNING), StandardCharsets.UTF_8);
      body.reset();
      return begins;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it is in memory
    }
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** Takes AWS's time for the right one. */
  private void learn(SdkHttpFullResponse response) {
    response
        .firstMatchingHeader("Date")
        .ifPresent(
            date -> {
              try {
                Instant there = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
                skew.set(Duration.between(Instant.now(), there));
              } catch (DateTimeParseException _) {
                // it says no time
              }
            });
  }

  private static Optional<Duration> retryAfter(SdkHttpFullResponse response) {
    return response
        .firstMatchingHeader("Retry-After")
        .filter(seconds -> seconds.matches("\\d{1,4}"))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }
}
