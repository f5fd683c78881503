package dev.freeway.dataplane.core;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever text is given as an address or a range: a value that reads the same, or refused. */
class AddressFuzzTest {
  private static final long INPUTS = 4_000_000;

  /** Longer than any address or range: nothing new is found there, and slowly. */
  private static final int LENGTH = 64;

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void address(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    IpAddress address;
    try {
      address = IpAddress.parse(new String(data, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return;
    }
    IpAddress again = IpAddress.parse(address.toString());
    if (!again.equals(address) || address.compareTo(again) != 0) {
      throw new AssertionError(address + " reads as " + again);
    }
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void prefix(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    Prefix prefix;
    try {
      prefix = Prefix.parse(new String(data, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return;
    }
    if (!Prefix.parse(prefix.toString()).equals(prefix) || !prefix.contains(prefix.address())) {
      throw new AssertionError(prefix);
    }
  }
}
