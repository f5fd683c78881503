package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.ShrinkGuard;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What a follower does, without its thread: each look reads what changed and answers with the
 * desired state when it is another one.
 */
final class FollowedInput {
  /** How long a file is away before it counts as deleted, and a held state waits. */
  static final Duration SECOND_LOOK = ShrinkGuard.SECOND_LOOK;

  /** A file that is being written is unusable for a moment; that is not worth a word. */
  static final Duration SETTLED = Duration.ofMillis(50);

  private final List<ManifestSource> sources = new ArrayList<>();
  private final InputStream stdin;
  private final UnaryOperator<Translation> kernelCheck;
  private Desired current;
  private Desired found;
  private Translation translation = Translation.NONE;
  private boolean unknown;
  private boolean first = true;
  private long submittedNanos;
  private long usableNanos;
  private InputStatus status = InputStatus.unread(0);

  /**
   * An input, not yet read.
   *
   * @param before what the kernel holds of ours, with owners where they are known
   * @param kernelCheck refuses what this kernel does not have
   */
  FollowedInput(
      List<String> sources,
      InputStream stdin,
      Desired before,
      UnaryOperator<Translation> kernelCheck) {
    for (String source : new LinkedHashSet<>(sources)) {
      this.sources.add(new ManifestSource(source, SECOND_LOOK.toNanos()));
    }
    this.stdin = stdin;
    this.current = before;
    this.found = before;
    this.kernelCheck = kernelCheck;
  }

  /**
   * Reads the input again.
   *
   * @param held whether the last answer waits for a second look
   * @return the desired state, when it has to be submitted
   */
  Optional<Desired> look(long now, long wallMillis, boolean held) {
    boolean changed = first;
    boolean nowUnknown = false;
    for (ManifestSource source : sources) {
      changed |= source.read(stdin, now, wallMillis);
      nowUnknown |= source.unknown();
    }
    changed |= nowUnknown != unknown;
    unknown = nowUnknown;
    Desired before = current;
    if (changed) {
      translate(true);
      if (anyFresh() && takesAway(before, current)) {
        current = before;
        translate(false);
      } else {
        files().forEach(ManifestFile::trust);
      }
      if (translation.complete()) {
        found = Translation.NONE.desired(); // from now on every file stands for what it last said
      }
    }
    updateStatus(now);
    boolean submit =
        first || !current.equals(before) || (held && now - submittedNanos >= SECOND_LOOK.toNanos());
    first = false;
    if (submit) {
      submittedNanos = now;
    }
    return submit ? Optional.of(current) : Optional.empty();
  }

  /**
   * Works out the current state.
   *
   * @param withFresh whether files that may be half-written count by what they say now
   */
  private void translate(boolean withFresh) {
    List<Manifests> parts =
        files()
            .flatMap(file -> (withFresh ? file.fresh().or(file::good) : file.good()).stream())
            .toList();
    translation =
        kernelCheck.apply(
            ServiceTranslator.translate(
                Manifests.together(parts, !unknown), Retained.holders(current)));
    current = Retained.next(current, found, translation);
  }

  private Stream<ManifestFile> files() {
    return sources.stream().flatMap(source -> source.files().stream());
  }

  private boolean anyFresh() {
    return files().anyMatch(file -> file.fresh().isPresent());
  }

  /** Whether a service or an endpoint goes. */
  private static boolean takesAway(Desired before, Desired after) {
    return before.services().entrySet().stream()
        .anyMatch(
            held -> {
              DesiredService next = after.services().get(held.getKey());
              return next == null
                  || !next.endpoints().keySet().containsAll(held.getValue().endpoints().keySet());
            });
  }

  private void updateStatus(long now) {
    List<InputError> frozen = new ArrayList<>();
    boolean troubled = false;
    for (ManifestSource source : sources) {
      frozen.addAll(source.problems(now, first ? 0 : SETTLED.toNanos(), status.frozen()));
      troubled |= source.troubled();
    }
    List<InputError> refused = translation.errors();
    if (!translation.complete() && !unknown) { // there is no Service of ours in it
      frozen.addAll(refused);
      refused = List.of();
    }
    if (first || (!troubled && frozen.isEmpty())) {
      usableNanos = now;
    }
    status =
        new InputStatus(
            List.copyOf(frozen),
            refused,
            translation.refused(),
            List.of(),
            translation.notes(),
            usableNanos);
  }

  InputStatus status() {
    return status;
  }

  /** Whether the first look found nothing to begin with. */
  boolean useless() {
    return translation.desired().services().isEmpty();
  }

  /** How long until the next look is due, when nothing happens before. */
  Duration untilNext(Duration interval, boolean held) {
    Duration next = interval;
    if (sources.stream().anyMatch(ManifestSource::troubled) && SETTLED.compareTo(next) < 0) {
      next = status.frozen().isEmpty() ? SETTLED : Duration.ofSeconds(1);
    }
    if (anyFresh()) {
      next = SETTLED;
    }
    if (held && next.compareTo(SECOND_LOOK) > 0) {
      next = SECOND_LOOK;
    }
    return next.compareTo(interval) < 0 ? next : interval;
  }

  /** The directories whose changes matter. */
  Set<Path> watched() {
    Set<Path> watched = new LinkedHashSet<>();
    for (ManifestSource source : sources) {
      source.watched().ifPresent(watched::add);
    }
    return watched;
  }
}
