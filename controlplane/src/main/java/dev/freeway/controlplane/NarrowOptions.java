package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.ResourceFilter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Of which resources, and how much of it: {@code -a}, {@code -s}, {@code -r}, {@code --summary}.
 */
final class NarrowOptions {
  @Mixin private AccountOptions accounts = new AccountOptions();

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

  /** What is asked for of what is there now. */
  ResourceFilter filter(List<Scan> scans) {
    return accounts
        .narrow(ResourceFilter.CURRENT, scans)
        .ofServices(services.toArray(String[]::new))
        .inRegions(regions.toArray(String[]::new));
  }

  /** What is asked for, of its accounts all. */
  ResourceFilter inAccounts(List<Scan> scans) {
    return accounts.narrow(ResourceFilter.CURRENT, scans);
  }

  /** Whether a resource of one of the accounts is asked for. */
  boolean takes(Resource resource) {
    return (services.isEmpty() || services.contains(resource.scope().service()))
        && (regions.isEmpty() || regions.contains(resource.scope().region()));
  }
}
