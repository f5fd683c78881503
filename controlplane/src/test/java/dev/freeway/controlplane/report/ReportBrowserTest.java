package dev.freeway.controlplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.StoredResource;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The report in Debian's Chromium. It leaves pictures in {@code target/screenshots}. */
@Tag("browser")
@Timeout(240)
final class ReportBrowserTest {
  private static final String HOSTILE =
      "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
  private static Chromium chromium;

  @TempDir Path directory;
  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  static void start() {
    chromium = new Chromium();
  }

  @AfterAll
  static void stop() {
    chromium.close();
  }

  @AfterEach
  void theBrowserComplainedOfNothing() {
    assertThat(complaints).isEmpty();
  }

  private Path write(List<StoredResource> resources, List<Relation> relations) throws IOException {
    Path file = directory.resolve("report.html");
    try (Writer out = Files.newBufferedWriter(file)) {
      HtmlReport.write(
          Synthetic.heading(
              List.of(
                  Synthetic.denied(
                      "ListBuckets", "User is not authorized to perform s3:ListAllMyBuckets"),
                  Synthetic.denied("GetBucketAcl", HOSTILE))),
          resources.stream(),
          relations.stream(),
          out);
    }
    return file;
  }

  private Page open(Path file, String hash, int width, int height, ColorScheme scheme) {
    Page page =
        chromium.page(
            width,
            height,
            scheme,
            url -> url.startsWith("file:") || url.startsWith("blob:"),
            complaints);
    page.navigate(file.toUri() + hash);
    page.locator("html[data-ready=yes]").waitFor();
    return page;
  }

  private static void picture(Page page, String name) {
    Chromium.picture(page, name);
  }

  private static void has(Locator locator, String text) {
    PlaywrightAssertions.assertThat(locator).hasText(text);
  }

  private static List<String> column(Page page, int column) {
    return page.locator("#space .row div:nth-child(" + column + ")").allInnerTexts();
  }

  private static Scope scope(String service, String type) {
    return new Scope(Synthetic.ACCOUNT, service, "eu-west-1", type);
  }

  private Path small() throws IOException {
    Scope instances = scope("ec2", "instance");
    return write(
        List.of(
            Synthetic.resource(
                instances,
                "i-1",
                "web",
                Map.of("Owner", "ann", "App", "shop"),
                "{\"SubnetId\":\"subnet-1\",\"Big\":12345678901234567890}"),
            Synthetic.resource(
                instances,
                "i-2",
                "database",
                Map.of("Owner", "bob"),
                "{\"Note\":\"needle in a document\"}"),
            Synthetic.resource(instances, "i-3", "=cmd|'/c calc'!A1", Map.of("Owner", ""), "{}"),
            Synthetic.resource(
                instances,
                "i-4",
                HOSTILE,
                Map.of(HOSTILE, HOSTILE + "\u202Egnp\u001b[31m\nnext"),
                "{\""
                    + HOSTILE.replace("/", "\\/")
                    + "\":\"'; DROP TABLE resource; --<!--<script>\"}"),
            Synthetic.resource(
                scope("vpc", "subnet"), "subnet-1", "inner", Map.of(), "{\"VpcId\":\"vpc-1\"}")),
        List.of(
            new Relation(instances, "i-1", "SubnetId", "subnet-1"),
            new Relation(scope("vpc", "subnet"), "subnet-1", "VpcId", "vpc-1")));
  }

  @Test
  void searchesFiltersSortsAndShowsDetails() throws IOException {
    Page page = open(small(), "", 1440, 900, ColorScheme.LIGHT);
    has(page.locator("#shown"), "5 resources");
    page.keyboard().press("/");
    page.keyboard().type("WEB");
    has(page.locator("#shown"), "1 of 5");
    page.keyboard().press("Escape");
    has(page.locator("#shown"), "5 resources");
    page.fill("#search", "needle");
    has(page.locator("#shown"), "1 of 5");
    assertThat(column(page, 3)).containsExactly("database");
    page.fill("#search", "tag:Owner=ann -database");
    has(page.locator("#shown"), "1 of 5");
    page.fill("#search", "type:instance -web");
    has(page.locator("#shown"), "3 of 5");
    page.locator("#clear").click();
    page.locator("[data-facet=service] label", new Page.LocatorOptions().setHasText("vpc")).click();
    has(page.locator("#shown"), "1 of 5");
    has(page.locator(".counter b").first(), "1");
    page.locator("#clear").click();
    page.locator("select[aria-label='Tag key']").selectOption("Owner");
    page.locator("[data-facet=tag] label", new Page.LocatorOptions().setHasText("(missing)"))
        .click();
    has(page.locator("#shown"), "2 of 5");
    page.locator("#clear").click();
    page.locator("#head button[data-sort=name]").click();
    page.locator("#head button[data-sort=name]").click();
    assertThat(column(page, 3)).startsWith("web", "inner", "database");
    PlaywrightAssertions.assertThat(page.locator("#head div[aria-sort=descending]")).hasCount(1);
    page.keyboard().press("g");
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page.locator("#detail")).containsText("12345678901234567890");
    page.locator("#detail .links button").click();
    has(page.locator("#detail h2"), "inner");
    PlaywrightAssertions.assertThat(page.locator("#detail")).containsText("Named by (1)");
    PlaywrightAssertions.assertThat(page.locator("#detail .links").first()).containsText("vpc-1");
    String link = page.url();
    assertThat(link).contains("r=").contains("sort=-name");
    page.keyboard().press("Escape");
    assertThat(page.locator("#detail").isHidden()).isTrue();
    Page again =
        open(
            Path.of(java.net.URI.create(link.replaceAll("#.*", ""))),
            link.substring(link.indexOf('#')),
            1440,
            900,
            ColorScheme.LIGHT);
    has(again.locator("#detail h2"), "inner");
    assertThat(column(again, 3)).startsWith("web");
  }

  @Test
  void whatIsHostileIsText() throws IOException {
    Page page = open(small(), "", 1440, 900, ColorScheme.DARK);
    page.fill("#search", "i-4");
    page.keyboard().press("Enter");
    page.keyboard().press("Enter");
    PlaywrightAssertions.assertThat(page.locator("#detail h2")).hasText(HOSTILE);
    PlaywrightAssertions.assertThat(page.locator("#detail"))
        .containsText("\\u{202e}gnp\\u{1b}[31m\\u{a}next");
    PlaywrightAssertions.assertThat(page.locator("#detail .tree"))
        .containsText("DROP TABLE resource; --<!--<script>");
    picture(page, "report-hostile");
    page.keyboard().press("2");
    PlaywrightAssertions.assertThat(page.locator("#ledger-view")).containsText(HOSTILE);
    picture(page, "report-ledger");
    assertThat(page.locator("img").count()).isZero();
    assertThat(page.locator("script:not([type])").count()).isEqualTo(1);
  }

  @Test
  void theLedgerHasWhatWasNotAsked() throws IOException {
    Page page = open(small(), "", 1440, 900, ColorScheme.LIGHT);
    page.locator("#tab-ledger").click();
    has(
        page.locator("#ledger-view h2").nth(1),
        "One operation was not asked, as no query needs it");
    has(
        page.locator("#ledger-view table").nth(1).locator("tbody tr"),
        "kmsGetKeyPolicy" + Synthetic.ACCOUNT + ", " + Synthetic.OTHER);
    has(page.locator("#tab-ledger"), "Not seen (2)");
    picture(page, "report-not-asked");
  }

  @Test
  void exportsWhatIsFiltered() throws IOException {
    Page page = open(small(), "", 1440, 900, ColorScheme.LIGHT);
    page.fill("#search", "type:instance");
    has(page.locator("#shown"), "4 of 5");
    Download csv = page.waitForDownload(() -> page.locator("#csv").click());
    String text = Files.readString(csv.path());
    assertThat(text).startsWith("service,type,id,name,region,arn,is_default,tags,account");
    assertThat(text).contains("i-3,'=cmd|'/c calc'!A1,");
    assertThat(text).doesNotContain("subnet-1,inner").contains("Owner=ann");
    Download json = page.waitForDownload(() -> page.locator("#json").click());
    JsonNode array = JsonMapper.builder().build().readTree(Files.readString(json.path()));
    assertThat(array.size()).isEqualTo(4);
    assertThat(Files.readString(json.path())).contains("\"Big\":12345678901234567890");
    assertThat(array.get(3).get("name").asString()).isEqualTo(HOSTILE);
  }

  @Test
  void printsWhatIsFiltered() throws IOException {
    Page page = open(small(), "#q=type%3Ainstance", 1000, 800, ColorScheme.DARK);
    page.evaluate("dispatchEvent(new Event('beforeprint'))");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
    assertThat(page.locator("#paper tbody tr").count()).isEqualTo(4);
    assertThat(page.locator("#paper").isVisible()).isTrue();
    assertThat(page.locator("#rows-view").isVisible()).isFalse();
    picture(page, "report-print");
  }

  @Test
  void lightDarkAndPhone() throws IOException {
    Synthetic estate = new Synthetic(4000);
    Path file = write(estate.resources, estate.relations);
    Page light = open(file, "", 1440, 900, ColorScheme.LIGHT);
    picture(light, "report-light");
    light.keyboard().press("j");
    light.keyboard().press("Enter");
    light.locator("#detail .tree").waitFor();
    picture(light, "report-light-detail");
    Page dark = open(file, "#q=checkout", 1440, 900, ColorScheme.DARK);
    PlaywrightAssertions.assertThat(dark.locator("#shown[data-deep=done]"))
        .containsText("of 4,000");
    picture(dark, "report-dark");
    assertThat(dark.evaluate("getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(14, 19, 24)");
    dark.locator("#list").focus();
    dark.keyboard().press("t");
    assertThat(dark.evaluate("getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(244, 246, 248)");
    for (int width : new int[] {320, 390, 768}) {
      Page phone = open(file, "", width, 760, ColorScheme.DARK);
      assertThat((int) phone.evaluate("document.documentElement.scrollWidth"))
          .isLessThanOrEqualTo(width);
      picture(phone, "report-" + width);
      phone.locator("#space .row").nth(2).click();
      phone.locator("#detail .tree").waitFor();
      picture(phone, "report-" + width + "-detail");
      phone.keyboard().press("Escape");
      phone.locator("#filters-button").click();
      assertThat(phone.locator("#facets").isVisible()).isTrue();
      picture(phone, "report-" + width + "-filters");
    }
  }

  @Test
  void aHundredThousandOpenAndAreSearchedAtOnce() throws IOException {
    Synthetic estate = new Synthetic(100_000);
    long began = System.nanoTime();
    Path file = write(estate.resources, estate.relations);
    long written = (System.nanoTime() - began) / 1_000_000;
    Page page = open(file, "", 1440, 900, ColorScheme.LIGHT);
    double ready = ((Number) page.evaluate("readyAt")).doubleValue();
    picture(page, "report-100000");
    page.waitForFunction("document.readyState === 'complete'");
    double loaded =
        ((Number) page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            .doubleValue();
    page.locator("#deep").uncheck();
    double slowest = 0;
    page.locator("#search").focus();
    StringBuilder each = new StringBuilder();
    for (char letter : "checkout-instance-12".toCharArray()) {
      page.keyboard().type(String.valueOf(letter));
      double took = ((Number) page.evaluate("lastApply")).doubleValue();
      each.append(Math.round(took)).append(' ');
      slowest = Math.max(slowest, took);
    }
    assertThat(page.locator("#space .row").count()).isLessThan(60);
    page.fill("#search", "");
    page.locator("#head button[data-sort=name]").click();
    double sort = ((Number) page.evaluate("lastApply")).doubleValue();
    long deepBegan = System.nanoTime();
    page.locator("#deep").check();
    page.fill("#search", "amazon-elb");
    PlaywrightAssertions.assertThat(page.locator("#shown[data-deep=done]"))
        .hasText(
            "18,000 of 100,000",
            new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions()
                .setTimeout(120_000));
    long deep = (System.nanoTime() - deepBegan) / 1_000_000;
    System.out.printf(
        "100,000: %,d bytes, written in %d ms, ready after %.0f ms, all loaded %.0f ms, slowest key %.0f ms (%s), sort %.0f ms, all documents searched in %d ms%n",
        Files.size(file), written, ready, loaded, slowest, each, sort, deep);
    assertThat(Files.size(file)).isLessThan(20_000_000);
    assertThat(slowest).isLessThan(200);
    assertThat(ready).isLessThan(2000);
    assertThat(page.locator("#shown").innerText()).matches(Pattern.compile("[0-9,]+ of 100,000"));
  }
}
