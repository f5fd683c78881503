package dev.freeway.dataplane.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Map;
import java.util.function.Supplier;

/** Answers requests with pages; a request with a body is refused before the body is read. */
final class PageHandler extends SimpleChannelInboundHandler<HttpObject> {
  private final Map<String, Supplier<Page>> pages;

  PageHandler(Map<String, Supplier<Page>> pages) {
    this.pages = pages;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
    if (!(message instanceof HttpRequest request)) {
      return; // the end of a request without a body
    }
    if (!context.channel().isWritable()) {
      ChannelFuture _ = context.close(); // it asks on and takes no answer: they would pile up
      return;
    }
    boolean unusable = request.decoderResult().isFailure();
    boolean body =
        HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
    FullHttpResponse response =
        unusable
            ? response(Page.text(400, "not an HTTP request that can be answered; " + exist()))
            : body ? response(Page.text(413, "no body is taken; " + exist())) : answer(request);
    if (unusable || body) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      ChannelFuture _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      ChannelFuture _ = context.writeAndFlush(response);
    }
  }

  private FullHttpResponse answer(HttpRequest request) {
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
