import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A step of the build, run as a single source file: raises class files for Java 5 and older in the
 * jars of a directory to Java 8's version, and gives them the stack maps that it asks for. The
 * JVM's AOT cache takes no older ones, so they were read from the jars and verified at each start:
 * picocli's, 184 classes for {@code freeway --help}, and ASM's, which jnr-ffi uses.
 *
 * <p>Nothing else changes: neither the code, nor the order of entries and their times, nor the time
 * of the jar, by which a cache knows it. The same jar gives the same bytes; one that was raised is
 * left alone, and one that is signed: its classes are loaded only as they were signed.
 *
 * <p>Arguments: the directory.
 */
final class StackMaps {
  private static final int FIRST_WITH_STACK_MAPS = ClassFile.JAVA_6_VERSION;
  private static final int VERSION = ClassFile.JAVA_8_VERSION;
  private static final int MAGIC = 0xCAFEBABE;

  private final List<ZipFile> jars;
  private final ClassFile classFile;

  private StackMaps(List<ZipFile> jars) {
    this.jars = jars;
    ClassHierarchyResolver beside = ClassHierarchyResolver.ofResourceParsing(this::find);
    classFile =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassHierarchyResolverOption.of(beside.orElse(ClassHierarchyResolver.defaultResolver())));
  }

  public static void main(String[] args) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of(args[0]), "*.jar")) {
      found.forEach(files::add);
    }
    Collections.sort(files);
    List<ZipFile> jars = new ArrayList<>();
    try {
      for (Path file : files) {
        jars.add(open(file));
      }
      StackMaps stackMaps = new StackMaps(jars);
      for (int i = 0; i < files.size(); i++) {
        if (!isSigned(jars.get(i)) && isOld(jars.get(i))) {
          stackMaps.raise(jars.get(i), files.get(i));
        }
      }
    } finally {
      for (ZipFile jar : jars) {
        jar.close();
      }
    }
  }

  private static ZipFile open(Path file) throws IOException {
    try {
      return new ZipFile(file.toFile());
    } catch (IOException e) {
      throw new IOException(file + ": expected a jar: " + e.getMessage(), e);
    }
  }

  private static boolean isSigned(ZipFile jar) {
    return jar.stream()
        .anyMatch(entry -> entry.getName().matches("(?i)META-INF/[^/]+\\.SF"));
  }

  private InputStream find(ClassDesc type) {
    String descriptor = type.descriptorString();
    String name = descriptor.substring(1, descriptor.length() - 1) + ".class";
    for (ZipFile jar : jars) {
      ZipEntry entry = jar.getEntry(name);
      if (entry != null) {
        try {
          return jar.getInputStream(entry);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return null;
  }

  private static boolean isOld(ZipFile jar) throws IOException {
    for (ZipEntry entry : Collections.list(jar.entries())) {
      if (entry.getName().endsWith(".class")) {
        try (InputStream in = jar.getInputStream(entry)) {
          if (isOld(in.readNBytes(8))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** By its first eight bytes: the magic number, the minor version, the major one. */
  private static boolean isOld(byte[] file) {
    if (file.length < 8) {
      return false;
    }
    ByteBuffer head = ByteBuffer.wrap(file);
    return head.getInt() == MAGIC && (head.getInt() & 0xffff) < FIRST_WITH_STACK_MAPS;
  }

  private void raise(ZipFile jar, Path file) throws IOException {
    Path raised = file.resolveSibling(file.getFileName() + ".raised");
    int classes = 0;
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(raised))) {
      for (ZipEntry entry : Collections.list(jar.entries())) {
        byte[] bytes = jar.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".class") && isOld(bytes)) {
          bytes = raise(bytes);
          classes += isOld(bytes) ? 0 : 1;
        }
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(entry.getTimeLocal());
        out.putNextEntry(copy);
        out.write(bytes);
      }
    }
    if (classes == 0) {
      Files.delete(raised);
      return;
    }
    Files.setLastModifiedTime(raised, Files.getLastModifiedTime(file));
    Files.move(raised, file, StandardCopyOption.REPLACE_EXISTING);
    System.out.println("stack maps for " + classes + " classes of " + file.getFileName());
  }

  /** The same class with stack maps, or the same bytes where a type that they go by is absent. */
  private byte[] raise(byte[] bytes) {
    ClassTransform version = ClassTransform.endHandler(out -> out.withVersion(VERSION, 0));
    ClassTransform code = ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL);
    try {
      return classFile.transformClass(classFile.parse(bytes), version.andThen(code));
    } catch (IllegalArgumentException _) {
      return bytes;
    }
  }
}
