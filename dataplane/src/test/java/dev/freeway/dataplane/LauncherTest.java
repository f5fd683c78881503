package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * {@code deploy/ipvs-router} as it is installed: what it and the JVM say goes to standard error,
 * and under {@code -o json} standard output is one document, whatever happens.
 */
@Timeout(180)
class LauncherTest {
  private static final Path SCRIPT = Path.of("../deploy/ipvs-router");

  @TempDir private Path prefix;
  private Path launcher;
  private Path jar;
  private String out = "";
  private String err = "";

  @BeforeEach
  void install() throws IOException, URISyntaxException {
    launcher = Files.createDirectories(prefix.resolve("bin")).resolve("ipvs-router");
    Files.copy(SCRIPT, launcher);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Path libraries = Files.createDirectories(prefix.resolve("lib"));
    Files.copy(
        SCRIPT.resolveSibling("ipvs-router.options"), libraries.resolve("ipvs-router.options"));
    jar = libraries.resolve("freeway-dataplane.jar");
    Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarOutputStream into = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        into.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, into);
      }
    }
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (entry.endsWith(".jar")) {
        Path library = Path.of(entry).toAbsolutePath();
        Files.createSymbolicLink(libraries.resolve(library.getFileName()), library);
      }
    }
  }

  /** JUnit would warn of each link when it removes the directory. */
  @AfterEach
  void unlink() throws IOException {
    try (Stream<Path> files = Files.walk(prefix)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }

  /** Runs it with a clean environment and these further variables. */
  private int run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    Path stdout = prefix.resolve("stdout");
    Path stderr = prefix.resolve("stderr");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectOutput(stdout.toFile()).redirectError(stderr.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended by itself").isTrue();
    } finally {
      process.destroyForcibly();
    }
    out = Files.readString(stdout);
    err = Files.readString(stderr);
    return process.exitValue();
  }

  private JsonNode document() {
    assertThat(out).startsWith("{\"version\":1,").endsWith("}\n").containsOnlyOnce("\n");
    return new ObjectMapper().readTree(out);
  }

  /** What the launcher records in the background for its next start. */
  private Path recordedCache() throws IOException, InterruptedException {
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      prefix.resolve("lib").register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      assertThat(run(Map.of(), "plan", "-o", "json")).isEqualTo(64);
      long end = System.nanoTime() + Duration.ofSeconds(100).toNanos();
      while (System.nanoTime() < end) {
        Optional<Path> cache = cache();
        if (cache.isPresent()) {
          return cache.get();
        }
        WatchKey key = watch.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    }
    throw new AssertionError("no cache was recorded");
  }

  /** Of which jars it was recorded is written last. */
  private Optional<Path> cache() throws IOException {
    try (Stream<Path> files = Files.list(prefix.resolve("lib"))) {
      return files
          .map(Path::toString)
          .filter(file -> file.endsWith(".aot.jars"))
          .map(file -> Path.of(file.substring(0, file.length() - ".jars".length())))
          .findFirst();
    }
  }

  @Test
  void aStaleCacheAndABrokenOneDoNotReachStandardOutput() throws Exception {
    Path cache = recordedCache();
    assertThat(run(Map.of(), "plan", "-o", "json")).isEqualTo(64);
    assertThat(document().get("errors")).hasSize(1);
    assertThat(err).isEmpty(); // it fits

    Files.write(cache, "not a cache".repeat(1000).getBytes(StandardCharsets.UTF_8));
    assertThat(run(Map.of(), "plan", "-o", "json")).isEqualTo(64);
    document();
    assertThat(err).contains("aot");

    FileTime recorded = Files.getLastModifiedTime(cache);
    Files.setLastModifiedTime(jar, FileTime.from(recorded.toInstant().minusSeconds(3600)));
    assertThat(run(Map.of(), "plan", "-o", "json")).isEqualTo(64);
    document();
    assertThat(err).as("a cache of other jars is not used").isEmpty();
  }

  @Test
  void aFullHeapIsReportedByTheCommand() throws Exception {
    Path large = prefix.resolve("large.yaml");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(256L << 20);
    }
    Map<String, String> small = Map.of("FREEWAY_JAVA_OPTIONS", "-Xms8m -Xmx32m");
    String[] line = {"plan", "--manifests", large.toString(), "--state-dir", prefix.toString()};
    assertThat(run(small, concat(line, "-o", "json"))).isEqualTo(1);
    assertThat(document().get("errors").get(0).get("expected").asString())
        .isEqualTo("a larger one: FREEWAY_JAVA_OPTIONS=-Xmx512m");
    assertThat(run(small, line)).isEqualTo(1);
    assertThat(out).isEmpty();
    assertThat(err)
        .isEqualTo(
            "ipvs-router: memory: the heap is full; expected a larger one:"
                + " FREEWAY_JAVA_OPTIONS=-Xmx512m\n");
  }

  @Test
  void namesAreWholeWhateverTheLocale() throws Exception {
    Path caller = prefix.resolve("caller");
    Files.writeString(caller, "#!/bin/bash\nexec " + launcher + " plan --manifests größe.yaml\n");
    assertThat(caller.toFile().setExecutable(true)).isTrue();
    launcher = caller;
    for (String locale : List.of("C", "POSIX", "", "de_DE.ISO-8859-1", "C.UTF-8")) {
      assertThat(run(Map.of("LC_ALL", locale))).isEqualTo(1);
      assertThat(err).as("LC_ALL=%s", locale).contains("größe.yaml");
    }
  }

  private static String[] concat(String[] line, String... more) {
    return Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void withoutAJdkItSaysWhatToInstallInTheFormAskedFor() throws Exception {
    String script = Files.readString(launcher);
    String places = "/usr/lib/jvm/* /opt/java/* /opt/jdk* /opt/jre*";
    assertThat(script).contains(places);
    Files.writeString(launcher, script.replace(places, ""));
    Path path = withoutJava();
    Map<String, String> none = Map.of("JAVA_HOME", "/no \"such\" jdk\\", "PATH", path.toString());
    assertThat(run(none, "show")).isEqualTo(1);
    assertThat(out).isEmpty();
    assertThat(err)
        .isEqualTo(
            "ipvs-router: Java: none of version 25 or newer in JAVA_HOME (/no \"such\" jdk\\), PATH"
                + " or /usr/lib/jvm; expected one of temurin-25-jdk or openjdk-25-jdk-headless"
                + " installed, or JAVA_HOME set to a JDK 25\n");
    for (String[] json :
        List.of(
            new String[] {"-o", "json"},
            new String[] {"-ojson"},
            new String[] {"-o=JSON"},
            new String[] {"--output", "json"},
            new String[] {"--output=json"})) {
      assertThat(run(none, concat(new String[] {"show"}, json))).isEqualTo(1);
      assertThat(document().get("errors").get(0).get("value").asString())
          .contains("/no \"such\" jdk\\");
      assertThat(err).isEmpty();
    }
    assertThat(run(none, "show", "-o", "table")).isEqualTo(1);
    assertThat(out).isEmpty();
  }

  /** A directory of programs in which there is no Java. */
  private Path withoutJava() {
    Path programs = prefix.resolve("programs");
    try {
      Files.createDirectory(programs);
      for (String program : List.of("bash", "env", "readlink", "stat")) {
        Files.createSymbolicLink(programs.resolve(program), Path.of("/usr/bin", program));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return programs;
  }
}
