package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck.Question;
import io.netty.buffer.Unpooled;

/** What is said over UDP. */
final class Conversations {
  private Conversations() {}

  /** A datagram of the check's words, and an answer that contains others. */
  record Plain(Question.Datagram asked) implements DatagramProbe.Conversation {
    @Override
    public byte[] question() {
      return asked.send().bytes();
    }

    @Override
    public boolean mine(byte[] datagram) {
      return true;
    }

    @Override
    public Outcome judge(byte[] datagram) {
      return asked.expect().isEmpty()
              || new Needle(asked.expect()).found(Unpooled.wrappedBuffer(datagram), datagram.length)
          ? Outcome.WELL
          : new Outcome.Failing(
              "answers " + Words.quoted(datagram) + ", expected \"" + asked.expect() + "\" in it");
    }

    @Override
    public boolean silence() {
      return asked.expect().isEmpty();
    }
  }

  /**
   * A question of DNS.
   *
   * @param id the answer has the same
   */
  record Dns(Question.Lookup asked, int id) implements DatagramProbe.Conversation {
    @Override
    public byte[] question() {
      return DnsMessage.question(asked, id);
    }

    @Override
    public boolean mine(byte[] datagram) {
      return DnsMessage.has(id, datagram);
    }

    @Override
    public Outcome judge(byte[] datagram) {
      return DnsMessage.wrong(asked, datagram)
          .<Outcome>map(Outcome.Failing::new)
          .orElse(Outcome.WELL);
    }

    @Override
    public boolean silence() {
      return false;
    }
  }
}
