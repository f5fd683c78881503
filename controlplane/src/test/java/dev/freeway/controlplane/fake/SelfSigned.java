package dev.freeway.controlplane.fake;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A certificate for the loopback, made anew by the JDK's keytool, and who trusts it. */
final class SelfSigned {
  private static final String PASSWORD = "changeit";

  private final Path file;
  private final KeyStore store;

  private SelfSigned(Path file, KeyStore store) {
    this.file = file;
    this.store = store;
  }

  static SelfSigned create() {
    try {
      Path directory = Files.createTempDirectory("fake-aws");
      Path file = directory.resolve("fake-aws.p12");
      directory.toFile().deleteOnExit();
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "fake",
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-dname",
                  "CN=fake-aws",
                  "-ext",
                  "SAN=dns:localhost,ip:127.0.0.1",
                  "-validity",
                  "2",
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  PASSWORD,
                  "-keystore",
                  file.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool: " + said);
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        store.load(in, PASSWORD.toCharArray());
      }
      // As an entry of its own, the JDK takes it for an authority.
      store.setCertificateEntry("trusted", store.getCertificate("fake"));
      file.toFile().deleteOnExit();
      return new SelfSigned(file, store);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  SSLContext server() {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What a client of this JVM needs to trust it. */
  @Nullable TrustManager[] trust() {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Writes what other processes need to trust it: {@code trust.p12} for {@code
   * javax.net.ssl.trustStore}, {@code trust.pem} for {@code AWS_CA_BUNDLE}.
   *
   * @return the directory
   */
  Path write() {
    Path directory = file.resolveSibling("trust");
    try {
      Files.createDirectories(directory);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, PASSWORD.toCharArray());
      trusted.setCertificateEntry("fake", store.getCertificate("fake"));
      try (var out = Files.newOutputStream(directory.resolve("trust.p12"))) {
        trusted.store(out, PASSWORD.toCharArray());
      }
      Files.writeString(
          directory.resolve("trust.pem"),
          "-----BEGIN CERTIFICATE-----\n"
              + Base64.getMimeEncoder(64, new byte[] {'\n'})
                  .encodeToString(store.getCertificate("fake").getEncoded())
              + "\n-----END CERTIFICATE-----\n");
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
