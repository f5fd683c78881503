package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One file that is followed: its last good content, and what is wrong with the present one. A file
 * that cannot be used stands for what it last said.
 *
 * <p>A file that is written in place is seen half-written, and YAML that ends too early often is a
 * shorter list without an error. Such content is fresh until a second look finds it again. A path
 * that leads to another file than at the look before was renamed or linked there, and whoever does
 * that has finished writing.
 */
final class ManifestFile {
  /**
   * How young a file is when it is read and still may change without a new time stamp: the clock of
   * a file system is coarser than the time between two writes.
   */
  private static final long RACY_MILLIS = 2_000;

  /** How long content that was written in place has to stay as it is. */
  static final Duration SETTLES = Duration.ofMillis(200);

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
  private @Nullable Object lastKey;
  private Optional<Manifests> fresh = Optional.empty();
  private String freshDigest = "";
  private long freshSince;

  ManifestFile(String name, Path path) {
    this.name = name;
    this.path = path;
  }

  /** What it last said; empty while it never said anything usable. */
  Optional<Manifests> good() {
    return good;
  }

  /** What it says now and perhaps not yet in full; empty when that is good, or wrong. */
  Optional<Manifests> fresh() {
    return fresh;
  }

  /** Takes fresh content as good, for it does not take anything away. */
  void trust() {
    if (fresh.isPresent()) {
      good = fresh;
      goodDigest = freshDigest;
      fresh = Optional.empty();
    }
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
   * @return whether there is new content, good or fresh
   */
  boolean read(long now, long wallMillis) {
    byte[] content;
    boolean inPlace;
    try {
      BasicFileAttributes seen = Files.readAttributes(path, BasicFileAttributes.class);
      Stamp next = new Stamp(seen.fileKey(), seen.size(), seen.lastModifiedTime().toMillis());
      if (next.equals(stamp)) {
        return settled(now);
      }
      inPlace = missing || seen.fileKey() == null || seen.fileKey().equals(lastKey);
      lastKey = seen.fileKey();
      content = Files.readAllBytes(path);
      stamp = Math.abs(wallMillis - next.modifiedMillis) < RACY_MILLIS ? null : next;
    } catch (NoSuchFileException e) {
      vanished(now, "the file");
      return false;
    } catch (IOException e) {
      trouble(now, false, problem(ManifestReader.reason(e), "a file that can be read"));
      return false;
    }
    return take(content, inPlace, now);
  }

  /**
   * Takes content as the file's.
   *
   * @param inPlace whether it may be half-written
   * @return whether there is new content, good or fresh
   */
  boolean take(byte[] content, boolean inPlace, long now) {
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
    if (fresh.isPresent() && digest.equals(freshDigest)) {
      return settled(now);
    }
    boolean hadFresh = fresh.isPresent();
    fresh = Optional.empty();
    if (digest.equals(goodDigest)) {
      return hadFresh;
    }
    fresh = Optional.of(last.manifests);
    freshDigest = digest;
    freshSince = now;
    if (!inPlace || good.isEmpty()) {
      trust();
    }
    return true;
  }

  /** Fresh content was found again; answers whether it is good by now. */
  private boolean settled(long now) {
    if (fresh.isEmpty() || now - freshSince < SETTLES.toNanos()) {
      return false;
    }
    trust();
    return true;
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
    fresh = Optional.empty();
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
