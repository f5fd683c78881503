package dev.freeway.dataplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real control plane of Kubernetes, started and ended by {@code deploy/lab kubernetes}. */
final class KubernetesLab implements AutoCloseable {
  /** The repository: tests run in it, or in a module of it. */
  static final Path REPOSITORY =
      Stream.of(Path.of("").toAbsolutePath(), Path.of("..").toAbsolutePath().normalize())
          .filter(folder -> Files.exists(folder.resolve("deploy/lab")))
          .findFirst()
          .orElseThrow();

  private final Path directory;

  KubernetesLab(Path directory) {
    this.directory = directory;
    lab("up");
  }

  private void lab(String verb) {
    run(
        List.of(
            REPOSITORY.resolve("deploy/lab").toString(), "kubernetes", verb, directory.toString()),
        "");
  }

  /** Takes the API server away (SIGKILL). */
  void killApi() {
    lab("kill-api");
  }

  /** Brings it back, where it was. */
  void startApi() {
    lab("start-api");
  }

  /** The administrator's. */
  Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  /** A kubeconfig with a token of a service account. */
  Path kubeconfig(String namespace, String account) {
    String token = kubectl("create", "token", account, "-n", namespace, "--duration=1h").strip();
    JsonNode admin = JsonMapper.shared().readTree(read(kubeconfig()));
    String text =
        read(kubeconfig())
            .replace(admin.at("/users/0/user/token").asString(), token)
            .replace(
                "\"user\": \"admin\"}",
                "\"user\": \"admin\", \"namespace\": \"" + namespace + "\"}");
    try {
      return Files.writeString(directory.resolve("kubeconfig-" + account), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs kubectl as administrator; answers what it printed. */
  String kubectl(String... words) {
    return kubectlWith("", words);
  }

  /** The same with something on standard input. */
  String kubectlWith(String input, String... words) {
    List<String> command = new ArrayList<>();
    String cache = System.getenv("FREEWAY_CACHE");
    Path base =
        cache == null
            ? Path.of(System.getProperty("user.home"), ".cache", "freeway")
            : Path.of(cache);
    command.add(base.resolve("lab/kubernetes/bin/kubectl").toString());
    command.add("--kubeconfig=" + kubeconfig());
    command.addAll(Arrays.asList(words));
    return run(command, input);
  }

  private static String run(List<String> command, String input) {
    try {
      Path output = Files.createTempFile("lab", ".txt");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      boolean ended = process.waitFor(10, TimeUnit.MINUTES);
      String said = Files.readString(output);
      Files.delete(output);
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", command) + ":\n" + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What the API server wrote down of each request. */
  List<JsonNode> audit() {
    return read(directory.resolve("audit.log"))
        .lines()
        .filter(line -> line.endsWith("}")) // the last one may be in the making
        .map(JsonMapper.shared()::readTree)
        .toList();
  }

  @Override
  public void close() {
    lab("down");
  }
}
