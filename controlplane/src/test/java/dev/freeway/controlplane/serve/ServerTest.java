package dev.freeway.controlplane.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.ask.Understanding;
import dev.freeway.controlplane.query.NamedQueries;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server over real HTTP. */
@Timeout(60)
class ServerTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path directory;
  private Served served;

  @BeforeEach
  void start() throws IOException {
    served =
        new Served(
            directory,
            (question, _) ->
                question.contains("volumes")
                    ? new Understanding.Understood(
                        "Volumes, at most a few.",
                        "SELECT id FROM resources WHERE type = :type AND is_current = 1",
                        Map.of("type", "volume"))
                    : new Understanding.Not("I did not understand", List.of("which volumes")));
  }

  @AfterEach
  void stop() {
    served.close();
    http.close();
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(served.url()).resolve(path)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<String> post(String name, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(served.url()).resolve("/api/" + name))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .setHeader("Content-Type", "application/json");
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode ask(String name, String body) throws IOException, InterruptedException {
    HttpResponse<String> response = post(name, body);
    assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  /** What a socket gives back for bytes that no client of HTTP would send. */
  private String raw(String request) throws IOException {
    URI url = URI.create(served.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void givesThePageWithAPolicyThatLetsNothingElseRun() throws IOException, InterruptedException {
    HttpResponse<byte[]> page = get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'sha256-", "connect-src 'self'")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(page.headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("access-control"));
    assertThat(new String(page.body(), StandardCharsets.UTF_8))
        .contains("id=\"tab-query\"")
        .doesNotContain("i-web");
  }

  @Test
  void givesTheReportsPartsOfNowAndOfAScan() throws IOException, InterruptedException {
    HttpResponse<byte[]> now = get("/part?name=data");
    JsonNode data = unpacked(now.body());
    assertThat(data.get("rows").asInt()).isEqualTo(2);
    assertThat(data.get("unseen").size()).isEqualTo(1);
    String version = now.headers().firstValue("X-Version").orElseThrow();
    JsonNode documents = unpacked(get("/part?name=documents-0&version=" + version).body());
    assertThat(documents.get(0).asString()).contains("t3.large");
    assertThat(unpacked(get("/part?name=relations&version=" + version).body()).get("from").size())
        .isEqualTo(1);
    HttpResponse<byte[]> then = get("/part?name=data&scan=1");
    assertThat(unpacked(then.body()).get("rows").asInt()).isEqualTo(3);
    String first = then.headers().firstValue("X-Version").orElseThrow();
    assertThat(unpacked(get("/part?name=documents-0&version=" + first).body()).toString())
        .contains("t3.small");
    served.scan("t3.nano", false);
    assertThat(get("/part?name=data").headers().firstValue("X-Version"))
        .isPresent()
        .isNotEqualTo(Optional.of(version));
    assertThat(get("/part?name=data&version=now-1").statusCode()).isEqualTo(410);
    assertThat(get("/part?name=data&scan=99").statusCode()).isEqualTo(404);
    assertThat(get("/part?name=data&scan=x").statusCode()).isEqualTo(400);
    assertThat(get("/part?name=nothing").statusCode()).isEqualTo(404);
  }

  private static JsonNode unpacked(byte[] body) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return JSON.readTree(in);
    }
  }

  @Test
  void runsQueriesThatOnlyRead() throws IOException, InterruptedException {
    JsonNode rows =
        ask("query", "{\"sql\":\"SELECT id, 1.5 AS n, NULL AS x FROM resources ORDER BY id\"}");
    assertThat(rows.get("columns").toString()).isEqualTo("[\"id\",\"n\",\"x\"]");
    assertThat(rows.get("rows").get(1).toString()).isEqualTo("[\"i-web\",1.5,null]");
    assertThat(rows.get("cut").asString()).isEqualTo("none");
    assertThat(
            ask(
                    "query",
                    "{\"sql\":\"SELECT id FROM resources WHERE id = :id\",\"parameters\":{\"id\":\"x' OR 1=1 --\"}}")
                .get("rows")
                .size())
        .isZero();
    assertThat(
            ask("query", "{\"scan\":1,\"sql\":\"SELECT count(*) FROM resources\"}")
                .get("rows")
                .toString())
        .isEqualTo("[[3]]");
    assertThat(
            ask(
                    "query",
                    "{\"sql\":\"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000) SELECT i FROM n\"}")
                .get("cut")
                .asString())
        .isEqualTo("rows");
    for (String wrong :
        List.of(
            "DROP TABLE resource",
            "DELETE FROM resource",
            "ATTACH 'x' AS y",
            "PRAGMA user_version=9",
            "SELECT 1; SELECT 2",
            "SELEC")) {
      HttpResponse<String> refused = post("query", "{\"sql\":\"" + wrong + "\"}");
      assertThat(refused.statusCode()).describedAs(wrong).isEqualTo(400);
      assertThat(JSON.readTree(refused.body()).get("error").asString()).isNotEmpty();
    }
    JsonNode queries = ask("queries", "{}");
    assertThat(queries.get("queries").size()).isGreaterThan(50);
    assertThat(
            ask("query", "{\"name\":\"unused-volumes\",\"parameters\":{}}").get("rows").toString())
        .contains("vol-1");
    assertThat(post("query", "{\"name\":\"no-such\"}").body()).contains("no such query");
  }

  @Test
  void comparesChecksAndListsAsTheCommandsDo() throws IOException, InterruptedException {
    JsonNode diff = ask("diff", "{\"from\":\"scan 1\",\"to\":\"scan 2\"}");
    assertThat(diff.get("summary").toString())
        .isEqualTo("{\"added\":0,\"removed\":1,\"modified\":1}");
    assertThat(diff.get("rows").toString()).contains("InstanceType", "t3.small", "t3.large");
    assertThat(ask("diff", "{\"change\":\"removed\"}").get("rows").size()).isEqualTo(1);
    assertThat(ask("diff", "{\"service\":[\"vpc\"]}").get("rows").size()).isZero();
    assertThat(post("diff", "{\"from\":\"soon\"}").body()).contains("from soon: expected a day");
    assertThat(post("diff", "{\"account\":[\"1\"]}").statusCode()).isEqualTo(400);
    JsonNode waste = ask("waste", "{}");
    assertThat(waste.get("rows").toString()).contains("unattached-ebs", "vol-1");
    assertThat(waste.get("unseen").asInt()).isEqualTo(1);
    assertThat(post("waste", "{\"rule\":[\"x\"]}").statusCode()).isEqualTo(400);
    JsonNode tags = ask("tags", "{\"required\":[\"Owner\"]}");
    assertThat(tags.get("shares").get("rows").get(0).toString())
        .isEqualTo("[\"all\",\"\",1,2,50.0]");
    assertThat(tags.get("rows").toString()).contains("vol-1").doesNotContain("i-web");
    JsonNode errors = ask("errors", "{\"scan\":1}");
    assertThat(errors.get("rows").get(0).toString()).contains("DescribeAddresses", "denied");
    JsonNode understood = ask("ask", "{\"question\":\"which volumes\"}");
    assertThat(understood.get("understood").asBoolean()).isTrue();
    assertThat(understood.get("rows").toString()).isEqualTo("[[\"vol-1\"]]");
    JsonNode unclear = ask("ask", "{\"question\":\"what\"}");
    assertThat(unclear.get("sql").isNull()).isTrue();
    assertThat(unclear.get("nearest").toString()).isEqualTo("[\"which volumes\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          waste  | `days`:`x`                | days "x": expected a whole number from 0 to 36,500
          waste  | `days`:`30`               | days "30": expected a whole number
          waste  | `days`:-1                 | days -1: expected a whole number
          waste  | `days`:1.5                | days 1.5: expected a whole number
          waste  | `days`:36501              | days 36501: expected a whole number
          waste  | `days`:1e30               | expected a whole number
          waste  | `day`:30                  | day: no such member; expected of account, rule, days, defaults
          waste  | `defaults`:`yes`          | defaults "yes": expected true or false
          waste  | `rule`:`unattached-ebs`   | rule "unattached-ebs": expected a list of texts
          waste  | `rule`:[`x`]              | x: no such rule
          waste  | `account`:[`1`]           | account 1: expected one of 1
          waste  | `scan`:99                 | scan 99: no such scan
          diff   | `service`:`ec2`           | service "ec2": expected a list of texts
          diff   | `service`:[`ecc`]         | service ecc: no such service
          diff   | `region`:[`Ireland`]      | region Ireland: expected a region, such as eu-west-1
          diff   | `region`:[1]              | region [1]: expected a list of texts
          diff   | `change`:`gone`           | change gone: expected all, added, removed, modified
          diff   | `from`:7                  | from 7: expected text
          diff   | `from`:`scan 99`          | from scan 99: no such scan
          diff   | `ignoreTags`:1            | ignoreTags 1: expected true or false
          tags   | `required`:`Owner`        | required "Owner": expected a list of texts
          tags   | `account`:[`999999999999`] | account 999999999999: expected one of
          tags   | `scan`:-1                 | scan -1: expected a whole number from 0
          errors | `scan`:`x`                | scan "x": expected a whole number
          errors | `scan`:99                 | scan 99: no such scan
          errors | `all`:`x`                 | all "x": expected true or false
          query  | `sql`:[`x`]               | sql ["x"]: expected text
          query  | `limit`:5,`sql`:`x`       | limit: no such member; expected of sql, name, parameters
          query  | `parameters`:[1],`sql`:`x` | parameters [1]: expected an object of texts
          query  | `parameters`:{`a`:[1]},`sql`:`x` | expected an object of texts
          query  | `sql`:`SELECT 1`,`name`:`x` | expected sql, or the name of a query
          query  | `parameters`:{}           | expected sql, or the name of a query
          query  | `sql`:`SELECT 1`,`scan`:99 | scan 99: no such scan
          ask    | `question`:1              | question 1: expected text
          ask    | `account`:[`1`,`2`]       | account: expected one at most
          ask    | `account`:[`1`]           | account 1: expected one of
          queries | `name`:`x`               | name: no such member; expected none
          """)
  void saysWhatAMemberHasToBe(String name, String members, String message)
      throws IOException, InterruptedException {
    HttpResponse<String> refused = post(name, ("{" + members + "}").replace('`', '"'));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(refused.body()).get("error").asString()).contains(message);
  }

  @Test
  void takesWhatThePageSendsAndNullAsNothing() throws IOException, InterruptedException {
    String waste = "{\"days\":%s,\"account\":[\"\"],\"rule\":null,\"defaults\":false,\"scan\":2}";
    assertThat(ask("waste", waste.formatted("0")).get("rows").size())
        .isEqualTo(ask("waste", waste.formatted("36500")).get("rows").size())
        .isEqualTo(1);
    assertThat(ask("errors", "{\"scan\":0}").get("scan").asInt()).isEqualTo(2);
    assertThat(
            ask("query", "{\"sql\":\"SELECT :a || :b\",\"parameters\":{\"a\":1,\"b\":true}}")
                .get("rows")
                .toString())
        .isEqualTo("[[\"1true\"]]");
    assertThat(ask("diff", "{\"service\":[\"ec2\"],\"region\":[\"global\"]}").get("rows").size())
        .isZero();
    assertThat(ask("diff", "{\"change\":\"all\",\"ignoreTags\":true}").get("rows").size())
        .isEqualTo(2);
  }

  @Test
  void whatIsHostileIsEscaped() throws IOException, InterruptedException {
    HttpResponse<String> response =
        post("query", "{\"sql\":\"SELECT value FROM tag WHERE key = 'Name'\"}");
    assertThat(response.body()).doesNotContain("<").contains("\\u003cscript\\u003e");
    assertThat(JSON.readTree(response.body()).get("rows").get(0).get(0).asString())
        .isEqualTo(Served.HOSTILE);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValue("application/json; charset=utf-8");
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site, 403",
    "Sec-Fetch-Site, same-site, 403",
    "Origin, http://evil.example, 403",
    "Origin, null, 403",
    "Content-Type, text/plain, 415",
    "Content-Type, application/x-www-form-urlencoded, 415",
    "Sec-Fetch-Site, same-origin, 200"
  })
  void answersNoOtherSite(String header, String value, int status)
      throws IOException, InterruptedException {
    assertThat(post("queries", "{}", header, value).statusCode()).isEqualTo(status);
  }

  @Test
  void answersNoOtherName() throws IOException {
    int port = URI.create(served.url()).getPort();
    for (String host :
        List.of("evil.example", "evil.example:" + port, "127.0.0.1", "127.0.0.1:1", "")) {
      assertThat(raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
          .describedAs(host)
          .startsWith("HTTP/1.1 421");
    }
    assertThat(raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 421");
    assertThat(
            raw(
                "GET / HTTP/1.1\r\nHost: localhost:%d\r\nHost: evil.example\r\n\r\n"
                    .formatted(port)))
        .startsWith("HTTP/1.1 4");
    for (String host : List.of("localhost:" + port, "127.0.0.1:" + port)) {
      assertThat(raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aLinkOnAnotherSiteMayLeadToThePageAndAFrameMayNot() throws IOException {
    int port = URI.create(served.url()).getPort();
    String head = "GET / HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n";
    String link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: ";
    assertThat(raw(head + link + "document\r\n\r\n")).startsWith("HTTP/1.1 200");
    assertThat(raw(head + link + "iframe\r\n\r\n")).startsWith("HTTP/1.1 403");
  }

  @Test
  void boundsWhatItTakes() throws IOException, InterruptedException {
    assertThat(post("query", "{\"sql\":\"" + "x".repeat(70_000) + "\"}").statusCode())
        .isEqualTo(413);
    assertThat(get("/part?name=" + "x".repeat(5_000)).statusCode()).isEqualTo(414);
    assertThat(post("query", "[1]").statusCode()).isEqualTo(400);
    assertThat(post("query", "{").statusCode()).isEqualTo(400);
    assertThat(post("nothing", "{}").statusCode()).isEqualTo(404);
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
    assertThat(get("/api/queries").statusCode()).isEqualTo(405);
    assertThat(System.getProperty("sun.net.httpserver.maxReqTime")).isEqualTo("10");
  }

  @Test
  void manyWhoSayNothingHinderNobody() throws IOException, InterruptedException {
    URI url = URI.create(served.url());
    List<Socket> slow = new java.util.ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        Socket socket = new Socket(url.getHost(), url.getPort());
        slow.add(socket);
        OutputStream out = socket.getOutputStream();
        out.write("POST /api/query HTTP/1.1\r\nHost: loc".getBytes(StandardCharsets.US_ASCII));
        out.flush();
      }
      assertThat(ask("queries", "{}").get("queries").size()).isGreaterThan(50);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void listensOnLoopbackAloneAndEndsAtOnce() throws IOException, InterruptedException {
    assertThatThrownBy(
            () ->
                Server.start(
                    served.store,
                    () -> NamedQueries.load(List.of()),
                    (_, _) -> new Understanding.Not("", List.of()),
                    new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected an address of loopback");
    ask("queries", "{}");
    served.close();
    assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
  }
}
