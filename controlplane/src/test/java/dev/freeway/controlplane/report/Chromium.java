package dev.freeway.controlplane.report;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Debian's Chromium. */
public final class Chromium implements AutoCloseable {
  private static final Path PICTURES = Path.of("target/screenshots");
  private final Playwright playwright;
  private final Browser browser;

  /** Starts it. */
  public Chromium() {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of("/usr/bin/chromium"))
                    .setArgs(List.of("--no-sandbox")));
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
  }

  /**
   * A page in a session of its own.
   *
   * @param may what it may ask for, by URL
   * @param complaints gets what else it asks for, and what is written to the console
   */
  public Page page(
      int width, int height, ColorScheme scheme, Predicate<String> may, List<String> complaints) {
    Page page =
        browser.newPage(
            new Browser.NewPageOptions().setViewportSize(width, height).setColorScheme(scheme));
    page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
    page.onPageError(complaints::add);
    page.onDialog(dialog -> complaints.add("dialog " + dialog.message()));
    page.onRequest(
        request -> {
          if (!may.test(request.url())) {
            complaints.add("asked for " + request.url());
          }
        });
    return page;
  }

  /** Leaves a picture in {@code target/screenshots}. */
  public static void picture(Page page, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
