package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.report.LeftOut;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.tables.Table;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code freeway errors}. */
@Command(name = "errors", description = ErrorsCommand.DESCRIPTION, mixinStandardHelpOptions = true)
final class ErrorsCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Lists what a scan could not see, and why; with --all every call that it made. What it left"
          + " out by intent is said below the table, and is not_asked in other formats.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();

  @Option(
      names = "--scan",
      paramLabel = "SCAN",
      description = "a scan's number, see freeway scans. Default: the newest")
  private long scan;

  @Option(names = "--all", description = "calls that went well too")
  private boolean all;

  @Override
  public Integer call() {
    Store store = stores.existing();
    List<Scan> scans = store.scans();
    if (scans.isEmpty()) {
      throw new CommandException(stores.address() + ": no scan yet; expected freeway scan first");
    }
    long asked = scan == 0 ? scans.stream().mapToLong(Scan::id).max().orElseThrow() : scan;
    Scan one =
        scans.stream()
            .filter(known -> known.id() == asked)
            .findFirst()
            .orElseThrow(
                () ->
                    new CommandException(
                        "--scan " + asked + ": no such scan; freeway scans lists them"));
    List<LedgerEntry> ledger = store.ledger(asked);
    List<LeftOut> left = LeftOut.of(one, ledger, Catalog.builtIn());
    Table calls = Table.ofCalls(ledger, all);
    output.rows(output.machine() ? with(calls, left) : calls);
    if (!output.machine() && !left.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          "not asked, as no query needs it: %s; freeway scan --details all asks%n",
          left.stream().map(LeftOut::call).collect(Collectors.joining(", ")));
      err.flush();
    }
    return ExitCode.DONE;
  }

  private static Table with(Table calls, List<LeftOut> left) {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>(calls.rows());
    for (LeftOut each : left) {
      Map<String, Object> cells =
          Map.of(
              "account", each.account(),
              "service", each.service(),
              "operation", each.operation(),
              "outcome", LeftOut.OUTCOME,
              "message", LeftOut.WHY);
      rows.add(
          calls.columns().stream()
              .map(
                  column ->
                      cells.getOrDefault(
                          column, Set.of("region", "code").contains(column) ? "" : 0))
              .toList());
    }
    return new Table(calls.columns(), rows);
  }
}
