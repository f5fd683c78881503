package dev.freeway.dataplane.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Clients that follow the feed as server-sent events: an event {@code whole}, then every second an
 * event {@code change} when there is one. One that still has bytes to take a second later is told
 * nothing meanwhile and the whole afterwards; one that takes too long is dropped. So each costs the
 * memory of one document at most. Used on the server's one thread.
 */
final class Followers {
  /** The most that are served at a time; they are not among the {@link Connections}. */
  static final int MOST = 8;

  /** So many seconds without a change, and the client is told that the connection lives. */
  private static final int QUIET_SECONDS = 10;

  private static final byte[] ALIVE = ": nothing new\n\n".getBytes(StandardCharsets.UTF_8);
  private static final String RETRY = "retry: 2000\n";

  private final Feed feed;
  private final int patienceSeconds;
  private final Map<Channel, Integer> behind = new LinkedHashMap<>(); // seconds, by follower
  private @Nullable Future<?> ticking;
  private int quiet;

  /**
   * No followers.
   *
   * @param patienceSeconds how long one may take for what it was sent
   */
  Followers(Feed feed, int patienceSeconds) {
    this.feed = feed;
    this.patienceSeconds = patienceSeconds;
  }

  /** Whether there is room for another one. */
  boolean room() {
    return behind.size() < MOST;
  }

  /** What stands at the head of the stream, which ends with the connection. */
  static HttpResponse head() {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
    head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return head;
  }

  /** Takes in a client whose answer has begun with the head. */
  void join(Channel channel) {
    tick(); // the others and the feed are then where this one begins
    if (!channel.isActive()) {
      return;
    }
    behind.put(channel, 0);
    channel.closeFuture().addListener(_ -> leave(channel));
    send(channel, event("whole", RETRY, feed.whole()));
    if (ticking == null) {
      EventLoop loop = channel.eventLoop();
      ticking = loop.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }
  }

  private void leave(Channel channel) {
    behind.remove(channel);
    Future<?> now = ticking;
    if (behind.isEmpty() && now != null) {
      now.cancel(false);
      ticking = null;
    }
  }

  /** A second has passed. */
  private void tick() {
    try {
      Optional<String> changes = feed.changes();
      quiet = changes.isPresent() ? 0 : quiet + 1;
      tell(changes);
    } catch (RuntimeException e) {
      // They come again, and what fails is then an answer of its own.
      drop(List.copyOf(behind.keySet()));
      throw e;
    }
  }

  private void tell(Optional<String> changes) {
    byte[] bytes = changes.map(json -> event("change", "", json)).orElse(ALIVE);
    List<Channel> late = new ArrayList<>();
    for (Map.Entry<Channel, Integer> follower : behind.entrySet()) {
      Channel channel = follower.getKey();
      if (!channel.isWritable()) {
        follower.setValue(follower.getValue() + 1);
        if (follower.getValue() >= patienceSeconds) {
          late.add(channel);
        }
      } else if (follower.getValue() > 0) {
        follower.setValue(0);
        send(channel, event("whole", "", feed.whole()));
      } else if (changes.isPresent() || quiet % QUIET_SECONDS == 0) {
        send(channel, bytes);
      }
    }
    drop(late);
  }

  private static void drop(List<Channel> followers) {
    for (Channel follower : followers) {
      ChannelFuture _ = follower.close();
    }
  }

  private static byte[] event(String name, String first, String json) {
    return (first + "event: " + name + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void send(Channel channel, byte[] bytes) {
    ChannelFuture _ = channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
  }
}
