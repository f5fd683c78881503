package dev.freeway.dataplane.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What can go wrong between a request and its answer, on a socket that says what a test says. */
class NetlinkConnectionTest {
  private static final int PORT = 7;
  private static final int VALUE = 0x20;
  private static final int MULTI = 2;

  private final Scripted socket = new Scripted();
  private final NetlinkConnection connection = new NetlinkConnection(socket, 4);

  /** The first request's sequence number is 1. */
  private static final class Scripted implements NetlinkSocket {
    final Deque<Consumer<ByteBuffer>> answers = new ArrayDeque<>();
    final List<Integer> sent = new ArrayList<>();

    void answer(Consumer<MessageWriter> messages) {
      answers.add(into -> messages.accept(new MessageWriter(into)));
    }

    void fail(int errno) {
      answers.add(
          into -> {
            throw new NetlinkException("receive from the kernel", errno, Errno.describe(errno));
          });
    }

    @Override
    public void send(ByteBuffer messages) {
      MessageReader reader = new MessageReader(messages.duplicate().order(ByteOrder.nativeOrder()));
      while (reader.next()) {
        sent.add(reader.sequence());
      }
    }

    @Override
    public void receive(ByteBuffer into) {
      into.clear();
      Consumer<ByteBuffer> answer = answers.poll();
      if (answer == null) { // the socket's own time-out
        throw new NetlinkException(
            "receive from the kernel", Errno.EAGAIN, Errno.describe(Errno.EAGAIN));
      }
      answer.accept(into);
      into.flip();
    }

    @Override
    public int portId() {
      return PORT;
    }

    @Override
    public void close() {}
  }

  private static void acknowledge(MessageWriter out, int sequence, int errno) {
    out.address(sequence, PORT);
    out.begin(Netlink.NLMSG_ERROR, Netlink.NLM_F_CAPPED);
    out.buffer().putInt(-errno);
    out.buffer().putInt(16).putShort((short) 0).putShort((short) 0).putInt(sequence).putInt(PORT);
    out.end();
  }

  private static void value(MessageWriter out, int sequence, int flags, int value) {
    out.address(sequence, PORT);
    out.begin(VALUE, flags);
    out.putInt(1, value);
    out.end();
  }

  private static void done(MessageWriter out, int sequence, int flags) {
    out.address(sequence, PORT);
    out.begin(Netlink.NLMSG_DONE, flags);
    out.buffer().putInt(0);
    out.end();
  }

  private static void write(MessageWriter out) {
    out.begin(VALUE, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK);
    out.end();
  }

  private static void read(int type, ByteBuffer payload, List<? super Integer> into) {
    AttributeReader in = new AttributeReader(payload);
    while (in.next()) {
      into.add(in.u32());
    }
  }

  private List<String> batch(int requests) {
    List<String> answers = new ArrayList<>();
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      all.add(i);
    }
    connection.batch(
        "change the table",
        all,
        (request, out) -> write(out),
        (index, errno, message) -> answers.add(index + ":" + errno));
    return answers;
  }

  private List<Integer> dump() {
    return connection.<Integer>dump(
        "read the table", NetlinkConnectionTest::write, NetlinkConnectionTest::read);
  }

  private List<Integer> request() {
    return connection.<Integer>request(
        "read a value", NetlinkConnectionTest::write, NetlinkConnectionTest::read);
  }

  private static void fails(Runnable call, int errno, String... words) {
    assertThatExceptionOfType(NetlinkException.class)
        .isThrownBy(call::run)
        .satisfies(
            e -> {
              assertThat(e.errno()).isEqualTo(errno);
              assertThat(e).hasMessageContainingAll(words);
            });
  }

  @Test
  void aRefusalWithinABatchStopsNothing() {
    socket.answer(
        out -> {
          acknowledge(out, 1, 0);
          acknowledge(out, 2, Errno.EEXIST);
        });
    socket.answer(out -> acknowledge(out, 3, Errno.ESRCH));

    assertThat(batch(3)).containsExactly("0:0", "1:17", "2:3");
  }

  @Test
  void acknowledgementsMayComeInAnyOrderAndTwice() {
    socket.answer(out -> acknowledge(out, 3, 0));
    socket.answer(out -> acknowledge(out, 1, 0));
    socket.answer(out -> acknowledge(out, 3, Errno.EINVAL));
    socket.answer(out -> acknowledge(out, 2, 0));

    assertThat(batch(3)).containsExactly("2:0", "0:0", "1:0");
  }

  @Test
  void aLongListGoesOutInBatchesEachAnsweredBeforeTheNext() {
    for (int i = 1; i <= 6; i++) {
      int sequence = i;
      socket.answer(
          out -> {
            assertThat(socket.sent).hasSize(sequence <= 4 ? 4 : 6);
            acknowledge(out, sequence, 0);
          });
    }

    assertThat(batch(6)).containsExactly("0:0", "1:0", "2:0", "3:0", "4:0", "5:0");
  }

  @Test
  void aMissingAcknowledgementEndsInATimeOutThatSaysWhatWasAsked() {
    socket.answer(out -> acknowledge(out, 1, 0));

    fails(() -> batch(2), Errno.EAGAIN, "change the table", "Nothing came in time");
  }

  @Test
  void answersThatTheKernelDroppedAreAnError() {
    socket.answer(out -> acknowledge(out, 1, 0));
    socket.fail(Errno.ENOBUFS);
    fails(() -> batch(2), Errno.ENOBUFS, "change the table", "answers were lost");

    socket.fail(Errno.ENOBUFS);
    fails(this::dump, Errno.ENOBUFS, "read the table", "answers were lost");
  }

  @Test
  void anOverrunMessageIsTheSame() {
    socket.answer(
        out -> {
          out.address(1, PORT);
          out.begin(Netlink.NLMSG_OVERRUN, 0);
          out.end();
        });

    fails(this::dump, Errno.ENOBUFS, "read the table");
  }

  @Test
  void aDatagramThatDidNotFitIsAnError() {
    socket.fail(Errno.EMSGSIZE);

    fails(this::dump, Errno.EMSGSIZE, "read the table", "Message too long");
  }

  @Test
  void aDatagramCutOffIsMalformed() {
    socket.answers.add(
        into -> {
          MessageWriter out = new MessageWriter(into);
          value(out, 1, 0, 5);
          into.position(into.position() - 4);
        });

    assertThatExceptionOfType(MalformedMessageException.class)
        .isThrownBy(this::dump)
        .withMessageContaining("24 bytes, 20 are there");
  }

  @Test
  void lateAnswersToAnEarlierRequestArePassedOver() {
    fails(this::request, Errno.EAGAIN, "read a value"); // the first request, given up
    socket.answer(
        out -> {
          value(out, 1, 0, 5);
          acknowledge(out, 1, 0);
        });
    socket.answer(
        out -> {
          value(out, 2, 0, 6);
          acknowledge(out, 2, 0);
        });

    assertThat(request()).containsExactly(6);
  }

  @Test
  void answersToAnotherPortArePassedOver() {
    socket.answer(
        out -> {
          out.address(1, PORT + 1);
          out.begin(VALUE, 0);
          out.putInt(1, 5);
          out.end();
          value(out, 1, 0, 6);
          acknowledge(out, 1, 0);
        });

    assertThat(request()).containsExactly(6);
  }

  @Test
  void anAnswerToARequestThatWasNeverSentIsAnError() {
    socket.answer(out -> acknowledge(out, 2, 0));
    fails(this::request, Errno.EPROTO, "read a value", "request 2, which was not sent");

    socket.answer(out -> acknowledge(out, 5, 0));
    fails(() -> batch(2), Errno.EPROTO, "change the table", "request 5, which was not sent");
  }

  @Test
  void aDumpIsReadOverDatagramsToItsEnd() {
    socket.answer(
        out -> {
          value(out, 1, MULTI, 5);
          value(out, 1, MULTI, 6);
        });
    socket.answer(out -> value(out, 1, MULTI, 7));
    socket.answer(out -> done(out, 1, MULTI));

    assertThat(dump()).containsExactly(5, 6, 7);
  }

  @Test
  void aDumpThatAChangeInterruptedIsReadAgain() {
    socket.answer(out -> value(out, 1, MULTI, 5));
    socket.answer(out -> value(out, 1, MULTI | Netlink.NLM_F_DUMP_INTR, 7));
    socket.answer(out -> done(out, 1, MULTI));
    socket.answer(
        out -> {
          value(out, 2, MULTI, 5);
          value(out, 2, MULTI, 6);
          done(out, 2, MULTI);
        });

    assertThat(dump()).containsExactly(5, 6);
    assertThat(socket.sent).containsExactly(1, 2);
  }

  @Test
  void anInterruptionThatOnlyTheEndTellsOfCountsToo() {
    socket.answer(
        out -> {
          value(out, 1, MULTI, 5);
          done(out, 1, MULTI | Netlink.NLM_F_DUMP_INTR);
        });
    socket.answer(out -> done(out, 2, MULTI));

    assertThat(dump()).isEmpty();
  }

  @Test
  void aDumpThatIsAlwaysInterruptedEndsInAnError() {
    for (int i = 1; i <= 10; i++) {
      int sequence = i;
      socket.answer(out -> done(out, sequence, MULTI | Netlink.NLM_F_DUMP_INTR));
    }

    fails(this::dump, Errno.EINTR, "read the table", "changed while it was read, 10 times");
  }

  @Test
  void aDumpThatFailsHalfWaySaysSo() {
    socket.answer(out -> value(out, 1, MULTI, 5));
    socket.answer(
        out -> {
          out.address(1, PORT);
          out.begin(Netlink.NLMSG_DONE, MULTI);
          out.buffer().putInt(-Errno.ENOMEM);
          out.end();
        });

    fails(this::dump, Errno.ENOMEM, "read the table", "Out of memory");
  }

  @Test
  void aMalformedPartIsReportedAfterTheDumpWasReadToItsEnd() {
    socket.answer(
        out -> {
          out.address(1, PORT);
          out.begin(VALUE, MULTI);
          out.buffer().putShort((short) 99).putShort((short) 1);
          out.end();
        });
    socket.answer(out -> value(out, 1, MULTI, 5));
    socket.answer(out -> done(out, 1, MULTI));

    assertThatExceptionOfType(MalformedMessageException.class).isThrownBy(this::dump);
    assertThat(socket.answers).as("datagrams left unread").isEmpty();
  }

  @Test
  void theKernelsOwnWordsAreInTheError() {
    socket.answer(
        out -> {
          out.address(1, PORT);
          out.begin(Netlink.NLMSG_ERROR, Netlink.NLM_F_CAPPED | Netlink.NLM_F_ACK_TLVS);
          out.buffer().putInt(-Errno.EINVAL);
          out.buffer().putInt(16).putShort((short) 0).putShort((short) 0).putInt(1).putInt(PORT);
          out.putString(1, "Invalid scheduler");
          out.end();
        });

    fails(this::request, Errno.EINVAL, "read a value", "Invalid scheduler", "EINVAL");
  }
}
