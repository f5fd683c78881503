package dev.freeway.controlplane.aws;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * Ciphers and digests in native code, for TLS and for signing: a JVM that compiles quickly has none
 * of the processor's own instructions for them, and takes thirty times as long. Amazon's provider
 * where its library is there for this machine, and else the JDK's own, which does the same.
 */
public final class NativeCryptography {
  /** {@code -Dfreeway.cryptography=java} leaves everything to the JDK. */
  static final String CHOICE = "freeway.cryptography";

  private static final String PROVIDER = "AmazonCorrettoCryptoProvider";
  private static final String LIBRARY = System.mapLibraryName("amazonCorrettoCryptoProvider");

  private NativeCryptography() {}

  /** Puts it before the JDK's providers, once for the process. */
  static void prefer() {
    if (!System.getProperty(CHOICE, "").equals("java") && Security.getProvider(PROVIDER) == null) {
      found().ifPresent(provider -> Security.insertProviderAt(provider, 1));
    }
  }

  /** Which provider gives the ciphers of new connections. */
  public static String inUse() {
    Provider @Nullable [] providers = Security.getProviders("Cipher.AES/GCM/NoPadding");
    return providers == null ? "nobody" : providers[0].getName();
  }

  private static Optional<Provider> found() {
    boolean beside =
        Arrays.stream(System.getProperty("java.library.path", "").split(File.pathSeparator, -1))
            .filter(directory -> !directory.isEmpty())
            .anyMatch(directory -> Files.exists(Path.of(directory, LIBRARY)));
    if (beside) { // else it unpacks the library that is in its jar
      System.setProperty("com.amazon.corretto.crypto.provider.useExternalLib", "true");
    }
    try {
      return ServiceLoader.load(Provider.class).stream()
          .filter(provider -> provider.type().getSimpleName().equals(PROVIDER))
          .findFirst()
          .map(ServiceLoader.Provider::get)
          // Without its library it has nothing to give.
          .filter(provider -> provider.getService("Cipher", "AES/GCM/NoPadding") != null);
    } catch (ServiceConfigurationError | LinkageError _) {
      return Optional.empty();
    }
  }
}
