package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.FrontPage;
import dev.freeway.dataplane.admin.Page;
import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.kube.InputStatus;
import dev.freeway.dataplane.sync.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;

/** What {@code run} serves besides its metrics, each made from what is known at that moment. */
final class RouterPages {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Supplier<Snapshot> snapshots;
  private final LongSupplier aliveNanos;
  private final Supplier<InputStatus> input;
  private final LongSupplier clock;
  private final Duration limit;

  /**
   * Pages.
   *
   * @param aliveNanos when the writer last began something
   */
  RouterPages(
      Supplier<Snapshot> snapshots,
      LongSupplier aliveNanos,
      Supplier<InputStatus> input,
      LongSupplier clock,
      Duration auditInterval) {
    this.snapshots = snapshots;
    this.aliveNanos = aliveNanos;
    this.input = input;
    this.clock = clock;
    Duration intervals = auditInterval.multipliedBy(10);
    this.limit = intervals.compareTo(PATIENCE) > 0 ? intervals : PATIENCE;
  }

  Map<String, Supplier<Page>> pages(Supplier<Page> metrics, Supplier<Page> overview) {
    Page front = FrontPage.load();
    return Map.of(
        "/",
        () -> front,
        "/page.json",
        overview,
        "/healthz",
        this::health,
        "/readyz",
        this::ready,
        "/state",
        this::state,
        "/metrics",
        metrics);
  }

  private boolean late(long sinceNanos) {
    return clock.getAsLong() - sinceNanos > limit.toNanos();
  }

  /** Whether the writer lives: it began a turn, or a chunk of a long one, not long ago. */
  Page health() {
    long alive = aliveNanos.getAsLong();
    return late(alive)
        ? Page.text(
            503,
            "the writer has done nothing for "
                + (clock.getAsLong() - alive) / 1_000_000_000
                + " s; expected a turn every "
                + limit.toSeconds()
                + " s at least")
        : Page.text(200, "ok");
  }

  /**
   * Whether a first desired state was programmed but for what is refused, and the kernel answers.
   */
  Page ready() {
    return unready(snapshots.get())
        .map(reason -> Page.text(503, reason))
        .orElseGet(() -> Page.text(200, "ok"));
  }

  /** Why it is not ready, as this snapshot says; empty when it is. */
  Optional<String> unready(Snapshot snapshot) {
    if (!snapshot.programmed()) {
      return Optional.of(
          snapshot
              .held()
              .map(reason -> "nothing is programmed yet: " + reason)
              .orElse("nothing is programmed yet: the first desired state is on its way"));
    }
    if (!late(snapshot.dumpedNanos())) {
      return Optional.empty();
    }
    return Optional.of(
        late(aliveNanos.getAsLong())
            ? "the writer does not answer"
            : "the kernel's table could not be read for " + limit.toSeconds() + " s or more");
  }

  /** The table and what stands in the way of the manifests. */
  Page state() {
    Snapshot snapshot = snapshots.get();
    InputStatus status = input.get();
    List<InputError> errors = new ArrayList<>(status.errors());
    errors.addAll(Failures.of(snapshot.errors(), snapshot.refused()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JsonOutput.document(
        new PrintStream(bytes, false, StandardCharsets.UTF_8),
        json -> {
          StateDocument.write(json, snapshot.table(), snapshot::ours);
          StateDocument.write(json, snapshot.announced().addresses());
          json.writeBooleanProperty("programmed", snapshot.programmed());
          json.writeNumberProperty("draining", snapshot.draining());
          json.writeNumberProperty("repaired", snapshot.repaired());
          json.writeStringProperty("held", snapshot.held().orElse(""));
          JsonOutput.errors(json, "frozen", status.frozen());
          refused(json, status);
          JsonOutput.errors(json, "unchecked", status.unchecked());
          JsonOutput.errors(json, errors);
        });
    return new Page(200, "application/json", bytes.toByteArray());
  }

  private static void refused(JsonGenerator json, InputStatus status) {
    json.writeArrayPropertyStart("refused");
    status.refused().stream().sorted().forEach(json::writeString);
    json.writeEndArray();
  }
}
