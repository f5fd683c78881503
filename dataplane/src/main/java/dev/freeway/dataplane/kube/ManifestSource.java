package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One file, directory or standard input, followed. A file that goes from a directory that is there
 * and has others counts as deleted once it has been away for a while; nothing else that is missing
 * ever counts as deleted.
 */
final class ManifestSource {
  private final String name;
  private final long deletedAfterNanos;
  private final Map<Path, ManifestFile> files = new TreeMap<>();
  private Optional<InputError> problem = Optional.empty();
  private long troubledSince;
  private boolean isDirectory;
  private boolean isRead;

  /**
   * A source; nothing is read before {@link #read}.
   *
   * @param deletedAfterNanos how long a file is away before it counts as deleted
   */
  ManifestSource(String name, long deletedAfterNanos) {
    this.name = name;
    this.deletedAfterNanos = deletedAfterNanos;
  }

  Collection<ManifestFile> files() {
    return files.values();
  }

  /** What is wrong with the source as a whole. */
  Optional<InputError> problem() {
    return problem;
  }

  /** Since when that is wrong. */
  long troubledSince() {
    return troubledSince;
  }

  /** The directory whose changes concern it; none for standard input. */
  Optional<Path> watched() {
    if (name.equals(ManifestReader.STDIN)) {
      return Optional.empty();
    }
    Path path = Path.of(name);
    return Optional.of(
        isDirectory || Files.isDirectory(path)
            ? path
            : Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path));
  }

  /**
   * Reads what changed.
   *
   * @return whether the content, good or fresh, is another one now
   */
  boolean read(InputStream stdin, long now, long wallMillis) {
    if (name.equals(ManifestReader.STDIN)) {
      return readOnce(stdin, now);
    }
    Path path = Path.of(name);
    if (!isDirectory && !Files.isDirectory(path)) {
      return files.computeIfAbsent(path, _ -> new ManifestFile(name, path)).read(now, wallMillis);
    }
    if (!isDirectory) {
      isDirectory = true;
      files.clear(); // it was missing, and had no content
    }
    List<Path> listed;
    try {
      listed = ManifestReader.manifestsIn(path);
    } catch (IOException | UncheckedIOException e) {
      Exception cause = e.getCause() instanceof IOException io ? io : e;
      trouble(now, ManifestReader.reason(cause), "a directory that can be read");
      return false;
    }
    if (listed.isEmpty()) {
      trouble(now, "an empty directory", "a directory with *.yaml, *.yml or *.json files");
      return false;
    }
    problem = Optional.empty();
    return readAll(listed, now, wallMillis);
  }

  private boolean readOnce(InputStream stdin, long now) {
    if (isRead) {
      return false;
    }
    isRead = true;
    try {
      ManifestFile file = new ManifestFile(name, Path.of(name));
      files.put(Path.of(name), file);
      return file.take(stdin.readAllBytes(), false, now);
    } catch (IOException e) {
      trouble(now, ManifestReader.reason(e), "standard input that can be read");
      return false;
    }
  }

  private boolean readAll(List<Path> listed, long now, long wallMillis) {
    boolean changed = false;
    for (Path path : listed) {
      changed |=
          files
              .computeIfAbsent(path, _ -> new ManifestFile(path.toString(), path))
              .read(now, wallMillis);
    }
    Set<Path> present = new HashSet<>(listed);
    for (Iterator<Map.Entry<Path, ManifestFile>> all = files.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<Path, ManifestFile> entry = all.next();
      ManifestFile file = entry.getValue();
      if (present.contains(entry.getKey())) {
        continue;
      }
      file.vanished(
          now,
          "the file; it counts as deleted once it has been away for "
              + deletedAfterNanos / 1_000_000_000
              + " s");
      if (now - file.troubledSince() >= deletedAfterNanos) {
        all.remove();
        changed |= file.good().isPresent();
      }
    }
    return changed;
  }

  private void trouble(long now, String value, String expected) {
    if (problem.isEmpty()) {
      troubledSince = now;
    }
    problem = Optional.of(new InputError(name, "", "", value, expected));
  }

  /**
   * What is wrong with it and its files.
   *
   * @param forNanos for how long at least
   * @param told what was told already, and goes on being told
   */
  List<InputError> problems(long now, long forNanos, List<InputError> told) {
    if (problem.isPresent()) { // its files stand as they were
      boolean lasts = now - troubledSince >= forNanos || told.contains(problem.get());
      return lasts ? List.of(problem.get()) : List.of();
    }
    List<InputError> problems = new ArrayList<>();
    for (ManifestFile file : files.values()) {
      if (now - file.troubledSince() >= forNanos || told.containsAll(file.problems())) {
        problems.addAll(file.problems());
      }
    }
    return problems;
  }

  /** Whether anything is wrong with it. */
  boolean troubled() {
    return problem.isPresent()
        || files.values().stream().anyMatch(file -> !file.problems().isEmpty());
  }

  /** Whether some of it was never usable, so that nobody knows what it names. */
  boolean unknown() {
    return files.isEmpty() || files.values().stream().anyMatch(file -> file.good().isEmpty());
  }
}
