package dev.freeway.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.IpAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Byte for byte what RFC 826, RFC 5227 and RFC 4861 say. */
final class FramesTest {
  private static final IpAddress FOUR = IpAddress.parse("10.1.0.100");
  private static final IpAddress SIX = IpAddress.parse("fd00:1::12:3456");
  private static final String MAC = "02:00:0a:01:00:02";

  private static String hex(String... parts) {
    return String.join("", parts).replace(" ", "");
  }

  private static List<String> hex(List<byte[]> frames) {
    return frames.stream().map(HexFormat.of()::formatHex).toList();
  }

  @Test
  void anAddressThatWasTakenIsToldAsARequestAndAsAReply() {
    assertThat(hex(Frames.taken(FOUR, MAC)))
        .containsExactly(
            hex(
                "ffffffffffff 02000a010002 0806", // to everybody
                "0001 0800 06 04 0001", // Ethernet, IPv4, a request
                "02000a010002 0a010064", // the sender: the address itself
                "000000000000 0a010064"), // and whom it asks for
            hex(
                "ffffffffffff 02000a010002 0806",
                "0001 0800 06 04 0002", // a reply
                "02000a010002 0a010064",
                "02000a010002 0a010064")); // the kernel wants the sender's MAC here too
  }

  @Test
  void aProbeNamesNoSender() {
    assertThat(HexFormat.of().formatHex(Frames.probe(FOUR, MAC)))
        .isEqualTo(
            hex(
                "ffffffffffff 02000a010002 0806",
                "0001 0800 06 04 0001",
                "02000a010002 00000000",
                "000000000000 0a010064"));
    assertThat(HexFormat.of().formatHex(Frames.probe(SIX, MAC)))
        .isEqualTo(
            hex(
                "3333ff123456 02000a010002 86dd", // the group of those with these last 24 bits
                "60000000 0018 3a ff", // 24 bytes of ICMPv6, hop limit 255
                "00000000000000000000000000000000", // from nobody
                "ff0200000000000000000001ff123456",
                "87 00 14d6 00000000", // a neighbour solicitation
                "fd000001000000000000000000123456"));
  }

  @Test
  void anIpv6AddressThatWasTakenIsAdvertisedToAllNodesAndOverridesWhatTheyKnew() {
    assertThat(hex(Frames.taken(SIX, MAC)))
        .containsExactly(
            hex(
                "333300000001 02000a010002 86dd",
                "60000000 0020 3a ff",
                "fd000001000000000000000000123456", // from the address itself
                "ff020000000000000000000000000001", // ff02::1
                "88 00 e7c8 20000000", // an advertisement, O set, S not
                "fd000001000000000000000000123456",
                "02 01 02000a010002")); // the target's link-layer address
  }

  @Test
  void whoAnswersIsReadFromWhatIsWritten() {
    Frames.Claim four = new Frames.Claim(FOUR, MAC);
    assertThat(Frames.taken(FOUR, MAC)).allSatisfy(f -> assertThat(Frames.claim(f)).contains(four));
    assertThat(Frames.claim(Frames.taken(SIX, MAC).getFirst()))
        .contains(new Frames.Claim(SIX, MAC));
    assertThat(Frames.claim(Frames.probe(FOUR, MAC))).as("asking is no answer").isEmpty();
    assertThat(Frames.claim(Frames.probe(SIX, MAC))).isEmpty();
    byte[] routed = Frames.taken(SIX, MAC).getFirst();
    routed[14 + 7] = (byte) 254;
    assertThat(Frames.claim(routed)).as("it came through a router").isEmpty();
    byte[] shortened = java.util.Arrays.copyOf(Frames.taken(SIX, MAC).getFirst(), 14 + 40 + 24);
    assertThat(Frames.claim(shortened))
        .as("without the option it is the frame's sender")
        .contains(new Frames.Claim(SIX, MAC));
  }

  @Test
  void whateverTheBytesNothingIsThrown() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    List<byte[]> frames =
        Stream.of(Frames.taken(FOUR, MAC).getFirst(), Frames.taken(SIX, MAC).getFirst()).toList();
    int claims = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] frame = frames.get(i % 2).clone();
      frame = java.util.Arrays.copyOf(frame, random.nextInt(frame.length + 20));
      for (int j = random.nextInt(4); j > 0 && frame.length > 0; j--) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      claims += Frames.claim(frame).isPresent() ? 1 : 0;
    }
    assertThat(claims).isBetween(1000, 19_000);
  }
}
