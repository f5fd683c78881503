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
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests with pages, the next one when the answer before is with the client; a request
 * with a body is refused before the body is read.
 */
final class PageHandler extends SimpleChannelInboundHandler<HttpObject> {
  private final Map<String, Supplier<Page>> pages;
  private final Connections connections;
  private final int timeoutSeconds;
  private @Nullable Future<?> deadline;
  private boolean refused;

  PageHandler(Map<String, Supplier<Page>> pages, Connections connections, int timeoutSeconds) {
    this.pages = pages;
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
    boolean unusable = request.decoderResult().isFailure();
    boolean body =
        HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
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
    String host = request.headers().get(HttpHeaderNames.HOST, "");
    if (!isLiteral(host)) {
      return response(
          Page.text(421, "Host " + host + " is not served: expected an IP address or localhost"));
    }
    HttpMethod method = request.method();
    boolean head = method.equals(HttpMethod.HEAD);
    if (!head && !method.equals(HttpMethod.GET)) {
      FullHttpResponse refusal =
          response(Page.text(405, method + " is not served, only GET and HEAD; " + exist()));
      refusal.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
      return refusal;
    }
    String target = request.uri();
    int query = target.indexOf('?');
    Supplier<Page> page = pages.get(query < 0 ? target : target.substring(0, query));
    FullHttpResponse whole = response(page == null ? Page.text(404, exist()) : page.get());
    return head ? whole.replace(Unpooled.EMPTY_BUFFER) : whole;
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
    return "here are: " + String.join(" ", pages.keySet());
  }

  private static FullHttpResponse response(Page page) {
    ByteBuf body = Unpooled.wrappedBuffer(page.body());
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.contentType());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    response.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
    return response;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ChannelFuture _ = context.close(); // a time-out, or a client that went away
  }
}
