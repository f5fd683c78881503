package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Prometheus' own checks, as a subprocess. Where promtool is not installed, tests are skipped. */
final class Promtool {
  private Promtool() {}

  /**
   * Runs it and fails with all that it says unless it ends 0.
   *
   * @param input what it reads on standard input
   * @return what it says, standard error included
   */
  static String passes(Path input, String... arguments) throws IOException, InterruptedException {
    assumeTrue(
        isInstalled(),
        "promtool is not on PATH: apt-get install --no-install-recommends prometheus");
    Path output = Files.createTempFile("promtool", ".txt");
    try {
      List<String> command =
          Stream.concat(Stream.of("promtool"), Arrays.stream(arguments)).toList();
      Process process =
          new ProcessBuilder(command)
              .redirectInput(input.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended by itself").isTrue();
      } finally {
        process.destroyForcibly();
      }
      String said = Files.readString(output);
      assertThat(process.exitValue()).as("%s\n%s", command, said).isZero();
      return said;
    } finally {
      Files.delete(output);
    }
  }

  private static boolean isInstalled() {
    String path = System.getenv("PATH");
    return path != null
        && Arrays.stream(path.split(File.pathSeparator, -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool")));
  }
}
