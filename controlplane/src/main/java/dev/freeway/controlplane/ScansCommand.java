package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code freeway scans}. */
@Command(name = "scans", description = ScansCommand.DESCRIPTION, mixinStandardHelpOptions = true)
final class ScansCommand implements Callable<Integer> {
  static final String DESCRIPTION = "Lists the scans that were made, the newest first.";

  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private StoreOptions stores = new StoreOptions();

  @Override
  public Integer call() {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    Store store = stores.existing();
    for (Scan scan : store.scans()) {
      boolean cutOff = scan.status() == Scan.Status.RUNNING && !store.runs(scan.id());
      rows.add(
          List.of(
              scan.id(),
              scan.account(),
              scan.alias(),
              scan.started().toString(),
              scan.ended().map(Object::toString).orElse(""),
              cutOff ? "unfinished" : scan.status().name().toLowerCase(Locale.ROOT),
              scan.resources(),
              scan.services().size(),
              scan.regions().size(),
              String.join(" ", scan.filter())));
    }
    output.rows(
        List.of(
            "scan",
            "account",
            "alias",
            "started",
            "ended",
            "status",
            "resources",
            "services",
            "regions",
            "filter"),
        rows);
    return ExitCode.DONE;
  }
}
