package dev.freeway.dataplane.kube.api;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lists one kind of objects and watches them from there, for ever: after a cut from where it was,
 * and anew when the server no longer knows what happened since (410). A list is always fresh, never
 * out of the server's cache: what it does not name is gone. Everything runs on the loop's thread.
 *
 * <p>Fabric8's own informer waits a second after each cut, lists from a cache that may be older
 * than what we know, and holds whole objects; hence this one.
 *
 * <p>A connection can die without a word. So a watch is asked to end after half a minute or so,
 * which costs a request on the same connection; one that has not ended by then is cut.
 */
public final class Reflector<T> implements AutoCloseable {
  /** The objects of one answer to a list; the rest is asked for with {@code continue}. */
  private static final int PAGE = 250;

  /** A watch that lived so long was no failure. */
  private static final long LIVED_NANOS = Duration.ofSeconds(1).toNanos();

  private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

  private static final int GONE = 410;

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * How long is waited for what.
   *
   * @param shortest how long a watch is to live at least, in whole seconds
   * @param longest how long it is to live at most
   * @param late how late it may end, and how long the next object of a list may let us wait
   */
  public record Patience(Duration shortest, Duration longest, Duration late) {
    /** Half a minute or so, and five seconds. */
    public static final Patience DEFAULT =
        new Patience(Duration.ofSeconds(25), Duration.ofSeconds(35), Duration.ofSeconds(5));
  }

  /** Told what happens, on the loop's thread. */
  public interface Listener<T> {
    /** All objects that there are, by a fresh list; each other one is gone. */
    void replaced(Resource<T> resource, Collection<Listed<T>> objects, long receivedNanos);

    /** An object is new or another. */
    void changed(Listed<T> object, long receivedNanos);

    /** An object is gone. */
    void deleted(Listed<T> object, long receivedNanos);

    /** A list or a watch failed; it is tried again. */
    void failed(Resource<T> resource, ApiException failure);

    /** The first answer after a failure. */
    void recovered(Resource<T> resource);
  }

  /** How it stands, for readers on other threads. */
  public record Status(
      String resource, boolean watching, long heardNanos, long lists, long watches, long cuts) {}

  private final ApiClient client;
  private final Resource<T> resource;
  private final ScheduledExecutorService loop;
  private final LongSupplier clock;
  private final RandomGenerator random;
  private final Patience patience;
  private final Listener<T> listener;
  private final Backoff backoff;

  private boolean streamedLists = true; // until the server says that it has none
  private String version = ""; // of the last thing heard; empty: a list is due
  private @Nullable Attempt current;
  private @Nullable Future<?> next;
  private boolean failing;
  private boolean closed;
  private long heardNanos;
  private long lists;
  private long watches;
  private long cuts;
  private volatile Status status;

  /**
   * A reflector, which begins when it is told to.
   *
   * @param loop the thread of all of it
   * @param clock in nanoseconds
   */
  public Reflector(
      ApiClient client,
      Resource<T> resource,
      ScheduledExecutorService loop,
      LongSupplier clock,
      RandomGenerator random,
      Patience patience,
      Listener<T> listener) {
    this.client = client;
    this.resource = resource;
    this.loop = loop;
    this.clock = clock;
    this.random = random;
    this.patience = patience;
    this.listener = listener;
    this.backoff = new Backoff(random);
    this.heardNanos = clock.getAsLong();
    this.status = new Status(resource.name(), false, heardNanos, 0, 0, 0);
  }

  /** How it stands; from any thread. */
  public Status status() {
    return status;
  }

  /** Begins. */
  public void start() {
    loop.execute(this::attempt);
  }

  /** Lists again at once, whatever is known. On the loop's thread. */
  public void relist() {
    if (!closed) {
      Attempt running = current;
      if (running != null) {
        running.abandon();
      }
      version = "";
      attempt();
    }
  }

  /** Ends; on the loop's thread. */
  @Override
  public void close() {
    closed = true;
    Attempt running = current;
    if (running != null) {
      running.abandon();
    }
    Future<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private void attempt() {
    if (closed) {
      return;
    }
    Future<?> waiting = next;
    if (waiting != null) {
      waiting.cancel(false);
      next = null;
    }
    Attempt attempt =
        !version.isEmpty() ? new Watch(false) : streamedLists ? new Watch(true) : new Pages();
    current = attempt;
    attempt.start();
  }

  private void attemptAfter(long nanos) {
    current = null;
    publish(false);
    if (!closed) {
      next = loop.schedule(this::attempt, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      listener.recovered(resource);
    }
  }

  private void failed(ApiException failure, Optional<Duration> retryAfter) {
    failing = true;
    listener.failed(resource, failure);
    attemptAfter(Math.max(backoff.next(), retryAfter.map(Duration::toNanos).orElse(0L)));
  }

  private void publish(boolean watching) {
    status = new Status(resource.name(), watching, heardNanos, lists, watches, cuts);
  }

  /** One request, from its beginning to whatever ends it. */
  private abstract class Attempt implements ApiClient.StreamListener {
    private final String query;
    final LineSplitter lines = new LineSplitter();
    private final long startedNanos = clock.getAsLong();
    private @Nullable ApiStream stream;
    private @Nullable Future<?> limit;
    private boolean over;
    int code;
    private Optional<Duration> retryAfter = Optional.empty();

    Attempt(String query) {
      this.query = query;
    }

    void start() {
      stream = client.stream(query, this);
      limit(ApiClient.ANSWER, "no answer in " + ApiClient.ANSWER.toSeconds() + " s");
    }

    /** From now on it is cut when so long nothing else ends it. */
    final void limit(Duration after, String why) {
      Future<?> before = limit;
      if (before != null) {
        before.cancel(false);
      }
      limit =
          loop.schedule(
              () -> {
                if (!over) {
                  fail(ApiException.NO_ANSWER, why);
                }
              },
              after.toNanos(),
              TimeUnit.NANOSECONDS);
    }

    @Override
    public void head(int answered, Optional<Duration> after) {
      code = answered;
      retryAfter = after;
      if (answered == 200) {
        heardNanos = clock.getAsLong();
        begun();
      }
    }

    abstract void begun();

    /** Without what differs from one attempt to the next: the same failure is to look the same. */
    final String request() {
      int path = query.indexOf('?');
      String watched = query.contains("watch=true") ? " (watch)" : "";
      return "GET " + (path < 0 ? query : query.substring(0, path)) + watched;
    }

    final boolean isOver() {
      return over;
    }

    final long livedNanos() {
      return clock.getAsLong() - startedNanos;
    }

    /** Ends it without a word. */
    final void abandon() {
      over = true;
      ApiStream open = stream;
      if (open != null) {
        open.close();
      }
      Future<?> timer = limit;
      if (timer != null) {
        timer.cancel(false);
      }
    }

    final void fail(int status, String message) {
      abandon();
      failed(new ApiException(request(), status, message), retryAfter);
    }

    /** Begins anew, with a fresh list. */
    final void beginAnew(String why) {
      abandon();
      version = "";
      failed(new ApiException(request(), GONE, why), retryAfter);
    }

    /** The server's own words in an answer that is none. */
    final String words() {
      byte[] body = lines.rest();
      try {
        String message = JSON.readTree(body).path("message").asString("");
        if (!message.isEmpty()) {
          return message;
        }
      } catch (JacksonException e) {
        // not the API server's own answer
      }
      String text = new String(body, StandardCharsets.UTF_8).strip();
      return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
  }

  /** A watch, with all objects first where {@code initial}. */
  private final class Watch extends Attempt {
    private final int seconds;
    private @Nullable Map<String, Listed<T>> initial;
    private boolean fed;

    Watch(boolean initial) {
      this(
          initial,
          (int)
              random.nextLong(patience.shortest().toSeconds(), patience.longest().toSeconds() + 1));
    }

    private Watch(boolean initial, int seconds) {
      super(
          resource.query(
              "watch=true&allowWatchBookmarks=true&timeoutSeconds="
                  + seconds
                  + (initial
                      ? "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                      : "&resourceVersion=" + encoded(version))));
      this.seconds = seconds;
      this.initial = initial ? new LinkedHashMap<>() : null;
    }

    @Override
    void begun() {
      watches++;
      limit();
      if (initial == null) {
        recovered();
      }
      publish(true);
    }

    private void limit() {
      if (initial != null) {
        limit(patience.late(), "the objects of a streamed list do not come");
      } else {
        limit(
            Duration.ofSeconds(seconds).plus(patience.late()),
            "the watch did not end after " + seconds + " s: its connection is dead");
      }
    }

    @Override
    public void bytes(List<ByteBuffer> bytes, long receivedNanos) {
      try {
        for (ByteBuffer piece : bytes) {
          lines.take(
              piece,
              (line, offset, length) -> {
                if (!isOver() && code == 200) {
                  event(line, offset, length, receivedNanos);
                }
              });
        }
      } catch (RuntimeException defect) { // what this event said may be lost
        abandon();
        version = "";
        attemptAfter(backoff.next());
        throw defect;
      }
      if (!isOver() && code == 200) {
        if (initial != null) {
          limit();
        }
        heardNanos = clock.getAsLong();
        publish(true);
      }
    }

    private void event(byte[] line, int offset, int length, long receivedNanos) {
      try (JsonParser parser = JSON.createParser(line, offset, length)) {
        event(parser, receivedNanos);
      } catch (JacksonException | IOException e) {
        version = ""; // the same event would come again and again, a list has what is there now
        fail(ApiException.NO_ANSWER, "cannot be understood: " + problem(e));
      }
    }

    private void event(JsonParser parser, long receivedNanos) throws IOException {
      String type = "";
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("an event begins with {");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("type")) {
          type = parser.getString();
        } else if (name.equals("object") && value == JsonToken.START_OBJECT) {
          object(type, parser, receivedNanos);
        } else {
          parser.skipChildren();
        }
        if (isOver()) {
          return;
        }
      }
    }

    private void object(String type, JsonParser parser, long receivedNanos) throws IOException {
      switch (type) {
        case "ADDED", "MODIFIED", "DELETED" -> {
          Listed<T> read = resource.decoder().read(parser);
          fed = true;
          Map<String, Listed<T>> gathering = initial;
          boolean deleted = type.equals("DELETED");
          if (gathering == null) {
            backoff.reset();
            version = read.version();
            if (deleted) {
              listener.deleted(read, receivedNanos);
            } else {
              listener.changed(read, receivedNanos);
            }
          } else if (deleted) {
            gathering.remove(read.key());
          } else {
            gathering.put(read.key(), read);
          }
        }
        case "BOOKMARK" -> {
          JsonNode metadata = JSON.readTree(parser).path("metadata");
          Map<String, Listed<T>> gathered = initial;
          if (gathered == null) {
            version = metadata.path("resourceVersion").asString(version);
          } else if (metadata
              .path("annotations")
              .path(INITIAL_EVENTS_END)
              .asString("")
              .equals("true")) {
            version = metadata.path("resourceVersion").asString("");
            initial = null;
            lists++;
            backoff.reset();
            limit();
            recovered();
            listener.replaced(resource, gathered.values(), receivedNanos);
          }
        }
        case "ERROR" -> {
          JsonNode status = JSON.readTree(parser);
          int number = status.path("code").asInt(0);
          String message = status.path("message").asString("");
          if (number == GONE) {
            beginAnew(message);
          } else {
            fail(number, message);
          }
        }
        default -> throw new IOException("an event of type \"" + type + "\"");
      }
    }

    @Override
    public void end(Optional<String> error) {
      if (isOver()) {
        return;
      }
      boolean first = initial != null;
      if (code == GONE) {
        beginAnew(words());
      } else if (code != 0 && code != 200) {
        if (first && (code == 400 || code == 422)) {
          streamedLists = false; // an older server says so
          abandon();
          attempt();
        } else {
          fail(code, words());
        }
      } else if (first && code == 200) {
        cuts++;
        streamedLists &= fed || error.isPresent(); // one that does not know the word may just end
        fail(ApiException.NO_ANSWER, error.orElse("ended before all objects had come"));
      } else if (code == 200) {
        abandon();
        if (livedNanos() >= LIVED_NANOS) {
          backoff.reset();
        }
        if (error.isEmpty() && livedNanos() >= LIVED_NANOS) {
          attempt(); // it has lived as long as was asked
        } else {
          cuts++;
          attemptAfter(backoff.next());
        }
      } else {
        fail(ApiException.NO_ANSWER, error.orElse("no answer"));
      }
    }
  }

  /** A list, page by page: where the server does not stream one. */
  private final class Pages extends Attempt {
    private final Map<String, Listed<T>> gathered;

    Pages() {
      this(new LinkedHashMap<>(), "");
    }

    private Pages(Map<String, Listed<T>> gathered, String token) {
      super(
          resource.query("limit=" + PAGE + (token.isEmpty() ? "" : "&continue=" + encoded(token))));
      this.gathered = gathered;
    }

    @Override
    void begun() {
      publish(false);
    }

    @Override
    public void bytes(List<ByteBuffer> bytes, long receivedNanos) {
      limit(ApiClient.ANSWER, "the list does not end");
      heardNanos = clock.getAsLong();
      for (ByteBuffer piece : bytes) {
        lines.hold(piece);
      }
    }

    @Override
    public void end(Optional<String> error) {
      if (isOver()) {
        return;
      }
      if (code == GONE) {
        beginAnew(words());
      } else if (code == 0 || error.isPresent()) {
        fail(ApiException.NO_ANSWER, error.orElse("no answer"));
      } else if (code != 200) {
        fail(code, words());
      } else {
        page(lines.rest());
      }
    }

    private void page(byte[] body) {
      String token = "";
      String read = "";
      try (JsonParser parser = JSON.createParser(body)) {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = parser.currentName();
          JsonToken value = parser.nextToken();
          if (name.equals("metadata") && value == JsonToken.START_OBJECT) {
            JsonNode metadata = JSON.readTree(parser);
            token = metadata.path("continue").asString("");
            read = metadata.path("resourceVersion").asString("");
          } else if (name.equals("items") && value == JsonToken.START_ARRAY) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
              Listed<T> item = resource.decoder().read(parser);
              gathered.put(item.key(), item);
            }
          } else {
            parser.skipChildren();
          }
        }
      } catch (JacksonException | IOException e) {
        fail(ApiException.NO_ANSWER, "cannot be understood: " + problem(e));
        return;
      }
      abandon();
      if (token.isEmpty()) {
        version = read;
        lists++;
        backoff.reset();
        recovered();
        long received = clock.getAsLong();
        attempt(); // first of all the watch: whatever happens from now on is heard
        listener.replaced(resource, gathered.values(), received);
      } else {
        Pages rest = new Pages(gathered, token);
        current = rest;
        rest.start();
      }
    }
  }

  /** Jackson says more about itself than about the problem. */
  private static String problem(Exception problem) {
    return problem instanceof JacksonException json
        ? json.getOriginalMessage()
        : String.valueOf(problem.getMessage());
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
