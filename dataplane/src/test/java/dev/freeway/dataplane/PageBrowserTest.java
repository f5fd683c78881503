package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.freeway.dataplane.admin.AdminServer;
import dev.freeway.dataplane.admin.Feed;
import dev.freeway.dataplane.admin.FrontPage;
import dev.freeway.dataplane.ipvs.Statistics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in Debian's Chromium, before a relay that relays. It leaves pictures in {@code
 * target/screenshots}.
 */
@Tag("browser")
@Timeout(180)
final class PageBrowserTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path PICTURES = Path.of("target/screenshots");
  private static Playwright playwright;
  private static Browser browser;

  @TempDir Path directory;
  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    Files.createDirectories(PICTURES);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(List.of("--no-sandbox")));
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
  }

  @AfterAll
  static void stop() {
    browser.close();
    playwright.close();
  }

  /** A Content-Security-Policy that something offends is a complaint as well. */
  @AfterEach
  void theBrowserComplainedOfNothing() {
    assertThat(complaints).isEmpty();
  }

  private Page open(String listen, int width, int height, ColorScheme scheme) {
    Page page =
        browser.newPage(
            new Browser.NewPageOptions().setViewportSize(width, height).setColorScheme(scheme));
    page.onConsoleMessage(message -> complaints.add(message.type() + ": " + message.text()));
    page.onPageError(complaints::add);
    page.onDialog(dialog -> complaints.add("dialog " + dialog.message()));
    page.navigate("http://" + listen + "/");
    return page;
  }

  private static void picture(Page page, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(PICTURES.resolve(name + ".png")));
  }

  private static void has(Locator locator, String text) {
    PlaywrightAssertions.assertThat(locator).hasText(text);
  }

  private static List<String> names(Page page) {
    return page.locator("#rows .name").allInnerTexts();
  }

  /** Three services, a client each on the first two, and what to do with a page before them. */
  private void beforeARelay(Consumer<Relayed> test) throws IOException {
    int web = RelayFixture.freePort();
    int api = RelayFixture.freePort();
    int mail = RelayFixture.freePort();
    try (RelayFixture relay =
        new RelayFixture(
            directory,
            RelayFixture.service("web", web, 2, 3, 4)
                + RelayFixture.service("api", api, 2, 3)
                + RelayFixture.service("mail", mail, 4))) {
      Page page = open(relay.listen(), 1440, 900, ColorScheme.LIGHT);
      has(page.locator("#f-backends"), "6 of 6");
      test.accept(new Relayed(relay, page, web, api, mail));
      page.close();
    }
  }

  private record Relayed(RelayFixture relay, Page page, int web, int api, int mail) {
    List<Socket> clients(int port, int count) {
      List<Socket> clients = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          clients.add(relay.connect(port));
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      return clients;
    }
  }

  @Test
  void whatTheRelayDoesIsSeenAsItHappens() throws IOException {
    beforeARelay(
        it -> {
          Page page = it.page();
          has(page.locator("#node"), "edge-1");
          has(page.locator("#plane"), "relay");
          has(page.locator("#health"), "\u25cf ready");
          has(page.locator("#f-active"), "0");
          List<Socket> clients = it.clients(it.web(), 5);
          it.clients(it.api(), 2);
          has(page.locator("#f-active"), "7");
          clients.forEach(
              client -> {
                try {
                  client.close();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
          has(page.locator("#f-active"), "2");
          has(page.locator("#latency-words"), Pattern.compile("[1-9][0-9]* events?, p50 .*"));
          it.relay()
              .write(
                  RelayFixture.service("web", it.web(), 2, 3)
                          .replace(
                              "{addresses: [127.0.0.3]}",
                              "{addresses: [127.0.0.3], conditions: {ready: false, serving: true,"
                                  + " terminating: true}}")
                      + RelayFixture.service("api", it.api(), 2, 3)
                      + RelayFixture.service("mail", it.mail(), 4));
          PlaywrightAssertions.assertThat(page.locator("#log-rows tr").first())
              .containsText("destination 127.0.0.");
          PlaywrightAssertions.assertThat(page.locator("#log-rows")).containsText("terminating");
          picture(page, "relay-light");
        });
  }

  private static void has(Locator locator, Pattern text) {
    PlaywrightAssertions.assertThat(locator).hasText(text);
  }

  @Test
  void everyColumnSortsAndSaysSo() throws IOException {
    beforeARelay(
        it -> {
          Page page = it.page();
          it.clients(it.mail(), 3);
          it.clients(it.web(), 1);
          has(page.locator("#f-active"), "4");
          for (String column :
              List.of("name", "vip", "how", "up", "active", "inactive", "cps", "in", "out")) {
            Locator head = page.locator("#grid th[data-sort=" + column + "]");
            head.locator("button").click();
            PlaywrightAssertions.assertThat(head)
                .hasAttribute("aria-sort", Pattern.compile("(a|de)scending"));
            assertThat(page.locator("#grid th[aria-sort]").count()).isEqualTo(1);
          }
          page.locator("#grid th[data-sort=active] button").click();
          assertThat(names(page)).containsExactly("shop/mail", "shop/web", "shop/api");
          page.locator("#grid th[data-sort=active] button").click();
          assertThat(names(page)).containsExactly("shop/api", "shop/web", "shop/mail");
          page.locator("#grid th[data-sort=name] button").click();
          assertThat(names(page)).containsExactly("shop/api", "shop/mail", "shop/web");
          page.locator("#log th[data-sort=why] button").click();
          PlaywrightAssertions.assertThat(page.locator("#log th[data-sort=why]"))
              .hasAttribute("aria-sort", "ascending");
        });
  }

  @Test
  void theKeyboardIsEnough() throws IOException {
    beforeARelay(
        it -> {
          Page page = it.page();
          page.keyboard().press("?");
          assertThat(page.locator("#help").isVisible()).isTrue();
          page.keyboard().press("Escape");
          assertThat(page.locator("#help").isVisible()).isFalse();
          page.keyboard().press("/");
          page.keyboard().type("WEB serving");
          has(page.locator("#shown"), "1 of 3 shown");
          page.keyboard().press("Enter");
          page.keyboard().press("Enter");
          assertThat(page.locator("#rows tr.backend").count()).isEqualTo(3);
          assertThat(page.locator("#rows .fold").getAttribute("aria-expanded")).isEqualTo("true");
          page.keyboard().press("j");
          page.keyboard().press("j");
          assertThat(page.evaluate("document.activeElement.innerText").toString())
              .contains("127.0.0.3");
          page.keyboard().press("k");
          assertThat(page.evaluate("document.activeElement.innerText").toString())
              .contains("127.0.0.2");
          picture(page, "keyboard");
          page.keyboard().press("Enter"); // on a backend: folds its service
          assertThat(page.locator("#rows tr.backend").count()).isZero();
          page.keyboard().press("/");
          page.keyboard().press("Escape");
          has(page.locator("#shown"), "3");
          page.keyboard().press("*");
          assertThat(page.locator("#rows tr.backend").count()).isEqualTo(6);
          page.keyboard().press("G");
          page.keyboard().press("s");
          assertThat(page.locator("#grid th[aria-sort]").getAttribute("data-sort"))
              .isEqualTo("active");
          // What is focused is still so after it was drawn again.
          page.keyboard().press("g");
          String before = page.evaluate("document.activeElement.innerText").toString();
          page.waitForFunction("at => doc.at > at", page.evaluate("doc.at"));
          assertThat(page.evaluate("document.activeElement.innerText").toString())
              .startsWith(before.substring(0, 8));
        });
  }

  @Test
  void lightAndDarkFollowTheSystemAndTheKey() throws IOException {
    beforeARelay(
        it -> {
          Page dark = open(it.relay().listen(), 1440, 900, ColorScheme.DARK);
          has(dark.locator("#f-services"), "3");
          String background = "getComputedStyle(document.body).backgroundColor";
          assertThat(dark.evaluate(background)).isEqualTo("rgb(13, 17, 22)");
          assertThat(it.page().evaluate(background)).isEqualTo("rgb(243, 245, 247)");
          dark.keyboard().press("*");
          picture(dark, "dark");
          dark.keyboard().press("t");
          assertThat(dark.evaluate(background)).isEqualTo("rgb(243, 245, 247)");
          dark.reload();
          assertThat(dark.evaluate(background)).isEqualTo("rgb(243, 245, 247)");
          dark.close();
        });
  }

  @Test
  void aPhoneShowsItWithoutScrollingSideways() throws IOException {
    beforeARelay(
        it -> {
          for (int width : new int[] {320, 390, 768, 1100}) {
            Page phone = open(it.relay().listen(), width, 700, ColorScheme.DARK);
            has(phone.locator("#f-services"), "3");
            phone.locator("#rows .fold").first().click();
            PlaywrightAssertions.assertThat(phone.locator("#rows tr.backend")).hasCount(2);
            assertThat((int) phone.evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(width);
            assertThat((boolean) phone.evaluate("viewport.scrollWidth <= viewport.clientWidth"))
                .as("the table at %s", width)
                .isTrue();
            picture(phone, "width-" + width);
            phone.close();
          }
        });
  }

  @Test
  void hostileNamesAreShownAsTheText() throws IOException {
    beforeARelay(
        it -> {
          String hostile = "<img src=x onerror=alert(1)>";
          it.relay()
              .write(
                  RelayFixture.service("web", it.web(), 2, 3, 4)
                      + RelayFixture.service(
                          hostile + "<script>alert(2)</script>\\n\\u202Eevil\\u001b[31m",
                          it.api(),
                          2));
          Page page = it.page();
          PlaywrightAssertions.assertThat(page.locator("#problems")).containsText(hostile);
          PlaywrightAssertions.assertThat(page.locator("#problems")).containsText("\\u{202e}evil");
          assertThat(page.locator("img").count()).isZero();
          assertThat(page.locator("script").count()).isEqualTo(1);
          assertThat(page.content()).doesNotContain("<img");
          picture(page, "hostile");
          page.evaluate(
              """
              h => take({ at: Date.now(), services: { 'tcp 10.0.0.1:80': { ours: true, owner: h,
                scheduler: h, answers: h, connections: 0, cps: 0, inBps: 0, outBps: 0, backends: [
                { address: '10.1.0.1:80', state: 'removed', reason: h, forwarding: '', weight: -1,
                  active: 0, inactive: 0, connections: 0, cps: 0, inBps: 0, outBps: 0 } ] } },
                changes: [{ number: 9e9, at: 0, action: 'add', kind: 'service', service: h,
                  destination: h, before: h, after: h, reason: h }] }, false)
              """,
              hostile);
          page.keyboard().press("*");
          PlaywrightAssertions.assertThat(page.locator("#rows")).containsText(hostile);
          PlaywrightAssertions.assertThat(page.locator("#log-rows")).containsText(hostile);
          assertThat(page.locator("img").count()).isZero();
        });
  }

  @Test
  void aRouterThatGoesAndComesIsToldOf() throws IOException {
    beforeARelay(
        it -> {
          it.relay().router.close();
          has(it.page().locator("#health"), Pattern.compile(".*not connected.*"));
          picture(it.page(), "lost");
        });
    complaints.removeIf(words -> words.contains("net::ERR_"));
  }

  /**
   * All of 2,000 services of ten change every second and all are unfolded. What the page does in
   * such a second, altogether and by the processor's time, is less than a task may take; the time
   * on the wall would tell how busy this machine is.
   */
  @Test
  void twoThousandServicesAreFollowedWithoutLongTasks() throws IOException {
    try (AdminServer server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            Map.of("/", FrontPage::load),
            new Crowd(),
            address -> false,
            60)) {
      Page page = open("127.0.0.1:" + server.address().getPort(), 1440, 900, ColorScheme.DARK);
      has(page.locator("#f-backends"), Pattern.compile("[0-9,]+ of 20,000"));
      page.keyboard().press("*");
      page.keyboard().press("G");
      assertThat(page.evaluate("document.activeElement.innerText").toString()).contains(":8080");
      assertThat(page.locator("#rows tr").count()).isLessThan(100);
      page.keyboard().press("g");
      page.evaluate(
          "() => { globalThis.told = 0; const was = take;"
              + " take = (message, whole) => { told++; was(message, whole); }; }");
      CDPSession session = page.context().newCDPSession(page);
      JsonObject cpu = new JsonObject();
      cpu.addProperty("timeDomain", "threadTicks");
      session.send("Performance.enable", cpu);
      page.waitForFunction("() => told >= 1");
      double before = taskSeconds(session);
      int told = (int) page.evaluate("told");
      page.waitForFunction("from => told >= from + 5", told);
      int changes = (int) page.evaluate("told") - told;
      assertThat((taskSeconds(session) - before) / changes).isPositive().isLessThan(0.1);
      picture(page, "crowd");
      page.close();
    }
  }

  private static double taskSeconds(CDPSession session) {
    for (JsonElement metric : session.send("Performance.getMetrics").getAsJsonArray("metrics")) {
      if (metric.getAsJsonObject().get("name").getAsString().equals("TaskDuration")) {
        return metric.getAsJsonObject().get("value").getAsDouble();
      }
    }
    throw new AssertionError("the browser does not measure its tasks");
  }

  /** A router with many services, all of them busy. */
  private static final class Crowd implements Feed {
    private static final int SERVICES = 2000;
    private final List<Overview> turns = List.of(overview(1), overview(2));
    private Overview last = turns.getFirst();
    private int second;

    private static Overview overview(int second) {
      SortedMap<String, Overview.Service> services = new TreeMap<>();
      for (int i = 0; i < SERVICES; i++) {
        List<Overview.Backend> backends = new ArrayList<>();
        for (int b = 0; b < 10; b++) {
          boolean ill = (i * 10 + b) % 997 == 0;
          long rate = (i + b + second * 7L) % 40;
          backends.add(
              new Overview.Backend(
                  "10." + (b + 1) + "." + i / 250 + "." + (i % 250 + 1) + ":8080",
                  ill
                      ? new Overview.Condition(
                          Overview.State.REMOVED, "connect: no answer within 1 s, 3 times")
                      : new Overview.Condition(Overview.State.SERVING, ""),
                  ill ? "" : "direct",
                  ill ? -1 : 1,
                  (int) rate * 3,
                  (int) rate,
                  new Statistics(rate, 0, 0, 0, 0, rate, 0, 0, rate * 900, rate * 12_345)));
        }
        long rate = (i * 31L + second * 17L) % 400;
        services.put(
            "tcp 10.200." + i / 250 + "." + (i % 250 + 1) + ":443",
            new Overview.Service(
                true,
                "team-" + i % 40 + "/service-" + i,
                "mh,mh-fallback,mh-port",
                "",
                new Statistics(rate, 0, 0, 0, 0, rate, 0, 0, rate * 900, rate * 12_345),
                backends));
      }
      List<Long> counts = new ArrayList<>();
      for (int i = 0; i <= RecentChanges.BOUNDS_MICROS.size(); i++) {
        counts.add(i < 2 || i > 11 ? 0L : (12L - i) * (i - 1) * 9);
      }
      return new Overview(
          new Overview.Times(
              System.currentTimeMillis(), System.currentTimeMillis(), System.currentTimeMillis()),
          new Overview.About("edge-1", false, "", 0, 0, RecentChanges.BOUNDS_MICROS),
          services,
          List.of(),
          new RecentChanges.Latency(counts, 0, 81_234),
          List.of(),
          new DoctorRounds.Result(true, List.of(), ""));
    }

    @Override
    public Optional<String> changes() {
      Overview next = turns.get(++second % 2);
      Optional<String> changes = OverviewDocument.changes(last, next);
      last = next;
      return changes;
    }

    @Override
    public String whole() {
      return JsonOutput.line(json -> OverviewDocument.whole(json, last));
    }
  }
}
