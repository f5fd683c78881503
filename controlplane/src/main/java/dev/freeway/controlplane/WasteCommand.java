package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.report.Unseen;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.tables.Table;
import dev.freeway.controlplane.waste.Finding;
import dev.freeway.controlplane.waste.Waste;
import dev.freeway.controlplane.waste.WasteRule;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

/** {@code freeway waste}. */
@Command(name = "waste", description = WasteCommand.DESCRIPTION, mixinStandardHelpOptions = true)
final class WasteCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Lists what is paid for and used by nothing, as far as the inventory shows it for certain."
          + " Where a call was refused that could show a use, nothing is claimed.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private NarrowOptions narrow = new NarrowOptions();
  @Mixin private DefaultsOption defaults = new DefaultsOption();

  @Option(
      names = {"-t", "--type"},
      paramLabel = "RULE",
      split = ",",
      description = "by these rules, see -l. Default: all")
  private List<String> asked = new ArrayList<>();

  @Option(
      names = {"-l", "--list"},
      description = "list the rules")
  private boolean list;

  @Option(
      names = "--min-age-days",
      paramLabel = "DAYS",
      defaultValue = "90",
      description = "how old snapshots and images have to be at least. Default: 90")
  private int days;

  @Override
  public Integer call() {
    List<WasteRule> rules = rules();
    if (days < 0) {
      throw new ParameterException(
          spec.commandLine(), "--min-age-days " + days + ": expected at least 0");
    }
    if (list) {
      List<List<? extends @Nullable Object>> rows = new ArrayList<>();
      rules.forEach(rule -> rows.add(List.of(rule.toString(), rule.description())));
      output.rows(List.of("rule", "finds"), rows);
      return ExitCode.DONE;
    }
    Store store = stores.existing();
    List<Scan> scans = store.scans();
    List<String> whose = narrow.accounts(scans);
    List<LedgerEntry> unseen =
        Unseen.of(store, scans.stream().filter(scan -> whose.contains(scan.account())).toList());
    Instant now = Instant.now();
    // What uses a resource may be anywhere in its account.
    List<Finding> findings =
        Waste.find(
                store,
                narrow.inAccounts(scans),
                rules,
                unseen,
                Duration.ofDays(days),
                defaults.included(),
                now)
            .stream()
            .filter(finding -> narrow.takes(finding.resource()))
            .toList();
    if (output.format() == Format.JSON || output.format() == Format.YAML) {
      output.document(document(rules, findings, unseen.size(), now));
    } else if (narrow.summary()) {
      List<List<? extends @Nullable Object>> rows = new ArrayList<>();
      counts(rules, findings)
          .forEach(
              (rule, count) ->
                  rows.add(List.of(rule.toString(), rule.description(), count, Table.PRICE)));
      output.rows(List.of("rule", "finds", "resources", "monthly"), rows);
    } else {
      output.rows(Table.ofFindings(findings, now));
    }
    if (!output.machine()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("%,d resources, %s%n", findings.size(), Table.PRICE);
      if (!unseen.isEmpty()) {
        err.printf(
            "%,d calls were refused or failed: more may be unused, see freeway errors%n",
            unseen.size());
      }
      err.flush();
    }
    return ExitCode.DONE;
  }

  private List<WasteRule> rules() {
    if (asked.isEmpty()) {
      return Arrays.asList(WasteRule.values());
    }
    List<WasteRule> rules = new ArrayList<>();
    for (String name : asked) {
      rules.add(
          WasteRule.named(name)
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "-t "
                              + Printable.of(name)
                              + ": no such rule"
                              + Nearest.to(
                                      name,
                                      Arrays.stream(WasteRule.values())
                                          .map(WasteRule::toString)
                                          .toList())
                                  .map(near -> "; did you mean " + near + "?")
                                  .orElse("; freeway waste -l lists them"))));
    }
    return rules;
  }

  private static Map<WasteRule, Long> counts(List<WasteRule> rules, List<Finding> findings) {
    Map<WasteRule, Long> counts = new TreeMap<>();
    for (WasteRule rule : rules) {
      counts.put(
          rule,
          findings.stream().filter(finding -> finding.rule().equals(rule.toString())).count());
    }
    return counts;
  }

  private ObjectNode document(
      List<WasteRule> rules, List<Finding> findings, int unseen, Instant now) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("resources", findings.size());
    document.put("calls_not_seen", unseen);
    document.putNull("monthly");
    document.put("monthly_note", Table.PRICE);
    ObjectNode totals = document.putObject("summary");
    counts(rules, findings).forEach((rule, count) -> totals.put(rule.toString(), count));
    if (narrow.summary()) {
      return document;
    }
    ArrayNode all = document.putArray("findings");
    for (Finding finding : findings) {
      Resource resource = finding.resource();
      ObjectNode one = all.addObject();
      one.put("rule", finding.rule());
      one.put("account", resource.scope().account());
      one.put("region", resource.scope().region());
      one.put("service", resource.scope().service());
      one.put("type", resource.scope().type());
      one.put("id", resource.id());
      one.put("arn", resource.arn());
      one.put("name", resource.name());
      one.put("since", finding.since().map(Instant::toString).orElse(null));
      one.put("days", Table.days(finding, now).orElse(null));
      one.put("reason", finding.reason());
      one.putNull("monthly");
      ObjectNode tags = one.putObject("tags");
      resource.tags().forEach(tags::put);
    }
    return document;
  }
}
