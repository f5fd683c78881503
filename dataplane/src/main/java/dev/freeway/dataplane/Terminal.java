package dev.freeway.dataplane;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A terminal that is drawn on, and whose keys come one by one; as it was again when closed. */
interface Terminal extends AutoCloseable {
  /** Columns and lines. */
  record Size(int columns, int lines) {}

  /** How large it is now. */
  Size size();

  @Override
  void close();

  /** The one that standard output is; empty where it is a file, a pipe or nothing. */
  static Optional<Terminal> ofThisProcess() {
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.startsWith("/dev/pts/")
              || output.startsWith("/dev/tty")
              || output.equals("/dev/console")
          ? Optional.of(Stty.open())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** By {@code stty}; without it keys come after Enter, and the size is the usual one. */
  final class Stty implements Terminal {
    private static final Size USUAL = new Size(80, 24);
    private static final int PATIENCE_SECONDS = 2;

    private final String before;

    private Stty(String before) {
      this.before = before;
    }

    private static Terminal open() {
      Stty terminal = new Stty(stty("-g"));
      stty("-icanon", "-echo", "min", "1", "time", "0");
      return terminal;
    }

    @Override
    public Size size() {
      String[] words = stty("size").split(" ", -1);
      try {
        Size size = new Size(Integer.parseInt(words[1]), Integer.parseInt(words[0]));
        return size.columns > 0 && size.lines > 0 ? size : USUAL;
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        return USUAL;
      }
    }

    @Override
    public void close() {
      if (!before.isEmpty()) {
        stty(before);
      }
    }

    /** What it answers; empty when it is not there or this process has no terminal. */
    private static String stty(String... words) {
      List<String> command = new ArrayList<>(List.of("stty", "-F", "/dev/tty"));
      command.addAll(List.of(words));
      try {
        Process process =
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        process.getOutputStream().close();
        String answer =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0
            ? answer
            : "";
      } catch (IOException e) {
        return "";
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return "";
      }
    }
  }
}
