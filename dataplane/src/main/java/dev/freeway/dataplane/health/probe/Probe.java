package dev.freeway.dataplane.health.probe;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An attempt over one socket, from its opening to its outcome. */
abstract class Probe implements Attempt {
  /** {@code SOL_SOCKET} and {@code SO_MARK} of asm-generic/socket.h: x86-64 and arm64 have it. */
  private static final IntegerUnixChannelOption SO_MARK =
      new IntegerUnixChannelOption("SO_MARK", 1, 36);

  private final Target target;
  private final Consumer<Outcome> outcome;
  private @Nullable Channel channel;
  private boolean over;

  Probe(Target target, Consumer<Outcome> outcome) {
    this.target = target;
    this.outcome = outcome;
  }

  final Target target() {
    return target;
  }

  final boolean over() {
    return over;
  }

  /** A socket that is not connected. */
  abstract Channel open();

  /** Connects the socket, which is registered, and goes on. */
  abstract void connect(Channel opened);

  /** What it is that the time was too short for. */
  abstract Outcome late();

  final void begin(EventLoop loop) {
    try {
      Channel opened = open();
      channel = opened;
      // The caller keeps the time of all attempts; a timer of Netty's for each costs more.
      opened.config().setConnectTimeoutMillis(0);
      var _ = loop.register(opened);
      if (target.mark().isPresent()) {
        opened.config().setOption(SO_MARK, target.mark().getAsInt());
      }
    } catch (RuntimeException e) { // Netty wraps what the kernel says
      finish(Faults.ofOpening(e));
      return;
    }
    connect(channel);
  }

  /** The first outcome counts; the socket is closed. */
  final void finish(Outcome value) {
    if (!over) {
      abandon();
      outcome.accept(value);
    }
  }

  final void fail(String reason) {
    finish(new Outcome.Failing(reason));
  }

  @Override
  public final void timeOut() {
    if (!over) {
      finish(late());
    }
  }

  @Override
  public final void abandon() {
    over = true;
    Channel opened = channel;
    if (opened != null) {
      channel = null;
      // Past the handlers: TLS and HTTP/2 would first say good-bye, and wait for it.
      if (opened.isRegistered()) {
        opened.unsafe().close(opened.newPromise());
      } else {
        opened.unsafe().closeForcibly();
      }
    }
  }

  /** For example {@code within 1 s}. */
  final String within() {
    return "within " + Words.time(target.check().timeout());
  }
}
