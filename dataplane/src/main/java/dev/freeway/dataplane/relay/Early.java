package dev.freeway.dataplane.relay;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Keeps what a client says before it has a member. It is not read then, but for one that has ended:
 * of that, epoll's event has Netty read all that the kernel has, which its receive buffer bounds.
 */
final class Early extends ChannelInboundHandlerAdapter {
  private final Queue<Object> said = new ArrayDeque<>();
  private boolean finished;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    said.add(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    finished |= event instanceof ChannelInputShutdownEvent;
  }

  /** A client that gives up is closed: whoever finds it a member sees that. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    cause.printStackTrace();
    TcpRelay.reset(context.channel());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    said.forEach(ReferenceCountUtil::release);
    said.clear();
  }

  /** Lets another handler take its place, which hears all of it. */
  void giveWay(ChannelHandlerContext context, ChannelHandler next) {
    context.pipeline().addLast(next);
    boolean any = !said.isEmpty();
    for (Object message = said.poll(); message != null; message = said.poll()) {
      context.fireChannelRead(message);
    }
    if (any) {
      context.fireChannelReadComplete();
    }
    if (finished) {
      context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
    context.pipeline().remove(this);
  }
}
