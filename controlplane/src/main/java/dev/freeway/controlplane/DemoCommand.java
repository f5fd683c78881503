package dev.freeway.controlplane;

import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freeway demo}. */
@Command(
    name = "demo",
    description = DemoCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:it is there",
      "1:it cannot be written, or the file is there already",
      "64:the command line is wrong"
    })
final class DemoCommand implements Callable<Integer> {
  static final String DESCRIPTION =
      "Makes an estate to try everything on, without AWS: accounts, several scans, changes, and"
          + " refusals. The same seed makes the same estate at the same time.";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--db",
      paramLabel = "FILE",
      defaultValue = "",
      description = "where it goes. Default: demo.db beside the standard inventory")
  private String file = "";

  @Option(
      names = "--accounts",
      paramLabel = "N",
      defaultValue = "3",
      description = "1 to 5. Default: 3")
  private int accounts;

  @Option(
      names = "--scans",
      paramLabel = "N",
      defaultValue = "3",
      description = "of each account, 1 to 5. Default: 3")
  private int scans;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "42", description = "Default: 42")
  private long seed;

  @Option(names = "--force", description = "in the place of a demo that is there")
  private boolean force;

  @Override
  public Integer call() {
    if (accounts < 1 || accounts > 5 || scans < 1 || scans > 5) {
      throw new ParameterException(
          spec.commandLine(), "--accounts and --scans: expected 1 to 5 of each");
    }
    StoreAddress.Sqlite address = address();
    Path path = address.file();
    if (Files.exists(path)) {
      replace(path);
    }
    DemoEstate.Written written =
        DemoEstate.write(
            address,
            new DemoEstate.Size(accounts, scans, seed),
            Instant.now().truncatedTo(ChronoUnit.SECONDS));
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%,d resources of %d accounts, %d scans, in %s%n",
        written.resources(), accounts, written.scans(), path);
    out.printf("try: freeway ask --db %s stopped instances per region%n", path);
    out.flush();
    return ExitCode.DONE;
  }

  private StoreAddress.Sqlite address() {
    StoreAddress address;
    try {
      address = file.isEmpty() ? StoreAddress.standard(System.getenv()) : StoreAddress.parse(file);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--db " + e.getMessage(), e);
    }
    if (!(address instanceof StoreAddress.Sqlite sqlite)) {
      throw new ParameterException(
          spec.commandLine(), "--db " + file + ": a demo is a SQLite file; expected a path");
    }
    return file.isEmpty()
        ? new StoreAddress.Sqlite(sqlite.file().resolveSibling("demo.db"))
        : sqlite;
  }

  private void replace(Path path) {
    if (!force) {
      throw new CommandException(path + ": is there already; expected a new file, or --force");
    }
    try {
      byte[] head = new byte[16];
      try (var in = Files.newInputStream(path)) {
        int read = in.readNBytes(head, 0, head.length);
        if (read > 0
            && !new String(head, java.nio.charset.StandardCharsets.ISO_8859_1)
                .startsWith("SQLite format 3")) {
          throw new CommandException(path + ": is no inventory; expected one to replace");
        }
      }
      for (String ending : new String[] {"", "-wal", "-shm"}) {
        Files.deleteIfExists(Path.of(path + ending));
      }
    } catch (IOException e) {
      throw new CommandException(path + ": cannot be replaced: " + e.getMessage(), e);
    }
  }
}
