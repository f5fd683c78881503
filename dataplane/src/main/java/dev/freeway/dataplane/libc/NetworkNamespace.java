package dev.freeway.dataplane.libc;

import static dev.freeway.dataplane.libc.Native.C;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Network namespaces; a thread is in one, and threads that it starts begin in the same. */
public final class NetworkNamespace {
  private static final Path MINE = Path.of("/proc/thread-self/ns/net");

  private NetworkNamespace() {}

  /**
   * Moves the calling thread into a namespace. Sockets that it opened before stay where they are.
   *
   * @param path for example {@code /run/netns/lb} or {@code /proc/123/ns/net}
   * @throws dev.freeway.dataplane.netlink.NetlinkException ENOENT when there is none, EPERM without
   *     CAP_SYS_ADMIN
   */
  public static void enter(Path path) {
    requirePlatformThread();
    int descriptor = C.open(path.toString(), Native.O_RDONLY | Native.O_CLOEXEC);
    if (descriptor < 0) {
      throw Native.failure("open the network namespace " + path);
    }
    try {
      if (C.setns(descriptor, Native.CLONE_NEWNET) != 0) {
        throw Native.failure("enter the network namespace " + path);
      }
    } finally {
      C.close(descriptor);
    }
  }

  /**
   * Moves the calling thread into a new, empty namespace that lives as long as something is in it.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException EPERM without CAP_SYS_ADMIN
   */
  public static void enterNew() {
    requirePlatformThread();
    if (C.unshare(Native.CLONE_NEWNET) != 0) {
      throw Native.failure("make a network namespace");
    }
  }

  /** The inode that identifies the calling thread's namespace until the machine restarts. */
  public static long inode() {
    try {
      return (Long) Files.getAttribute(MINE, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException("read " + MINE, e);
    }
  }

  private static void requirePlatformThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread has no network namespace of its own");
    }
  }
}
