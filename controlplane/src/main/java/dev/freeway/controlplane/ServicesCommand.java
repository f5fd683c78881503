package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freeway services}. */
@Command(
    name = "services",
    description = ServicesCommand.DESCRIPTION,
    mixinStandardHelpOptions = true)
final class ServicesCommand implements Callable<Integer> {
  static final String DESCRIPTION = "Lists what can be scanned, and by which calls.";

  private static final String EXTRA = " only with --details all";

  @Mixin private OutputOptions output = new OutputOptions();

  @Option(names = "--types", description = "a row for each type, with its calls")
  private boolean types;

  @Override
  public Integer call() {
    List<List<? extends @Nullable Object>> rows = new ArrayList<>();
    Catalog catalog = Catalog.builtIn();
    if (!types) {
      for (CatalogService service : catalog.services()) {
        rows.add(
            List.of(
                service.label(),
                service.category(),
                service.types().size(),
                service.types().stream().map(ResourceType::name).collect(Collectors.joining(" "))));
      }
      output.rows(List.of("service", "category", "types", "names"), rows);
      return ExitCode.DONE;
    }
    for (ResourceType type : catalog.types()) {
      rows.add(
          List.of(
              type.service(),
              type.name(),
              type.scope().kind() == ListScope.Kind.GLOBAL ? "global" : "region",
              type.operation()
                  + (type.parents().isEmpty()
                      ? ""
                      : " for each " + String.join(", ", type.parents()))
                  + (type.after().isEmpty()
                      ? ""
                      : " where there is a " + String.join(", ", type.after()))
                  + (type.extra() ? EXTRA : ""),
              type.details().stream()
                  .map(ServicesCommand::further)
                  .collect(Collectors.joining(", "))));
    }
    output.rows(List.of("service", "type", "scope", "list", "further calls"), rows);
    return ExitCode.DONE;
  }

  private static String further(Detail detail) {
    return detail.operation()
        + (detail.batch() > 1 ? " for " + detail.batch() + " at a time" : " for each")
        + (detail.bulk() ? " unless the tagging API knows" : "")
        + (detail.extra() ? EXTRA : "");
  }
}
