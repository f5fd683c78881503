package dev.freeway.dataplane.health.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.ReferenceCountUtil;
import java.net.Inet4Address;
import java.util.function.Consumer;

/** An attempt over UDP: one datagram, and the answers to it. */
final class DatagramProbe extends Probe {
  private static final int MOST_BYTES = 4 << 10;

  /** Answers that are for somebody else, after which the attempt is over. */
  private static final int MOST_OTHERS = 64;

  private static final FixedRecvByteBufAllocator READS = new FixedRecvByteBufAllocator(MOST_BYTES);

  private final Conversation conversation;
  private boolean connected;
  private int others;

  /** What is sent, and what is thought of what comes. */
  interface Conversation {
    byte[] question();

    /** Whether a datagram is for this attempt. */
    boolean mine(byte[] datagram);

    /** What comes of it. */
    Outcome judge(byte[] datagram);

    /** Whether no answer is right as well. */
    boolean silence();
  }

  DatagramProbe(Target target, Conversation conversation, Consumer<Outcome> outcome) {
    super(target, outcome);
    this.conversation = conversation;
  }

  @Override
  Channel open() {
    return new EpollDatagramChannel(
        target().connectTo().getAddress() instanceof Inet4Address
            ? SocketProtocolFamily.INET
            : SocketProtocolFamily.INET6);
  }

  @Override
  void connect(Channel opened) {
    opened.config().setRecvByteBufAllocator(READS);
    opened.pipeline().addLast(new Tail());
    ChannelFuture connecting = opened.connect(target().connectTo(), target().local());
    ChannelFuture _ = connecting.addListener(_ -> connected(connecting));
  }

  private void connected(ChannelFuture connecting) {
    if (over()) {
      return;
    }
    Throwable cause = connecting.cause();
    if (cause != null) {
      finish(Faults.ofConnecting(cause));
      return;
    }
    connected = true;
    ChannelFuture writing =
        connecting.channel().writeAndFlush(Unpooled.wrappedBuffer(conversation.question()));
    ChannelFuture _ =
        writing.addListener(
            _ -> {
              Throwable failure = writing.cause();
              if (failure != null && !over()) {
                troubled(failure);
              }
            });
  }

  private void troubled(Throwable cause) {
    finish(Faults.ofTalking(cause, "before an answer"));
  }

  @Override
  Outcome late() {
    if (connected && conversation.silence()) {
      return Outcome.WELL;
    }
    return others == 0
        ? new Outcome.Dead("no answer " + within())
        : new Outcome.Failing("no answer " + within() + ", only " + others + " to others");
  }

  private final class Tail extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      try {
        if (!over() && message instanceof DatagramPacket packet) {
          heard(packet.content());
        }
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    private void heard(ByteBuf content) {
      byte[] datagram = new byte[content.readableBytes()];
      content.readBytes(datagram);
      if (conversation.mine(datagram)) {
        finish(conversation.judge(datagram));
      } else if (++others == MOST_OTHERS) {
        fail("no answer, but " + others + " to others");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      troubled(cause);
    }
  }
}
