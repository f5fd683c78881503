package dev.freeway.dataplane.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.netlink.NetlinkConnection;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Batches: one acknowledgement for each datagram, and every refusal at its own place. */
class BatchTest {
  private static final int BATCH = 4;
  private static final ServiceKey SERVICE =
      new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);

  private final KernelModel kernel = new KernelModel(1);
  private final Counting socket = new Counting(kernel.open());

  /** Counts datagrams on their way to a socket. */
  private static final class Counting implements NetlinkSocket {
    private final NetlinkSocket socket;
    private int sent;
    private int received;

    private Counting(NetlinkSocket socket) {
      this.socket = socket;
    }

    @Override
    public void send(ByteBuffer messages) {
      sent++;
      socket.send(messages);
    }

    @Override
    public void receive(ByteBuffer into) {
      received++;
      socket.receive(into);
    }

    @Override
    public int portId() {
      return socket.portId();
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  private static Command add(int number) {
    return new Command.AddDestination(
        SERVICE,
        Destination.of(
            new DestinationKey(IpAddress.parse("10.1.0." + number), 80), Forwarding.DIRECT, 1));
  }

  private static List<Command> fill(int destinations) {
    List<Command> commands = new ArrayList<>();
    commands.add(
        new Command.AddService(VirtualService.of(SERVICE, new Scheduler("rr", false, false))));
    for (int i = 1; i <= destinations; i++) {
      commands.add(add(i));
    }
    return commands;
  }

  /** Executes and answers with the places of what was refused. */
  private List<Integer> refused(List<Command> commands) {
    List<Integer> refused = new ArrayList<>();
    try (Ipvs ipvs = Ipvs.open(new NetlinkConnection(socket, BATCH))) {
      socket.sent = 0;
      socket.received = 0;
      List<Answer> answers = ipvs.execute(commands);
      assertThat(answers).hasSameSizeAs(commands);
      for (int i = 0; i < answers.size(); i++) {
        if (!answers.get(i).done()) {
          refused.add(i);
        }
      }
    }
    return refused;
  }

  @Test
  void oneAcknowledgementSpeaksForADatagram() {
    assertThat(refused(fill(9))).isEmpty();
    assertThat(socket.sent).isEqualTo(3);
    assertThat(socket.received).isEqualTo(3);
    assertThat(kernel.service(SERVICE).orElseThrow().destinations()).hasSize(9);
  }

  @Test
  void refusalsAnywhereInADatagramKeepTheirPlaces() {
    List<Command> commands = fill(11);
    commands.set(2, add(1)); // in the middle, first and last of a datagram: added before
    commands.set(4, add(1));
    commands.set(7, add(1));
    assertThat(refused(commands)).containsExactly(2, 4, 7);
    assertThat(socket.sent).isEqualTo(3);
    // The last request's refusal is its acknowledgement.
    assertThat(socket.received).isEqualTo(5);
    assertThat(kernel.service(SERVICE).orElseThrow().destinations()).hasSize(8);
  }
}
