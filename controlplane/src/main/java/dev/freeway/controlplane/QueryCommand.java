package dev.freeway.controlplane;

import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.query.NamedQuery;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.query.Rows;
import dev.freeway.controlplane.store.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freeway query}. */
@Command(
    name = "query",
    description = QueryCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:all rows are there",
      "1:the query is refused or wrong",
      "3:cut off by --max-rows or --timeout: the rows that are there are given",
      "64:the command line is wrong"
    })
final class QueryCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Asks the inventory in SQL: a query of one's own, one by name, or one in a file. Nothing is"
          + " changed by any of them.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private ScanOptions scans = new ScanOptions();

  @Parameters(arity = "0..1", paramLabel = "SQL", defaultValue = "", description = "one SELECT")
  private String sql = "";

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      defaultValue = "",
      description = "a query by its name, see -l")
  private String name = "";

  @Option(
      names = {"-F", "--file"},
      paramLabel = "FILE",
      defaultValue = "",
      description = "a query in a file, with the head of a named one or without")
  private String file = "";

  @Option(
      names = {"-l", "--list"},
      description = "list the named queries")
  private boolean list;

  @Option(
      names = {"-S", "--show"},
      paramLabel = "NAME",
      defaultValue = "",
      description = "print the text of a named query")
  private String show = "";

  @Option(
      names = {"-P", "--param"},
      paramLabel = "KEY=VALUE",
      description = "a parameter, :KEY in the text")
  private List<String> parameters = new ArrayList<>();

  @Option(
      names = {"-a", "--account"},
      paramLabel = "ACCOUNT",
      defaultValue = "",
      description = "an id, or the alias or profile of a scan, as -P account=ID")
  private String account = "";

  @Option(
      names = "--max-rows",
      paramLabel = "N",
      defaultValue = "100000",
      description = "at most so many rows. Default: 100000")
  private long maxRows;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "at most so long. Default: 30")
  private int timeout;

  @Override
  public Integer call() {
    NamedQueries queries = NamedQueries.load(directories());
    int given =
        (sql.isEmpty() ? 0 : 1)
            + (name.isEmpty() ? 0 : 1)
            + (file.isEmpty() ? 0 : 1)
            + (show.isEmpty() ? 0 : 1)
            + (list ? 1 : 0);
    if (given != 1) {
      throw new ParameterException(
          spec.commandLine(), "expected one of: a SELECT, -n NAME, -F FILE, -l, -S NAME");
    }
    if (list) {
      List<List<? extends @Nullable Object>> rows = new ArrayList<>();
      for (NamedQuery query : queries.all()) {
        rows.add(
            List.of(
                query.name(), query.description(), String.join(", ", shown(query.parameters()))));
      }
      output.rows(List.of("name", "description", "parameters"), rows);
      return ExitCode.DONE;
    }
    if (!show.isEmpty()) {
      NamedQuery query = named(queries, show);
      output.write(out -> out.println(query.sql()));
      return ExitCode.DONE;
    }
    if (maxRows < 1 || timeout < 1) {
      throw new ParameterException(
          spec.commandLine(), "--max-rows and --timeout: expected at least 1");
    }
    Store store = stores.existing();
    QueryRunner runner = scans.runner(store);
    Limits limits = new Limits(Duration.ofSeconds(timeout), maxRows);
    Rows rows;
    if (sql.isEmpty()) {
      NamedQuery query = name.isEmpty() ? NamedQuery.parse(file, text()) : named(queries, name);
      rows = runner.run(query, values(store), limits);
    } else {
      rows = runner.run(sql, values(store), limits);
    }
    output.rows(rows.columns(), rows.rows());
    return told(rows);
  }

  private int told(Rows rows) {
    PrintWriter err = spec.commandLine().getErr();
    switch (rows.cut()) {
      case NONE -> {
        return ExitCode.DONE;
      }
      case ROWS -> err.printf("cut off after %,d rows: --max-rows gives more%n", maxRows);
      case SIZE ->
          err.printf(
              "cut off after %,d rows, which are as much as fits in memory: expected fewer columns or"
                  + " rows%n",
              rows.rows().size());
      case TIME -> err.printf("cut off after %d seconds: --timeout gives more%n", timeout);
    }
    err.flush();
    return ExitCode.PARTIAL;
  }

  private static List<String> shown(Map<String, @Nullable String> parameters) {
    List<String> shown = new ArrayList<>();
    parameters.forEach((key, value) -> shown.add(value == null ? key : key + "=" + value));
    return shown;
  }

  private NamedQuery named(NamedQueries queries, String asked) {
    return queries
        .named(asked)
        .orElseThrow(
            () ->
                new CommandException(
                    Printable.of(asked)
                        + ": no such query"
                        + Nearest.to(asked, queries.all().stream().map(NamedQuery::name).toList())
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("; freeway query -l lists them")));
  }

  private Path path() {
    return Path.of(file);
  }

  private String text() {
    try {
      return Files.readString(path());
    } catch (IOException e) {
      throw new CommandException("-F " + file + ": cannot be read: " + OutputOptions.why(e), e);
    }
  }

  private Map<String, String> values(Store store) {
    Map<String, String> values = new LinkedHashMap<>();
    if (!account.isEmpty()) {
      values.put("account", AccountOptions.one(account, store.scans()));
    }
    for (String parameter : parameters) {
      int equals = parameter.indexOf('=');
      if (equals < 1) {
        throw new ParameterException(
            spec.commandLine(), "-P " + Printable.of(parameter) + ": expected KEY=VALUE");
      }
      values.put(parameter.substring(0, equals), parameter.substring(equals + 1));
    }
    return values;
  }

  /** Where queries of one's own are: AWSMap's place too. */
  static List<Path> directories() {
    Map<String, String> environment = System.getenv();
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "."));
    String configured = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path config =
        configured.startsWith("/") ? Path.of(configured) : Path.of(home).resolve(".config");
    return List.of(config.resolve("freeway/queries"), Path.of(home).resolve(".awsmap/queries"));
  }
}
