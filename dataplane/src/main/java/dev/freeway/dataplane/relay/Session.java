package dev.freeway.dataplane.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A client's connection and the one to its member: what one side says is written to the other, the
 * end of what it says included, and a reset too. A side is not read while the other has much to
 * send. All of it runs on the two channels' event loop.
 */
final class Session {
  /** The kernel's, for connections in which both sides may speak (ipvsadm --set). */
  static final Duration IDLE = Duration.ofMinutes(15);

  /** And for those in which one has ended. */
  static final Duration FINISHING = Duration.ofMinutes(2);

  private final Channel client;
  private final Channel backend;
  private final RelayService service;
  private final Member member;
  private final LongSupplier clock;
  private long spokenNanos;
  private boolean half;
  private boolean answered; // by the backend
  private boolean over;
  private Runnable ended = () -> {};

  /** A pair that is not read yet; its member counts it as inactive. */
  Session(
      Channel client, Channel backend, RelayService service, Member member, LongSupplier clock) {
    this.client = client;
    this.backend = backend;
    this.service = service;
    this.member = member;
    this.clock = clock;
    this.spokenNanos = clock.getAsLong();
  }

  Member member() {
    return member;
  }

  Channel client() {
    return client;
  }

  /** Begins to read both. */
  void begin(Runnable whenEnded) {
    ended = whenEnded;
    member.inactive.decrementAndGet();
    member.active.incrementAndGet();
    ChannelHandlerContext early = client.pipeline().context(Early.class);
    ((Early) early.handler()).giveWay(early, new Side(client, backend, true));
    backend.pipeline().addLast(new Side(backend, client, false));
    ChannelFuture _ = client.closeFuture().addListener(_ -> closed(backend));
    ChannelFuture _ = backend.closeFuture().addListener(_ -> closed(client));
    client.read();
    backend.read();
  }

  /** Ends it when it has been silent for too long. */
  void expire(long now) {
    if (now - spokenNanos >= (half ? FINISHING : IDLE).toNanos()) {
      reset();
    }
  }

  void reset() {
    TcpRelay.reset(client);
    TcpRelay.reset(backend);
  }

  private void closed(Channel other) {
    if (!over) {
      over = true;
      service.over(member, !half);
      ended.run();
    }
    if (other.isActive()) { // what is still to be sent to it goes first
      ChannelFuture _ =
          other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** One side has nothing more to say. */
  private void finished(Channel to) {
    if (!half) {
      half = true;
      member.active.decrementAndGet();
      member.inactive.incrementAndGet();
    }
    ChannelFuture _ =
        to.writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(
                _ -> {
                  if (to.isActive()) {
                    ChannelFuture _ =
                        ((DuplexChannel) to).shutdownOutput().addListener(_ -> endIfFinished());
                  }
                });
  }

  private void endIfFinished() {
    if (((DuplexChannel) client).isOutputShutdown()
        && ((DuplexChannel) backend).isOutputShutdown()) {
      ChannelFuture _ = client.close();
      ChannelFuture _ = backend.close();
    }
  }

  /** Reads one side and writes to the other. */
  private final class Side extends ChannelInboundHandlerAdapter {
    private final Channel own;
    private final Channel other;
    private final boolean isClient;
    private boolean finished;

    Side(Channel own, Channel other, boolean isClient) {
      this.own = own;
      this.other = other;
      this.isClient = isClient;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      int bytes = ((ByteBuf) message).readableBytes();
      if (isClient) {
        service.in(member, bytes);
      } else {
        answered = true;
        service.out(member, bytes);
      }
      ChannelFuture _ = other.write(message, other.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      spokenNanos = clock.getAsLong();
      other.flush();
      if (other.isWritable()) {
        own.read();
      }
    }

    /** This side has taken much of what it had to: the other is read on. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (own.isWritable()) {
        other.read();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent && !finished) {
        finished = true;
        finished(other);
      }
    }

    /** A reset of one side is one of the other. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!isClient && !answered) {
        member.failures.increment();
      }
      reset();
    }
  }
}
