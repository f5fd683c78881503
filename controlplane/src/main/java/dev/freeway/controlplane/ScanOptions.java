package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.store.Store;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** As of which scan: {@code --scan}. */
final class ScanOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--scan",
      paramLabel = "SCAN",
      defaultValue = "latest",
      description =
          "the inventory as a scan left it: latest, previous (before the newest scans of the"
              + " accounts), first (after the first of each) or a scan's number, see freeway scans."
              + " Relations are always those of now. Default: latest")
  private String scan = "latest";

  /** A runner of queries on the inventory of then. */
  QueryRunner runner(Store store) {
    QueryRunner now = new QueryRunner(store);
    return scan.equals("latest") ? now : now.at(store.lastWrite(id(store.scans())));
  }

  private long id(List<Scan> scans) {
    List<Scan> oldestFirst = scans.stream().sorted(Comparator.comparingLong(Scan::id)).toList();
    return switch (scan) {
      case "first" -> lastOfRound(oldestFirst).orElseThrow(this::unknown);
      case "previous" -> {
        List<Scan> newestFirst = oldestFirst.reversed();
        long begun = lastOfRound(newestFirst).orElseThrow(this::unknown);
        yield newestFirst.stream()
            .mapToLong(Scan::id)
            .filter(id -> id < begun)
            .findFirst()
            .orElseThrow(this::unknown);
      }
      default -> {
        if (!scan.matches("\\d{1,18}")) {
          throw new ParameterException(
              command.commandLine(),
              "--scan " + scan + ": expected latest, previous, first or a scan's number");
        }
        long number = Long.parseLong(scan);
        if (scans.stream().noneMatch(each -> each.id() == number)) {
          throw unknown();
        }
        yield number;
      }
    };
  }

  /** The last scan before an account comes a second time. */
  private static Optional<Long> lastOfRound(List<Scan> scans) {
    Set<String> accounts = new HashSet<>();
    Optional<Long> last = Optional.empty();
    for (Scan each : scans) {
      if (!accounts.add(each.account())) {
        return last;
      }
      last = Optional.of(each.id());
    }
    return last;
  }

  private CommandException unknown() {
    return new CommandException("--scan " + scan + ": no such scan; freeway scans lists them");
  }
}
