package dev.freeway.controlplane;

import dev.freeway.controlplane.output.Format;
import dev.freeway.controlplane.output.RowsWriter;
import dev.freeway.controlplane.store.OwnFile;
import dev.freeway.controlplane.tables.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** How and where a command's result is written: {@code -f} and {@code -o}. */
final class OutputOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, wide, json, csv, yaml or html. Default: table")
  private String format = "table";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "-",
      description = "where it goes; - is standard output. Default: -")
  private String output = "-";

  Format format() {
    return Format.named(format)
        .orElseThrow(
            () ->
                new ParameterException(
                    command.commandLine(),
                    "-f " + format + ": expected table, wide, json, csv, yaml or html"));
  }

  boolean machine() {
    Format asked = format();
    return asked != Format.TABLE && asked != Format.WIDE;
  }

  void rows(List<String> columns, List<? extends List<? extends @Nullable Object>> rows) {
    write(out -> RowsWriter.write(columns, rows, format(), Console.width(), out));
  }

  void rows(Table table) {
    rows(table.columns(), table.rows());
  }

  void document(JsonNode document) {
    write(out -> RowsWriter.document(document, format(), out));
  }

  /** What writes a result. */
  interface Writing {
    void to(PrintWriter out);
  }

  void write(Writing writing) {
    if (output.equals("-")) {
      writing.to(command.commandLine().getOut());
      command.commandLine().getOut().flush();
      return;
    }
    if (output.isBlank()) {
      throw new ParameterException(
          command.commandLine(), "-o: expected a file, or - for standard output");
    }
    // A new file is its owner's alone: it says what an account holds. One that is there stays so.
    try (PrintWriter file =
        new PrintWriter(OwnFile.write(Path.of(output)), false, StandardCharsets.UTF_8)) {
      writing.to(file);
      if (file.checkError()) {
        throw new CommandException("-o " + output + ": could not be written whole");
      }
    } catch (IOException e) {
      throw new CommandException("-o " + output + ": cannot be written: " + why(e), e);
    }
  }

  /** What is wrong with a file, in words: the JDK's say its name alone. */
  static String why(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or directory";
      case AccessDeniedException _ -> "permission denied";
      case MalformedInputException _ -> "expected UTF-8";
      case FileSystemException of when of.getReason() != null -> of.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
