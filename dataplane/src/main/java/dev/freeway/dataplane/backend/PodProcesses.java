package dev.freeway.dataplane.backend;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds Pods among the processes of a node, by their control groups: kubelet names a Pod's after
 * its UID, whatever the container runtime. Without a runtime's socket, therefore.
 */
final class PodProcesses {
  private final Path proc;

  /** Below {@code /proc}, of the node's own process namespace. */
  PodProcesses(Path proc) {
    this.proc = proc;
  }

  /**
   * A process of each of the Pods that has one; by UID. One in a network namespace of its own if
   * there is any: some runtimes put programs of theirs, which stay on the node's network, into a
   * Pod's control group.
   */
  Map<String, Integer> find(Set<String> uids) {
    Map<String, Integer> found = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        String groups = groups(process);
        if (!groups.contains("pod")) {
          continue;
        }
        for (String uid : uids) {
          if (isOf(groups, uid)) {
            found.merge(uid, Integer.valueOf(process.getFileName().toString()), this::theBetter);
          }
        }
      }
    } catch (IOException e) {
      throw new PreparationException(
          proc + " cannot be read: " + e.getMessage(), "/proc of the node: hostPID: true");
    }
    return found;
  }

  private int theBetter(int one, int other) {
    boolean host = isOnHost(one);
    return host == isOnHost(other) ? Math.min(one, other) : host ? other : one;
  }

  /** Whether a process is still one of a Pod. */
  boolean isOf(int process, String uid) {
    return isOf(groups(proc.resolve(Integer.toString(process))), uid);
  }

  /** The driver for systemd writes dashes as underscores. */
  private static boolean isOf(String groups, String uid) {
    return groups.contains("pod" + uid) || groups.contains("pod" + uid.replace('-', '_'));
  }

  private static String groups(Path process) {
    try {
      return Files.readString(process.resolve("cgroup"));
    } catch (IOException e) {
      return ""; // it has ended meanwhile
    }
  }

  Path namespace(int process) {
    return namespace(Integer.toString(process));
  }

  private Path namespace(String process) {
    return proc.resolve(process).resolve("ns/net");
  }

  /** Whether a process lives in the node's own network namespace, or in the one we started in. */
  boolean isOnHost(int process) {
    Optional<Object> where = inode(Integer.toString(process));
    return where.isPresent() && (where.equals(inode("1")) || where.equals(inode("self")));
  }

  private Optional<Object> inode(String process) {
    try {
      return Optional.ofNullable(Files.getAttribute(namespace(process), "unix:ino"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
