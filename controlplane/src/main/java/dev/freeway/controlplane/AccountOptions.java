package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.ResourceFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Whose resources: {@code -a}. */
final class AccountOptions {
  @Option(
      names = {"-a", "--account"},
      paramLabel = "ACCOUNT",
      split = ",",
      description = "of these accounts: an id, or the alias or profile of a scan. Default: all")
  private List<String> asked = new ArrayList<>();

  /** The accounts that are asked for by their ids, in order; all that were scanned by default. */
  List<String> of(List<Scan> scans) {
    if (asked.isEmpty()) {
      return scans.stream().map(Scan::account).distinct().sorted().toList();
    }
    return asked.stream().flatMap(one -> named(one, scans)).distinct().sorted().toList();
  }

  /**
   * One account by its id, alias or profile.
   *
   * @throws CommandException when no scan is of it, or scans of several are
   */
  static String one(String asked, List<Scan> scans) {
    List<String> found = named(asked, scans).distinct().sorted().toList();
    if (found.size() > 1) {
      throw new CommandException(
          "-a " + Printable.of(asked) + ": expected one of " + String.join(", ", found));
    }
    return found.getFirst();
  }

  private static Stream<String> named(String one, List<Scan> scans) {
    List<String> found =
        scans.stream()
            .filter(scan -> scan.account().equals(one) || scan.alias().equals(one))
            .map(Scan::account)
            .distinct()
            .toList();
    if (found.isEmpty()) {
      List<String> known =
          scans.stream()
              .flatMap(scan -> Stream.of(scan.account(), scan.alias()))
              .filter(name -> !name.isEmpty())
              .distinct()
              .toList();
      throw new CommandException(
          "-a "
              + Printable.of(one)
              + ": no scan of this account"
              + Nearest.to(one, known)
                  .map(near -> "; did you mean " + Printable.of(near) + "?")
                  .orElse("; freeway scans lists them"));
    }
    return found.stream();
  }

  /** A filter narrowed to the accounts that are asked for. */
  ResourceFilter narrow(ResourceFilter filter, List<Scan> scans) {
    return asked.isEmpty() ? filter : filter.inAccounts(of(scans).toArray(String[]::new));
  }
}
