package dev.freeway.controlplane.serve;

import dev.freeway.controlplane.report.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The report's page with what a server adds to it. */
final class ServedPage {
  private ServedPage() {}

  static Page page() {
    String[] places = part("serve.html").split("<!--NEXT-->\n", -1);
    return Page.served(
        part("serve.css"),
        part("serve.js"),
        new Page.Places(places[0], places[1], places[2], places[3]));
  }

  private static String part(String name) {
    try (InputStream file = ServedPage.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("the page has no part " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
