package dev.freeway.dataplane.health.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.health.probe.Outcome.Dead;
import dev.freeway.dataplane.health.probe.Outcome.Failing;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** UDP and DNS against backends of every kind. */
final class DatagramProbeTest {
  private static final HexFormat HEX = HexFormat.of();

  private final Tries tries = new Tries(Instant.EPOCH, List.of());

  @AfterEach
  void close() {
    tries.close();
  }

  /** Answers datagrams with what the function gives of each, until it is closed. */
  private static DatagramSocket answering(Function<byte[], List<byte[]>> answers)
      throws IOException {
    DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
                  socket.receive(packet);
                  byte[] asked = Arrays.copyOf(packet.getData(), packet.getLength());
                  for (byte[] answer : answers.apply(asked)) {
                    socket.send(
                        new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                  }
                }
              } catch (IOException e) {
                socket.close(); // or it is closed: the test is over
              }
            });
    return socket;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void anAnswerThatContainsWhatIsExpectedIsRight() throws IOException {
    try (DatagramSocket socket =
        answering(
            asked -> List.of(Arrays.equals(asked, ascii("\0ping")) ? ascii("a pong") : asked))) {
      assertThat(tries.of("udp,send=\\x00ping,expect=pong", socket.getLocalPort()))
          .isEqualTo(Outcome.WELL);
      assertThat(tries.of("udp,send=b\\x01g,expect=pong", socket.getLocalPort()))
          .isEqualTo(new Failing("answers \"b\\x01g\", expected \"pong\" in it"));
    }
  }

  @Test
  void silenceIsRightWhereNothingIsExpectedAndElseDead() throws IOException {
    try (DatagramSocket socket = answering(_ -> List.of())) {
      assertThat(tries.of("udp,send=x,timeout=100ms", socket.getLocalPort()))
          .isEqualTo(Outcome.WELL);
      assertThat(tries.of("udp,send=x,expect=y,timeout=100ms", socket.getLocalPort()))
          .isEqualTo(new Dead("no answer within 100 ms"));
      assertThat(tries.of("dns,name=a.b,timeout=100ms", socket.getLocalPort()))
          .isEqualTo(new Dead("no answer within 100 ms"));
    }
  }

  @Test
  void anUnreachablePortIsDead() throws IOException {
    // Connected elsewhere it takes nothing of others, and nobody else can have the port.
    try (DatagramSocket elsewhere = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      elsewhere.connect(InetAddress.getLoopbackAddress(), 9);
      for (String check : List.of("udp,send=x", "udp,send=x,expect=y", "dns,name=a.b")) {
        assertThat(tries.of(check, elsewhere.getLocalPort()))
            .as(check)
            .isEqualTo(new Dead("port unreachable (ICMP)"));
      }
    }
  }

  /**
   * What is answered to a question for a.b, in hexadecimal after the number: QUESTION stands for
   * the question's section, and the reason; empty when it is right.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "an address; A; 8180 0001 0001 0000 0000 QUESTION c00c 0001 0001 00000000 0004 7f000001; ``",
        "an alias first; A; 8180 0001 0002 0000 0000 QUESTION c00c 0005 0001 00000000 0002 c00e"
            + " c00e 0001 0001 00000000 0004 7f000001; ``",
        "an IPv6 one; AAAA; 8180 0001 0001 0000 0000 QUESTION c00c 001c 0001 00000000 0010"
            + " 00000000000000000000000000000001; ``",
        "one of another length; A; 8180 0001 0001 0000 0000 QUESTION c00c 0001 0001 00000000 0003"
            + " 7f0000; DNS answers with a record 1 of 3 bytes",
        "none; A; 8180 0001 0000 0000 0000 QUESTION; DNS answers without a record A",
        "an alias only; AAAA; 8180 0001 0001 0000 0000 QUESTION c00c 0005 0001 00000000 0002 c00e;"
            + " DNS answers without a record AAAA",
        "SERVFAIL; A; 8182 0001 0000 0000 0000 QUESTION; DNS answers SERVFAIL",
        "NXDOMAIN; A; 8183 0001 0000 0000 0000 QUESTION; DNS answers NXDOMAIN",
        "REFUSED without the question; A; 8185 0000 0000 0000 0000; DNS answers REFUSED",
        "another error; A; 818b 0000 0000 0000 0000; DNS answers error 11",
        "the question; A; 0100 0001 0000 0000 0000 QUESTION; not an answer of DNS: a question",
        "another question; A; 8180 0001 0000 0000 0000 0161 0163 00 0001 0001;"
            + " not an answer of DNS: it repeats another question",
        "a name that points to itself; A; 8180 0001 0001 0000 0000 QUESTION c015 0001 0001 00000000"
            + " 0004 7f000001; not an answer of DNS: a name that points to itself",
        "names that point to each other; A; 8180 0001 0001 0000 0000 QUESTION 0161 c017 c015 0001"
            + " 0001; not an answer of DNS: a name that points to itself",
        "a name without end; A; 8180 0001 0001 0000 0000 QUESTION 3f61;"
            + " not an answer of DNS: it is cut off",
        "a record without end; A; 8180 0001 0001 0000 0000 QUESTION c00c 0001 0001 00000000 0004"
            + " 7f00; not an answer of DNS: it is cut off",
        "a label of a reserved kind; A; 8180 0001 0001 0000 0000 QUESTION 80;"
            + " not an answer of DNS: it is cut off",
        "nothing; A; ``; not an answer of DNS: it is cut off",
      })
  void judgesWhatDnsAnswers(String name, String type, String answer, String reason)
      throws IOException {
    try (DatagramSocket socket =
        answering(
            asked -> {
              String question = HEX.formatHex(asked, 12, asked.length);
              String hex = answer.replace("QUESTION", question).replace(" ", "");
              return List.of(HEX.parseHex(HEX.formatHex(asked, 0, 2) + hex));
            })) {
      Outcome outcome = tries.of("dns,name=A.b,type=" + type, socket.getLocalPort());
      assertThat(outcome).isEqualTo(reason.isEmpty() ? Outcome.WELL : new Failing(reason));
    }
  }

  @Test
  void anAnswerToAnotherQuestionIsNotOurs() throws IOException {
    Function<byte[], byte[]> other =
        asked -> {
          byte[] answer = asked.clone();
          answer[1]++;
          return answer;
        };
    try (DatagramSocket socket = answering(asked -> List.of(other.apply(asked)))) {
      assertThat(tries.of("dns,name=a.b,timeout=200ms", socket.getLocalPort()))
          .isEqualTo(new Failing("no answer within 200 ms, only 1 to others"));
    }
    try (DatagramSocket socket =
        answering(asked -> java.util.Collections.nCopies(100, other.apply(asked)))) {
      assertThat(tries.of("dns,name=a.b", socket.getLocalPort()))
          .isEqualTo(new Failing("no answer, but 64 to others"));
    }
  }
}
