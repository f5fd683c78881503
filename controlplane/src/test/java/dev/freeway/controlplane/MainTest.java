package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final CommandLine commandLine =
      Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(out));

  @Test
  void answersHelp() {
    assertThat(commandLine.execute("--help")).isZero();
    assertThat(out.toString()).contains("Usage: freeway");
  }

  @Test
  void refusesWhatItDoesNotKnowAsUsage() {
    assertThat(commandLine.execute("scan")).isEqualTo(64);
    assertThat(commandLine.execute()).isEqualTo(64);
  }
}
