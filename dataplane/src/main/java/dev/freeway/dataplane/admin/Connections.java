package dev.freeway.dataplane.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Bounds the number of connections: for a new one too many, the one goes that has been without an
 * answer under way for the longest, or else the oldest. So whoever asks for {@code /healthz} is
 * heard, however many slow clients there are. Used on the server's one thread.
 */
@ChannelHandler.Sharable
final class Connections extends ChannelInboundHandlerAdapter {
  private final int most;
  private final Set<Channel> waiting = new LinkedHashSet<>();
  private final Set<Channel> answering = new LinkedHashSet<>();

  Connections(int most) {
    this.most = most;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (waiting.size() + answering.size() >= most) {
      Channel oldest = (waiting.isEmpty() ? answering : waiting).iterator().next();
      forget(oldest);
      ChannelFuture _ = oldest.close();
    }
    waiting.add(context.channel());
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    forget(context.channel());
    context.fireChannelInactive();
  }

  /** A request came; its answer is on its way. */
  void answering(Channel channel) {
    if (waiting.remove(channel)) {
      answering.add(channel);
    }
  }

  /** The answer is with the client. */
  void answered(Channel channel) {
    if (answering.remove(channel)) {
      waiting.add(channel);
    }
  }

  /** It is no longer counted here. */
  void forget(Channel channel) {
    waiting.remove(channel);
    answering.remove(channel);
  }
}
