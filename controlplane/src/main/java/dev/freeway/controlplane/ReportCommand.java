package dev.freeway.controlplane;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.RowsWriter;
import dev.freeway.controlplane.report.Heading;
import dev.freeway.controlplane.report.HtmlReport;
import dev.freeway.controlplane.report.JsonReport;
import dev.freeway.controlplane.report.SheetReport;
import dev.freeway.controlplane.store.OwnFile;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freeway report}. */
@Command(
    name = "report",
    description = ReportCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:written",
      "1:not written: there is no inventory, or the file cannot be written",
      "64:the command line is wrong"
    })
final class ReportCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Writes the inventory as one file: a page with search, filters, charts, relations and"
          + " documents that needs nothing else; JSON; CSV; a workbook.";

  static final List<String> FORMATS = List.of("html", "json", "csv", "xlsx");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss", Locale.ROOT);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions stores = new StoreOptions();
  @Mixin private AccountOptions accounts = new AccountOptions();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      defaultValue = "html",
      description = "html, json, csv or xlsx. Default: html")
  private String format = "html";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "",
      description =
          "where it goes; - is standard output. Default: {account}_inventory_{time}.html or .xlsx in"
              + " this directory (all_inventory_... of several accounts); - for json and csv")
  private String output = "";

  @Option(
      names = "--exclude-defaults",
      description = "leave out what AWS made itself, such as default VPCs")
  private boolean excludeDefaults;

  @Override
  public Integer call() {
    String kind = format.toLowerCase(Locale.ROOT);
    if (!FORMATS.contains(kind)) {
      throw new ParameterException(
          spec.commandLine(), "-f " + format + ": expected html, json, csv or xlsx");
    }
    Store store = stores.existing();
    List<Scan> scans = store.scans();
    if (scans.isEmpty()) {
      throw new CommandException(stores.address() + ": no scan yet; expected freeway scan first");
    }
    List<String> whose = accounts.of(scans);
    List<Scan> theirs = scans.stream().filter(scan -> whose.contains(scan.account())).toList();
    Heading heading = Heading.of(store, whose, theirs, theirs);
    ResourceFilter filter = accounts.narrow(ResourceFilter.CURRENT, scans);
    if (output.equals("-") || (output.isEmpty() && Set.of("json", "csv").contains(kind))) {
      if (kind.equals("xlsx")) {
        throw new ParameterException(
            spec.commandLine(), "-f xlsx -o -: a workbook is no text; expected -o FILE");
      }
      PrintWriter out = spec.commandLine().getOut();
      try {
        text(kind, heading, store, filter, out);
      } catch (IOException e) {
        throw new CommandException("standard output cannot be written: " + OutputOptions.why(e), e);
      }
      out.flush();
      return ExitCode.DONE;
    }
    Path file = Path.of(output.isEmpty() ? name(whose, kind, heading.written()) : output);
    try {
      replace(
          file,
          out -> {
            if (kind.equals("xlsx")) {
              try (Stream<StoredResource> resources = resources(store, filter)) {
                SheetReport.workbook(heading, resources, out);
              } catch (IllegalArgumentException e) {
                throw new CommandException("-f xlsx: " + e.getMessage(), e);
              }
            } else {
              Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
              text(kind, heading, store, filter, writer);
              writer.flush();
            }
          });
    } catch (IOException e) {
      throw new CommandException(file + ": cannot be written: " + OutputOptions.why(e), e);
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println("written to " + file);
    err.flush();
    return ExitCode.DONE;
  }

  private static String name(List<String> whose, String kind, Instant written) {
    return (whose.size() == 1 ? whose.getFirst() : "all")
        + "_inventory_"
        + STAMP.format(written.atZone(ZoneId.systemDefault()))
        + "."
        + kind;
  }

  /** Whole or not at all, and for its owner alone: it says what an account holds. */
  private static void replace(Path file, OwnFile.Writing writing) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      try (OutputStream out = Files.newOutputStream(file)) { // a device or a pipe keeps its place
        writing.to(out);
      }
      return;
    }
    if (Files.isSymbolicLink(file) && Files.exists(file)) {
      replace(file.toRealPath(), writing); // the link stays
      return;
    }
    OwnFile.replace(file, writing);
  }

  private Stream<StoredResource> resources(Store store, ResourceFilter filter) {
    return store
        .resources(filter)
        .filter(stored -> !excludeDefaults || !stored.resource().isDefault());
  }

  private void text(String kind, Heading heading, Store store, ResourceFilter filter, Writer out)
      throws IOException {
    try (Stream<StoredResource> resources = resources(store, filter)) {
      switch (kind) {
        case "html" -> {
          try (Stream<Relation> relations = store.relations()) {
            HtmlReport.write(heading, resources, relations, out);
          }
        }
        case "json" -> JsonReport.write(heading, resources, out);
        default -> {
          List<List<Object>> rows = new ArrayList<>();
          resources.forEachOrdered(stored -> rows.add(SheetReport.row(stored)));
          RowsWriter.write(
              SheetReport.COLUMNS, rows, Format.CSV, Integer.MAX_VALUE, new PrintWriter(out));
        }
      }
    }
  }
}
