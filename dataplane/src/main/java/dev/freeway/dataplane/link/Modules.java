package dev.freeway.dataplane.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  /** Loads a module with what it needs; answers whether it is there now. */
  public boolean tryLoad(String name) {
    try {
      load(name);
      return true;
    } catch (HostException e) {
      return false; // whoever needs it says what is missing
    }
  }

  /** Loads a module with what it needs. */
  void load(String name) {
    String install =
        "the module "
            + name
            + ": as root, modprobe "
            + name
            + "; where that finds none, install the"
            + " distribution's full kernel package";
    Process process;
    try {
      process = new ProcessBuilder("modprobe", name).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new HostException("modprobe cannot be started", 0, install);
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(LOAD_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new HostException("modprobe took over " + LOAD_SECONDS + " s", 0, install);
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new HostException(said.isBlank() ? "modprobe failed" : said.strip(), 0, install);
      }
    } catch (IOException e) {
      throw new HostException("modprobe: " + e.getMessage(), 0, install);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted while modprobe ran", 0, install);
    }
  }
}
