package dev.freeway.controlplane.ask;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tables that are built in, without comments and empty lines. */
final class Lines {
  private Lines() {}

  static List<String> of(String name) {
    try (InputStream file = Lines.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("no table " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
