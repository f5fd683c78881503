package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;

/**
 * One open netlink socket: the kernel's, or a model of the kernel in its place. Buffers are direct
 * and in the machine's byte order. Used by one thread.
 */
public interface NetlinkSocket extends AutoCloseable {
  /**
   * Sends the buffer's remaining bytes, one or more whole messages, as one datagram.
   *
   * @throws NetlinkException with the errno of {@code sendmsg}
   */
  void send(ByteBuffer messages);

  /**
   * Receives one datagram into the cleared buffer and flips it.
   *
   * @throws NetlinkException ENOBUFS when the kernel dropped answers for want of room, EAGAIN when
   *     nothing came within the socket's time-out, EMSGSIZE when the datagram did not fit
   */
  void receive(ByteBuffer into);

  /** The port number that the kernel gave this socket; answers carry it. */
  int portId();

  @Override
  void close();
}
