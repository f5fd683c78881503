package dev.freeway.dataplane.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Kernel modules: loaded by {@code modprobe}, which knows where they are and what they need. */
public final class Modules {
  private static final int LOAD_SECONDS = 30;

  private final Path loaded;
  private final Path builtin;

  private Modules(Path loaded, Path builtin) {
    this.loaded = loaded;
    this.builtin = builtin;
  }

  /** Those of the running kernel. */
  public static Modules ofThisKernel() {
    return new Modules(
        Path.of("/sys/module"),
        Path.of("/lib/modules", System.getProperty("os.version"), "modules.builtin"));
  }

  /** Whether a module is loaded or built in. */
  public boolean has(String name) {
    if (Files.exists(loaded.resolve(name))) {
      return true;
    }
    try {
      return Files.readAllLines(builtin).stream()
          .anyMatch(line -> line.endsWith("/" + name + ".ko"));
    } catch (IOException e) {
      return false; // a container does not see the list; loading what is built in does no harm
    }
  }

  /**
   * Loads a module with what it needs; answers whether it is there now. Whoever needs it is told by
   * the kernel what is missing, so why is not told here.
   */
  public boolean load(String name) {
    try {
      Process process =
          new ProcessBuilder("modprobe", "--quiet", name)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (process.waitFor(LOAD_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException e) {
      return false; // no modprobe here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
