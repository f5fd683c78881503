package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What makes {@code freeway} start quickly: with the jars that are shipped, as they are there. */
@Timeout(180)
class StartTest {
  private static final Path LIBRARIES = Path.of("target/lib");
  private static final Path OPTIONS = Path.of("../deploy/ipvs-router.options");
  private static final String STACK_MAPS = "../deploy/build.d/StackMaps.java";

  @TempDir private Path directory;

  private List<String> run(List<String> command) throws IOException, InterruptedException {
    return OtherJvm.run(directory.resolve("said"), command);
  }

  /** A cache takes its classes from jars alone. */
  private Path jar() throws IOException, URISyntaxException {
    Path jar = directory.resolve("freeway-controlplane.jar");
    Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarOutputStream into = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        into.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, into);
      }
    }
    return jar;
  }

  private static List<String> help(Path jar, String... options) {
    List<String> command = new ArrayList<>(List.of(OtherJvm.JAVA, "@" + OPTIONS));
    command.addAll(List.of(options));
    command.addAll(
        List.of("-cp", jar + File.pathSeparator + LIBRARIES + "/*", Main.class.getName()));
    command.add("--help");
    return command;
  }

  @Test
  void theClassesOfAHelpTextAreFromTheCache() throws Exception {
    Path jar = jar();
    Path cache = directory.resolve("cache");
    Path log = directory.resolve("log");
    run(help(jar, "-XX:AOTCacheOutput=" + cache));
    assertThat(
            run(help(jar, "-XX:AOTCache=" + cache, "-Xlog:class+load=info:file=" + log)).getFirst())
        .startsWith("Usage: freeway");
    List<String> loaded = Files.readAllLines(log);
    assertThat(loaded).anyMatch(line -> line.contains(" picocli.CommandLine source: "));
    assertThat(loaded.stream().filter(line -> !line.endsWith(" source: shared objects file")))
        .noneMatch(line -> line.contains(" picocli.") || line.contains(" dev.freeway."))
        .as("of the JDK's own, which links some of them only as it reads the cache")
        .hasSizeLessThanOrEqualTo(3);
  }

  private static Path picocli(Stream<Path> files) {
    return files
        .filter(file -> file.getFileName().toString().startsWith("picocli-"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no picocli; expected one as of mvn package"));
  }

  @Test
  void theBuildGivesPicocliStackMapsAndChangesNothingElse() throws Exception {
    Path published =
        picocli(
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of));
    Path ours;
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      ours = picocli(files);
    }
    ClassFile classFile = ClassFile.of();
    try (ZipFile before = new ZipFile(published.toFile());
        ZipFile after = new ZipFile(ours.toFile())) {
      List<? extends ZipEntry> entries = Collections.list(after.entries());
      assertThat(entries.stream().map(entry -> entry.getName() + " " + entry.getTimeLocal()))
          .containsExactlyElementsOf(
              Collections.list(before.entries()).stream()
                  .map(entry -> entry.getName() + " " + entry.getTimeLocal())
                  .toList());
      for (ZipEntry entry : entries) {
        if (entry.getName().endsWith(".class")) {
          byte[] bytes = after.getInputStream(entry).readAllBytes();
          assertThat(classFile.parse(bytes).majorVersion())
              .as(entry.getName())
              .isGreaterThanOrEqualTo(ClassFile.JAVA_8_VERSION);
          assertThat(classFile.verify(bytes)).as(entry.getName()).isEmpty();
        }
      }
    }
    assertThat(Files.getLastModifiedTime(ours)).isEqualTo(Files.getLastModifiedTime(published));

    Path again = directory.resolve(ours.getFileName());
    Files.copy(published, again, StandardCopyOption.COPY_ATTRIBUTES);
    List<String> step = List.of(OtherJvm.JAVA, STACK_MAPS, directory.toString());
    assertThat(run(step)).singleElement().asString().contains("picocli");
    assertThat(again).hasSameBinaryContentAs(ours);
    assertThat(run(step)).isEmpty();
    assertThat(again).hasSameBinaryContentAs(ours);
  }

  @Test
  void theBuildLeavesASignedJarAsItWasSigned() throws Exception {
    Path signed = directory.resolve("signed.jar");
    Files.copy(
        picocli(
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of)),
        signed);
    try (FileSystem jar = FileSystems.newFileSystem(signed)) {
      Files.writeString(jar.getPath("META-INF", "OWNER.SF"), "Signature-Version: 1.0");
    }
    byte[] before = Files.readAllBytes(signed);
    assertThat(run(List.of(OtherJvm.JAVA, STACK_MAPS, directory.toString()))).isEmpty();
    assertThat(signed).hasBinaryContent(before);
  }

  @Test
  void commandsThatALineDoesNotNameAreListedAsThoughTheyWereWhole() {
    String whole = Main.commandLine().getUsageMessage();
    assertThat(Main.commandLine(List.of("--help")).getUsageMessage()).isEqualTo(whole);
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertThat(command.getCommandSpec().name()).isEqualTo(name);
              assertThat(Ran.of(name, "--help").out()).isEqualTo(command.getUsageMessage());
            });
  }

  @Test
  void aFileOfArgumentsMayNameAnyCommand() throws IOException {
    Path file = Files.writeString(directory.resolve("arguments"), "services --types -f csv");
    assertThat(Ran.of("@" + file).out()).startsWith("service,type,");
  }
}
