package dev.freeway.controlplane.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A server of PostgreSQL's on a loopback port, from the embedded binaries. It refuses to run as
 * root, and the library that brings the binaries then wants user namespaces, which containers often
 * forbid; so it is started here, and by root as nobody.
 */
final class PostgresqlServer implements AutoCloseable {
  private static final String NOBODY = "65534";
  private static final String BINARIES = "/postgres-linux-x86_64.txz";

  private final Path directory;
  private final int port;

  private PostgresqlServer(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  static PostgresqlServer start() throws IOException {
    return start("-F ");
  }

  /** One that waits for its disk, as a server does unless it is told not to. */
  static PostgresqlServer durable() throws IOException {
    return start("");
  }

  private static PostgresqlServer start(String options) throws IOException {
    Path directory =
        Files.createTempDirectory(
            "postgresql",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try (InputStream binaries = PostgresqlServer.class.getResourceAsStream(BINARIES)) {
      if (binaries == null) {
        throw new IOException("no " + BINARIES + " on the class path");
      }
      unpack(binaries, directory);
    }
    PostgresqlServer server = new PostgresqlServer(directory, freePort());
    if (asRoot()) {
      run(List.of("chown", NOBODY + ":" + NOBODY, directory.toString()));
    }
    server.run(
        "initdb",
        "-D",
        server.data(),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--nosync");
    server.run(
        "pg_ctl",
        "-D",
        server.data(),
        "-w",
        "-l",
        directory + "/log",
        "-o",
        options + "-h 127.0.0.1 -p " + server.port + " -k " + directory,
        "start");
    return server;
  }

  String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
  }

  @Override
  public void close() throws IOException {
    run("pg_ctl", "-D", data(), "-m", "immediate", "stop");
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private String data() {
    return directory + "/data";
  }

  private void run(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (asRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    }
    command.add(directory + "/bin/" + program);
    command.addAll(List.of(arguments));
    run(command);
  }

  private static void run(List<String> command) throws IOException {
    // A file: the server inherits it from pg_ctl, and a pipe would not end before the server does.
    Path output = Files.createTempFile("postgresql", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + ": " + Files.readString(output, StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(output);
    }
  }

  private static boolean asRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void unpack(InputStream packed, Path directory) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = directory.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else if (entry.isSymbolicLink()) {
          Files.createDirectories(file.getParent());
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(tar, file);
          Set<PosixFilePermission> mode =
              PosixFilePermissions.fromString(
                  (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--");
          Files.setPosixFilePermissions(file, mode);
        }
      }
    }
  }
}
