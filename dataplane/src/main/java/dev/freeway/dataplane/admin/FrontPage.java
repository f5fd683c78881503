package dev.freeway.dataplane.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Objects;

/**
 * The page for people: one file, without anything from elsewhere. The browser is told to run and
 * apply nothing but the script and the style that are in it, by their hashes.
 */
public final class FrontPage {
  private FrontPage() {}

  /** Reads the page from the jar. */
  public static Page load() {
    byte[] html;
    try (InputStream file =
        Objects.requireNonNull(FrontPage.class.getResourceAsStream("page.html"), "page.html")) {
      html = file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read page.html in the jar", e);
    }
    return Page.html(html, policy(new String(html, StandardCharsets.UTF_8)));
  }

  private static String policy(String html) {
    return "default-src 'none'; script-src "
        + hash(html, "script")
        + "; style-src "
        + hash(html, "style")
        + "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
        + " frame-ancestors 'none'";
  }

  /**
   * The hash of what stands in the only element of this name, as Content-Security-Policy has it.
   */
  private static String hash(String html, String element) {
    String begin = "<" + element + ">";
    int from = html.indexOf(begin) + begin.length();
    String content = html.substring(from, html.indexOf("</" + element + ">", from));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
