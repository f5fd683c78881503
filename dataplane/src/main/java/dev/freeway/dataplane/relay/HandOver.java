package dev.freeway.dataplane.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.epoll.Native;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives a process's listening sockets to the one after it, over a socket in the state directory
 * that its user alone can connect to. The sockets themselves go, not copies of their addresses: who
 * waits in their queues waits on, and nobody is refused. Each is acknowledged by a byte. After the
 * last, when all else is let go of, a descriptor that is no socket is the end; without that nothing
 * was given, and the process before goes on.
 */
final class HandOver {
  /** The one before has so long to give them all. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** And the one after to take each. */
  private static final Duration EACH = Duration.ofSeconds(2);

  private HandOver() {}

  /** What a process listens with. */
  interface Listeners {
    /** Takes nobody more; what it listens with. */
    List<LinuxSocket> give();

    /** Goes on: nobody took them. */
    void keep();

    /** Lets go of all else that only one process can have. */
    void release();
  }

  /**
   * Waits for one that takes over.
   *
   * @throws IOException when nobody can ask
   */
  static Channel offer(Path path, EventLoopGroup group, Listeners listeners) throws IOException {
    Files.deleteIfExists(path); // of a process that was killed: the lock says that we are alone
    AtomicBoolean taken = new AtomicBoolean();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel next) {
                    Semaphore acknowledged = new Semaphore(0);
                    next.pipeline()
                        .addLast(
                            new SimpleChannelInboundHandler<ByteBuf>() {
                              @Override
                              protected void channelRead0(
                                  ChannelHandlerContext context, ByteBuf bytes) {
                                acknowledged.release(bytes.readableBytes());
                              }
                            });
                    // Listeners are asked on their own loops, so not on one.
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              if (!taken.getAndSet(true)) {
                                taken.set(give(next, acknowledged, listeners));
                              }
                              ChannelFuture _ = next.close();
                            });
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

  private static boolean give(Channel next, Semaphore acknowledged, Listeners listeners) {
    List<LinuxSocket> sockets = listeners.give();
    for (LinuxSocket socket : sockets) {
      if (!given(next, acknowledged, socket)) {
        listeners.keep();
        return false;
      }
    }
    listeners.release();
    FileDescriptor end = Native.newEventFd();
    boolean told = given(next, acknowledged, end);
    close(end);
    if (told) {
      sockets.forEach(HandOver::close);
    } else {
      listeners.keep();
    }
    return told;
  }

  private static boolean given(Channel next, Semaphore acknowledged, FileDescriptor descriptor) {
    try {
      return next.writeAndFlush(descriptor).awaitUninterruptibly().isSuccess()
          && acknowledged.tryAcquire(EACH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
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
    AtomicBoolean ended = new AtomicBoolean();
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
                                take((FileDescriptor) one);
                                ChannelFuture _ =
                                    context.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
                              }

                              private void take(FileDescriptor one) {
                                try {
                                  taken.add(LinuxSocket.newSocket(one.intValue()));
                                } catch (ChannelException _) { // it is none
                                  ended.set(true);
                                  close(one);
                                }
                              }
                            });
                  }
                })
            .connect(new DomainSocketAddress(path.toString()))
            .awaitUninterruptibly();
    if (!connecting.isSuccess()) {
      throw new IOException("nobody offers it at " + path, connecting.cause());
    }
    boolean closed = connecting.channel().closeFuture().awaitUninterruptibly(PATIENCE.toMillis());
    if (!closed || !ended.get()) {
      ChannelFuture _ = connecting.channel().close();
      taken.forEach(HandOver::close);
      throw new IOException(
          closed
              ? "the process there gives it to another one, or to nobody"
              : "the process there does not let go within " + PATIENCE.toSeconds() + " s");
    }
    return taken;
  }
}
