package dev.freeway.controlplane.report;

import dev.freeway.controlplane.output.SourceHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The page that shows an inventory, in a file or served. Its style and its scripts are in it, and
 * its policy names them by their hashes.
 *
 * @param text with {@code <!--DATA-->} and {@code <!--DOCUMENTS-->} where a file has its data
 * @param policy for Content-Security-Policy
 */
public record Page(String text, String policy) {
  static final Page OF_A_FILE = of("", "", new Places("", "", "", ""), "");

  /**
   * What a served page has besides, as HTML.
   *
   * @param tabs buttons
   * @param tools before the other ones
   * @param views a {@code main} for each tab
   * @param keys terms of the list of keys
   */
  public record Places(String tabs, String tools, String views, String keys) {}

  /**
   * The page of a server of its own origin.
   *
   * @param script runs before the page's own, and may set {@code globalThis.freeway} as {@code
   *     page.js} describes
   */
  public static Page served(String style, String script, Places places) {
    return of(style, script, places, " connect-src 'self';");
  }

  private static Page of(String style, String script, Places places, String connect) {
    String styles = part("page.css") + style;
    String own = part("page.js");
    String policy =
        "default-src 'none'; style-src '"
            + SourceHash.of(styles)
            + "'; script-src "
            + (script.isEmpty() ? "" : "'" + SourceHash.of(script) + "' ")
            + "'"
            + SourceHash.of(own)
            + "';"
            + connect
            + " base-uri 'none'; form-action 'none'";
    String text =
        part("page.html")
            .replace("POLICY", policy)
            .replace("<!--TABS-->", places.tabs())
            .replace("<!--TOOLS-->", places.tools())
            .replace("<!--VIEWS-->", places.views())
            .replace("<!--KEYS-->", places.keys())
            .replace("<!--STYLE-->", "<style>" + styles + "</style>")
            .replace(
                "<!--SCRIPT-->",
                (script.isEmpty() ? "" : "<script>" + script + "</script>\n")
                    + "<script>"
                    + own
                    + "</script>");
    return new Page(text, policy);
  }

  private static String part(String name) {
    try (InputStream file = Page.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("the report has no part " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
