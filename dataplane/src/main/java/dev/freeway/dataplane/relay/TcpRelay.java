package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Takes a service's connections: finds each a member that answers, and joins the two. One that does
 * not answer in time, or refuses, is passed over for another: the client has sent nothing yet.
 */
final class TcpRelay extends ChannelInitializer<Channel> {
  private static final int CONNECT_MILLIS = 3000;

  /** A peer that takes no bytes for so long is gone. */
  private static final int USER_TIMEOUT_MILLIS = 60_000;

  /** A side is read on while the other has less than this to send. */
  private static final WriteBufferWaterMark WATER = new WriteBufferWaterMark(128 << 10, 256 << 10);

  private final RelayService service;
  private final Admission admission;
  private final Sessions sessions;
  private final LongSupplier clock;
  private boolean waiting; // for a pause to end; of the listener's event loop

  TcpRelay(RelayService service, Admission admission, Sessions sessions, LongSupplier clock) {
    this.service = service;
    this.admission = admission;
    this.sessions = sessions;
    this.clock = clock;
  }

  @Override
  protected void initChannel(Channel client) {
    InetSocketAddress from = (InetSocketAddress) client.remoteAddress();
    if (from == null) { // gone before it was taken
      ChannelFuture _ = client.close();
      return;
    }
    configure(client);
    IpAddress address = IpAddress.of(from.getAddress());
    if (!admission.come(address)) {
      reset(client);
      return;
    }
    Channel listener = client.parent();
    ChannelFuture _ =
        client
            .closeFuture()
            .addListener(
                _ -> {
                  admission.left(address);
                  pace(listener);
                });
    pace(listener);
    client.pipeline().addLast(new Early());
    service.traffic.connections.increment();
    connect(client, address, from.getPort(), new HashSet<>());
  }

  private void connect(Channel client, IpAddress from, int port, Set<Member> tried) {
    Optional<Member> chosen = service.choose(from, port, tried);
    if (chosen.isEmpty()) {
      reset(client);
      return;
    }
    Member member = chosen.get();
    tried.add(member);
    ChannelFuture connecting =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel backend) {
                    configure(backend); // what it is to do is said once it is connected
                  }
                })
            .connect(
                new InetSocketAddress(member.key().address().toInetAddress(), member.key().port()));
    ChannelFuture _ =
        connecting.addListener(
            _ -> {
              if (!client.isActive()) {
                service.over(member, false);
                ChannelFuture _ = connecting.channel().close();
              } else if (connecting.isSuccess()) {
                member.traffic.connections.increment();
                introduce(client, connecting.channel());
                sessions.join(new Session(client, connecting.channel(), service, member, clock));
              } else {
                member.failures.increment();
                service.over(member, false);
                connect(client, from, port, tried);
              }
            });
  }

  /** Tells the backend who its client is, where that is asked for. */
  private void introduce(Channel client, Channel backend) {
    ProxyProtocol form = admission.rules().proxy();
    if (form != ProxyProtocol.NONE
        && client.remoteAddress() instanceof InetSocketAddress from
        && client.localAddress() instanceof InetSocketAddress to) {
      ChannelFuture _ = backend.writeAndFlush(ProxyHeader.of(form, from, to));
    }
  }

  private void pace(Channel listener) {
    if (admission.pauses() && !listener.eventLoop().isShuttingDown()) {
      accept(listener);
    }
  }

  /** Takes new connections, or leaves them in the kernel's queue while there are too many. */
  void accept(Channel listener) {
    listener.eventLoop().execute(() -> acceptNow(listener));
  }

  private void acceptNow(Channel listener) {
    long pause = admission.pause();
    listener.config().setAutoRead(pause == 0);
    if (pause > 0 && pause < Long.MAX_VALUE && !waiting) {
      waiting = true;
      var _ =
          listener
              .eventLoop()
              .schedule(
                  () -> {
                    waiting = false;
                    acceptNow(listener);
                  },
                  pause,
                  TimeUnit.NANOSECONDS);
    }
  }

  /** Both sides alike. */
  private static void configure(Channel side) {
    side.config().setAutoRead(false);
    side.config().setWriteBufferWaterMark(WATER);
    side.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    side.config().setOption(ChannelOption.TCP_NODELAY, true);
    side.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
  }

  /** Ends a connection as a port does that nobody listens on. */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    ChannelFuture _ = channel.close();
  }
}
