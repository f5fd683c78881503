package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.Inet4Address;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An attempt over TCP, with or without TLS. What is asked over the connection is the subclass's.
 *
 * <p>The socket ends with a reset: ten thousand attempts a second would otherwise leave as many
 * connections in TIME_WAIT for a minute.
 */
abstract class StreamProbe extends Probe {
  private static final FixedRecvByteBufAllocator READS = new FixedRecvByteBufAllocator(8 << 10);

  private final @Nullable Security security;
  private final boolean reads;
  private Optional<String> warning = Optional.empty();
  private Intake intake = new Intake(this);
  private boolean connected;
  private boolean secured;

  /**
   * @param security how TLS is spoken; null for plain text
   * @param asks whether there is anything to be read, but for TLS
   */
  StreamProbe(Target target, @Nullable Security security, boolean asks, Consumer<Outcome> outcome) {
    super(target, outcome);
    this.security = security;
    reads = asks || security != null;
  }

  /** Adds what is read by, and asks. The connection is there, and secured where it has to be. */
  abstract void ask(ChannelPipeline pipeline);

  /** Takes a message of the handlers that it added, and releases it. */
  abstract void heard(Object message);

  /** Words for an answer that cannot be read; empty when the cause is none of the protocol's. */
  abstract Optional<String> unreadable(Throwable cause);

  final Intake intake() {
    return intake;
  }

  /** It answered as it should. */
  final void well() {
    finish(warning.isEmpty() ? Outcome.WELL : new Outcome.Well(warning));
  }

  @Override
  final Channel open() {
    return new EpollSocketChannel(
        target().connectTo().getAddress() instanceof Inet4Address
            ? SocketProtocolFamily.INET
            : SocketProtocolFamily.INET6);
  }

  @Override
  final void connect(Channel opened) {
    opened.config().setOption(ChannelOption.SO_LINGER, 0);
    // The third packet of the handshake goes with what is asked. Where nothing is, it is the reset:
    // the backend's program does not see a connection that is none.
    opened.config().setOption(EpollChannelOption.TCP_QUICKACK, false);
    opened.config().setAutoRead(reads);
    opened.config().setRecvByteBufAllocator(READS);
    ChannelFuture connecting = opened.connect(target().connectTo(), target().local());
    if (connecting.isDone()) {
      connected(connecting);
    } else {
      ChannelFuture _ = connecting.addListener(_ -> connected(connecting));
    }
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
    ChannelPipeline pipeline = connecting.channel().pipeline();
    if (reads && target().proxy() != ProxyProtocol.NONE) {
      ChannelFuture _ = pipeline.write(LocalHeader.of(target().proxy())); // goes with what is asked
    }
    Security tls = security;
    if (tls == null) {
      secured(pipeline);
    } else {
      SslHandler handler = tls.handler(connecting.channel().alloc(), target().connectTo());
      pipeline.addLast(intake, handler, new Tail());
    }
  }

  private void secured(ChannelPipeline pipeline) {
    secured = true;
    if (security != null) {
      pipeline.removeLast();
      intake = new Intake(this);
    }
    pipeline.addLast(intake);
    ask(pipeline);
    if (!over()) {
      pipeline.addLast(new Tail());
    }
  }

  @Override
  final Outcome late() {
    if (!connected) {
      return new Outcome.Dead("no connection " + within());
    }
    if (!secured) {
      return new Outcome.Failing("no TLS handshake " + within());
    }
    return new Outcome.Failing(
        intake.bytes() == 0
            ? "no answer " + within()
            : "no whole answer " + within() + ", only " + intake.bytes() + " bytes");
  }

  private String when() {
    return !secured
        ? "in the TLS handshake"
        : intake.bytes() == 0 ? "before an answer" : "in the middle of the answer";
  }

  /** The end of the pipeline. */
  private final class Tail extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      Security tls = security;
      if (event instanceof SslHandshakeCompletionEvent shaken && tls != null && !over()) {
        Throwable cause = shaken.cause();
        if (cause != null) {
          troubled(cause);
          return;
        }
        SslHandler handler = ctx.pipeline().get(SslHandler.class);
        Optional<String> wrong = tls.wrong(handler);
        if (wrong.isPresent()) {
          fail(wrong.get());
          return;
        }
        warning = tls.warning(handler);
        secured(ctx.pipeline());
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      heard(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail("connection closed " + when());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      troubled(cause);
    }

    private void troubled(Throwable cause) {
      if (over()) {
        return;
      }
      Security tls = security;
      Optional<String> words =
          secured || tls == null ? unreadable(cause) : tls.unreadable(cause, intake);
      finish(
          words.isPresent() ? new Outcome.Failing(words.get()) : Faults.ofTalking(cause, when()));
    }
  }
}
