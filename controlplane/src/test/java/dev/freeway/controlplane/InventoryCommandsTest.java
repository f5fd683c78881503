package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.settings.Settings;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** report, diff, waste, tags and relations on a small inventory that was scanned twice. */
class InventoryCommandsTest {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope VOLUMES = Samples.scope("ec2", "eu-west-1", "volume");
  private static final Scope SUBNETS = Samples.scope("vpc", "eu-west-1", "subnet");
  private static final String HOSTILE = "</script><img src=x onerror=alert(1)>\u001b[31m";

  @TempDir private Path directory;
  private final Clock clock = new Clock();
  private String db = "";

  @BeforeEach
  void scanTwice() {
    Path file = directory.resolve("inventory.db");
    db = file.toString();
    Store store = Store.open(new StoreAddress.Sqlite(file), clock);
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(web("t3.small", Map.of("Owner", "ann", "Old", "x")), names());
      writer.seen(Samples.resource(INSTANCES, "i-gone", "{}"), List.of());
      writer.seen(
          Samples.resource(SUBNETS, "subnet-1", "{\"VpcId\":\"vpc-1\"}"),
          List.of(new Relation(SUBNETS, "subnet-1", "VpcId", "vpc-1")));
      writer.seen(
          Samples.resource(VOLUMES, "vol-1", "{\"State\":\"available\",\"Size\":8}"), List.of());
      writer.called(denied("DescribeVolumes"));
      writer.called(denied("DescribeAddresses"));
      finish(writer);
    }
    clock.pass(3600);
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(web("t3.large", Map.of("Owner", "bob", "New", "y")), names());
      writer.seen(
          Samples.resource(
              INSTANCES,
              "i-new",
              "{\"State\":{\"Name\":\"stopped\"},\"StateTransitionReason\":\"User initiated (2025-01-31 10:00:00 GMT)\"}",
              Map.of("Owner", " ")),
          List.of());
      writer.seen(
          Samples.resource(SUBNETS, "subnet-1", "{\"VpcId\":\"vpc-1\"}"),
          List.of(new Relation(SUBNETS, "subnet-1", "VpcId", "vpc-1")));
      writer.seen(
          Samples.resource(VOLUMES, "vol-1", "{\"State\":\"available\",\"Size\":8}"), List.of());
      writer.called(
          new LedgerEntry(
              Samples.ACCOUNT,
              "eu-west-1",
              "ec2",
              "DescribeVolumes",
              1,
              1,
              1,
              0,
              Duration.ZERO,
              LedgerEntry.Outcome.OK,
              "",
              ""));
      writer.whole(INSTANCES);
      finish(writer);
    }
  }

  private void finish(ScanWriter writer) {
    clock.pass(60);
    writer.finish(Scan.Status.PARTIAL, clock.instant());
  }

  private static LedgerEntry denied(String operation) {
    return new LedgerEntry(
        Samples.ACCOUNT,
        "eu-west-1",
        "ec2",
        operation,
        1,
        0,
        0,
        0,
        Duration.ZERO,
        LedgerEntry.Outcome.DENIED,
        "AccessDenied",
        HOSTILE);
  }

  private static Resource web(String type, Map<String, String> tags) {
    Resource resource =
        Samples.resource(
            INSTANCES,
            "i-1",
            "{\"InstanceType\":\""
                + type
                + "\",\"SubnetId\":\"subnet-1\",\"Tags\":[{\"Key\":\"Owner\",\"Value\":\""
                + tags.get("Owner")
                + "\"}],\"Count\":12345678901234567890}",
            tags);
    return new Resource(
        resource.scope(),
        resource.id(),
        resource.arn(),
        HOSTILE,
        false,
        resource.created(),
        "",
        resource.tags(),
        resource.document());
  }

  private static List<Relation> names() {
    return List.of(new Relation(INSTANCES, "i-1", "SubnetId", "subnet-1"));
  }

  private Ran run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--db", db));
    return Ran.of(all.toArray(String[]::new));
  }

  private static List<String> texts(JsonNode array, String member) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(node -> node.get(member).asString())
        .toList();
  }

  private String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // report

  @Test
  void reportsAPageInWhichNothingOfAwsIsMarkup() throws IOException {
    Path file = directory.resolve("a.html");
    Ran ran = run("report", "-o", file.toString());
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).isEmpty();
    String page = read(file);
    assertThat(page)
        .startsWith("<!doctype html>")
        .doesNotContain("onerror=alert")
        .doesNotContain("t3.large");
    assertThat(page)
        .contains("default-src 'none'")
        .doesNotContain("-HASH")
        .doesNotContain("http://www.w3.org/1999");
    assertThat(page).contains("id=\"documents-0\"").contains("id=\"relations\"");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var left = Files.list(directory)) {
      assertThat(left.map(Path::toString)).noneMatch(name -> name.contains(".freeway"));
    }
  }

  @Test
  void reportsJsonInAwsMapsShape() {
    JsonNode report = run("report", "-f", "json").json();
    assertThat(report.get("metadata").get("account_id").asString()).isEqualTo(Samples.ACCOUNT);
    assertThat(report.get("metadata").get("resource_count").asInt()).isEqualTo(4);
    assertThat(texts(report.get("resources"), "id"))
        .containsExactly("i-1", "i-new", "vol-1", "subnet-1");
    JsonNode web = report.get("resources").get(0);
    assertThat(web.get("name").asString()).isEqualTo(HOSTILE);
    assertThat(web.get("details").get("Count").toString()).isEqualTo("12345678901234567890");
    assertThat(web.get("tags").get("Owner").asString()).isEqualTo("bob");
    // What was made good for since is not in it.
    assertThat(texts(report.get("not_seen"), "operation")).containsExactly("DescribeAddresses");
  }

  @Test
  void reportsCsvAndWorkbooks() throws IOException {
    assertThat(run("report", "-f", "csv").out().lines().findFirst())
        .hasValue(
            "service,type,id,name,region,arn,is_default,tags,account,parent,created,first_seen,last_seen");
    Path file = directory.resolve("a.xlsx");
    assertThat(run("report", "-f", "xlsx", "-o", file.toString()).code()).isZero();
    try (ZipFile book = new ZipFile(file.toFile())) {
      String sheet =
          new String(
              book.getInputStream(book.getEntry("xl/worksheets/sheet1.xml")).readAllBytes(),
              StandardCharsets.UTF_8);
      assertThat(sheet)
          .contains("i-new")
          .contains("\\u001b[31m")
          .doesNotContain("<f>")
          .doesNotContain("<img");
    }
    assertThat(run("report", "-f", "xlsx", "-o", "-").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void refusesWhatItCannotReport() {
    assertThat(run("report", "-f", "pdf").err())
        .contains("-f pdf: expected html, json, csv or xlsx");
    Ran unknown = run("report", "-a", "prd", "-f", "json");
    assertThat(unknown.code()).isEqualTo(ExitCode.FAILED);
    assertThat(unknown.err()).contains("-a prd: no scan of this account; did you mean prod?");
    assertThat(run("report", "-a", "prod", "-f", "json").json().get("resources").size())
        .isEqualTo(4);
    Ran nowhere = run("report", "-o", directory.resolve("no/such/a.html").toString());
    assertThat(nowhere.code()).isEqualTo(ExitCode.FAILED);
    assertThat(nowhere.err()).contains("cannot be written");
  }

  // diff

  @Test
  void tellsWhatTheNewestScanChanged() {
    JsonNode diff = run("diff", "-f", "json").json();
    assertThat(diff.get("summary").toString())
        .isEqualTo("{\"added\":1,\"removed\":1,\"modified\":1}");
    JsonNode modified =
        StreamSupport.stream(diff.get("changes").spliterator(), false)
            .filter(change -> change.get("change").asString().equals("modified"))
            .findFirst()
            .orElseThrow();
    assertThat(modified.get("fields").toString())
        .isEqualTo("[{\"path\":\"InstanceType\",\"before\":\"t3.small\",\"after\":\"t3.large\"}]");
    assertThat(modified.get("tags").toString())
        .isEqualTo(
            "{\"added\":[{\"key\":\"New\",\"after\":\"y\"}],\"removed\":[{\"key\":\"Old\",\"before\":\"x\"}],\"changed\":[{\"key\":\"Owner\",\"before\":\"ann\",\"after\":\"bob\"}]}");
    Ran table = run("diff");
    assertThat(table.out())
        .contains("removed")
        .contains("i-gone")
        .contains("t3.small  t3.large")
        .doesNotContain("\u001b");
  }

  @Test
  void narrowsADiff() {
    assertThat(texts(run("diff", "-f", "json", "--type", "added").json().get("changes"), "id"))
        .containsExactly("i-new");
    assertThat(run("diff", "-f", "json", "-s", "vpc").json().get("changes").size()).isZero();
    assertThat(run("diff", "-f", "json", "-r", "us-east-1").json().get("changes").size()).isZero();
    assertThat(
            run("diff", "-f", "json", "--ignore-tags")
                .json()
                .get("changes")
                .get(0)
                .get("tags")
                .toString())
        .doesNotContain("Owner");
    assertThat(run("diff", "--summary", "-f", "csv").out())
        .isEqualTo("account,service,added,removed,modified\r\n123456789012,ec2,1,1,1\r\n");
    assertThat(
            run("diff", "--from", "2025-12-01", "--to", "2026-01-01T00:30Z", "-f", "json")
                .json()
                .get("summary")
                .toString())
        .isEqualTo("{\"added\":4,\"removed\":0,\"modified\":0}");
    assertThat(run("diff", "--from", "7d", "-f", "json").code()).isZero();
    assertThat(run("diff", "--from", "soon").err()).contains("--from soon: expected a day as");
    assertThat(run("diff", "--type", "other").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("diff", "--from", "2026-02-01", "--to", "2026-01-01").code())
        .isEqualTo(ExitCode.USAGE);
  }

  // waste

  @Test
  void findsWaste() {
    Ran ran = run("waste", "-f", "json");
    assertThat(texts(ran.json().get("findings"), "id")).containsExactly("i-new", "vol-1");
    assertThat(ran.json().get("findings").get(0).get("since").asString())
        .isEqualTo("2025-01-31T10:00:00Z");
    assertThat(ran.json().get("monthly_note").asString()).isEqualTo("price unknown");
    assertThat(run("waste", "-t", "unattached-ebs").out())
        .contains("vol-1")
        .contains("price unknown")
        .doesNotContain("i-new");
    assertThat(run("waste", "--summary", "-f", "csv").out())
        .contains("unattached-ebs,EBS volumes that are attached to nothing,1,price unknown");
    assertThat(run("waste", "-t", "unatached-ebs").err()).contains("did you mean unattached-ebs?");
    assertThat(run("waste", "--min-age-days", "-1").code()).isEqualTo(ExitCode.USAGE);
    assertThat(run("waste", "-l").out()).contains("unused-nat-gateway");
  }

  // tags

  @Test
  void tellsHowWellResourcesAreTagged() {
    JsonNode tags = run("tags", "-R", "Owner", "-f", "json").json();
    assertThat(tags.get("overall").toString())
        .isEqualTo("{\"compliant\":1,\"resources\":4,\"percent\":25.0}");
    assertThat(tags.get("services").get("ec2").get("percent").asDouble()).isEqualTo(33.3);
    assertThat(texts(tags.get("offenders"), "id")).containsExactly("i-new", "vol-1", "subnet-1");
    assertThat(
            texts(
                run("tags", "-R", "Owner", "--untagged-only", "-f", "json").json().get("offenders"),
                "id"))
        .containsExactly("vol-1", "subnet-1");
    assertThat(
            run("tags", "-R", "Owner", "-s", "vpc", "-f", "json")
                .json()
                .get("overall")
                .get("resources")
                .asInt())
        .isEqualTo(1);
    assertThat(run("tags", "--summary", "-f", "csv").out()).contains("all,,2,4,50.0");
    assertThat(run("tags", "--untagged-only", "--noncompliant-only").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(run("tags", "-R", "Owner").out()).contains("service").contains("missing");
  }

  // relations

  @Test
  void showsRelationsBothWays() {
    JsonNode tree = run("relations", "subnet-1", "-f", "json").json();
    JsonNode subnet = tree.get("resources").get(0);
    assertThat(subnet.get("names").get(0).get("target").asString()).isEqualTo("vpc-1");
    assertThat(subnet.get("names").get(0).get("known").asBoolean()).isFalse();
    assertThat(subnet.get("named_by").get(0).get("id").asString()).isEqualTo("i-1");
    JsonNode web =
        run("relations", "arn:aws:ec2:eu-west-1:123456789012:i-1", "-f", "json")
            .json()
            .get("resources")
            .get(0);
    assertThat(web.get("names").get(0).get("names").get(0).get("target").asString())
        .isEqualTo("vpc-1");
    String text = run("relations", "subnet-1").out();
    assertThat(text)
        .contains("├─ names")
        .contains("└─ → vpc-1 (not in the inventory)  VpcId")
        .contains("← ec2 instance i-1")
        .doesNotContain("\u001b");
    Ran missing = run("relations", "i-none");
    assertThat(missing.code()).isEqualTo(ExitCode.FAILED);
    assertThat(missing.err()).contains("i-none: no current resource has this id or ARN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"diff", "waste", "tags"})
  void writesPagesInWhichNothingOfAwsIsMarkup(String command) {
    Path file = directory.resolve("page.html");
    assertThat(run(command, "-f", "html", "-o", file.toString()).code()).isZero();
    assertThat(read(file))
        .startsWith("<!doctype html>")
        .contains("default-src 'none'")
        .doesNotContain("<img")
        .doesNotContain("\u001b");
  }

  @Test
  void settingsStandInForOptions() {
    Settings settings =
        new Settings(directory.resolve("config"), Map.of(), List.of())
            .with("db", db)
            .with("required_tags", "Owner,Team")
            .with("format", "json");
    assertThat(texts(Ran.of(settings, "tags").json().get("offenders"), "id")).hasSize(4);
    assertThat(Ran.of(settings, "tags", "-R", "Owner").json().get("offenders").size()).isEqualTo(3);
    assertThat(Ran.of(settings, "tags", "-f", "csv").out()).startsWith("account,");
    assertThat(Ran.of(settings, "report").json().get("resources").size()).isEqualTo(4);
    Settings wrong =
        new Settings(
            settings.file(),
            settings.values(),
            List.of("config, line 3: workers=0: expected 1 to 1024"));
    Ran stopped = Ran.of(wrong, "tags");
    assertThat(stopped.code()).isEqualTo(ExitCode.USAGE);
    assertThat(stopped.err())
        .contains("line 3: workers=0: expected 1 to 1024; see freeway config list");
    assertThat(Ran.of(wrong, "tags", "--help").code()).isZero();
  }

  @Test
  void whatIsWrittenIsItsOwnersAlone() throws IOException {
    Path file = directory.resolve("scans.json");
    assertThat(run("scans", "-f", "json", "-o", file.toString()).code()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(run("scans", "-o", "").err()).contains("-o: expected a file, or -");
    assertThat(run("scans", "-o", directory.resolve("no/such").toString()).err())
        .contains("no such file or directory");
    assertThat(run("scans", "-o", directory.toString()).err()).contains("Is a directory");
  }

  @Test
  void aLinkToAFileStaysALink() throws IOException {
    Path file = Files.writeString(directory.resolve("real.json"), "before");
    Path link = Files.createSymbolicLink(directory.resolve("link.json"), file);
    assertThat(run("report", "-f", "json", "-o", link.toString()).code()).isZero();
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(Files.readString(file)).startsWith("{");
  }

  @Test
  void whatThereIsNoneOfIsSaidAndNotFoundEmpty() {
    assertThat(run("diff", "-s", "ec3").err())
        .contains("-s ec3: no such service; did you mean ec2?");
    assertThat(run("tags", "-r", "Frankfurt").err()).contains("-r Frankfurt: expected a region");
    assertThat(run("waste", "-s", "nothing").code()).isEqualTo(ExitCode.FAILED);
    assertThat(run("diff", "-s", "eventbridge-pipes").code()).isZero();
    assertThat(run("query", "-n", "untagged-resources", "-a", "nobody").err())
        .contains("-a nobody: no scan of this account");
    assertThat(run("query", "-n", "untagged-resources", "-a", "prod", "-f", "json").json())
        .isNotEmpty();
    assertThat(run("query", "-l", "-n", "untagged-resources").code()).isEqualTo(ExitCode.USAGE);
  }
}
