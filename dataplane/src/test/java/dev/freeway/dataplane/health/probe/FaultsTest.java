package dev.freeway.dataplane.health.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.health.probe.Outcome.Dead;
import dev.freeway.dataplane.health.probe.Outcome.Untried;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.Errors;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FaultsTest {
  @ParameterizedTest
  @CsvSource({
    "24,  this process has too many open files, true",
    "23,  this machine has too many open files, true",
    "12,  this machine has no memory for sockets, true",
    "105, this machine has no memory for sockets, true",
    "99,  this machine has no address or port to ask from, false",
    "1,   this machine does not permit it: SO_MARK or a firewall, false",
  })
  void whatThisMachineLacksSaysNothingOfTheBackend(int errno, String reason, boolean shortage) {
    Untried expected = new Untried(reason, shortage);
    Throwable opening =
        new ChannelException(new Errors.NativeIoException("newSocketStream", -errno));
    assertThat(Faults.ofOpening(opening)).isEqualTo(expected);
    // Netty has the number only in the text here.
    Throwable connecting =
        new ConnectException("connect(..) failed with error(-" + errno + "): Whatever: /127.0.0.1");
    assertThat(Faults.ofConnecting(connecting)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"111, connection refused", "101, no route to host", "113, no route to host"})
  void nobodyThereIsDead(int errno, String reason) {
    assertThat(Faults.ofConnecting(new Errors.NativeIoException("connect", -errno)))
        .isInstanceOf(Dead.class);
    assertThat(
            Faults.ofConnecting(
                new ConnectException("connect(..) failed with error(-" + errno + ")")))
        .isEqualTo(new Dead(reason));
  }

  @Test
  void aMarkIsSetOrItIsSaidThatItMayNotBe() throws Exception {
    try (Tries tries = new Tries(Instant.EPOCH, List.of());
        Served served = Served.by(Served.Talk::hang)) {
      assertThat(
              tries.of(
                  Tries.marked(
                      "tcp",
                      new InetSocketAddress(InetAddress.getLoopbackAddress(), served.port()),
                      0x77)))
          .isIn(
              Outcome.WELL,
              new Untried("this machine does not permit it: SO_MARK or a firewall", false));
    }
  }
}
