package dev.freeway.dataplane.health.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Counts what a backend sends before anybody reads it, and keeps how it begins for the reason. More
 * than any answer may have ends the attempt.
 */
final class Intake extends ChannelInboundHandlerAdapter {
  /** 64 KiB of body, 16 KiB of headers, and what TLS and HTTP/2 put around them. */
  static final int MOST_BYTES = 256 << 10;

  private static final int HEAD = 65;
  private static final byte[] NOTHING = {};

  private final StreamProbe probe;
  private byte[] head = NOTHING;
  private int bytes;

  Intake(StreamProbe probe) {
    this.probe = probe;
  }

  int bytes() {
    return bytes;
  }

  /** How it begins, escaped and in quotes. */
  String quoted() {
    return Words.quoted(head);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf buffer) {
      if (bytes == 0) {
        head = new byte[Math.min(buffer.readableBytes(), HEAD)];
        buffer.getBytes(buffer.readerIndex(), head);
      }
      bytes += buffer.readableBytes();
      if (bytes > MOST_BYTES) {
        ReferenceCountUtil.release(message);
        probe.finish(
            new Outcome.Failing(
                "more than " + (MOST_BYTES >> 10) + " KiB and no end of an answer"));
        return;
      }
    }
    ctx.fireChannelRead(message);
  }
}
