package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.tables.Table;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freeway errors}. */
@Command(name = "errors", description = ErrorsCommand.DESCRIPTION, mixinStandardHelpOptions = true)
final class ErrorsCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Lists what a scan could not see, and why; with --all every call that it made.";

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
    if (scans.stream().noneMatch(known -> known.id() == asked)) {
      throw new CommandException("--scan " + asked + ": no such scan; freeway scans lists them");
    }
    output.rows(Table.ofCalls(store.ledger(asked), all));
    return ExitCode.DONE;
  }
}
