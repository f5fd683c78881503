package dev.freeway.controlplane.tables;

import dev.freeway.controlplane.diff.Change;
import dev.freeway.controlplane.diff.FieldChange;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.tagging.Offender;
import dev.freeway.controlplane.tagging.Share;
import dev.freeway.controlplane.tagging.TagAudit;
import dev.freeway.controlplane.waste.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Rows under columns.
 *
 * @param columns their names, unique
 * @param rows as many cells each: text, a number or null
 */
public record Table(List<String> columns, List<List<? extends @Nullable Object>> rows) {
  /** What a finding costs, until there are prices. */
  public static final String PRICE = "price unknown";

  /** Copies the lists; the rows themselves may hold nulls and are not to be changed. */
  public Table {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** A row for each member or tag that changed, one for each resource that came or went. */
  public static Table ofChanges(List<Change> changes) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    for (Change change : changes) {
      List<FieldChange> all = new ArrayList<>(change.fields());
      all.addAll(change.tags());
      if (all.isEmpty()) {
        rows.add(change(change, "", "", ""));
      }
      all.forEach(
          field ->
              rows.add(change(change, field.path(), text(field.before()), text(field.after()))));
    }
    return new Table(
        List.of(
            "change", "account", "region", "service", "type", "id", "name", "field", "before",
            "after"),
        rows);
  }

  private static List<Object> change(Change change, String field, String before, String after) {
    Resource resource = change.resource();
    return List.of(
        word(change.kind()),
        resource.scope().account(),
        resource.scope().region(),
        resource.scope().service(),
        resource.scope().type(),
        resource.id(),
        resource.name(),
        field,
        before,
        after);
  }

  private static String text(Optional<JsonNode> value) {
    return value.map(node -> node.isString() ? node.asString() : node.toString()).orElse("");
  }

  /** What an enumeration's value is called: {@code added}. */
  public static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** A row for each finding. */
  public static Table ofFindings(List<Finding> findings, Instant now) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    for (Finding finding : findings) {
      Resource resource = finding.resource();
      rows.add(
          Arrays.asList(
              finding.rule(),
              resource.scope().account(),
              resource.scope().region(),
              resource.id(),
              resource.name(),
              days(finding, now).orElse(null),
              finding.reason(),
              PRICE));
    }
    return new Table(
        List.of("rule", "account", "region", "id", "name", "days", "reason", "monthly"), rows);
  }

  /** For how many days what was found has been so, as far as AWS says. */
  public static Optional<Long> days(Finding finding, Instant now) {
    return finding.since().map(since -> Duration.between(since, now).toDays());
  }

  /** How well resources are tagged: all, by tag, by service. */
  public static Table ofShares(TagAudit audit) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    rows.add(share("all", "", audit.overall()));
    audit.byTag().forEach((key, share) -> rows.add(share("tag", key, share)));
    audit.byService().forEach((service, share) -> rows.add(share("service", service, share)));
    return new Table(List.of("of", "name", "good", "all", "percent"), rows);
  }

  private static List<Object> share(String of, String name, Share share) {
    return List.of(of, name, share.good(), share.all(), share.percent());
  }

  /** A row for each resource that lacks tags. */
  public static Table ofOffenders(List<Offender> offenders) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    for (Offender offender : offenders) {
      Resource resource = offender.resource();
      rows.add(
          List.of(
              resource.scope().account(),
              resource.scope().region(),
              resource.scope().service(),
              resource.scope().type(),
              resource.id(),
              resource.name(),
              resource.tags().isEmpty() ? "all" : String.join(", ", offender.missing()),
              resource.tags().size()));
    }
    return new Table(
        List.of("account", "region", "service", "type", "id", "name", "missing", "tags"), rows);
  }

  /**
   * A row for each entry of a ledger, by service, operation and region.
   *
   * @param all also those that went well
   */
  public static Table ofCalls(List<LedgerEntry> ledger, boolean all) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    ledger.stream()
        .filter(entry -> all || entry.outcome() != LedgerEntry.Outcome.OK)
        .sorted(
            Comparator.comparing(LedgerEntry::service)
                .thenComparing(LedgerEntry::operation)
                .thenComparing(LedgerEntry::region))
        .forEach(
            entry ->
                rows.add(
                    List.of(
                        entry.account(),
                        entry.region(),
                        entry.service(),
                        entry.operation(),
                        word(entry.outcome()),
                        entry.code(),
                        entry.calls(),
                        entry.pages(),
                        entry.items(),
                        entry.retries(),
                        entry.time().toMillis(),
                        entry.message())));
    return new Table(
        List.of(
            "account",
            "region",
            "service",
            "operation",
            "outcome",
            "code",
            "calls",
            "pages",
            "items",
            "retries",
            "milliseconds",
            "message"),
        rows);
  }
}
