package dev.freeway.controlplane;

import dev.freeway.controlplane.ask.Ask;
import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.query.Rows;
import dev.freeway.controlplane.store.Store;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code freeway ask}. */
@Command(
    name = "ask",
    description = AskCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:answered",
      "1:the inventory cannot be read",
      "3:cut off: there are more rows",
      "4:the question was not understood",
      "64:the command line is wrong"
    })
final class AskCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Answers a question in English from the inventory, and says what it understood; a word that"
          + " it could not use is an error, and no answer is given.";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private ScanOptions scans = new ScanOptions();

  @Parameters(
      arity = "1..*",
      paramLabel = "WORDS",
      description = "the question; quotes are not needed")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-a", "--account"},
      paramLabel = "ACCOUNT",
      defaultValue = "",
      description = "this account alone, by number or alias")
  private String account = "";

  @Override
  public Integer call() {
    Store store = stores.existing();
    return answer(spec, output, store, scans.runner(store), String.join(" ", words), account);
  }

  /** Asks, and writes what came of it. */
  static int answer(
      CommandSpec spec,
      OutputOptions output,
      Store store,
      QueryRunner runner,
      String question,
      String account) {
    Understanding understood;
    try {
      understood =
          Ask.of(Catalog.builtIn(), store, InstantSource.system())
              .ask(question, account.isEmpty() ? Optional.empty() : Optional.of(account));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "-a " + e.getMessage(), e);
    }
    return switch (understood) {
      case Understanding.Understood yes -> rows(spec, output, runner, question, yes);
      case Understanding.Not no -> refused(spec, output, question, no);
    };
  }

  private static int rows(
      CommandSpec spec,
      OutputOptions output,
      QueryRunner runner,
      String question,
      Understanding.Understood understood) {
    Rows rows = runner.run(understood.sql(), understood.values(), Limits.DEFAULT);
    PrintWriter err = spec.commandLine().getErr();
    switch (output.format()) {
      case JSON, YAML -> {
        ObjectNode document = JSON.createObjectNode();
        document.put("question", question);
        document.put("understood", true);
        document.put("interpretation", understood.sentence());
        document.put("sql", understood.readable());
        ArrayNode array = document.putArray("rows");
        for (List<?> row : rows.rows()) {
          ObjectNode object = array.addObject();
          for (int i = 0; i < rows.columns().size(); i++) {
            object.set(rows.columns().get(i), JSON.valueToTree(row.get(i)));
          }
        }
        output.document(document);
      }
      case CSV, HTML -> output.rows(rows.columns(), rows.rows());
      case TABLE, WIDE -> {
        // Apart from the rows, so that these can go into a pipe.
        err.println(understood.sentence());
        err.println();
        err.println(understood.readable());
        err.println();
        err.flush();
        output.rows(rows.columns(), rows.rows());
        err.printf("%,d row%s%n", rows.rows().size(), rows.rows().size() == 1 ? "" : "s");
      }
    }
    if (rows.cut() != Rows.Cut.NONE) {
      err.println("cut off: there are more rows");
    }
    err.flush();
    return rows.cut() == Rows.Cut.NONE ? ExitCode.DONE : ExitCode.PARTIAL;
  }

  private static int refused(
      CommandSpec spec, OutputOptions output, String question, Understanding.Not not) {
    if (output.format() == Format.JSON || output.format() == Format.YAML) {
      ObjectNode document = JSON.createObjectNode();
      document.put("question", question);
      document.put("understood", false);
      document.put("interpretation", whole(not));
      document.putNull("sql");
      document.putArray("rows");
      output.document(document);
      return ExitCode.NOT_UNDERSTOOD;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println(not.why());
    if (!not.nearest().isEmpty()) {
      err.println("nearest questions:");
      not.nearest().forEach(each -> err.println("  " + each));
    }
    err.flush();
    return ExitCode.NOT_UNDERSTOOD;
  }

  private static String whole(Understanding.Not not) {
    return not.nearest().isEmpty()
        ? not.why()
        : not.why() + "; nearest questions: " + String.join("; ", not.nearest());
  }
}
