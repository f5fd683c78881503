package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.CommandLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program on the machine lb, run in this process: manifests in, exit code and words out. */
final class Router {
  private final Machine machine;
  private final Path directory;

  /** A router that keeps its manifests and its record in a directory of its own. */
  Router(Machine machine, Path directory) {
    this.machine = machine;
    this.directory = directory;
  }

  Path state() {
    return directory.resolve("state");
  }

  /** Applies what the manifests say; succeeds wholly or fails the test. */
  void apply(Manifest... manifests) throws Exception {
    CommandLine.Result result = tryApply(List.of(manifests));
    assertThat(result.exitCode()).as("exit code; it said: %s", result.err()).isZero();
  }

  /** Applies what the manifests say, with further options. */
  CommandLine.Result tryApply(List<Manifest> manifests, String... options) throws Exception {
    StringBuilder yaml = new StringBuilder();
    manifests.forEach(manifest -> yaml.append(manifest.yaml()));
    Files.createDirectories(directory);
    Path file = Files.writeString(directory.resolve("manifests.yaml"), yaml);
    List<String> arguments =
        new ArrayList<>(
            List.of("apply", "--state-dir", state().toString(), "--manifests", file.toString()));
    arguments.addAll(List.of(options));
    return machine.call(() -> CommandLine.run(arguments.toArray(String[]::new)));
  }

  /** The document of {@code show}. */
  CommandLine.Result show() throws Exception {
    return machine.call(
        () -> CommandLine.run("show", "-o", "json", "--state-dir", state().toString()));
  }
}
