package dev.freeway.dataplane.ipvs;

import dev.freeway.benchmarks.Tables;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.kernel.ModelSocket;
import dev.freeway.dataplane.netlink.MessageReader;
import dev.freeway.dataplane.netlink.MessageWriter;
import dev.freeway.dataplane.netlink.Netlink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One message in, one message out: 128 a call, as many as one datagram carries. */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private static final int MESSAGES = 128;

  private final KernelModel kernel = new KernelModel(1);
  private final IpvsEncoder encoder = new IpvsEncoder(kernel.family());
  private final ByteBuffer buffer = direct(64 * 1024);
  private final MessageWriter writer = new MessageWriter(buffer);
  private final List<Command> destinations = new ArrayList<>();
  private final List<Command> services = new ArrayList<>();
  private final List<ByteBuffer> dumped = new ArrayList<>();

  /** Fills the lists of commands and takes a dump's messages from the model of the kernel. */
  public CodecBenchmark() {
    ServiceKey service = Tables.service(0);
    for (int i = 0; i < MESSAGES; i++) {
      Destination destination = Tables.endpoint(i, 1).destination();
      destinations.add(
          switch (i % 3) {
            case 0 -> new Command.AddDestination(service, destination);
            case 1 -> new Command.SetDestination(service, destination);
            default -> new Command.DeleteDestination(service, destination.key());
          });
      VirtualService value = VirtualService.of(Tables.service(i), Scheduler.DEFAULT);
      services.add(i % 2 == 0 ? new Command.AddService(value) : new Command.SetService(value));
    }
    dump(service);
  }

  private void dump(ServiceKey service) {
    try (Ipvs ipvs = Ipvs.open(kernel.open())) {
      List<Command> fill = new ArrayList<>();
      fill.add(new Command.AddService(VirtualService.of(service, Tables.ROUND_ROBIN)));
      for (int i = 0; i < MESSAGES; i++) {
        fill.add(new Command.AddDestination(service, Tables.endpoint(i, 1).destination()));
      }
      ipvs.execute(fill);
    }
    try (ModelSocket socket = kernel.open()) {
      encoder.begin(IpvsNumbers.CMD_GET_DEST, Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, writer);
      encoder.identity(service, writer);
      writer.end();
      socket.send(buffer.flip());
      while (dumped.size() < MESSAGES) {
        ByteBuffer part = direct(64 * 1024);
        socket.receive(part);
        MessageReader message = new MessageReader(part);
        while (message.next()) {
          if (message.type() == kernel.family()) {
            dumped.add(message.payload());
          }
        }
      }
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public ByteBuffer encodeDestinations() {
    return encode(destinations);
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public ByteBuffer encodeServices() {
    return encode(services);
  }

  private ByteBuffer encode(List<Command> commands) {
    buffer.clear();
    for (int i = 0; i < commands.size(); i++) {
      encoder.encode(commands.get(i), writer);
    }
    return buffer;
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public int decodeDestinations() {
    int weights = 0;
    for (int i = 0; i < MESSAGES; i++) {
      weights += IpvsDecoder.destination(Family.IPV4, dumped.get(i)).value().weight();
    }
    return weights;
  }
}
