package dev.freeway.controlplane.serve;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.report.Chromium;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The served page in Debian's Chromium. It leaves pictures in {@code target/screenshots}. */
@Tag("browser")
@Timeout(240)
final class ServeBrowserTest {
  private static Chromium chromium;
  private static Server demo;
  @TempDir private static Path estate;
  @TempDir private Path directory;
  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    chromium = new Chromium();
    StoreAddress address = new StoreAddress.Sqlite(estate.resolve("demo.db"));
    DemoEstate.write(address, DemoEstate.Size.USUAL, Instant.parse("2026-10-01T00:00:00Z"));
    Store store = Store.existing(address);
    demo =
        Server.start(
            store,
            () -> NamedQueries.load(List.of()),
            ServeBrowserTest::understood,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private static Understanding understood(String question, Optional<String> account) {
    return question.contains("volumes")
        ? new Understanding.Understood(
            "EBS volumes, the newest first.",
            "SELECT id, name, region FROM resources WHERE type = :type AND is_current = 1 LIMIT 9",
            Map.of("type", "volume"))
        : new Understanding.Not(
            "I did not understand \"" + question + "\"",
            List.of("which volumes are not encrypted", "how many volumes are there"));
  }

  @AfterAll
  static void stop() {
    demo.close();
    chromium.close();
  }

  @AfterEach
  void theBrowserComplainedOfNothing() {
    assertThat(complaints).isEmpty();
  }

  private Page open(String url, String hash, int width, int height, ColorScheme scheme) {
    Page page =
        chromium.page(
            width,
            height,
            scheme,
            asked -> asked.startsWith(url) || asked.startsWith("blob:"),
            complaints);
    page.navigate(url + hash);
    page.locator("html[data-ready=yes][data-asking=yes]").waitFor();
    return page;
  }

  private static void tab(Page page, String name) {
    page.locator("#tab-" + name).click();
    assertThat(page.locator("#" + name + "-view")).isVisible();
  }

  @Test
  void asksWhatTheCommandsAsk() throws IOException {
    try (Served served = new Served(directory)) {
      Page page = open(served.url(), "", 1440, 900, ColorScheme.LIGHT);
      assertThat(page.locator("#shown")).hasText("2 resources");
      page.locator("#list").focus();
      page.keyboard().press("4"); // the third is for questions
      assertThat(page.locator("#query-view")).isVisible();
      page.locator("#query-view textarea").fill("SELECT id, name FROM resources ORDER BY id");
      page.keyboard().press("Control+Enter");
      assertThat(page.locator("#query-view tbody tr")).hasCount(3);
      page.locator("#query-view textarea").fill("DROP TABLE resource");
      page.keyboard().press("Control+Enter");
      assertThat(page.locator("#query-view .fault")).containsText("expected");
      assertThat(complaints).singleElement().asString().contains("400"); // the browser's own note
      complaints.clear();
      page.locator("#query-view select[name=name]").selectOption("unused-volumes");
      assertThat(page.locator("#query-view tbody")).containsText("vol-1");
      String link = page.url();
      page.locator("#query-view tbody button.link").first().click();
      assertThat(page.locator("#detail h2")).hasText("vol-1");
      tab(page, "changes");
      assertThat(page.locator("#changes-view .said"))
          .containsText("0 added, 1 removed, 1 modified");
      assertThat(page.locator("#changes-view tbody")).containsText("t3.large");
      tab(page, "waste");
      assertThat(page.locator("#waste-view tbody")).containsText("vol-1");
      tab(page, "tags");
      page.locator("#tags-view input[name=required]").fill("Owner");
      page.locator("#tags-view .run").click();
      assertThat(page.locator("#tags-view .said").first()).containsText("1 of 2 resources: 50 %");
      tab(page, "calls");
      assertThat(page.locator("#calls-view tbody")).containsText("DescribeAddresses");
      assertThat(page.locator("#calls-view tbody")).containsText(Served.HOSTILE);
      assertThat(page.locator("img").count()).isZero();
      page.locator("#scan-picker").selectOption("1");
      page.locator("html[data-ready=yes][data-asking=yes]").waitFor();
      assertThat(page.locator("#about")).containsText("3 resources as scan 1 left them");
      Page again =
          open(served.url(), link.substring(link.indexOf('#')), 1440, 900, ColorScheme.LIGHT);
      assertThat(again.locator("#query-view tbody")).containsText("vol-1");
    }
  }

  @Test
  void aLinksSqlIsSeenBeforeItRuns() {
    Page page =
        open(
            demo.url(),
            "#view=query&query.sql=SELECT+count(*)+FROM+resources",
            1440,
            900,
            ColorScheme.LIGHT);
    assertThat(page.locator("#query-view textarea")).hasValue("SELECT count(*) FROM resources");
    assertThat(page.locator("#query-view tbody tr")).hasCount(0);
    page.locator("#query-view .run").click();
    assertThat(page.locator("#query-view tbody tr")).hasCount(1);
  }

  @Test
  void asksInEnglish() {
    Page page = open(demo.url(), "#view=ask", 1440, 900, ColorScheme.LIGHT);
    page.locator("#ask-view input[name=question]").fill("what is the weather");
    page.keyboard().press("Enter");
    assertThat(page.locator("#ask-view .fault")).containsText("I did not understand");
    page.locator("#ask-view .nearest button").first().click();
    assertThat(page.locator("#ask-view .sentence")).hasText("EBS volumes, the newest first.");
    assertThat(page.locator("#ask-view tbody tr")).hasCount(9);
    Chromium.picture(page, "serve-ask");
    page.locator("#ask-view details summary").click();
    page.locator("#ask-view details button").click();
    assertThat(page.locator("#query-view textarea"))
        .hasValue(java.util.regex.Pattern.compile("SELECT id, name, region.*"));
  }

  @Test
  void lightDarkAndPhone() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page = open(demo.url(), "", 1440, 900, scheme);
      String name = "serve-" + scheme.toString().toLowerCase(java.util.Locale.ROOT) + "-";
      Chromium.picture(page, name + "rows");
      tab(page, "query");
      page.locator("#query-view select[name=name]").selectOption("open-ports");
      page.locator("#query-view .said").waitFor();
      page.locator("#query-view[data-asked]").waitFor();
      Chromium.picture(page, name + "query");
      for (String view : List.of("changes", "waste", "tags", "calls")) {
        tab(page, view);
        page.locator("#" + view + "-view[data-asked]").waitFor();
        Chromium.picture(page, name + view);
      }
    }
    for (int width : new int[] {320, 390}) {
      Page phone =
          open(demo.url(), "#view=query&query.name=open-ports", width, 760, ColorScheme.DARK);
      phone.locator("#query-view[data-asked]").waitFor();
      assertThat((int) phone.evaluate("document.documentElement.scrollWidth"))
          .isLessThanOrEqualTo(width);
      Chromium.picture(phone, "serve-" + width + "-query");
      tab(phone, "changes");
      phone.locator("#changes-view[data-asked]").waitFor();
      Chromium.picture(phone, "serve-" + width + "-changes");
    }
  }
}
