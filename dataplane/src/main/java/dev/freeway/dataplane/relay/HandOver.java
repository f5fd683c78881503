package dev.freeway.dataplane.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gives a process's listening sockets to the one after it, over a socket in the state directory
 * that its user alone can connect to. The sockets themselves go, not copies of their addresses: who
 * waits in their queues waits on, and nobody is refused.
 */
final class HandOver {
  /** The one before has so long to give them all. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private HandOver() {}

  /**
   * Waits for one that takes over.
   *
   * @param given what listens, no longer taken from
   * @param release lets go of all else that only one process can have; on a thread of its own
   * @throws IOException when nobody can ask
   */
  static Channel offer(
      Path path, EventLoopGroup group, Supplier<List<LinuxSocket>> given, Runnable release)
      throws IOException {
    Files.deleteIfExists(path); // of a process that was killed: the lock says that we are alone
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel next) {
                    Thread.ofVirtual().start(() -> give(next, given, release));
                  }
                })
            .bind(new DomainSocketAddress(path.toString()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(path + ": " + bound.cause().getMessage(), bound.cause());
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    return bound.channel();
  }

  /** What listens is asked for on its own loops, so not on one. */
  private static void give(Channel next, Supplier<List<LinuxSocket>> given, Runnable release) {
    for (LinuxSocket socket : given.get()) {
      var _ = next.writeAndFlush(socket).awaitUninterruptibly();
      close(socket);
    }
    release.run();
    ChannelFuture _ = next.close();
  }

  private static void close(FileDescriptor descriptor) {
    try {
      descriptor.close();
    } catch (IOException _) {
      // the number is free in any case
    }
  }

  /**
   * Takes over from the process that offers.
   *
   * @return its listening sockets, when it has let go of everything else
   * @throws IOException when none offers, or it does not let go
   */
  static List<LinuxSocket> take(Path path, EventLoopGroup group) throws IOException {
    List<LinuxSocket> taken = new ArrayList<>();
    ChannelFuture connecting =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel before) {
                    before.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
                    before
                        .pipeline()
                        .addLast(
                            new ChannelInboundHandlerAdapter() {
                              @Override
                              public void channelRead(ChannelHandlerContext context, Object one) {
                                taken.add(LinuxSocket.newSocket(((FileDescriptor) one).intValue()));
                              }
                            });
                  }
                })
            .connect(new DomainSocketAddress(path.toString()))
            .awaitUninterruptibly();
    if (!connecting.isSuccess()) {
      throw new IOException("nobody offers it at " + path, connecting.cause());
    }
    if (!connecting.channel().closeFuture().awaitUninterruptibly(PATIENCE.toMillis())) {
      ChannelFuture _ = connecting.channel().close();
      taken.forEach(HandOver::close);
      throw new IOException(
          "the process before does not let go within " + PATIENCE.toSeconds() + " s");
    }
    return taken;
  }
}
