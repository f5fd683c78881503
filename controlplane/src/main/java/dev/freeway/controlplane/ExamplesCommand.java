package dev.freeway.controlplane;

import dev.freeway.controlplane.ask.Example;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freeway examples}. */
@Command(
    name = "examples",
    description = ExamplesCommand.DESCRIPTION,
    mixinStandardHelpOptions = true)
final class ExamplesCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Lists questions that freeway ask answers: of all services, of one, with a word; with a"
          + " number it asks that one.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SERVICE",
      defaultValue = "",
      description = "a service's label, or general")
  private String service = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "N",
      defaultValue = "0",
      description = "the number of one, which is asked")
  private int number;

  @Option(
      names = {"-s", "--search"},
      paramLabel = "WORD",
      defaultValue = "",
      description = "those with this word")
  private String word = "";

  @Override
  public Integer call() {
    List<String> services = Example.all().stream().map(Example::service).distinct().toList();
    if (!service.isEmpty() && !services.contains(service)) {
      throw new CommandException(
          Printable.of(service)
              + (service.matches("\\d+")
                  ? ": numbers are a service's own; expected one before it: "
                  : ": no examples; expected one of ")
              + String.join(", ", services));
    }
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    int count = 0;
    String last = "";
    for (Example example : Example.all()) {
      count = example.service().equals(last) ? count + 1 : 1;
      last = example.service();
      boolean asked =
          (service.isEmpty() || example.service().equals(service))
              && example
                  .question()
                  .toLowerCase(Locale.ROOT)
                  .contains(word.toLowerCase(Locale.ROOT));
      if (asked && number == count) {
        Store store = stores.existing();
        return AskCommand.answer(
            spec, output, store, new QueryRunner(store), example.question(), "");
      }
      if (asked) {
        rows.add(List.of(example.service(), count, example.question()));
      }
    }
    if (number != 0) {
      throw new CommandException(
          number + ": no such example; expected 1 to " + rows.size() + " of " + service);
    }
    output.rows(List.of("service", "n", "question"), rows);
    return ExitCode.DONE;
  }
}
