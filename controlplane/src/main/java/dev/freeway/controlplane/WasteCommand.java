package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.report.Unseen;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
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
import java.util.Optional;
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
@Command(
    name = "waste",
    description =
        "Lists what is paid for and used by nothing, as far as the inventory shows it for certain."
            + " Where a call was refused that could show a use, nothing is claimed.",
    mixinStandardHelpOptions = true)
final class WasteCommand implements Callable<Integer> {
  private static final String PRICE = "price unknown";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private AccountOptions accounts = new AccountOptions();

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
      description = "what snapshots and images have to be older than. Default: 90")
  private int days;

  @Option(names = "--include-defaults", description = "what AWS made itself, too")
  private boolean defaults;

  @Option(names = "--summary", description = "how many by rule alone")
  private boolean summary;

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
    List<String> whose = accounts.of(scans);
    List<LedgerEntry> unseen =
        Unseen.of(store, scans.stream().filter(scan -> whose.contains(scan.account())).toList());
    Instant now = Instant.now();
    List<Finding> findings =
        Waste.find(
            store,
            accounts.narrow(ResourceFilter.CURRENT, scans),
            rules,
            unseen,
            Duration.ofDays(days),
            defaults,
            now);
    if (output.format() == Format.JSON || output.format() == Format.YAML) {
      output.document(document(rules, findings, unseen.size(), now));
    } else if (summary) {
      List<List<? extends @Nullable Object>> rows = new ArrayList<>();
      counts(rules, findings)
          .forEach(
              (rule, count) ->
                  rows.add(List.of(rule.toString(), rule.description(), count, PRICE)));
      output.rows(List.of("rule", "finds", "resources", "monthly"), rows);
    } else {
      output.rows(
          List.of("rule", "account", "region", "id", "name", "days", "reason", "monthly"),
          findings.stream().map(finding -> row(finding, now)).toList());
    }
    if (!output.machine()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("%,d resources, %s%n", findings.size(), PRICE);
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

  private static Optional<Long> age(Finding finding, Instant now) {
    return finding.since().map(since -> Duration.between(since, now).toDays());
  }

  private static List<? extends @Nullable Object> row(Finding finding, Instant now) {
    Resource resource = finding.resource();
    return Arrays.asList(
        finding.rule(),
        resource.scope().account(),
        resource.scope().region(),
        resource.id(),
        resource.name(),
        age(finding, now).orElse(null),
        finding.reason(),
        PRICE);
  }

  private ObjectNode document(
      List<WasteRule> rules, List<Finding> findings, int unseen, Instant now) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("resources", findings.size());
    document.put("calls_not_seen", unseen);
    document.putNull("monthly");
    document.put("monthly_note", PRICE);
    ObjectNode totals = document.putObject("summary");
    counts(rules, findings).forEach((rule, count) -> totals.put(rule.toString(), count));
    if (summary) {
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
      one.put("days", age(finding, now).orElse(null));
      one.put("reason", finding.reason());
      one.putNull("monthly");
      ObjectNode tags = one.putObject("tags");
      resource.tags().forEach(tags::put);
    }
    return document;
  }
}
