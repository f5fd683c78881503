package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Answers requests as a capture has them answered; a request that was never captured fails. These
 * differences are allowed, for the kernel does not look at them:
 *
 * <ul>
 *   <li>sequence and port numbers, which are the sender's; answers carry ours;
 *   <li>NLM_F_ACK on a dump, which NLMSG_DONE ends in any case;
 *   <li>the order of attributes in a row, the flag that says nest, and what padding holds: the
 *       kernel finds attributes by type;
 *   <li>attributes named by {@link #passingOver}, which the kernel does not read in this request;
 *       ours may lack them;
 *   <li>bytes behind those named by {@link #readingOnly} and {@link #readingHeader}, which the
 *       kernel does not read either.
 * </ul>
 *
 * <p>The number of a family may be asked for again.
 */
public final class ReplaySocket implements NetlinkSocket {
  private static final int PORT = 4711;
  private static final int NESTED = 1 << 15;

  private final List<Capture.Turn> turns;
  private final List<Capture.Turn> lookUps = new ArrayList<>();
  private final Deque<ByteBuffer> answers = new ArrayDeque<>();
  private final int header;
  private int headerRead = Integer.MAX_VALUE;
  private List<String> passedOver = List.of();
  private List<String> nests = List.of();
  private final Map<String, Integer> read = new HashMap<>();

  ReplaySocket(int header, List<Capture.Turn> turns) {
    this.header = header;
    this.turns = new ArrayList<>(turns);
  }

  /** Attributes that hold others though not every program marks them so, by path. */
  public ReplaySocket nests(String... paths) {
    nests = List.of(paths);
    return this;
  }

  /**
   * Attributes that a captured request has and ours may lack.
   *
   * @param paths such as {@code 1/7}, or with the one value that may be lacking, {@code 2/13=00}
   */
  public ReplaySocket passingOver(String... paths) {
    passedOver = List.of(paths);
    return this;
  }

  /** Of the header, the kernel reads the first bytes only in these requests. */
  public ReplaySocket readingHeader(int bytes) {
    headerRead = bytes;
    return this;
  }

  /** How many of the captured requests nobody made. */
  public long left() {
    return turns.size();
  }

  /**
   * Of an attribute, the kernel reads the first bytes only.
   *
   * @param path such as {@code 2/1}
   */
  public ReplaySocket readingOnly(String path, int bytes) {
    read.put(path, bytes);
    return this;
  }

  @Override
  public void send(ByteBuffer messages) {
    ByteBuffer request = messages.duplicate().order(ByteOrder.nativeOrder());
    messages.position(messages.limit());
    MessageReader reader = new MessageReader(request);
    while (reader.next()) {
      Request asked = request(reader);
      Capture.Turn turn =
          Stream.concat(turns.stream(), lookUps.stream())
              .filter(t -> same(asked, request(t)))
              .findFirst()
              .orElseThrow(
                  () ->
                      new AssertionError(
                          "this request was not captured:\n"
                              + asked
                              + "\nthese were:\n"
                              + turns.stream()
                                  .map(t -> request(t).toString())
                                  .collect(Collectors.joining("\n"))));
      if (turns.remove(turn) && reader.type() == GenericFamily.CONTROLLER) {
        lookUps.add(turn);
      }
      for (String answer : turn.answers()) {
        answers.add(addressed(Capture.bytes(answer), reader.sequence()));
      }
      if (turn.answers().size() == 1 && isValue(turn.answers().getFirst())) {
        // Whoever was captured had what it wanted, and closed before the acknowledgement.
        answers.add(acknowledgement(reader.sequence()));
      }
    }
  }

  private static boolean isValue(String answer) {
    MessageReader reader = new MessageReader(Capture.bytes(answer));
    return reader.next() && reader.type() > Netlink.NLMSG_OVERRUN && !reader.next();
  }

  private static ByteBuffer acknowledgement(int sequence) {
    ByteBuffer bytes = ByteBuffer.allocate(36).order(ByteOrder.nativeOrder());
    MessageWriter writer = new MessageWriter(bytes);
    writer.address(sequence, PORT);
    writer.begin(Netlink.NLMSG_ERROR, Netlink.NLM_F_CAPPED);
    writer.buffer().putInt(0).put(new byte[MessageWriter.HEADER_BYTES]);
    writer.end();
    return bytes.flip();
  }

  private static ByteBuffer addressed(ByteBuffer answer, int sequence) {
    int at = 0;
    while (answer.limit() - at >= MessageWriter.HEADER_BYTES) {
      answer.putInt(at + 8, sequence).putInt(at + 12, PORT);
      at += (answer.getInt(at) + 3) & ~3;
    }
    return answer;
  }

  /** A message in one form for all that mean the same to the kernel. */
  private record Request(String header, Map<String, String> attributes) {}

  private boolean same(Request asked, Request captured) {
    if (!asked.header().equals(captured.header())
        || !captured.attributes().entrySet().containsAll(asked.attributes().entrySet())) {
      return false;
    }
    return captured.attributes().entrySet().stream()
        .filter(attribute -> !asked.attributes().containsKey(attribute.getKey()))
        .allMatch(
            lacking ->
                passedOver.contains(lacking.getKey())
                    || passedOver.contains(lacking.getKey() + "=" + lacking.getValue()));
  }

  private Request request(Capture.Turn turn) {
    MessageReader reader = new MessageReader(Capture.bytes(turn.sent()));
    if (!reader.next()) {
      throw new AssertionError("an empty datagram was captured");
    }
    return request(reader);
  }

  private Request request(MessageReader message) {
    boolean dump = (message.flags() & Netlink.NLM_F_DUMP) == Netlink.NLM_F_DUMP;
    int flags = dump ? message.flags() & ~Netlink.NLM_F_ACK : message.flags();
    ByteBuffer payload = message.payload();
    byte[] fixed = new byte[Math.min(header, payload.remaining())];
    payload.get(fixed);
    return new Request(
        "type %d, flags 0x%x, header %s"
            .formatted(
                message.type(),
                flags,
                HexFormat.of().formatHex(fixed, 0, Math.min(fixed.length, headerRead))),
        attributes(payload, ""));
  }

  /** Read apart from the product's reader, as a witness against it. */
  private Map<String, String> attributes(ByteBuffer in, String path) {
    Map<String, String> sorted = new TreeMap<>();
    int at = in.position();
    while (in.limit() - at >= MessageWriter.ATTRIBUTE_HEADER_BYTES) {
      int length = Short.toUnsignedInt(in.getShort(at));
      int type = Short.toUnsignedInt(in.getShort(at + 2));
      String name = path + (type & ~NESTED);
      ByteBuffer value = in.slice(at + 4, length - 4).order(in.order());
      if ((type & NESTED) != 0 || nests.contains(name)) {
        sorted.putAll(attributes(value, name + "/"));
      } else {
        byte[] copy = new byte[Math.min(value.remaining(), read.getOrDefault(name, length))];
        value.get(copy);
        if (sorted.put(name, HexFormat.of().formatHex(copy)) != null) {
          throw new AssertionError("attribute " + name + " is there twice");
        }
      }
      at += (length + 3) & ~3;
    }
    return sorted;
  }

  @Override
  public void receive(ByteBuffer into) {
    into.clear();
    ByteBuffer answer = answers.poll();
    if (answer == null) {
      throw new NetlinkException("receive", Errno.EAGAIN, Errno.describe(Errno.EAGAIN));
    }
    into.put(answer).flip();
  }

  @Override
  public int portId() {
    return PORT;
  }

  @Override
  public void close() {}
}
