package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Namespace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whoever holds it is the one writer to a network namespace's table and to its record. A lock on a
 * file in the state directory, which the kernel drops when the process ends, however it ends; the
 * file says who holds it.
 */
public final class TableLock implements AutoCloseable {
  private final FileChannel channel;

  private TableLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Somebody else holds it. */
  public static final class HeldException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HeldException(Path directory, String holder) {
      super(directory + " is in use by " + holder);
    }
  }

  /**
   * Takes the lock, or fails at once.
   *
   * @param holder what the file is to say, for example {@code ipvs-router run, process 7}
   * @throws HeldException when another process has it
   * @throws StateException when the file cannot be written
   */
  public static TableLock take(StateDirectory state, Namespace namespace, String holder) {
    Path file = state.path().resolve(StateDirectory.lockFile(namespace));
    FileChannel channel = null;
    try {
      Files.createDirectories(state.path());
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        String other = read(channel);
        channel.close();
        throw new HeldException(state.path(), other.isEmpty() ? "another process" : other);
      }
      name(channel, holder);
      return new TableLock(channel);
    } catch (IOException e) {
      if (channel != null) {
        new TableLock(channel).close();
      }
      throw new StateException("lock", file, e);
    }
  }

  /** Says who holds it, as well as can be: a full disk is no reason not to follow the table. */
  private static void name(FileChannel channel, String holder) {
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException _) {
      // then another one is refused without a name
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // this very process has it
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(256);
    channel.read(bytes, 0);
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }

  /** Gives it back. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // the kernel drops it with the process at the latest
    }
  }
}
