package dev.freeway.dataplane.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.netlink.AttributeReader;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Whatever bytes come where the kernel's IPVS is expected: values that can be written again. */
class IpvsFuzzTest {
  private static final long INPUTS = 4_000_000;
  private static final ServiceKey WEB =
      new ServiceKey(Protocol.TCP, IpAddress.parse("192.0.2.1"), 80);

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void service(byte[] data) {
    ListedService service;
    try {
      service = IpvsDecoder.service(buffer(data));
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    if (service.value().value().isEmpty()) {
      return; // a kind that we never write
    }
    VirtualService value = service.value().value().get();
    // A kernel's name of a scheduler is ASCII; other bytes are only shown.
    if (value.scheduler().name().chars().allMatch(c -> c > 0 && c < 128)) {
      VirtualService again =
          IpvsDecoder.service(Encoded.payload(new Command.AddService(value)))
              .value()
              .value()
              .orElseThrow();
      if (!again.equals(value)) {
        throw new AssertionError(value + " was read again as " + again);
      }
    }
  }

  /** The first byte says whether the service is IPv6. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void destination(byte[] data) {
    if (data.length == 0) {
      return;
    }
    Family family = (data[0] & 1) == 0 ? Family.IPV4 : Family.IPV6;
    ObservedDestination destination;
    try {
      destination =
          IpvsDecoder.destination(
              family, buffer(java.util.Arrays.copyOfRange(data, 1, data.length)));
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    if (destination.activeConnections() < 0
        || destination.inactiveConnections() < 0
        || destination.persistentConnections() < 0) {
      throw new AssertionError(destination);
    }
    ObservedDestination again =
        IpvsDecoder.destination(
            Family.IPV4, Encoded.payload(new Command.AddDestination(WEB, destination.value())));
    if (!again.value().equals(destination.value())) {
      throw new AssertionError(destination.value() + " was read again as " + again.value());
    }
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void statistics(byte[] data) {
    try {
      IpvsDecoder.statistics(new AttributeReader(buffer(data)));
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static ByteBuffer buffer(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
  }
}
