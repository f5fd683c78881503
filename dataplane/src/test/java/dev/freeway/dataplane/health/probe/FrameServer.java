package dev.freeway.dataplane.health.probe;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server of HTTP/2 on loopback that answers as a test says. */
final class FrameServer implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("frames", true), EpollIoHandler.newFactory());
  private final Channel channel;

  /** What is answered to a request. */
  interface Script {
    void answer(Request request);
  }

  /**
   * A request.
   *
   * @param body in hexadecimal
   */
  record Request(
      ChannelHandlerContext ctx, Http2FrameStream stream, Http2Headers headers, String body) {
    /** Names and values in turn; a name without colon before it may be a status of three digits. */
    void headers(boolean end, String... pairs) {
      Http2Headers answer = new DefaultHttp2Headers(false);
      for (int i = 0; i < pairs.length; i += 2) {
        answer.add(pairs[i], pairs[i + 1]);
      }
      var _ = ctx.writeAndFlush(new DefaultHttp2HeadersFrame(answer, end).stream(stream));
    }

    void data(boolean end, byte... bytes) {
      var _ =
          ctx.writeAndFlush(
              new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), end).stream(stream));
    }

    void write(Object frame) {
      var _ = ctx.writeAndFlush(frame);
    }
  }

  private FrameServer(@Nullable SslContext tls, Script script) {
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    if (tls != null) {
                      client.pipeline().addLast(tls.newHandler(client.alloc()));
                    }
                    client
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forServer().build(), new Answers(script));
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  static FrameServer plain(Script script) {
    return new FrameServer(null, script);
  }

  static FrameServer over(SslContext tls, Script script) {
    return new FrameServer(tls, script);
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    Future<?> _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static final class Answers extends ChannelInboundHandlerAdapter {
    private final Script script;
    private final ByteBuf body = Unpooled.buffer();
    private @Nullable Http2HeadersFrame head;

    Answers(Script script) {
      this.script = script;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      try {
        boolean end = false;
        if (message instanceof Http2HeadersFrame headers) {
          head = headers;
          end = headers.isEndStream();
        } else if (message instanceof Http2DataFrame data) {
          body.writeBytes(data.content());
          end = data.isEndStream();
        }
        Http2HeadersFrame first = head;
        if (end && first != null) {
          byte[] bytes = new byte[body.readableBytes()];
          body.readBytes(bytes);
          script.answer(
              new Request(ctx, first.stream(), first.headers(), HexFormat.of().formatHex(bytes)));
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close(); // the prober ends connections with a reset
    }
  }
}
