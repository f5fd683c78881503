package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.diff.Change;
import dev.freeway.controlplane.diff.Comparison;
import dev.freeway.controlplane.diff.FieldChange;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.tables.Table;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code freeway diff}. */
@Command(
    name = "diff",
    description = DiffCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:compared, whether something changed or not",
      "1:there is nothing to compare",
      "64:the command line is wrong"
    })
final class DiffCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Lists what was added, removed and modified between two times, field by field. Without"
          + " --from: since before the newest scan of each account.";

  private static final List<String> TYPES = List.of("all", "added", "removed", "modified");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private NarrowOptions narrow = new NarrowOptions();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      defaultValue = "",
      description =
          "before: 2026-01-31 (its beginning, in this machine's time zone), 2026-01-31T10:00, 7d,"
              + " yesterday, today, 'scan 3'. Default: before the newest scan")
  private String from = "";

  @Option(
      names = "--to",
      paramLabel = "TIME",
      defaultValue = "",
      description = "after: the same; a day is its end. Default: now")
  private String to = "";

  @Option(
      names = "--type",
      paramLabel = "CHANGE",
      defaultValue = "all",
      description = "all, added, removed or modified. Default: all")
  private String type = "all";

  @Option(names = "--ignore-tags", description = "other tags are no change")
  private boolean ignoreTags;

  @Override
  public Integer call() {
    if (!TYPES.contains(type)) {
      throw new ParameterException(
          spec.commandLine(), "--type " + type + ": expected " + String.join(", ", TYPES));
    }
    Instant now = Instant.now();
    Store store = stores.existing();
    List<Scan> scans = store.scans();
    if (scans.isEmpty()) {
      throw new CommandException(stores.address() + ": no scan yet; expected freeway scan first");
    }
    Comparison comparison;
    try {
      comparison =
          Comparison.of(
              store, scans, narrow.accounts(scans), from, to, now, ZoneId.systemDefault());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
    List<Change> changes =
        new ArrayList<>(
            comparison.changes(store, Catalog.builtIn(), narrow.filter(scans), ignoreTags));
    Map<String, Instant> since = comparison.since();
    boolean summary = narrow.summary();
    if (!type.equals("all")) {
      changes.removeIf(change -> !Table.word(change.kind()).equals(type));
    }
    if (output.format() == Format.JSON || output.format() == Format.YAML) {
      output.document(document(changes, since, comparison.until().orElse(now)));
    } else if (summary) {
      output.rows(List.of("account", "service", "added", "removed", "modified"), totals(changes));
    } else {
      output.rows(Table.ofChanges(changes));
    }
    if (!output.machine() && changes.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("nothing changed since " + String.join(", ", text(since)));
      err.flush();
    }
    return ExitCode.DONE;
  }

  private static List<String> text(Map<String, Instant> since) {
    return since.values().stream().distinct().map(Instant::toString).toList();
  }

  private static Map<Change.Kind, Long> count(List<Change> changes) {
    Map<Change.Kind, Long> counts = new EnumMap<>(Change.Kind.class);
    for (Change.Kind kind : Change.Kind.values()) {
      counts.put(kind, changes.stream().filter(change -> change.kind() == kind).count());
    }
    return counts;
  }

  private static List<List<? extends @Nullable Object>> totals(List<Change> changes) {
    Map<List<String>, List<Change>> groups = new LinkedHashMap<>();
    for (Change change : changes) {
      groups
          .computeIfAbsent(
              List.of(change.resource().scope().account(), change.resource().scope().service()),
              _ -> new ArrayList<>())
          .add(change);
    }
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    groups.forEach(
        (group, of) -> {
          List<Object> row = new ArrayList<>(group);
          row.addAll(count(of).values());
          rows.add(row);
        });
    return rows;
  }

  private ObjectNode document(List<Change> changes, Map<String, Instant> since, Instant until) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    ObjectNode start = document.putObject("from");
    since.forEach((account, time) -> start.put(account, time.toString()));
    document.put("to", until.toString());
    ObjectNode totals = document.putObject("summary");
    count(changes).forEach((kind, n) -> totals.put(Table.word(kind), n));
    if (narrow.summary()) {
      return document;
    }
    ArrayNode all = document.putArray("changes");
    for (Change change : changes) {
      Resource resource = change.resource();
      ObjectNode one = all.addObject();
      one.put("change", Table.word(change.kind()));
      one.put("account", resource.scope().account());
      one.put("region", resource.scope().region());
      one.put("service", resource.scope().service());
      one.put("type", resource.scope().type());
      one.put("id", resource.id());
      one.put("arn", resource.arn());
      one.put("name", resource.name());
      if (change.kind() == Change.Kind.MODIFIED) {
        ArrayNode fields = one.putArray("fields");
        change.fields().forEach(field -> field(fields.addObject(), "path", field.path(), field));
        ObjectNode tags = one.putObject("tags");
        tags.putArray("added");
        tags.putArray("removed");
        tags.putArray("changed");
        for (FieldChange tag : change.tags()) {
          String how =
              tag.before().isEmpty() ? "added" : tag.after().isEmpty() ? "removed" : "changed";
          field(tags.withArray(how).addObject(), "key", tag.path().substring("tag:".length()), tag);
        }
      }
    }
    return document;
  }

  private static void field(ObjectNode node, String what, String name, FieldChange change) {
    node.put(what, name);
    change.before().ifPresent(value -> node.set("before", value));
    change.after().ifPresent(value -> node.set("after", value));
  }
}
