package dev.freeway.dataplane.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ProbePacketTest {
  private static final IpAddress CLIENT = IpAddress.parse("10.1.0.250");
  private static final IpAddress SERVICE = IpAddress.parse("192.0.2.1");

  private static final ProbePacket.Question TCP =
      new ProbePacket.Question(CLIENT, SERVICE, 80, 4000);
  private static final ProbePacket.Question ECHO =
      new ProbePacket.Question(IpAddress.parse("fd00::1"), IpAddress.parse("2001:db8::1"), 0, 4000);

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /** As tcpdump would check it: RFC 791, 9293. */
  @Test
  void aConnectionIsAskedForInOneSegment() {
    assertThat(HexFormat.of().formatHex(ProbePacket.ask(TCP)))
        .isEqualTo(
            "4500002c00000000"
                + "4006add0"
                + "0a0100fa"
                + "c0000201" // IPv4: 44 bytes, TCP
                + "0fa00050"
                + "00000001"
                + "00000000"
                + "6002ffff"
                + "9ded0000"
                + "02042300");
  }

  @Test
  void everyHeaderSumsUp() {
    assertThat(sum(ProbePacket.ask(TCP), 0, 20)).isEqualTo(0xffff);
    byte[] wrapped =
        ProbePacket.wrap(
            new Encapsulation.Gre(true), CLIENT, SERVICE, Family.IPV4, ProbePacket.ask(TCP));
    assertThat(sum(wrapped, 0, 20)).isEqualTo(0xffff);
    assertThat(sum(wrapped, 20, wrapped.length)).as("GRE").isEqualTo(0xffff);
    assertThat(wrapped[9]).isEqualTo((byte) 47);
  }

  private static int sum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i += 2) {
      sum += ((bytes[i] & 0xff) << 8) + (i + 1 < to ? bytes[i + 1] & 0xff : 0);
    }
    return (sum & 0xffff) + (sum >>> 16);
  }

  @Test
  void answersAreToldApart() {
    String head = "4500002c00000000 4006edd3 c0000201 0a0100fa 00500fa0 00000009 00000002 ";
    assertThat(ProbePacket.answer(TCP, bytes(head + "6012ffff 00000000 020405a0")))
        .contains(new ProbePacket.Answer.Accepted(1440));
    assertThat(ProbePacket.answer(TCP, bytes(head + "7012ffff 00000000 01030307 020405a0")))
        .as("the size is not the first option")
        .contains(new ProbePacket.Answer.Accepted(1440));
    assertThat(ProbePacket.answer(TCP, bytes(head + "6012ffff 00000000 00000000")))
        .contains(new ProbePacket.Answer.Accepted(0));
    assertThat(ProbePacket.answer(TCP, bytes(head + "5014ffff 00000000")))
        .contains(new ProbePacket.Answer.Refused());
    assertThat(ProbePacket.answer(TCP, bytes(head + "5010ffff 00000000")))
        .as("an acknowledgement of something else")
        .isEmpty();
    assertThat(ProbePacket.answer(TCP, bytes(head.replace("0fa0", "0fa1") + "5014ffff 00000000")))
        .as("another client's")
        .isEmpty();
    assertThat(
            ProbePacket.answer(
                TCP, bytes(head.replace("c0000201", "c0000202") + "5014ffff 00000000")))
        .as("another service's")
        .isEmpty();
    assertThat(ProbePacket.answer(TCP, ByteBuffer.wrap(ProbePacket.ask(TCP)))).isEmpty();
  }

  @Test
  void anEchoComesBackToWhomItWasAskedFrom() {
    byte[] asked = ProbePacket.ask(ECHO);
    ByteBuffer reply = ByteBuffer.wrap(asked.clone());
    reply.put(8, asked, 24, 16).put(24, asked, 8, 16).put(40, (byte) 129);
    assertThat(ProbePacket.answer(ECHO, reply)).contains(new ProbePacket.Answer.Echo());
    assertThat(ProbePacket.answer(ECHO, ByteBuffer.wrap(asked))).isEmpty();
    assertThat(ProbePacket.answer(TCP, reply)).isEmpty();
  }
}
