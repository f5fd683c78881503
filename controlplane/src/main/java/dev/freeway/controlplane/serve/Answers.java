package dev.freeway.controlplane.serve;

import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.diff.Change;
import dev.freeway.controlplane.diff.Comparison;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.query.NamedQuery;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.query.Rows;
import dev.freeway.controlplane.report.Unseen;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.tables.Table;
import dev.freeway.controlplane.tagging.TagAudit;
import dev.freeway.controlplane.waste.Finding;
import dev.freeway.controlplane.waste.Waste;
import dev.freeway.controlplane.waste.WasteRule;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the page asks, each an object with members as below and an object back. A table is {@code
 * {columns: [text], rows: [[cell]], cut: none|rows|time}}; {@code account} is a list of twelve
 * digits, of which an empty one is all.
 */
final class Answers {
  /** A page shows no more, and a program has the command. */
  private static final Limits LIMITS = new Limits(Duration.ofSeconds(30), 10_000);

  private static final int DEFAULT_DAYS = 90;
  private static final int MOST_DAYS = 36_500;
  private static final Pattern REGION = Pattern.compile("global|[a-z]{2,}(-[a-z]+)+-\\d+");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;
  private final Supplier<NamedQueries> queries;
  private final Questions questions;
  private final InstantSource clock;
  private final Catalog catalog = Catalog.builtIn();

  /** As resources name them. */
  private final Set<String> services =
      catalog.services().stream()
          .flatMap(service -> service.types().stream())
          .map(ResourceType::service)
          .collect(Collectors.toSet());

  Answers(Store store, Supplier<NamedQueries> queries, Questions questions, InstantSource clock) {
    this.store = store;
    this.queries = queries;
    this.questions = questions;
    this.clock = clock;
  }

  /**
   * Answers.
   *
   * @throws Refused when there is no such question, or a member of it is wrong
   * @throws IllegalArgumentException likewise
   * @throws dev.freeway.controlplane.query.QueryException when the database refuses a query
   */
  ObjectNode answer(String name, JsonNode asked) {
    return switch (name) {
      case "queries" -> queries(new Asked(asked));
      case "query" -> query(new Asked(asked));
      case "diff" -> diff(new Asked(asked));
      case "waste" -> waste(new Asked(asked));
      case "tags" -> tags(new Asked(asked));
      case "errors" -> errors(new Asked(asked));
      case "ask" -> ask(new Asked(asked));
      default -> throw new Refused(404, name + ": no such answer");
    };
  }

  /** {@code {queries: [{name, description, parameters: {name: default or null}, sql}], rules}}. */
  private ObjectNode queries(Asked asked) {
    asked.only();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode all = answer.putArray("queries");
    for (NamedQuery query : queries.get().all()) {
      ObjectNode one = all.addObject();
      one.put("name", query.name());
      one.put("description", query.description());
      ObjectNode parameters = one.putObject("parameters");
      query.parameters().forEach(parameters::put);
      one.put("sql", query.sql());
    }
    ArrayNode rules = answer.putArray("rules");
    for (WasteRule rule : WasteRule.values()) {
      rules.addObject().put("name", rule.toString()).put("description", rule.description());
    }
    return answer;
  }

  /** {@code {sql}} or {@code {name, parameters: {name: text}}}; {@code scan}: as it was then. */
  private ObjectNode query(Asked asked) {
    asked.only("sql", "name", "parameters");
    QueryRunner runner = runner(asked);
    Map<String, @Nullable String> values = asked.values("parameters");
    String name = asked.text("name");
    String sql = asked.text("sql");
    if (name.isEmpty() == sql.isEmpty()) {
      throw new IllegalArgumentException("expected sql, or the name of a query");
    }
    if (name.isEmpty()) {
      return table(runner.run(sql, values, LIMITS));
    }
    NamedQuery query =
        queries
            .get()
            .named(name)
            .orElseThrow(() -> new IllegalArgumentException(name + ": no such query"));
    return table(runner.run(query, values, LIMITS));
  }

  /**
   * {@code {from, to, account, service, region, change: all|added|removed|modified, ignoreTags}}.
   */
  private ObjectNode diff(Asked asked) {
    asked.only("from", "to", "account", "service", "region", "change", "ignoreTags");
    String which = asked.text("change");
    List<String> kinds = Stream.of(Change.Kind.values()).map(Table::word).toList();
    if (!which.isEmpty() && !which.equals("all") && !kinds.contains(which)) {
      throw new IllegalArgumentException(
          "change " + which + ": expected all, " + String.join(", ", kinds));
    }
    List<Scan> scans = store.scans();
    Instant now = clock.instant();
    Comparison comparison =
        Comparison.of(
            store,
            scans,
            accounts(asked, scans),
            asked.text("from"),
            asked.text("to"),
            now,
            ZoneId.systemDefault());
    List<Change> changes =
        comparison.changes(
            store, catalog, narrow(ResourceFilter.CURRENT, asked), asked.flag("ignoreTags"));
    ObjectNode summary = JsonNodeFactory.instance.objectNode();
    for (Change.Kind kind : Change.Kind.values()) {
      summary.put(
          Table.word(kind), changes.stream().filter(change -> change.kind() == kind).count());
    }
    ObjectNode answer =
        table(
            Table.ofChanges(
                changes.stream()
                    .filter(
                        change -> !kinds.contains(which) || Table.word(change.kind()).equals(which))
                    .toList()));
    answer.set("summary", summary);
    ObjectNode since = answer.putObject("since");
    comparison.since().forEach((account, time) -> since.put(account, time.toString()));
    answer.put("until", comparison.until().orElse(now).toString());
    return answer;
  }

  /** {@code {account, rule: [name], days, defaults, scan}}; back also {@code unseen}, calls. */
  private ObjectNode waste(Asked asked) {
    asked.only("account", "rule", "days", "defaults");
    List<Scan> scans = store.scans();
    List<String> accounts = accounts(asked, scans);
    List<WasteRule> rules = new ArrayList<>();
    for (String name : asked.texts("rule")) {
      rules.add(
          WasteRule.named(name)
              .orElseThrow(() -> new IllegalArgumentException(name + ": no such rule")));
    }
    long days = asked.number("days", DEFAULT_DAYS, MOST_DAYS);
    long scan = scan(asked);
    List<LedgerEntry> unseen =
        Unseen.of(
            store,
            scans.stream()
                .filter(each -> accounts.contains(each.account()))
                .filter(each -> scan == 0 || each.id() <= scan)
                .toList());
    Instant now = scan > 0 ? store.lastWrite(scan) : clock.instant();
    List<Finding> findings =
        Waste.find(
            store,
            then(asked).inAccounts(accounts.toArray(String[]::new)),
            rules.isEmpty() ? Arrays.asList(WasteRule.values()) : rules,
            unseen,
            Duration.ofDays(days),
            asked.flag("defaults"),
            now);
    ObjectNode answer = table(Table.ofFindings(findings, now));
    answer.put("unseen", unseen.size());
    return answer;
  }

  /** {@code {account, service, region, required: [key], defaults}}; back {@code shares} too. */
  private ObjectNode tags(Asked asked) {
    asked.only("account", "service", "region", "required", "defaults");
    List<String> accounts = accounts(asked, store.scans());
    TagAudit audit =
        TagAudit.of(
            store,
            narrow(then(asked).inAccounts(accounts.toArray(String[]::new)), asked),
            catalog,
            asked.texts("required"),
            asked.flag("defaults"));
    ObjectNode answer = table(Table.ofOffenders(audit.offenders()));
    answer.set("shares", table(Table.ofShares(audit)));
    return answer;
  }

  /** {@code {scan, all}}; without a scan the newest. */
  private ObjectNode errors(Asked asked) {
    asked.only("all");
    List<Scan> scans = store.scans();
    if (scans.isEmpty()) {
      throw new IllegalArgumentException("no scan yet; expected freeway scan first");
    }
    long scan = scan(asked) > 0 ? scan(asked) : scans.getFirst().id();
    ObjectNode answer = table(Table.ofCalls(store.ledger(scan), asked.flag("all")));
    answer.put("scan", scan);
    return answer;
  }

  /** {@code {question, account}}; back as the command: {question, understood, ...} and a table. */
  private ObjectNode ask(Asked asked) {
    asked.only("question", "account");
    String question = asked.text("question");
    if (asked.texts("account").size() > 1) {
      throw new IllegalArgumentException("account: expected one at most");
    }
    accounts(asked, store.scans());
    Understanding understanding =
        questions.ask(question, asked.texts("account").stream().findFirst());
    return switch (understanding) {
      case Understanding.Understood yes -> {
        ObjectNode answer = table(runner(asked).run(yes.sql(), yes.values(), LIMITS));
        answer.put("question", question);
        answer.put("understood", true);
        answer.put("interpretation", yes.sentence());
        answer.put("sql", yes.readable());
        yield answer;
      }
      case Understanding.Not no -> {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("question", question);
        answer.put("understood", false);
        answer.put("interpretation", no.why());
        answer.putNull("sql");
        no.nearest().forEach(answer.putArray("nearest")::add);
        yield answer;
      }
    };
  }

  private static List<String> accounts(Asked asked, List<Scan> scans) {
    List<String> known = scans.stream().map(Scan::account).distinct().sorted().toList();
    List<String> some = asked.texts("account");
    for (String one : some) {
      if (!known.contains(one)) {
        throw new IllegalArgumentException(
            "account " + one + ": expected one of " + String.join(", ", known));
      }
    }
    return some.isEmpty() ? known : some;
  }

  private QueryRunner runner(Asked asked) {
    QueryRunner now = new QueryRunner(store);
    return scan(asked) > 0 ? now.at(store.lastWrite(scan(asked))) : now;
  }

  /** What was there when the scan that is asked for last wrote; what is there now, without. */
  private ResourceFilter then(Asked asked) {
    return scan(asked) > 0
        ? ResourceFilter.CURRENT.at(store.lastWrite(scan(asked)))
        : ResourceFilter.CURRENT;
  }

  /** The scan that is asked for; 0 for now. */
  private long scan(Asked asked) {
    long scan = asked.number("scan", 0, Long.MAX_VALUE);
    if (scan > 0 && store.scans().stream().noneMatch(each -> each.id() == scan)) {
      throw new IllegalArgumentException("scan " + scan + ": no such scan");
    }
    return scan;
  }

  /** By services and regions, each of which has to be one: of another nothing would come. */
  private ResourceFilter narrow(ResourceFilter filter, Asked asked) {
    for (String service : asked.texts("service")) {
      if (!services.contains(service)) {
        throw new IllegalArgumentException(
            "service " + service + ": no such service; expected such as ec2");
      }
    }
    for (String region : asked.texts("region")) {
      if (!REGION.matcher(region).matches()) {
        throw new IllegalArgumentException(
            "region " + region + ": expected a region, such as eu-west-1, or global");
      }
    }
    return filter
        .ofServices(asked.texts("service").toArray(String[]::new))
        .inRegions(asked.texts("region").toArray(String[]::new));
  }

  private static ObjectNode table(Rows rows) {
    return table(rows.columns(), rows.rows(), rows.cut());
  }

  private static ObjectNode table(Table table) {
    boolean cut = table.rows().size() > LIMITS.rows();
    return table(
        table.columns(),
        cut ? table.rows().subList(0, (int) LIMITS.rows()) : table.rows(),
        cut ? Rows.Cut.ROWS : Rows.Cut.NONE);
  }

  private static ObjectNode table(
      List<String> columns, List<? extends List<? extends @Nullable Object>> rows, Rows.Cut cut) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    columns.forEach(node.putArray("columns")::add);
    ArrayNode all = node.putArray("rows");
    for (List<? extends @Nullable Object> row : rows) {
      ArrayNode cells = all.addArray();
      row.forEach(cell -> cells.add(JSON.<JsonNode>valueToTree(cell)));
    }
    node.put("cut", Table.word(cut));
    return node;
  }
}
