package dev.freeway.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Backends, each a socket that listens on its own address below 127.0.0.0/8, all at one port.
 * Argument: how many. Prints the port; then, for each line of standard input, a line:
 *
 * <ul>
 *   <li>{@code close N}: the backend refuses from now on; prints {@link System#nanoTime}
 *   <li>{@code mute N}: it accepts and answers nothing; the same
 *   <li>{@code count}: prints how many connections were accepted
 * </ul>
 */
final class HealthBackends {
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
          .getBytes(StandardCharsets.US_ASCII);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<Channel> listening = new ArrayList<>();
  private final BitSet mute = new BitSet(); // of the loop
  private final AtomicLong accepted = new AtomicLong();

  private HealthBackends() {}

  /** The address of one, below 127.1.0.0/16. */
  static InetAddress address(int number) {
    return InetAddress.ofLiteral("127.1." + (number >> 8) + "." + (number & 255));
  }

  public static void main(String[] args) throws IOException {
    HealthBackends backends = new HealthBackends();
    int port = 0;
    for (int i = 0; i < Integer.parseInt(args[0]); i++) {
      port = backends.listen(i, port);
    }
    System.out.println(port);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(backends.obey(line.split(" ", -1)));
    }
    System.exit(0); // whoever started it has ended
  }

  private int listen(int number, int port) {
    Channel channel =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 64)
            .childHandler(new Answering(number))
            .bind(new InetSocketAddress(address(number), port))
            .syncUninterruptibly()
            .channel();
    listening.add(channel);
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  private long obey(String[] words) {
    switch (words[0]) {
      case "count" -> {
        return accepted.get();
      }
      case "close" -> listening.get(Integer.parseInt(words[1])).close().syncUninterruptibly();
      default -> {
        var _ = group.submit(() -> mute.set(Integer.parseInt(words[1]))).syncUninterruptibly();
      }
    }
    return System.nanoTime();
  }

  /** Answers the first bytes of a connection, whatever they are. */
  @Sharable
  private final class Answering extends ChannelInboundHandlerAdapter {
    private final ByteBuf answer =
        Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(ANSWER));
    private final int number;

    Answering(int number) {
      this.number = number;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      accepted.incrementAndGet();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
      if (!mute.get(number)) {
        ChannelFuture _ =
            ctx.writeAndFlush(answer.duplicate()).addListener(ChannelFutureListener.CLOSE);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ChannelFuture _ = ctx.close(); // checks end with a reset
    }
  }
}
