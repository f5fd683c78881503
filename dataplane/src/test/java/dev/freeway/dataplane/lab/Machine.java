package dev.freeway.dataplane.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.freeway.dataplane.libc.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A thread in one of the lab's network namespaces. Sockets that it opens stay there whoever uses
 * them later, and programs that it starts run there: no connection costs a process.
 */
final class Machine implements AutoCloseable {
  private static final long LIMIT_SECONDS = 120;

  private final String name;
  private final ExecutorService thread;

  private Machine(String name) {
    this.name = name;
    this.thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
  }

  private static Machine in(String name, Path namespace) throws Exception {
    Machine machine = new Machine(name);
    machine.call(
        () -> {
          NetworkNamespace.enter(namespace);
          return name;
        });
    return machine;
  }

  /** A machine of {@code topology.sh}, such as {@code lb}. */
  static Machine named(String name) throws Exception {
    return in(name, Path.of("/run/netns", name));
  }

  /** The guest's own namespace, where the bridges are; other tests move JUnit's thread away. */
  static Machine guest() throws Exception {
    return in("guest", Path.of("/proc/1/ns/net"));
  }

  String name() {
    return name;
  }

  /** Runs the task there and waits for it. */
  <T> T call(Callable<T> task) throws Exception {
    try {
      return thread.submit(task).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Error error -> throw error;
        case Exception exception -> throw exception;
        case null, default -> throw e;
      }
    } catch (TimeoutException e) {
      throw new IOException("on " + name + ": nothing within " + LIMIT_SECONDS + " s", e);
    }
  }

  /**
   * Runs bash commands there and returns what they printed.
   *
   * @throws IOException with the commands and what they said, when one fails
   */
  String shell(String commands) throws Exception {
    return call(
        () -> {
          Process process =
              new ProcessBuilder("bash", "-euc", commands).redirectErrorStream(true).start();
          process.getOutputStream().close();
          String said = new String(process.getInputStream().readAllBytes(), UTF_8);
          if (process.waitFor() != 0) {
            throw new IOException("on " + name + ": " + commands + ": " + said);
          }
          return said;
        });
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
