package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One file that is followed: its last good content, and what is wrong with the present one. A file
 * that cannot be used stands for what it last said.
 */
final class ManifestFile {
  /**
   * How young a file is when it is read and still may change without a new time stamp: the clock of
   * a file system is coarser than the time between two writes.
   */
  private static final long RACY_MILLIS = 2_000;

  private record Stamp(@Nullable Object fileKey, long size, long modifiedMillis) {}

  /** Content that was read, by its hash. */
  private record Parsed(String digest, Manifests manifests) {}

  private final String name;
  private final Path path;
  private @Nullable Stamp stamp;
  private @Nullable Parsed parsed;
  private String goodDigest = "";
  private Optional<Manifests> good = Optional.empty();
  private List<InputError> problems = List.of();
  private boolean missing;
  private long troubledSince;

  ManifestFile(String name, Path path) {
    this.name = name;
    this.path = path;
  }

  /** What it last said; empty while it never said anything usable. */
  Optional<Manifests> good() {
    return good;
  }

  /** What is wrong with its present content; empty when nothing is. */
  List<InputError> problems() {
    return problems;
  }

  boolean missing() {
    return missing;
  }

  /** Since when something has been wrong, in nanoseconds of the clock. */
  long troubledSince() {
    return troubledSince;
  }

  /**
   * Reads it, unless it is as it was.
   *
   * @param wallMillis the time of day, to which files' time stamps are compared
   * @return whether there is new good content
   */
  boolean read(long now, long wallMillis) {
    byte[] content;
    try {
      BasicFileAttributes seen = Files.readAttributes(path, BasicFileAttributes.class);
      Stamp next = new Stamp(seen.fileKey(), seen.size(), seen.lastModifiedTime().toMillis());
      if (next.equals(stamp)) {
        return false;
      }
      content = Files.readAllBytes(path);
      stamp = Math.abs(wallMillis - next.modifiedMillis) < RACY_MILLIS ? null : next;
    } catch (NoSuchFileException e) {
      vanished(now, "the file");
      return false;
    } catch (IOException e) {
      trouble(now, false, problem(ManifestReader.reason(e), "a file that can be read"));
      return false;
    }
    return take(content, now);
  }

  /** Takes content as the file's; answers whether it is new and good. */
  boolean take(byte[] content, long now) {
    String digest = sha256(content);
    Parsed last = parsed;
    if (last == null || !digest.equals(last.digest)) {
      last = new Parsed(digest, ManifestReader.parse(Map.of(name, content)));
      parsed = last;
    }
    if (!last.manifests.complete()) {
      trouble(now, false, last.manifests.errors());
      return false;
    }
    problems = List.of();
    missing = false;
    good = Optional.of(last.manifests);
    boolean isNew = !digest.equals(goodDigest);
    goodDigest = digest;
    return isNew;
  }

  /**
   * It is not there any more.
   *
   * @param expected what would be right
   */
  void vanished(long now, String expected) {
    trouble(now, true, problem("no such file", expected));
  }

  private List<InputError> problem(String value, String expected) {
    return List.of(new InputError(name, "", "", value, expected));
  }

  private void trouble(long now, boolean isMissing, List<InputError> found) {
    if (problems.isEmpty() || isMissing != missing) {
      troubledSince = now;
    }
    missing = isMissing;
    problems = List.copyOf(found);
    stamp = null;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
