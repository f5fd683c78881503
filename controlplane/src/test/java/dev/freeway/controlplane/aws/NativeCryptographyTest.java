package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.OtherJvm;
import dev.freeway.controlplane.fake.FakeAws;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

/** Native ciphers with what is shipped, in a JVM of its own as a scan has one. */
@Timeout(180)
class NativeCryptographyTest {
  private static final Path LIBRARIES = Path.of("target/lib").toAbsolutePath();
  private static final String NATIVE = "AmazonCorrettoCryptoProvider";
  private static final String STEP = "../deploy/build.d/NativeLibrary.java";

  @TempDir private Path directory;

  /** Asks a fake over TLS, and says whose ciphers that took. */
  public static final class Asking {
    private Asking() {}

    public static void main(String[] args) throws AwsException {
      try (FakeAws aws = FakeAws.startWithTls()) {
        Path trust = aws.trustDirectory().orElseThrow().resolve("trust.p12");
        System.setProperty("javax.net.ssl.trustStore", trust.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "changeit");
        try (Connections connections = new Connections(1)) {
          ServiceModel model = ServiceModel.of("sts");
          String account =
              new AwsClient(connections.http(), new Endpoints(Optional.of(aws.url())))
                  .call(
                      model,
                      model.operation("GetCallerIdentity"),
                      "us-east-1",
                      Map.of(),
                      AwsBasicCredentials.create("AKIA123456789012", "secret"))
                  .path("Account")
                  .asString();
          System.out.printf(
              "%s %d %s%n", account, connections.handshakes(), NativeCryptography.inUse());
        }
      }
    }
  }

  private String asks(Path libraries, String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(OtherJvm.JAVA, "@../deploy/ipvs-router.options"));
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(directory.resolve("temporary")));
    command.add("-Djava.library.path=" + libraries);
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(
        Stream.of("target/test-classes", "target/classes", libraries + "/*", LIBRARIES + "/*")
            .reduce("target/test-lib/*", (all, one) -> one + File.pathSeparator + all));
    command.add(Asking.class.getName());
    return run(command);
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    return String.join("\n", OtherJvm.run(directory.resolve("said"), command));
  }

  private List<String> unpacked() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("temporary"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.toLowerCase(java.util.Locale.ROOT).contains("corretto"))
          .toList();
    }
  }

  @Test
  void whatIsShippedTalksTlsInNativeCode() throws Exception {
    assertThat(asks(LIBRARIES)).isEqualTo("123456789012 1 " + NATIVE);
    assertThat(unpacked()).isEmpty();
  }

  @Test
  void theJdksOwnCanBeChosen() throws Exception {
    assertThat(asks(LIBRARIES, "-Dfreeway.cryptography=java")).isEqualTo("123456789012 1 SunJCE");
  }

  @Test
  void aLibraryThatCannotBeLoadedLeavesTheJdksOwn() throws Exception {
    Path broken = Files.createDirectories(directory.resolve("broken"));
    Files.writeString(broken.resolve(System.mapLibraryName("amazonCorrettoCryptoProvider")), "?");
    assertThat(asks(broken)).endsWith("123456789012 1 SunJCE");
  }

  private static Path jar(Stream<Path> files) {
    return files
        .filter(file -> file.getFileName().toString().startsWith(NATIVE))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + NATIVE + "; expected one of Maven's"));
  }

  @Test
  void theBuildLaysTheLibraryBesideItsJar() throws Exception {
    Path published =
        jar(
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(Path::of));
    Path again = directory.resolve(published.getFileName());
    Files.copy(published, again);
    List<String> step = List.of(OtherJvm.JAVA, STEP, directory.toString(), NATIVE);
    String library = System.mapLibraryName("amazonCorrettoCryptoProvider");
    assertThat(run(step)).isEqualTo(library + " of " + published.getFileName());
    assertThat(directory.resolve(library)).hasSameBinaryContentAs(LIBRARIES.resolve(library));
    Path shipped;
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      shipped = jar(files);
    }
    assertThat(again).hasSameBinaryContentAs(shipped);
    try (FileSystem jar = FileSystems.newFileSystem(again);
        Stream<Path> entries = Files.walk(jar.getPath("/"))) {
      assertThat(entries.map(Path::toString))
          .contains("/META-INF/services/java.security.Provider")
          .noneMatch(name -> name.matches(".*\\.(SF|RSA|so)"));
    }
    assertThat(run(step)).isEmpty();
    assertThat(again).hasSameBinaryContentAs(shipped);
  }
}
