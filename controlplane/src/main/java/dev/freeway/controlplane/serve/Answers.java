package dev.freeway.controlplane.serve;

import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.catalog.Catalog;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;
  private final Supplier<NamedQueries> queries;
  private final Questions questions;
  private final InstantSource clock;
  private final Catalog catalog = Catalog.builtIn();

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
      case "queries" -> queries();
      case "query" -> query(asked);
      case "diff" -> diff(asked);
      case "waste" -> waste(asked);
      case "tags" -> tags(asked);
      case "errors" -> errors(asked);
      case "ask" -> ask(asked);
      default -> throw new Refused(404, name + ": no such answer");
    };
  }

  /** {@code {queries: [{name, description, parameters: {name: default or null}, sql}], rules}}. */
  private ObjectNode queries() {
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
  private ObjectNode query(JsonNode asked) {
    QueryRunner runner = runner(asked);
    Map<String, @Nullable String> values = new LinkedHashMap<>();
    asked
        .path("parameters")
        .forEachEntry((key, value) -> values.put(key, value.isNull() ? null : value.asString("")));
    String name = asked.path("name").asString("");
    if (name.isEmpty()) {
      return table(runner.run(asked.path("sql").asString(""), values, LIMITS));
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
  private ObjectNode diff(JsonNode asked) {
    List<Scan> scans = store.scans();
    Instant now = clock.instant();
    Comparison comparison =
        Comparison.of(
            store,
            scans,
            accounts(asked, scans),
            asked.path("from").asString(""),
            asked.path("to").asString(""),
            now,
            ZoneId.systemDefault());
    List<Change> changes =
        comparison.changes(
            store,
            catalog,
            ResourceFilter.CURRENT
                .ofServices(texts(asked, "service"))
                .inRegions(texts(asked, "region")),
            asked.path("ignoreTags").asBoolean(false));
    ObjectNode summary = JsonNodeFactory.instance.objectNode();
    for (Change.Kind kind : Change.Kind.values()) {
      summary.put(
          Table.word(kind), changes.stream().filter(change -> change.kind() == kind).count());
    }
    String which = asked.path("change").asString("all");
    ObjectNode answer =
        table(
            Table.ofChanges(
                changes.stream()
                    .filter(
                        change -> which.equals("all") || Table.word(change.kind()).equals(which))
                    .toList()));
    answer.set("summary", summary);
    ObjectNode since = answer.putObject("since");
    comparison.since().forEach((account, time) -> since.put(account, time.toString()));
    answer.put("until", comparison.until().orElse(now).toString());
    return answer;
  }

  /** {@code {account, rule: [name], days, defaults, scan}}; back also {@code unseen}, calls. */
  private ObjectNode waste(JsonNode asked) {
    List<Scan> scans = store.scans();
    List<String> accounts = accounts(asked, scans);
    List<WasteRule> rules = new ArrayList<>();
    for (String name : texts(asked, "rule")) {
      rules.add(
          WasteRule.named(name)
              .orElseThrow(() -> new IllegalArgumentException(name + ": no such rule")));
    }
    int days = asked.path("days").asInt(DEFAULT_DAYS);
    if (days < 0) {
      throw new IllegalArgumentException("days " + days + ": expected at least 0");
    }
    List<LedgerEntry> unseen =
        Unseen.of(
            store,
            scans.stream()
                .filter(scan -> accounts.contains(scan.account()))
                .filter(scan -> scan(asked) == 0 || scan.id() <= scan(asked))
                .toList());
    Instant now = scan(asked) > 0 ? store.lastWrite(scan(asked)) : clock.instant();
    List<Finding> findings =
        Waste.find(
            store,
            then(asked).inAccounts(accounts.toArray(String[]::new)),
            rules.isEmpty() ? Arrays.asList(WasteRule.values()) : rules,
            unseen,
            Duration.ofDays(days),
            asked.path("defaults").asBoolean(false),
            now);
    ObjectNode answer = table(Table.ofFindings(findings, now));
    answer.put("unseen", unseen.size());
    return answer;
  }

  /** {@code {account, service, region, required: [key], defaults}}; back {@code shares} too. */
  private ObjectNode tags(JsonNode asked) {
    TagAudit audit =
        TagAudit.of(
            store,
            then(asked)
                .inAccounts(texts(asked, "account"))
                .ofServices(texts(asked, "service"))
                .inRegions(texts(asked, "region")),
            catalog,
            List.of(texts(asked, "required")),
            asked.path("defaults").asBoolean(false));
    ObjectNode answer = table(Table.ofOffenders(audit.offenders()));
    answer.set("shares", table(Table.ofShares(audit)));
    return answer;
  }

  /** {@code {scan, all}}; without a scan the newest. */
  private ObjectNode errors(JsonNode asked) {
    List<Scan> scans = store.scans();
    long scan = scan(asked) > 0 || scans.isEmpty() ? scan(asked) : scans.getFirst().id();
    if (scans.stream().noneMatch(each -> each.id() == scan)) {
      throw new IllegalArgumentException("scan " + scan + ": no such scan");
    }
    ObjectNode answer =
        table(Table.ofCalls(store.ledger(scan), asked.path("all").asBoolean(false)));
    answer.put("scan", scan);
    return answer;
  }

  /** {@code {question, account}}; back as the command: {question, understood, ...} and a table. */
  private ObjectNode ask(JsonNode asked) {
    String question = asked.path("question").asString("");
    String[] account = texts(asked, "account");
    Understanding understanding =
        questions.ask(question, account.length == 1 ? Optional.of(account[0]) : Optional.empty());
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

  private static List<String> accounts(JsonNode asked, List<Scan> scans) {
    List<String> known = scans.stream().map(Scan::account).distinct().sorted().toList();
    List<String> some = List.of(texts(asked, "account"));
    for (String one : some) {
      if (!known.contains(one)) {
        throw new IllegalArgumentException(
            "account " + one + ": expected one of " + String.join(", ", known));
      }
    }
    return some.isEmpty() ? known : some;
  }

  private QueryRunner runner(JsonNode asked) {
    QueryRunner now = new QueryRunner(store);
    return scan(asked) > 0 ? now.at(store.lastWrite(scan(asked))) : now;
  }

  /** What was there when the scan that is asked for last wrote; what is there now, without. */
  private ResourceFilter then(JsonNode asked) {
    return scan(asked) > 0
        ? ResourceFilter.CURRENT.at(store.lastWrite(scan(asked)))
        : ResourceFilter.CURRENT;
  }

  private static long scan(JsonNode asked) {
    return asked.path("scan").asLong(0);
  }

  private static String[] texts(JsonNode asked, String member) {
    List<String> texts = new ArrayList<>();
    for (JsonNode one : asked.path(member)) {
      if (!one.asString("").isBlank()) {
        texts.add(one.asString("").strip());
      }
    }
    return texts.toArray(String[]::new);
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
