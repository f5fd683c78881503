package dev.freeway.dataplane.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests with pages, the next one when the answer before is with the client; a request
 * with a body is refused before the body is read.
 */
final class PageHandler extends SimpleChannelInboundHandler<HttpObject> {
  /** Where the feed is followed. */
  static final String EVENTS = "/events";

  private final Map<String, Supplier<Page>> pages;
  private final Followers followers;
  private final Connections connections;
  private final int timeoutSeconds;
  private @Nullable Future<?> deadline;
  private boolean refused;
  private boolean follows;

  PageHandler(
      Map<String, Supplier<Page>> pages,
      Followers followers,
      Connections connections,
      int timeoutSeconds) {
    this.pages = pages;
    this.followers = followers;
    this.connections = connections;
    this.timeoutSeconds = timeoutSeconds;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    beginDeadline(context);
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    endDeadline();
    context.fireChannelInactive();
  }

  private void beginDeadline(ChannelHandlerContext context) {
    endDeadline();
    if (context.channel().isActive()) {
      deadline =
          context
              .executor()
              .schedule(() -> (Object) context.close(), timeoutSeconds, TimeUnit.SECONDS);
    }
  }

  private void endDeadline() {
    Future<?> pending = deadline;
    if (pending != null) {
      pending.cancel(false);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (refused || !(message instanceof HttpRequest request)) {
      return; // what is not looked at, or the end of a request without a body
    }
    if (follows) {
      ChannelFuture _ = context.close(); // it has nothing more to ask
      return;
    }
    boolean unusable = request.decoderResult().isFailure();
    boolean body =
        HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
    if (!unusable && !body && isFollower(request)) {
      follow(context);
      return;
    }
    FullHttpResponse response =
        unusable
            ? response(Page.text(400, "not an HTTP request that can be answered; " + exist()))
            : body ? response(Page.text(413, "no body is taken; " + exist())) : answer(request);
    connections.answering(context.channel());
    context.channel().config().setAutoRead(false);
    if (unusable || body) {
      refuse(context, response);
    } else {
      ChannelFuture _ =
          context
              .writeAndFlush(response)
              // Not at once: the next request would be answered within this one's call.
              .addListener(_ -> context.executor().execute(() -> next(context)));
    }
  }

  private boolean isFollower(HttpRequest request) {
    return path(request).equals(EVENTS)
        && request.method().equals(HttpMethod.GET)
        && refusal(request).isEmpty()
        && followers.room();
  }

  private void follow(ChannelHandlerContext context) {
    follows = true;
    endDeadline();
    connections.forget(context.channel());
    HttpResponse head = Followers.head();
    harden(head, Page.NOTHING);
    ChannelFuture _ = context.write(head);
    followers.join(context.channel());
  }

  /**
   * Answers, and takes what still comes without looking, until the client ends or its time is up: a
   * close while it sends would be a reset, which can cost it the answer (RFC 9112, 9.6).
   */
  private void refuse(ChannelHandlerContext context, FullHttpResponse response) {
    refused = true;
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    context.pipeline().remove(HttpServerKeepAliveHandler.class); // it would close
    ChannelFuture _ =
        context
            .writeAndFlush(response)
            .addListener(
                _ -> {
                  connections.answered(context.channel());
                  ChannelFuture _ = ((DuplexChannel) context.channel()).shutdownOutput();
                  context.channel().config().setAutoRead(true);
                });
  }

  private void next(ChannelHandlerContext context) {
    connections.answered(context.channel());
    beginDeadline(context);
    context.channel().config().setAutoRead(true);
  }

  private FullHttpResponse answer(HttpRequest request) {
    Optional<FullHttpResponse> refusal = refusal(request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    FullHttpResponse whole = response(page(path(request), request.method()));
    return request.method().equals(HttpMethod.HEAD) ? whole.replace(Unpooled.EMPTY_BUFFER) : whole;
  }

  private Page page(String path, HttpMethod method) {
    if (path.equals(EVENTS)) {
      return method.equals(HttpMethod.HEAD)
          ? new Page(200, "text/event-stream; charset=utf-8", new byte[0])
          : Page.text(
              503, Followers.MOST + " clients follow already, and no more can: end one of them");
    }
    Supplier<Page> page = pages.get(path);
    return page == null ? Page.text(404, exist()) : page.get();
  }

  private static String path(HttpRequest request) {
    String target = request.uri();
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** Why a request is not answered; empty when it is. */
  private Optional<FullHttpResponse> refusal(HttpRequest request) {
    String host = request.headers().get(HttpHeaderNames.HOST, "");
    if (!isLiteral(host)) {
      return Optional.of(
          response(
              Page.text(
                  421, "Host " + host + " is not served: expected an IP address or localhost")));
    }
    HttpMethod method = request.method();
    if (!method.equals(HttpMethod.HEAD) && !method.equals(HttpMethod.GET)) {
      FullHttpResponse refusal =
          response(Page.text(405, method + " is not served, only GET and HEAD; " + exist()));
      refusal.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
      return Optional.of(refusal);
    }
    return isOurs(request)
        ? Optional.empty()
        : Optional.of(
            response(
                Page.text(
                    403,
                    "a page of another site asks for this, and is not answered: open it by its"
                        + " address")));
  }

  /**
   * Whether a browser says that no other site's page asks (Fetch Metadata). Those may lead a person
   * here by a link, as runbooks do, but neither read, embed nor follow anything.
   */
  private static boolean isOurs(HttpRequest request) {
    String site = request.headers().get("Sec-Fetch-Site", "none");
    boolean link =
        request.headers().get("Sec-Fetch-Mode", "").equals("navigate")
            && request.headers().get("Sec-Fetch-Dest", "").equals("document")
            && !path(request).equals(EVENTS);
    return link || site.equals("none") || site.equals("same-origin");
  }

  /**
   * Whether a Host is no name that somebody's DNS could lead here, for a web page of theirs to read
   * what is served (DNS rebinding). HTTP/1.0 has none.
   */
  static boolean isLiteral(String host) {
    int colon = host.lastIndexOf(':');
    boolean port = colon >= 0 && host.indexOf(']') < colon;
    String name = port ? host.substring(0, colon) : host;
    return name.isEmpty()
        || name.equalsIgnoreCase("localhost")
        || NetUtil.isValidIpV4Address(name)
        || (name.startsWith("[")
            && name.endsWith("]")
            && NetUtil.isValidIpV6Address(name.substring(1, name.length() - 1)));
  }

  private String exist() {
    return "here are: " + String.join(" ", pages.keySet()) + " " + EVENTS;
  }

  private static FullHttpResponse response(Page page) {
    ByteBuf body = Unpooled.wrappedBuffer(page.body());
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.contentType());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    harden(response, page.policy());
    return response;
  }

  /** What browsers may do with an answer: little. */
  private static void harden(HttpResponse response, String policy) {
    response
        .headers()
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
        .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, policy)
        .set("X-Content-Type-Options", "nosniff")
        .set("Referrer-Policy", "no-referrer")
        .set("Cross-Origin-Opener-Policy", "same-origin")
        .set("Cross-Origin-Resource-Policy", "same-origin");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ChannelFuture _ = context.close(); // a time-out, or a client that went away
  }
}
