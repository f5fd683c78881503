package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.ResourceFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Of which resources, and how much of it: {@code -a}, {@code -s}, {@code -r}, {@code --summary}.
 */
final class NarrowOptions {
  private static final Pattern REGION = Pattern.compile("global|[a-z]{2,}(-[a-z]+)+-\\d+");

  @Mixin private AccountOptions accounts = new AccountOptions();

  private @Nullable Set<String> columns;

  @Option(
      names = {"-s", "--service", "--services"},
      paramLabel = "SERVICE",
      split = ",",
      description = "of these services. Default: all")
  private List<String> services = new ArrayList<>();

  @Option(
      names = {"-r", "--region"},
      paramLabel = "REGION",
      split = ",",
      description = "in these regions. Default: all")
  private List<String> regions = new ArrayList<>();

  @Option(names = "--summary", description = "the totals alone")
  private boolean summary;

  boolean summary() {
    return summary;
  }

  /** The accounts that are asked for, see {@link AccountOptions#of}. */
  List<String> accounts(List<Scan> scans) {
    return accounts.of(scans);
  }

  /**
   * What is asked for of what is there now.
   *
   * @throws CommandException when there is no such service or region, of which nothing would come
   */
  ResourceFilter filter(List<Scan> scans) {
    check();
    return accounts
        .narrow(ResourceFilter.CURRENT, scans)
        .ofServices(columns().toArray(String[]::new))
        .inRegions(regions.toArray(String[]::new));
  }

  /** Looked up once, for {@link #takes} is asked of each resource. */
  private Set<String> columns() {
    Set<String> known = columns;
    if (known == null) {
      known = lookUp();
      columns = known;
    }
    return known;
  }

  /** As the column has them: some have another name where they are scanned. */
  private Set<String> lookUp() {
    Map<String, Set<String>> known = new TreeMap<>();
    for (CatalogService service : Catalog.builtIn().services()) {
      for (ResourceType type : service.types()) {
        known.computeIfAbsent(type.service(), _ -> new TreeSet<>()).add(type.service());
      }
    }
    for (CatalogService service : Catalog.builtIn().services()) {
      known.computeIfAbsent(
          service.label(),
          _ -> service.types().stream().map(ResourceType::service).collect(Collectors.toSet()));
    }
    Set<String> columns = new TreeSet<>();
    for (String service : services) {
      columns.addAll(
          Optional.ofNullable(known.get(service))
              .orElseThrow(
                  () ->
                      new CommandException(
                          "-s "
                              + Printable.of(service)
                              + ": no such service"
                              + Nearest.to(service, known.keySet())
                                  .map(near -> "; did you mean " + near + "?")
                                  .orElse("; freeway services lists them"))));
    }
    return columns;
  }

  private void check() {
    columns();
    for (String region : regions) {
      if (!REGION.matcher(region).matches()) {
        throw new CommandException(
            "-r " + Printable.of(region) + ": expected a region, such as eu-west-1, or global");
      }
    }
  }

  /** What is asked for, of its accounts all; fails as {@link #filter} does. */
  ResourceFilter inAccounts(List<Scan> scans) {
    check();
    return accounts.narrow(ResourceFilter.CURRENT, scans);
  }

  /** Whether a resource of one of the accounts is asked for. */
  boolean takes(Resource resource) {
    return (services.isEmpty() || columns().contains(resource.scope().service()))
        && (regions.isEmpty() || regions.contains(resource.scope().region()));
  }
}
