package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.kernel.KernelModel;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;

/** The program against a model of the kernel: to measure it on a machine without IPVS. */
public final class ModelledMain {
  private ModelledMain() {}

  public static void main(String[] args) {
    KernelModel kernel = new KernelModel(1);
    Console console =
        new Console(
            new FileInputStream(FileDescriptor.in),
            stream(FileDescriptor.out),
            stream(FileDescriptor.err),
            InstantSource.system());
    Main main = new Main(console, kernel::open, () -> new Namespace("net:[1]", "model"));
    System.exit(main.execute(args));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }
}
