package dev.freeway.dataplane.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives a process's listening sockets to the one after it, over a socket in the state directory
 * that its user alone can connect to. The sockets themselves go, not copies of their addresses: who
 * waits in their queues waits on, and nobody is refused. The one after asks with a byte, and
 * acknowledges each socket with one. A descriptor that is no socket is the end: all that only one
 * process can have is let go of. A last byte says that it serves. Until then the one before goes on
 * taking clients, and when the connection ends first it keeps all: at no time does nobody serve.
 */
final class HandOver {
  /** The one before has so long to give them all. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** And the one after to ask, and to take each. To serve it has as long as it lives. */
  private static final Duration EACH = Duration.ofSeconds(2);

  private HandOver() {}

  /** What a process listens with. */
  interface Listeners {
    /** Whether another process may have it now. */
    boolean ready();

    /** Lets go of all else that only one process can have; what it listens with, and goes on to. */
    List<LinuxSocket> release();

    /**
     * The other process serves, or is gone before it did.
     *
     * @param serves whether this one is to listen no more
     */
    void settled(boolean serves);
  }

  /**
   * Waits for one that takes over; the first that asks ends the offer.
   *
   * @throws IOException when nobody can ask
   */
  static void offer(Path path, EventLoopGroup group, Listeners listeners) throws IOException {
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
                    Successor one = new Successor(next, taken);
                    next.pipeline().addLast(one);
                    // It waits, so not on a loop.
                    Thread.ofVirtual().start(() -> one.ask(listeners));
                  }
                })
            .bind(new DomainSocketAddress(path.toString()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(path + ": " + bound.cause().getMessage(), bound.cause());
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
  }

  /** A process that wants to take over, as the one before it sees it. */
  private static final class Successor extends SimpleChannelInboundHandler<ByteBuf> {
    private final Channel channel;
    private final AtomicBoolean taken;
    private final BlockingQueue<Boolean> said = new LinkedBlockingQueue<>(); // false: it is gone

    /**
     * One that has connected.
     *
     * @param taken whether another one has asked already
     */
    Successor(Channel channel, AtomicBoolean taken) {
      this.channel = channel;
      this.taken = taken;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
      for (int i = 0; i < bytes.readableBytes(); i++) {
        said.add(true);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      said.add(false);
    }

    void ask(Listeners listeners) {
      try {
        if (says(EACH) && listeners.ready() && !taken.getAndSet(true)) {
          // The offer ends, and its path: the next one is the other's to make.
          channel.parent().close().awaitUninterruptibly();
          boolean serves = false;
          try {
            List<LinuxSocket> sockets = listeners.release();
            serves = sockets.stream().allMatch(this::takes) && takesTheEnd() && said.take();
          } finally {
            listeners.settled(serves);
          }
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt(); // nobody does that
      } finally {
        ChannelFuture _ = channel.close();
      }
    }

    private boolean says(Duration within) throws InterruptedException {
      return Boolean.TRUE.equals(said.poll(within.toMillis(), TimeUnit.MILLISECONDS));
    }

    private boolean takes(FileDescriptor one) {
      try {
        return channel.writeAndFlush(one).awaitUninterruptibly().isSuccess() && says(EACH);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    private boolean takesTheEnd() {
      FileDescriptor end = Descriptors.spare();
      boolean taken = takes(end);
      Descriptors.close(end);
      return taken;
    }
  }

  /**
   * What was taken over, and the process before, which serves until it is told.
   *
   * @param sockets that listen
   */
  record Taken(List<LinuxSocket> sockets, Channel before) {
    /** Tells the process before that this one serves; it may be gone. */
    void serves() {
      ChannelFuture _ =
          before
              .writeAndFlush(Unpooled.wrappedBuffer(new byte[1]))
              .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /**
   * Takes over from the process that offers.
   *
   * @return its listening sockets, when it has let go of everything else
   * @throws IOException when none offers, or it does not let go
   */
  static Taken take(Path path, EventLoopGroup group) throws IOException {
    Predecessor one = new Predecessor();
    ChannelFuture connecting =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<EpollDomainSocketChannel>() {
                  @Override
                  protected void initChannel(EpollDomainSocketChannel before) {
                    before.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
                    before.pipeline().addLast(one);
                  }
                })
            .connect(new DomainSocketAddress(path.toString()))
            .awaitUninterruptibly();
    if (!connecting.isSuccess()) {
      throw new IOException("nobody offers it at " + path, connecting.cause());
    }
    boolean whole =
        one.whole.completeOnTimeout(false, PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
    Channel before = connecting.channel();
    if (!whole) {
      boolean ended = !before.isActive();
      before.close().awaitUninterruptibly();
      one.sockets.forEach(Descriptors::close);
      throw new IOException(
          ended
              ? "the process there gives it to another one, or to nobody"
              : "the process there does not let go within " + PATIENCE.toSeconds() + " s");
    }
    return new Taken(List.copyOf(one.sockets), before);
  }

  /** The process before, as the one that takes over sees it. */
  private static final class Predecessor extends ChannelInboundHandlerAdapter {
    /** Whether it has given all. */
    private final CompletableFuture<Boolean> whole = new CompletableFuture<>();

    private final List<LinuxSocket> sockets = new ArrayList<>();

    @Override
    public void channelActive(ChannelHandlerContext context) {
      acknowledge(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object one) {
      boolean last = isLast((FileDescriptor) one);
      acknowledge(context);
      if (last) {
        whole.complete(true);
      }
    }

    private boolean isLast(FileDescriptor one) {
      try {
        sockets.add(LinuxSocket.newSocket(one.intValue()));
        return false;
      } catch (ChannelException _) { // it is none
        Descriptors.close(one);
        return true;
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      whole.complete(false);
    }

    private static void acknowledge(ChannelHandlerContext context) {
      ChannelFuture _ = context.writeAndFlush(Unpooled.wrappedBuffer(new byte[1]));
    }
  }
}
