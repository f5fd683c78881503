package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Requests and answers over one netlink socket: batches whose acknowledgements are read together,
 * single requests, dumps. Answers are matched by sequence number: what belongs to an earlier
 * request is passed over, what belongs to none that was sent is an error.
 *
 * <p>Used by one thread. After a {@link NetlinkException} that comes from the socket, or a {@link
 * MalformedMessageException}, what the kernel did is unknown; later requests are not confused by
 * answers that come late.
 */
public final class NetlinkConnection implements AutoCloseable {
  /** Requests in one datagram: more gains nothing measurable, fewer cost system calls. */
  static final int DEFAULT_BATCH = 128;

  /** Bytes of one datagram: below {@code SO_SNDBUF}'s default of 212,992. */
  private static final int SEND_BYTES = 64 * 1024;

  /** Room that a single request may take. */
  private static final int REQUEST_BYTES = 4 * 1024;

  /** The kernel makes dump datagrams of up to 32 KiB when the reader's buffer allows it. */
  private static final int RECEIVE_BYTES = 64 * 1024;

  private static final int DUMP_ATTEMPTS = 10;

  private final NetlinkSocket socket;
  private final int batch;
  private final ByteBuffer sending = ByteBuffer.allocateDirect(SEND_BYTES);
  private final ByteBuffer receiving = ByteBuffer.allocateDirect(RECEIVE_BYTES);
  private final MessageWriter writer;
  private final BitSet answered = new BitSet(DEFAULT_BATCH);
  private int sequence;

  /** A connection over a socket, which it closes with itself. */
  public NetlinkConnection(NetlinkSocket socket) {
    this(socket, DEFAULT_BATCH);
  }

  /**
   * A connection with another batch size.
   *
   * @param batch requests in one datagram at most
   */
  public NetlinkConnection(NetlinkSocket socket, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch " + batch + ": expected 1 or more");
    }
    this.socket = socket;
    this.batch = batch;
    sending.order(ByteOrder.nativeOrder());
    receiving.order(ByteOrder.nativeOrder());
    writer = new MessageWriter(sending);
  }

  /** Writes one request: {@link MessageWriter#begin}, attributes, {@link MessageWriter#end}. */
  @FunctionalInterface
  public interface Encoder<T> {
    /** Writes the request with {@code NLM_F_REQUEST | NLM_F_ACK}, at most 4 KiB. */
    void encode(T request, MessageWriter writer);
  }

  /** Takes the acknowledgements of a batch. */
  @FunctionalInterface
  public interface Acknowledged {
    /**
     * The request was carried out or refused. Refusals of a datagram come first.
     *
     * @param index the request's place in the list
     * @param errno 0 when done, else the positive error number
     * @param message the kernel's own words; empty when it has none
     */
    void acknowledged(int index, int errno, String message);
  }

  /** Reads one answer. */
  @FunctionalInterface
  public interface Decoder<T> {
    /**
     * Adds what the message says.
     *
     * @param type {@code nlmsg_type}
     * @param payload what follows the header; valid during the call only
     * @throws MalformedMessageException when it does not say it properly
     */
    void decode(int type, ByteBuffer payload, List<? super T> into);
  }

  /**
   * Sends the requests in order, many to a datagram, and goes on after a refused one.
   *
   * <p>Only the last of a datagram asks for an acknowledgement. The kernel handles a datagram's
   * requests in order before {@code sendmsg} returns, and answers a refused one in any case
   * (netlink_rcv_skb): those without an answer before the last one's were done. An acknowledgement
   * each costs as much as the change itself.
   *
   * @param operation what is asked, in words, for the exception
   * @throws NetlinkException when the socket fails
   */
  public <T> void batch(
      String operation, List<? extends T> requests, Encoder<T> encoder, Acknowledged acknowledged) {
    int index = 0;
    while (index < requests.size()) {
      sending.clear();
      int first = sequence + 1;
      int from = index;
      int last = 0;
      while (index < requests.size()
          && index - from < batch
          && sending.remaining() >= REQUEST_BYTES) {
        if (index > from) {
          MessageWriter.acknowledgeNot(sending, last);
        }
        last = sending.position();
        write(requests.get(index++), encoder);
      }
      sending.flip();
      socket.send(sending);
      readAcknowledgements(operation, first, index - from, from, acknowledged);
    }
  }

  private <T> void write(T request, Encoder<T> encoder) {
    writer.address(++sequence, socket.portId());
    try {
      encoder.encode(request, writer);
    } finally {
      writer.abandon(); // nothing, unless the encoder failed half-way
    }
  }

  private void readAcknowledgements(
      String operation, int first, int count, int offset, Acknowledged acknowledged) {
    answered.clear();
    boolean over = false;
    while (!over) {
      MessageReader message = receive(operation);
      while (message.next()) {
        int which = message.sequence() - first;
        if (message.portId() != socket.portId() || which < 0) {
          continue; // to somebody else, or late
        }
        if (which >= count) {
          throw unexpected(operation, message.sequence());
        }
        if (message.type() == Netlink.NLMSG_OVERRUN) {
          throw overrun(operation);
        }
        if (message.type() == Netlink.NLMSG_ERROR && !answered.get(which)) {
          Acknowledgement verdict = Acknowledgement.decodeError(message.flags(), message.payload());
          answered.set(which);
          over |= which == count - 1;
          acknowledged.acknowledged(offset + which, verdict.errno(), verdict.message());
        }
      }
    }
    for (int which = answered.nextClearBit(0);
        which < count;
        which = answered.nextClearBit(which + 1)) {
      acknowledged.acknowledged(offset + which, 0, "");
    }
  }

  /**
   * Sends one request and reads its answers up to the acknowledgement.
   *
   * @param operation what is asked, in words, for the exception
   * @param request writes it, with {@code NLM_F_REQUEST | NLM_F_ACK}
   * @throws NetlinkException with the kernel's errno when it is refused
   */
  public <T> List<T> request(
      String operation, Consumer<MessageWriter> request, Decoder<T> decoder) {
    List<T> answers = new ArrayList<>(1);
    exchange(operation, request, decoder, answers);
    return answers;
  }

  /**
   * Sends one request that has no answer but its acknowledgement.
   *
   * @throws NetlinkException with the kernel's errno when it is refused
   */
  public void request(String operation, Consumer<MessageWriter> request) {
    exchange(operation, request, (type, payload, into) -> {}, new ArrayList<>(0));
  }

  /**
   * Dumps: sends one request with {@code NLM_F_REQUEST | NLM_F_DUMP} and reads all parts. Starts
   * again when the kernel says that a change came in between.
   *
   * @throws NetlinkException with the kernel's errno when it is refused; EINTR when a change came
   *     in between every time
   */
  public <T> List<T> dump(String operation, Consumer<MessageWriter> request, Decoder<T> decoder) {
    List<T> parts = new ArrayList<>();
    for (int attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      parts.clear();
      if (exchange(operation, request, decoder, parts)) {
        return parts;
      }
    }
    throw new NetlinkException(
        operation, Errno.EINTR, "changed while it was read, " + DUMP_ATTEMPTS + " times");
  }

  /**
   * Begins a dump that is read piece by piece. Until it is at its end the connection is asked
   * nothing else.
   */
  public <T> Dump<T> begin(String operation, Consumer<MessageWriter> request, Decoder<T> decoder) {
    sending.clear();
    write(request, Consumer::accept);
    sending.flip();
    socket.send(sending);
    return new Dump<>(operation, decoder, sequence);
  }

  /** Returns whether the answers are one consistent state. */
  private <T> boolean exchange(
      String operation, Consumer<MessageWriter> request, Decoder<T> decoder, List<T> into) {
    Dump<T> dump = begin(operation, request, decoder);
    while (!dump.read(into)) {
      // the next datagram
    }
    return dump.consistent;
  }

  /** The answers to a request, a datagram at a time. */
  public final class Dump<T> {
    private final String operation;
    private final Decoder<T> decoder;
    private final int expected;
    private final List<MalformedMessageException> malformed = new ArrayList<>(0);
    private boolean consistent = true;

    private Dump(String operation, Decoder<T> decoder, int expected) {
      this.operation = operation;
      this.decoder = decoder;
      this.expected = expected;
    }

    /**
     * Reads the next datagram.
     *
     * @return whether it was the last
     * @throws NetlinkException with the kernel's errno when it refuses
     */
    public boolean read(List<T> into) {
      MessageReader message = receive(operation);
      while (message.next()) {
        int which = message.sequence() - expected;
        if (message.portId() != socket.portId() || which < 0) {
          continue; // to somebody else, or late
        }
        if (which > 0) {
          throw unexpected(operation, message.sequence());
        }
        consistent &= (message.flags() & Netlink.NLM_F_DUMP_INTR) == 0;
        switch (message.type()) {
          case Netlink.NLMSG_NOOP -> {}
          case Netlink.NLMSG_OVERRUN -> throw overrun(operation);
          case Netlink.NLMSG_ERROR, Netlink.NLMSG_DONE -> {
            Acknowledgement end =
                message.type() == Netlink.NLMSG_ERROR
                    ? Acknowledgement.decodeError(message.flags(), message.payload())
                    : Acknowledgement.decodeDone(message.flags(), message.payload());
            if (end.errno() != 0) {
              throw new NetlinkException(operation, end.errno(), end.reason());
            }
            if (!malformed.isEmpty()) {
              throw malformed.getFirst();
            }
            return true;
          }
          default -> {
            try {
              decoder.decode(message.type(), message.payload(), into);
            } catch (MalformedMessageException e) {
              // Read to the end first: a socket with a dump half read refuses the next (EBUSY).
              malformed.add(e);
            }
          }
        }
      }
      return false;
    }
  }

  private MessageReader receive(String operation) {
    receiving.clear();
    try {
      socket.receive(receiving);
    } catch (NetlinkException e) {
      throw new NetlinkException(operation, e);
    }
    return new MessageReader(receiving);
  }

  private static NetlinkException unexpected(String operation, int sequence) {
    return new NetlinkException(
        operation, Errno.EPROTO, "an answer to request " + sequence + ", which was not sent");
  }

  private static NetlinkException overrun(String operation) {
    return new NetlinkException(operation, Errno.ENOBUFS, Errno.describe(Errno.ENOBUFS));
  }

  @Override
  public void close() {
    socket.close();
  }
}
