package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.kernel.KernelModel;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.NullMarked;

/**
 * {@code ipvs-router} on the model of the kernel, for measuring its start where there is no IPVS.
 * At the end it says on stderr how much memory it had at most, the model included.
 */
@NullMarked
public final class ModelledMain {
  private ModelledMain() {}

  /** The same command line as {@link Main}; or {@code rehearse DIRECTORY}, as {@link Rehearsal}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 2 && args[0].equals("rehearse")) {
      Rehearsal.on(Path.of(args[1]), new KernelModel(1)::open);
      System.exit(0);
    }
    PrintStream err = stream(FileDescriptor.err);
    Console console =
        new Console(
            new FileInputStream(FileDescriptor.in),
            stream(FileDescriptor.out),
            err,
            InstantSource.system());
    KernelModel kernel = new KernelModel(1);
    int exitCode =
        new Main(console, kernel::open, () -> new Namespace("net:[1]", "model")).execute(args);
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        err.println(line);
      }
    }
    err.flush();
    System.exit(exitCode);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }
}
