package dev.freeway.controlplane;

import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which inventory: {@code --db}. */
final class StoreOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--db",
      paramLabel = "DATABASE",
      defaultValue = "",
      description =
          "a SQLite file, or jdbc:postgresql://HOST/NAME?user=...; else $FREEWAY_DB, else"
              + " inventory.db in $XDG_DATA_HOME/freeway")
  private String database = "";

  StoreAddress address() {
    String asked = database.isEmpty() ? System.getenv().getOrDefault("FREEWAY_DB", "") : database;
    try {
      return asked.isEmpty() ? StoreAddress.standard(System.getenv()) : StoreAddress.parse(asked);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--db " + e.getMessage(), e);
    }
  }

  /** For writing; made when it is missing. */
  Store open() {
    return Store.open(address());
  }

  /** For reading; an error when it is missing. */
  Store existing() {
    return Store.existing(address());
  }
}
