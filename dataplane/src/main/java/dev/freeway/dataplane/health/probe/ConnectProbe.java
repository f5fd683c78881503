package dev.freeway.dataplane.health.probe;

import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Whether a connection is accepted, or a handshake succeeds: then nothing is asked. */
final class ConnectProbe extends StreamProbe {
  ConnectProbe(Target target, @Nullable Security security, Consumer<Outcome> outcome) {
    super(target, security, false, outcome);
  }

  @Override
  void ask(ChannelPipeline pipeline) {
    well();
  }

  @Override
  void heard(Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  Optional<String> unreadable(Throwable cause) {
    return Optional.empty();
  }
}
