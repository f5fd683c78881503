package dev.freeway.dataplane.health.probe;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate that the JDK's keytool made, and what is needed to serve with it.
 *
 * @param store has it alone, with the password {@link #PASSWORD}
 */
record Certificates(KeyStore store, PrivateKey key, X509Certificate certificate) {
  static final char[] PASSWORD = "changeit".toCharArray();

  /** An authority. */
  static Certificates authority(Path directory) throws IOException, GeneralSecurityException {
    return make(directory, "authority", "-30d", 3650, "-ext", "bc:c");
  }

  /**
   * One for localhost, www.example.com and 127.0.0.1, signed by the authority that was made in the
   * directory.
   *
   * @param start as keytool has it, such as {@code -20d}
   */
  static Certificates signed(Path directory, String name, String start, int days)
      throws IOException, GeneralSecurityException {
    return make(
        directory,
        name,
        start,
        days,
        "-signer",
        "authority",
        "-ext",
        "san=dns:localhost,dns:www.example.com,ip:127.0.0.1");
  }

  private static Certificates make(
      Path directory, String name, String start, int days, String... more)
      throws IOException, GeneralSecurityException {
    Path file = directory.resolve("all.p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1", // it is a JVM of its own, each time
                "-J-XX:+UseSerialGC",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-startdate",
                start,
                "-validity",
                "" + days,
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD)));
    command.addAll(List.of(more));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.onExit().join().exitValue() != 0) {
      throw new IOException("keytool: " + said);
    }
    KeyStore all = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      all.load(in, PASSWORD);
    }
    KeyStore alone = KeyStore.getInstance("PKCS12");
    alone.load(null, PASSWORD);
    PrivateKey key = (PrivateKey) all.getKey(name, PASSWORD);
    alone.setKeyEntry(name, key, PASSWORD, all.getCertificateChain(name));
    return new Certificates(alone, key, (X509Certificate) all.getCertificate(name));
  }
}
