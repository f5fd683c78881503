package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Which network namespace this process is in. */
public final class Namespaces {
  private Namespaces() {}

  /**
   * The calling thread's network namespace.
   *
   * @throws StateException when /proc is not mounted
   */
  public static Namespace current() {
    Path netns = Path.of("/proc/thread-self/ns/net");
    Path boot = Path.of("/proc/sys/kernel/random/boot_id");
    try {
      return new Namespace(
          Files.readSymbolicLink(netns).toString(), Files.readString(boot).strip());
    } catch (IOException e) {
      throw new StateException("read", netns, e);
    }
  }
}
