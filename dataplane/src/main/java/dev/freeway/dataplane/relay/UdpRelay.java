package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.IpAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes a service's datagrams. All that come from one client's address and port go to one member,
 * by a socket of their own, until none came for the kernel's time-out; its answers go back from the
 * service's address. On the event loop of the service's socket.
 */
final class UdpRelay extends SimpleChannelInboundHandler<DatagramPacket> implements Front {
  /** The kernel's (ipvsadm --set). */
  static final Duration IDLE = Duration.ofMinutes(5);

  /** Sockets are few: the flow that has been silent for the longest goes first. */
  static final int MOST_FLOWS = 16_384;

  private static final int MOST_WAITING = 16;

  private final RelayService service;
  private final Admission admission;
  private final LongSupplier clock;
  private final Map<InetSocketAddress, Flow> flows = new HashMap<>();
  private final Channel front;

  /**
   * A relay that listens.
   *
   * @throws IOException when it cannot listen there
   */
  UdpRelay(RelayService service, Admission admission, EventLoopGroup loops, LongSupplier clock)
      throws IOException {
    this.service = service;
    this.admission = admission;
    this.clock = clock;
    ChannelFuture bound =
        new Bootstrap()
            .group(loops)
            .channel(EpollDatagramChannel.class)
            .handler(this)
            .bind(
                new InetSocketAddress(
                    service.value().key().address().toInetAddress(), service.value().key().port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    this.front = bound.channel();
  }

  /** A client's datagrams to one member. */
  private static final class Flow {
    final Member member;
    final Channel backend;
    final Queue<ByteBuf> waiting = new ArrayDeque<>();
    long spokenNanos;

    Flow(Member member, Channel backend) {
      this.member = member;
      this.backend = backend;
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
    InetSocketAddress from = packet.sender();
    IpAddress client = IpAddress.of(from.getAddress());
    if (!admission.names(client)) {
      return;
    }
    Flow flow = flows.get(from);
    if (flow != null && service.value().onePacket()) {
      end(from, flow);
      flow = null;
    }
    if (flow == null) {
      flow = open(context.channel(), from, client);
      if (flow == null) {
        return;
      }
    }
    int bytes = packet.content().readableBytes();
    service.in(flow.member, bytes);
    flow.spokenNanos = clock.getAsLong();
    if (flow.backend.isActive()) {
      ChannelFuture _ =
          flow.backend.writeAndFlush(packet.content().retain(), flow.backend.voidPromise());
    } else if (flow.waiting.size() < MOST_WAITING) {
      flow.waiting.add(packet.content().retain());
    }
  }

  private @Nullable Flow open(Channel front, InetSocketAddress from, IpAddress client) {
    Optional<Member> chosen = service.choose(client, from.getPort(), Set.of());
    if (chosen.isEmpty()) {
      return null;
    }
    if (flows.size() >= MOST_FLOWS) {
      endOldest();
    }
    Member member = chosen.get();
    ChannelFuture connecting =
        new Bootstrap()
            .group(front.eventLoop())
            .channel(EpollDatagramChannel.class)
            .handler(new Answers(front, from, member))
            .connect(
                new InetSocketAddress(member.key().address().toInetAddress(), member.key().port()));
    Flow flow = new Flow(member, connecting.channel());
    flows.put(from, flow);
    service.traffic.connections.increment();
    member.traffic.connections.increment();
    ChannelFuture _ =
        connecting.addListener(
            _ -> {
              if (!connecting.isSuccess()) {
                end(from, flow);
                return;
              }
              for (ByteBuf waiting : flow.waiting) {
                ChannelFuture _ = flow.backend.write(waiting, flow.backend.voidPromise());
              }
              flow.waiting.clear();
              flow.backend.flush();
            });
    return flow;
  }

  private void endOldest() {
    flows.entrySet().stream()
        .min(
            (one, other) ->
                Long.compare(one.getValue().spokenNanos - other.getValue().spokenNanos, 0))
        .ifPresent(oldest -> end(oldest.getKey(), oldest.getValue()));
  }

  private void end(InetSocketAddress from, Flow flow) {
    if (flows.remove(from, flow)) {
      flow.waiting.forEach(ByteBuf::release);
      flow.waiting.clear();
      service.over(flow.member, false);
      ChannelFuture _ = flow.backend.close();
    }
  }

  @Override
  public void expire(long now) {
    front.eventLoop().execute(() -> endIf(flow -> now - flow.spokenNanos >= IDLE.toNanos()));
  }

  @Override
  public void end(Member member) {
    front.eventLoop().execute(() -> endIf(flow -> flow.member == member));
  }

  @Override
  public void admit() {}

  @Override
  public void close() {
    ChannelFuture _ = front.close().awaitUninterruptibly();
  }

  private void endIf(Predicate<Flow> condition) {
    List.copyOf(flows.entrySet())
        .forEach(
            one -> {
              if (condition.test(one.getValue())) {
                end(one.getKey(), one.getValue());
              }
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    endIf(_ -> true);
  }

  /** What a closed port says of a datagram that was sent to it is no end of the service. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}

  /** Brings a member's answers to the client. */
  private final class Answers extends ChannelInboundHandlerAdapter {
    private final Channel front;
    private final InetSocketAddress client;
    private final Member member;

    Answers(Channel front, InetSocketAddress client, Member member) {
      this.front = front;
      this.client = client;
      this.member = member;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf content = ((DatagramPacket) message).content();
      service.out(member, content.readableBytes());
      Flow flow = flows.get(client);
      if (flow != null) {
        flow.spokenNanos = clock.getAsLong();
      }
      ChannelFuture _ =
          front.writeAndFlush(new DatagramPacket(content, client), front.voidPromise());
    }

    /** The member's port is closed; the next datagram tries again. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}
  }
}
