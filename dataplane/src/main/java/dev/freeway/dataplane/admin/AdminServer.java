package dev.freeway.dataplane.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Read-only pages over HTTP, made on the server's one thread when they are asked for. Requests have
 * no body and a small head, one of a connection is answered at a time, and a client that has not
 * sent its next one and taken the answer by the time-out is cut off; but those that follow the feed
 * stay.
 */
public final class AdminServer implements AutoCloseable {
  private static final int MAX_LINE = 2048;
  private static final int MAX_HEADERS = 8192;
  private static final int MAX_CHUNK = 8192;
  private static final int MAX_CONNECTIONS = 64;

  /** A thread that is in the middle of a page is not waited for longer. */
  private static final int CLOSE_MILLIS = 100;

  private final EventLoopGroup group;
  private final ChannelGroup all;
  private final Channel channel; // of those

  private AdminServer(EventLoopGroup group, ChannelGroup all, Channel channel) {
    this.group = group;
    this.all = all;
    this.channel = channel;
  }

  /**
   * Begins to serve.
   *
   * @param pages by path
   * @param feed what is served under {@code /events}
   * @param hidden addresses of this machine that are not listened on, although all are: they are
   *     others'
   * @param timeoutSeconds how long a client may take from its connection, or the answer before, to
   *     the end of the answer
   * @throws IOException when the address cannot be had
   */
  public static AdminServer start(
      InetSocketAddress listen,
      Map<String, Supplier<Page>> pages,
      Feed feed,
      Predicate<InetAddress> hidden,
      int timeoutSeconds)
      throws IOException {
    boolean everywhere = listen.getAddress().isAnyLocalAddress();
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("admin", true), io);
    Map<String, Supplier<Page>> byPath = new TreeMap<>(pages);
    Connections connections = new Connections(MAX_CONNECTIONS);
    Followers followers = new Followers(feed, timeoutSeconds);
    ChannelGroup all = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(type)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_HEADERS))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    if (everywhere
                        && client.localAddress() instanceof InetSocketAddress local
                        && hidden.test(local.getAddress())) {
                      client.config().setOption(ChannelOption.SO_LINGER, 0); // reset it
                      ChannelFuture _ = client.close();
                      return;
                    }
                    all.add(client);
                    client
                        .pipeline()
                        .addLast(connections)
                        .addLast(new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_CHUNK))
                        .addLast(new FlowControlHandler())
                        .addLast(new HttpServerKeepAliveHandler())
                        .addLast(new PageHandler(byPath, followers, connections, timeoutSeconds));
                  }
                })
            .bind(listen)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      end(group);
      throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
    }
    all.add(bound.channel());
    return new AdminServer(group, all, bound.channel());
  }

  /** Where it listens; the port is the one that the kernel chose when 0 was asked for. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** Ends without waiting for clients; another one can listen there when this returns. */
  @Override
  public void close() {
    // The end of the group closes nothing when it comes while its thread ends its round.
    boolean _ = all.close().awaitUninterruptibly(CLOSE_MILLIS);
    end(group);
  }

  /** Closes what the group serves; its thread does not keep the process. */
  private static void end(EventLoopGroup group) {
    Future<?> _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
