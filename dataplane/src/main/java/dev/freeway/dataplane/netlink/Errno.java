package dev.freeway.dataplane.netlink;

/**
 * Linux's error numbers by name, as {@code include/uapi/asm-generic/errno*.h} has them: the same on
 * x86-64 and on 64-bit Arm.
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int ENOMEM = 12;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int EROFS = 30;
  public static final int ERANGE = 34;
  public static final int EPROTO = 71;
  public static final int EMSGSIZE = 90;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ENOBUFS = 105;
  public static final int ETIMEDOUT = 110;

  private Errno() {}

  /** The symbolic name with its meaning, for example {@code ESRCH (No such process)}. */
  public static String describe(int errno) {
    String known = known(errno);
    return known.isEmpty() ? "error " + errno : known;
  }

  private static String known(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (Operation not permitted)";
      case ENOENT -> "ENOENT (No such file or directory)";
      case ESRCH -> "ESRCH (No such process)";
      case EINTR -> "EINTR (Interrupted)";
      case 5 -> "EIO (Input/output error)";
      case 6 -> "ENXIO (No such device or address)";
      case 7 -> "E2BIG (Argument list too long)";
      case 9 -> "EBADF (Bad file descriptor)";
      case EAGAIN -> "EAGAIN (Nothing came in time)";
      case ENOMEM -> "ENOMEM (Out of memory)";
      case EACCES -> "EACCES (Permission denied)";
      case 14 -> "EFAULT (Bad address)";
      case EBUSY -> "EBUSY (Device or resource busy)";
      case EEXIST -> "EEXIST (Already exists)";
      case 18 -> "EXDEV (Invalid cross-device link)";
      case ENODEV -> "ENODEV (No such device)";
      case 20 -> "ENOTDIR (Not a directory)";
      case EINVAL -> "EINVAL (Invalid argument)";
      case 23 -> "ENFILE (Too many open files in system)";
      case 24 -> "EMFILE (Too many open files)";
      case 28 -> "ENOSPC (No space left)";
      case EROFS -> "EROFS (Read-only file system)";
      case ERANGE -> "ERANGE (Out of range)";
      case 38 -> "ENOSYS (Not implemented by this kernel)";
      case 61 -> "ENODATA (No data available)";
      case EPROTO -> "EPROTO (Protocol error)";
      case 74 -> "EBADMSG (Bad message)";
      case 75 -> "EOVERFLOW (Value too large)";
      case EMSGSIZE -> "EMSGSIZE (Message too long)";
      case 92 -> "ENOPROTOOPT (Option not available)";
      case 93 -> "EPROTONOSUPPORT (Protocol not supported)";
      case EOPNOTSUPP -> "EOPNOTSUPP (Operation not supported)";
      case EAFNOSUPPORT -> "EAFNOSUPPORT (Address family not supported)";
      case 98 -> "EADDRINUSE (Address in use)";
      case EADDRNOTAVAIL -> "EADDRNOTAVAIL (Address not available)";
      case 100 -> "ENETDOWN (Network is down)";
      case 101 -> "ENETUNREACH (Network unreachable)";
      case ENOBUFS -> "ENOBUFS (No buffer space: answers were lost)";
      case ETIMEDOUT -> "ETIMEDOUT (Timed out)";
      case 111 -> "ECONNREFUSED (Connection refused)";
      case 113 -> "EHOSTUNREACH (No route to host)";
      default -> "";
    };
  }
}
