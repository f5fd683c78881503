package dev.freeway.controlplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.StoredResource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the page, the workbook and the JSON say of resources. */
class PartsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2026-02-01T00:00:00Z");
  private static final Instant CREATED = Instant.parse("2025-01-01T00:00:00Z");
  private static final Scope HERE = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope THERE = Samples.scope("ec2", "us-east-1", "instance");
  private static final Scope OTHERS = new Scope("999999999999", "ec2", "eu-west-1", "instance");
  private static final LedgerEntry UNSEEN =
      new LedgerEntry(
          Samples.ACCOUNT,
          "eu-west-1",
          "sns",
          "ListTopics",
          3,
          0,
          0,
          0,
          Duration.ZERO,
          LedgerEntry.Outcome.DENIED,
          "AccessDenied",
          "No.");
  private static final Heading HEADING =
      new Heading(
          List.of(Samples.ACCOUNT),
          List.of(),
          List.of(UNSEEN),
          List.of(new LeftOut(Samples.ACCOUNT, "kms", "GetKeyPolicy")),
          LAST);

  private static StoredResource stored(
      Scope scope, String id, String arn, String name, boolean isDefault, String document) {
    return new StoredResource(
        new Resource(
            scope,
            id,
            arn,
            name,
            isDefault,
            Optional.of(CREATED),
            "vpc-1",
            new TreeMap<>(Map.of("Owner", "ann")),
            document),
        1,
        FIRST,
        LAST,
        Optional.empty());
  }

  private static JsonNode part(Parts parts, String name) {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(parts.part(name).orElseThrow()))) {
      return JSON.readTree(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void rowsAreColumnsOfWhatIsKnown() {
    Parts parts =
        Parts.of(
            HEADING,
            List.of(
                stored(HERE, "i", "arn:aws:iam::1:i/i/x", "i", false, "{\"a\":1}"),
                stored(HERE, "j", "arn:none", "named", true, "{\"b\":2}"))
                .stream(),
            List.<Relation>of()::stream,
            false);
    JsonNode data = part(parts, "data");
    assertThat(data.get("rows").asInt()).isEqualTo(2);
    assertThat(data.get("arns").toString())
        .isEqualTo("[[\"arn:aws:iam::1:i/\",\"/x\"],[\"arn:none\"]]");
    assertThat(data.get("name").toString()).isEqualTo("[0,\"named\"]");
    assertThat(data.get("defaults").toString()).isEqualTo("[1]");
    assertThat(data.get("created").get(0).asLong()).isEqualTo(CREATED.getEpochSecond());
    assertThat(data.get("times").toString())
        .isEqualTo("[" + FIRST.getEpochSecond() + "," + LAST.getEpochSecond() + "]");
    assertThat(data.get("first").toString() + data.get("last")).isEqualTo("[0,0][1,1]");
    assertThat(data.get("unseen").get(0).toString()).contains("ListTopics", "denied", "\"3\"");
    assertThat(data.get("leftOut").toString())
        .isEqualTo("[[\"" + Samples.ACCOUNT + "\",\"kms\",\"GetKeyPolicy\"]]");
    assertThat(part(parts, "documents-0").toString())
        .isEqualTo("[\"{\\\"a\\\":1}\",\"{\\\"b\\\":2}\"]");
  }

  @Test
  void everyDocumentIsInItsBlock() {
    List<StoredResource> many = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      many.add(stored(HERE, "i-" + i, "", "", false, "{\"n\":" + i + "}"));
    }
    Parts parts = Parts.of(HEADING, many.stream(), List.<Relation>of()::stream, false);
    int block = part(parts, "data").get("blockRows").asInt();
    assertThat(parts.all().keySet())
        .containsExactly("data", "relations", "documents-0", "documents-1", "documents-2");
    for (int i : new int[] {0, block - 1, block, 511, 512, 599}) {
      assertThat(part(parts, "documents-" + i / block).get(i % block).asString())
          .isEqualTo("{\"n\":" + i + "}");
    }
    assertThat(part(parts, "documents-2").size()).isEqualTo(600 - 2 * block);
  }

  /** An id is no name for all the world: the one in the account is meant, and in the region. */
  @Test
  void aRelationLeadsToTheOneThatIsMeant() {
    List<StoredResource> rows =
        List.of(
            stored(HERE, "a", "arn:a", "", false, "{}"),
            stored(HERE, "same", "arn:here", "", false, "{}"),
            stored(THERE, "same", "arn:there", "", false, "{}"),
            stored(OTHERS, "only", "arn:others", "", false, "{}"),
            stored(THERE, "far", "arn:far", "", false, "{}"));
    Parts parts =
        Parts.of(
            HEADING,
            rows.stream(),
            List.of(
                    new Relation(HERE, "a", "Arn", "arn:there"),
                    new Relation(HERE, "a", "Id", "same"),
                    new Relation(HERE, "a", "Id", "far"),
                    new Relation(HERE, "a", "Id", "only"),
                    new Relation(OTHERS, "only", "Id", "same"),
                    new Relation(Samples.scope("ec2", "ap-south-1", "instance"), "gone", "Id", "a"),
                    new Relation(THERE, "far", "Id", "nothing"))
                ::stream,
            false);
    JsonNode relations = part(parts, "relations");
    assertThat(relations.get("from").toString()).isEqualTo("[0,0,0,0,3,4]");
    assertThat(relations.get("to").toString()).isEqualTo("[2,1,4,-1,-2,-3]");
    assertThat(relations.get("elsewhere").toString()).isEqualTo("[\"only\",\"same\",\"nothing\"]");
  }

  /** Two of a name, neither in the region: nobody knows which. */
  @Test
  void ofSeveralElsewhereNoneIsTaken() {
    Links links = new Links();
    for (String region : List.of("us-east-1", "us-west-2")) {
      links.add(Samples.resource(Samples.scope("ec2", region, "instance"), "same", "{}"));
    }
    assertThat(links.row(HERE, "same")).isEmpty();
    assertThat(links.row(THERE, "same")).contains(0);
  }

  @Test
  void aWorkbookHoldsTextAndWhatWasNotSeen(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("a.xlsx");
    try (OutputStream out = Files.newOutputStream(file)) {
      SheetReport.workbook(
          HEADING,
          List.of(
              stored(
                  HERE,
                  "=cmd()",
                  "",
                  "\u001b[31m\u0000",
                  false,
                  "{\"long\":\"" + "x".repeat(40_000) + "\"}"))
              .stream(),
          out);
    }
    assertThat(sheet(file, 1))
        .contains("=cmd()", "\\u001b[31m\\u0000", "x".repeat(30_000) + "x")
        .contains("x&#x2026;")
        .doesNotContain("<f>", "x".repeat(32_767));
    assertThat(sheet(file, 2)).contains("ListTopics", "AccessDenied");
  }

  private static String sheet(Path file, int number) throws IOException {
    try (ZipFile book = new ZipFile(file.toFile());
        InputStream sheet =
            book.getInputStream(book.getEntry("xl/worksheets/sheet" + number + ".xml"))) {
      return new String(sheet.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void jsonSaysWhatIsDefaultAndWhatWasNotSeen() {
    StringWriter out = new StringWriter();
    JsonReport.write(
        HEADING,
        List.of(
            stored(HERE, "i", "arn:i", "i", true, "{\"a\":1}"),
            stored(HERE, "j", "arn:j", "j", false, "{}"))
            .stream(),
        out);
    JsonNode report = JSON.readTree(out.toString());
    assertThat(report.get("resources").get(0).get("is_default").asBoolean()).isTrue();
    assertThat(report.get("resources").get(1).get("is_default").asBoolean()).isFalse();
    assertThat(report.get("resources").get(0).get("created").asString())
        .isEqualTo(CREATED.toString());
    assertThat(report.get("not_seen").get(0).get("operation").asString()).isEqualTo("ListTopics");
    assertThat(report.get("metadata").get("not_seen_count").asInt()).isEqualTo(1);
  }

  @Test
  void aFileOfThePageAsksNobody() {
    assertThat(Page.OF_A_FILE.policy())
        .startsWith("default-src 'none'; ")
        .doesNotContain("connect-src", "unsafe", "http", "*");
    assertThat(Page.OF_A_FILE.text()).contains(Page.OF_A_FILE.policy());
  }
}
