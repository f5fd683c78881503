package dev.freeway.controlplane.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A file beside an inventory, one byte of which is locked for each scan that runs. It stays empty.
 * Not the inventory itself: a process that closes a file loses all its locks on it, SQLite's too.
 * For the same reason a process opens it once and never closes it. Any thread may use it.
 */
final class RunningFile {
  private static final Map<Path, FileChannel> OPEN = new ConcurrentHashMap<>();

  private RunningFile() {}

  static Path beside(Path inventory) {
    return inventory.resolveSibling(inventory.getFileName() + "-running");
  }

  /** Holds a scan; empty when it runs already. */
  static Optional<Hold> hold(Path file, long scan) {
    try {
      FileLock lock = channel(file).tryLock(scan, 1, false);
      return lock == null ? Optional.empty() : Optional.of(() -> free(lock));
    } catch (OverlappingFileLockException _) {
      return Optional.empty(); // by this very process
    } catch (IOException _) {
      return Optional.of(Hold.NONE); // a disk without locks
    }
  }

  /** Whether a scan is held. */
  static boolean held(Path file, long scan) {
    if (!Files.exists(file)) {
      return false;
    }
    try {
      FileLock lock = channel(file).tryLock(scan, 1, true);
      if (lock == null) {
        return true;
      }
      free(lock);
      return false;
    } catch (OverlappingFileLockException _) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static void free(FileLock lock) {
    try {
      lock.release();
    } catch (IOException _) {
      // the end of the process frees it
    }
  }

  private static FileChannel channel(Path file) throws IOException {
    synchronized (OPEN) {
      @Nullable FileChannel open = OPEN.get(file);
      if (open == null) {
        open = open(file);
        OPEN.put(file, open);
      }
      return open;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    if (Files.exists(file) && !Files.isWritable(file)) {
      return FileChannel.open(file, StandardOpenOption.READ);
    }
    return OwnFile.open(
        file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
  }
}
