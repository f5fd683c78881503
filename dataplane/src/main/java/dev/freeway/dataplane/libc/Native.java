package dev.freeway.dataplane.libc;

import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Binds libc, and turns its errno into exceptions. */
final class Native {
  static final int AF_NETLINK = 16;
  static final int AF_PACKET = 17;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_RAW = 3;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_RCVBUF = 8;
  static final int SO_RCVTIMEO = 20;
  static final int SO_ATTACH_FILTER = 26;
  static final int SO_RCVBUFFORCE = 33;
  static final int SOL_NETLINK = 270;
  static final int NETLINK_CAP_ACK = 10;
  static final int NETLINK_EXT_ACK = 11;
  static final int MSG_TRUNC = 0x20;
  static final int ETH_P_ALL = 3;
  static final int PACKET_OUTGOING = 4;
  static final int O_RDONLY = 0;
  static final int O_CLOEXEC = 0x80000;
  static final int CLONE_NEWNET = 0x40000000;

  private Native() {}

  /** Public for the class that jnr-ffi generates in a loader of its own; its holder is not. */
  public interface LibC {
    int socket(int domain, int type, int protocol);

    int bind(int descriptor, @In ByteBuffer address, int length);

    int getsockname(int descriptor, @Out ByteBuffer address, ByteBuffer length);

    @ssize_t
    long send(int descriptor, @In ByteBuffer bytes, @size_t long length, int flags);

    @ssize_t
    long recvfrom(
        int descriptor,
        @Out ByteBuffer bytes,
        @size_t long length,
        int flags,
        @Out ByteBuffer address,
        ByteBuffer addressLength);

    @ssize_t
    long sendto(
        int descriptor,
        @In ByteBuffer bytes,
        @size_t long length,
        int flags,
        @In ByteBuffer address,
        int addressLength);

    int setsockopt(int descriptor, int level, int option, @In ByteBuffer value, int length);

    int open(@In String path, int flags);

    int setns(int descriptor, int type);

    int unshare(int flags);

    int close(int descriptor);

    long syscall(long number, int command, int flags, int processor);
  }

  static final LibC C = LibraryLoader.create(LibC.class).load("c");
  private static final Runtime RUNTIME = Runtime.getRuntime(C);

  /** Where a direct buffer's bytes are; the caller keeps it reachable. */
  static long address(ByteBuffer direct) {
    return Pointer.wrap(RUNTIME, direct).address();
  }

  /** The errno of this thread's last call. */
  static int errno() {
    return RUNTIME.getLastError();
  }

  /** The exception for this thread's last call. */
  static NetlinkException failure(String operation) {
    int errno = errno();
    return new NetlinkException(operation, errno, Errno.describe(errno));
  }
}
