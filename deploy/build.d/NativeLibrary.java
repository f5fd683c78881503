import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A step of the build, run as a single source file: takes the native library out of a jar and lays
 * it beside, where {@code java.library.path} finds it. Else each start would unpack ten megabytes
 * into the temporary directory, and could not where that is mounted noexec.
 *
 * <p>The jar's signature goes with it: the JVM's AOT cache takes no class of a signed jar, and
 * verifying one takes longer than all that a start needs of it. Maven has held the download against
 * its checksum. A jar without a native library is left alone, so that a second run changes nothing.
 *
 * <p>Arguments: the directory, and how the names of its jars begin.
 */
final class NativeLibrary {
  private NativeLibrary() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, args[1] + "*.jar")) {
      for (Path file : jars) {
        if (holdsOne(file)) {
          takeOut(file);
        }
      }
    }
  }

  private static boolean isNative(ZipEntry entry) {
    return entry.getName().matches(".*\\.(so|dylib|dll)");
  }

  private static boolean isSignature(ZipEntry entry) {
    return entry.getName().matches("(?i)META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
  }

  private static boolean holdsOne(Path file) throws IOException {
    try (ZipFile jar = new ZipFile(file.toFile())) {
      return jar.stream().anyMatch(NativeLibrary::isNative);
    }
  }

  private static void takeOut(Path file) throws IOException {
    Path rest = file.resolveSibling(file.getFileName() + ".rest");
    try (ZipFile jar = new ZipFile(file.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(rest))) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        try (InputStream in = jar.getInputStream(entry)) {
          if (isNative(entry)) {
            Path library = file.resolveSibling(Path.of(entry.getName()).getFileName());
            Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
            System.out.println(library.getFileName() + " of " + file.getFileName());
          } else if (!isSignature(entry)) {
            ZipEntry copy = new ZipEntry(entry.getName());
            copy.setTimeLocal(entry.getTimeLocal());
            out.putNextEntry(copy);
            if (entry.getName().equals("META-INF/MANIFEST.MF")) {
              unsigned(new Manifest(in)).write(out);
            } else {
              in.transferTo(out);
            }
          }
        }
      }
    }
    Files.setLastModifiedTime(rest, Files.getLastModifiedTime(file));
    Files.move(rest, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Manifest unsigned(Manifest signed) {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.putAll(signed.getMainAttributes());
    return manifest;
  }
}
