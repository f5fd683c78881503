package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.libc.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tests in a network namespace of their own, with the commands that set it up. */
public final class Namespaces {
  /** What a test does there; programs that it starts are in the namespace too. */
  interface Body {
    void run() throws Exception;
  }

  private Namespaces() {}

  /** Puts the calling thread into a new network namespace, for good. */
  public static void enterNew() throws IOException, InterruptedException {
    NetworkNamespace.enterNew();
    // Before a first local address the kernel takes no IPv4 destination for unicast.
    shell("ip link set lo up");
  }

  /** Runs the body in a new network namespace, on a thread that ends with it. */
  static void inNew(Body body) throws Exception {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                enterNew();
                body.run();
              } catch (Throwable e) {
                failure.set(e);
              }
            },
            "namespace");
    thread.start();
    thread.join();
    switch (failure.get()) {
      case null -> {}
      case Exception e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  /** Runs shell commands in the calling thread's namespace. */
  public static void shell(String commands) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-euc", commands).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(commands + ": " + said);
    }
  }
}
