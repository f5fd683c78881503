package dev.freeway.dataplane.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Words that are gathered and bytes that callers put themselves, in one message. */
class MessageWriterTest {
  private final ByteBuffer bytes = ByteBuffer.allocate(8192).order(ByteOrder.nativeOrder());
  private final MessageWriter writer = new MessageWriter(bytes);

  @Test
  void lengthsAreRightAcrossOwnBytesAndMoreThanIsGatheredAtOnce() {
    writer.begin(20, 1);
    int nest = writer.beginNest(1);
    writer.putString(2, "abc");
    int own = writer.beginAttribute(3);
    writer.buffer().put(new byte[] {1, 2, 3, 4, 5, 6});
    writer.end(own);
    for (int i = 0; i < 300; i++) {
      writer.putInt(4, i);
    }
    writer.putNetworkLongs(5, 0x2001_0db8_0000_0000L, 1);
    writer.end(nest);
    writer.end();
    MessageReader message = new MessageReader(bytes.flip());
    assertThat(message.next()).isTrue();
    AttributeReader outer = new AttributeReader(message.payload());
    assertThat(outer.next()).isTrue();
    AttributeReader in = outer.nested();
    assertThat(in.next()).isTrue();
    assertThat(in.string()).isEqualTo("abc");
    assertThat(in.next()).isTrue();
    assertThat(in.copy()).containsExactly(1, 2, 3, 4, 5, 6);
    for (int i = 0; i < 300; i++) {
      assertThat(in.next()).isTrue();
      assertThat(in.u32()).isEqualTo(i);
    }
    assertThat(in.next()).isTrue();
    assertThat(in.networkLong(0)).isEqualTo(0x2001_0db8_0000_0000L);
    assertThat(in.networkLong(8)).isEqualTo(1);
    assertThat(in.next()).isFalse();
    assertThat(outer.next()).isFalse();
    assertThat(message.next()).isFalse();
  }

  @Test
  void whatIsAbandonedLeavesNothingAndWhatDoesNotFitIsRefused() {
    writer.begin(20, 1);
    writer.putInt(1, 1);
    writer.abandon();
    assertThat(bytes.position()).isZero();
    MessageWriter small = new MessageWriter(ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()));
    small.begin(20, 1);
    small.putInt(1, 1);
    assertThatThrownBy(small::end).isInstanceOf(BufferOverflowException.class);
  }
}
