package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {
  @TempDir private Path directory;

  @Test
  void completesInBashAndZsh() throws IOException, InterruptedException {
    String script = Ran.of("completion", "bash").out();
    assertThat(script)
        .contains("eu-central-1")
        .contains("secretsmanager")
        .contains("users-without-mfa")
        .contains("unattached-ebs");
    assertThat(Ran.of("completion", "zsh").out()).contains("bashcompinit");
    Path file =
        Files.writeString(
            directory.resolve("complete"),
            script
                + "\nCOMP_WORDS=(freeway waste --type unattached-e); COMP_CWORD=3; COMP_LINE='freeway waste --type unattached-e'; _complete_freeway; echo \"found ${COMPREPLY[*]}\"");
    Process bash = new ProcessBuilder("bash", file.toString()).redirectErrorStream(true).start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
    assertThat(said).contains("found unattached-ebs");
  }

  @Test
  void completesInFish() {
    String script = Ran.of("completion", "fish").out();
    assertThat(script.lines()).allMatch(line -> line.startsWith("complete -c freeway "));
    assertThat(script)
        .contains("-a diff")
        .contains("-s r -l region -x -a 'af-south-1 ")
        .contains("SDK\\'s")
        .contains("-a set");
  }

  @Test
  void knowsThreeShells() {
    assertThat(Ran.of("completion", "tcsh").err()).contains("tcsh: expected bash, zsh, fish");
  }
}
