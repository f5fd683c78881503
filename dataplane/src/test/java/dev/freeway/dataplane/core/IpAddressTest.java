package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1",
    "255.255.255.255, 255.255.255.255",
    "2001:DB8::1, 2001:db8::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "::, ::",
    "::1, ::1",
    "fe80::, fe80::",
    "::ffff:10.0.0.1, 10.0.0.1",
  })
  void writesTheCanonicalForm(String text, String canonical) {
    assertThat(IpAddress.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.01",
        "10.0.0.1.",
        "10..0.1",
        "web",
        "1",
        ":::",
        "1::2::3",
        "fe80::1%eth0",
        "10.0.0.1/24",
        " 10.0.0.1",
        "2001:db8::g"
      })
  void refusesWhatIsNoLiteral(String text) {
    assertThatThrownBy(() -> IpAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"");
  }

  @Test
  void agreesWithTheJdkOnRandomAddresses() throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 2000; i++) {
      IpAddress address =
          i % 2 == 0
              ? new IpAddress(Family.IPV4, 0, random.nextLong() & 0xffffffffL)
              : new IpAddress(
                  Family.IPV6,
                  random.nextLong() | 1L << 63,
                  random.nextLong() & 0xff_0000_0000_00ffL);
      ByteBuffer bytes = ByteBuffer.allocate(address.family().bits() / 8);
      address.put(bytes);
      assertThat(InetAddress.getByAddress(bytes.array())).isEqualTo(address.toInetAddress());
      assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
    }
  }

  @Test
  void ordersIpv4BeforeIpv6AndByNumber() {
    assertThat(IpAddress.parse("9.0.0.1")).isLessThan(IpAddress.parse("10.0.0.1"));
    assertThat(IpAddress.parse("255.0.0.1")).isLessThan(IpAddress.parse("::1"));
    assertThat(IpAddress.parse("7fff::1")).isLessThan(IpAddress.parse("8000::1"));
  }
}
