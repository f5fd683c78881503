package dev.freeway.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import dev.freeway.dataplane.netlink.MessageReader;
import dev.freeway.dataplane.netlink.MessageWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** Whatever bytes come where rtnetlink, nf_tables or our own record of it is expected. */
class LinkFuzzTest {
  private static final long INPUTS = 4_000_000;

  /** Fewer of the record, which is text: a line takes twenty times as long as a message. */
  private static final long LINES = 1_000_000;

  private static final Namespace NAMESPACE = new Namespace("net:[7]", "boot-1");

  /** Longer than any of these messages: more of the same, and slow. */
  private static final int LENGTH = 512;

  private static final ByteBuffer WRITTEN =
      ByteBuffer.allocate(4 * LENGTH).order(ByteOrder.nativeOrder());

  private static ByteBuffer buffer(byte[] data) {
    return ByteBuffer.wrap(data).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer payload(Consumer<MessageWriter> request) {
    request.accept(new MessageWriter(WRITTEN.clear()));
    MessageReader reader = new MessageReader(WRITTEN.flip());
    assertThat(reader.next()).isTrue();
    return reader.payload();
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void device(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    try {
      Device device = RouteDecoder.device(buffer(data));
      if (!device.link().equals(RouteDecoder.link(buffer(data)))) {
        throw new AssertionError(device);
      }
    } catch (MalformedMessageException e) {
      return;
    }
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void link(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    Link link;
    try {
      link = RouteDecoder.link(buffer(data));
    } catch (MalformedMessageException e) {
      return;
    }
    if (link.name().isEmpty() || link.index() < 0) {
      throw new AssertionError(link);
    }
    // A kernel's names are ASCII; other bytes are only shown.
    if ((link.name() + link.kind()).chars().allMatch(c -> c < 128)) {
      // The kernel chooses the hardware's address of a link that it adds.
      Link added = new Link(link.index(), link.name(), link.kind(), link.flags());
      Link again = RouteDecoder.link(payload(out -> RouteEncoder.addLink(link, out)));
      if (!again.equals(added)) {
        throw new AssertionError(added + " was read again as " + again);
      }
    }
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void address(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    Optional<LinkAddress> read;
    try {
      read = RouteDecoder.address(buffer(data));
    } catch (MalformedMessageException e) {
      return;
    }
    if (read.isEmpty()) {
      return; // of another family
    }
    LinkAddress address = read.get();
    LinkAddress settable =
        address.address().family() == Family.IPV6
            ? address
            : new LinkAddress(address.link(), address.address(), address.bits(), 0);
    Optional<LinkAddress> again =
        RouteDecoder.address(payload(out -> RouteEncoder.addAddress(address, out)));
    if (!again.equals(Optional.of(settable))) {
      throw new AssertionError(settable + " was read again as " + again);
    }
  }

  /** A route, a rule and a neighbour: one header's size, so each input is read as all three. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void routing(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    try {
      RouteDecoder.route(buffer(data)).ifPresent(LinkFuzzTest::check);
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    try {
      RouteDecoder.rule(buffer(data)).ifPresent(LinkFuzzTest::check);
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    try {
      RouteDecoder.neighbour(buffer(data)).ifPresent(LinkFuzzTest::check);
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private static void check(Route route) {
    if (route.bits() > route.family().bits()
        || route.destination().filter(to -> to.family() != route.family()).isPresent()
        || route.source().filter(from -> from.family() != route.family()).isPresent()) {
      throw new AssertionError(route);
    }
  }

  private static void check(Rule rule) {
    if (rule.sourceBits() > rule.family().bits() || rule.destinationBits() > rule.family().bits()) {
      throw new AssertionError(rule);
    }
  }

  private static void check(Neighbour neighbour) {
    if ((neighbour.state() & ~0xffff) != 0) {
      throw new AssertionError(neighbour);
    }
  }

  /** The reader of nf_tables: a chain, and the generation of the ruleset. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void netfilter(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    try {
      long generation = Netfilter.decodeGeneration(buffer(data));
      if (generation < -1 || generation > 0xffffffffL) {
        throw new AssertionError(generation);
      }
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    try {
      Netfilter.decodeChain(buffer(data));
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  /** A record that is whole by its checksum, of whatever content. */
  @FuzzTest(maxDuration = "", maxExecutions = LINES)
  void saved(byte[] data) {
    if (data.length > 256) {
      return; // more lines of the same, and slow
    }
    String text = "boot boot-1\nnetns net:[7]\n" + new String(data, StandardCharsets.UTF_8);
    Saved saved;
    try {
      saved = Saved.parse(text, NAMESPACE);
    } catch (IllegalArgumentException e) {
      return;
    }
    Saved again = Saved.parse(saved.format(NAMESPACE), NAMESPACE);
    if (!again.equals(saved)) {
      throw new AssertionError(saved + " was read again as " + again);
    }
  }
}
