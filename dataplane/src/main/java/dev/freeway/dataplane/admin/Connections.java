package dev.freeway.dataplane.admin;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Bounds the number of connections; one too many is closed. Used on the server's one thread. */
@ChannelHandler.Sharable
final class Connections extends ChannelInboundHandlerAdapter {
  private final int most;
  private int open;

  Connections(int most) {
    this.most = most;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    open++;
    if (open > most) {
      ChannelFuture _ = context.close();
    } else {
      context.fireChannelActive();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    open--;
    context.fireChannelInactive();
  }
}
