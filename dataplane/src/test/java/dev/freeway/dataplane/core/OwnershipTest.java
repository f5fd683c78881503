package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OwnershipTest {
  private static ServiceKey key(String address) {
    return new ServiceKey(Protocol.TCP, IpAddress.parse(address), 80);
  }

  @Test
  void oursIsWhatTheRecordOrThePoolSays() {
    Ownership ownership =
        new Ownership(
            Set.of(key("10.0.0.1")),
            List.of(Prefix.parse("10.2.0.0/16"), Prefix.parse("2001:db8::/33")),
            false);
    assertThat(ownership.ours(key("10.0.0.1"))).isTrue();
    assertThat(ownership.ours(new ServiceKey(Protocol.UDP, IpAddress.parse("10.0.0.1"), 80)))
        .isFalse();
    assertThat(ownership.ours(key("10.2.255.255"))).isTrue();
    assertThat(ownership.ours(key("10.3.0.0"))).isFalse();
    assertThat(ownership.ours(key("2001:db8:7fff::1"))).isTrue();
    assertThat(ownership.ours(key("2001:db8:8000::1"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, 11.0.0.0",
    "0.0.0.0/0, 192.0.2.1, 2001:db8::1",
    "10.0.0.1, 10.0.0.1, 10.0.0.2",
    "2001:db8::/64, 2001:db8::ffff:1, 2001:db8:0:1::1",
    "2001:db8::8/125, 2001:db8::f, 2001:db8::10",
    "::/0, 2001:db8::1, 10.0.0.1",
  })
  void aPrefixContainsItsAddresses(String prefix, String inside, String outside) {
    assertThat(Prefix.parse(prefix).contains(IpAddress.parse(inside))).isTrue();
    assertThat(Prefix.parse(prefix).contains(IpAddress.parse(outside))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1/24, 10.0.0.0/24",
    "10.0.0.0/33, 0 to 32",
    "10.0.0.0/x, 10.0.0.0/24",
    "web/24, an address such as",
    "2001:db8::1/64, 2001:db8::/64",
  })
  void aBadPrefixIsRefusedWithWhatWouldBeRight(String text, String expected) {
    assertThatThrownBy(() -> Prefix.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(expected);
  }
}
