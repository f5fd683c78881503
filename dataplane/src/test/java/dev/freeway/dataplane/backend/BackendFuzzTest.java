package dev.freeway.dataplane.backend;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Whatever bytes come where a Pod's packets or fou's answers are expected. */
class BackendFuzzTest {
  private static final long INPUTS = 4_000_000;
  private static final int LENGTH = 512;

  private static final ProbePacket.Question TCP =
      new ProbePacket.Question(
          new IpAddress(dev.freeway.dataplane.core.Family.IPV4, 0, 0),
          new IpAddress(dev.freeway.dataplane.core.Family.IPV4, 0, 0),
          0x3030,
          0x3030);
  private static final ProbePacket.Question ECHO =
      new ProbePacket.Question(
          new IpAddress(dev.freeway.dataplane.core.Family.IPV6, 0, 0),
          new IpAddress(dev.freeway.dataplane.core.Family.IPV6, 0, 0),
          0,
          0x3030);

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void answer(byte[] data) {
    if (data.length <= LENGTH) {
      ProbePacket.answer(TCP, ByteBuffer.wrap(data))
          .ifPresent(answer -> check(answer, data.length));
      ProbePacket.answer(ECHO, ByteBuffer.wrap(data))
          .ifPresent(answer -> check(answer, data.length));
    }
  }

  private static void check(ProbePacket.Answer answer, int length) {
    boolean possible =
        switch (answer) {
          case ProbePacket.Answer.Echo _ -> length >= 48;
          case ProbePacket.Answer.Refused _ -> length >= 40;
          case ProbePacket.Answer.Accepted accepted ->
              length >= 40 && accepted.segment() >= 0 && accepted.segment() <= 65535;
        };
    if (!possible) {
      throw new AssertionError(answer);
    }
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void gue(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    try {
      Fou.decode(ByteBuffer.wrap(data).order(ByteOrder.nativeOrder()))
          .ifPresent(
              port -> {
                if (port.port() < 0 || port.port() > 65535) {
                  throw new AssertionError(port);
                }
              });
    } catch (MalformedMessageException e) {
      return;
    }
  }
}
