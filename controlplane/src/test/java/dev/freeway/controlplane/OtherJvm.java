package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of ours in a JVM of their own. */
public final class OtherJvm {
  /** The program that starts one: the one that runs the tests. */
  public static final String JAVA = Path.of(System.getProperty("java.home"), "bin/java").toString();

  private OtherJvm() {}

  /** What starts a program of these tests, or of what they test. */
  public static List<String> command(Class<?> main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Runs a command to its end, which has to be a good one, and returns the lines that it said.
   *
   * @param said a file for them
   */
  public static List<String> run(Path said, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended by itself").isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(said);
    assertThat(process.exitValue()).as("%s: %s", command, lines).isZero();
    return lines;
  }
}
