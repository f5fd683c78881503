package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * moto as second opinion: an estate of over a hundred services is made in it, scanned, and held
 * against what was made and what boto3 lists. moto, boto3 and the estate come from {@code
 * benchmarks/inventory}, whose {@code install} fetches them once.
 */
@Tag("moto")
@Timeout(600)
class MotoTest {
  private static final Path INVENTORY = Path.of("../benchmarks/inventory");
  private static final List<String> REGIONS = List.of("us-east-1", "eu-west-1", "ap-southeast-2");

  /** A resource as the other side calls it. */
  private record Line(String service, String type, String region, List<String> names) {
    static Line of(String line) {
      List<String> words = new ArrayList<>();
      for (String word : line.split("\t", -1)) {
        words.add(JsonMapper.shared().readTree('"' + word + '"').asString());
      }
      return new Line(
          words.get(0),
          words.get(1),
          words.get(2),
          words.subList(3, words.size()).stream().filter(word -> !word.isEmpty()).toList());
    }

    String kind() {
      return service + " " + type;
    }
  }

  @TempDir private static Path directory;
  private static Process moto;
  private static String url = "";
  private static List<Line> made = List.of();
  private static List<Line> listed = List.of();
  private static List<StoredResource> found = List.of();
  private static List<LedgerEntry> ledger = List.of();

  @BeforeAll
  static void scan() throws IOException {
    String python = MotoServer.environment().resolve("bin/python").toString();
    ProcessBuilder server =
        new ProcessBuilder(
            python,
            INVENTORY.resolve("counted_moto.py").toString(),
            directory.resolve("log").toString());
    server.environment().put("MOTO_EC2_LOAD_DEFAULT_AMIS", "false");
    moto = server.redirectError(directory.resolve("moto.err").toFile()).start();
    BufferedReader says = moto.inputReader(StandardCharsets.UTF_8);
    url = String.valueOf(says.readLine());
    Path truth = directory.resolve("truth.tsv");
    run("seed", python, INVENTORY.resolve("seed.py").toString(), url, truth.toString(), "0.02");
    made = lines(Files.readString(truth));
    System.setProperty("aws.accessKeyId", "testing");
    System.setProperty("aws.secretAccessKey", "testing");
    Path database = directory.resolve("inventory.db");
    List<String> scan = new ArrayList<>(List.of("scan", "--endpoint-url", url, "-q"));
    scan.addAll(List.of("--db", database.toString(), "-w", "16", "--include-global"));
    scan.addAll(List.of("-r", String.join(",", REGIONS)));
    Ran ran = Ran.of(scan.toArray(new String[0]));
    assertThat(ran.code()).as(ran.err()).isEqualTo(ExitCode.PARTIAL);
    Store store = Store.open(new StoreAddress.Sqlite(database));
    try (Stream<StoredResource> all = store.resources(ResourceFilter.CURRENT)) {
      found = all.toList();
    }
    ledger = store.ledger(store.scans().getFirst().id());
    List<String> list = new ArrayList<>(List.of(python, INVENTORY.resolve("list.py").toString()));
    list.add(url);
    list.addAll(REGIONS);
    listed = lines(run("list", list.toArray(new String[0])));
  }

  @AfterAll
  static void stop() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    if (moto != null) {
      moto.destroy();
    }
  }

  @Test
  void whatWasMadeIsThereOrNamed() {
    assertThat(made.stream().map(Line::service).distinct()).hasSizeGreaterThan(100);
    Map<String, List<Line>> missing = missing(made);
    missing.keySet().removeAll(refused());
    assertThat(missing).isEmpty();
  }

  /** Types whose list was refused, or that of which a list is made, as the estate calls them. */
  private static Set<String> refused() {
    Set<String> calls =
        ledger.stream()
            .filter(entry -> entry.outcome().hides())
            .map(entry -> entry.service() + " " + entry.operation())
            .collect(Collectors.toSet());
    Set<String> refused = new HashSet<>();
    for (CatalogService service : Catalog.builtIn().services()) {
      Map<String, ResourceType> types =
          service.types().stream()
              .collect(Collectors.toMap(ResourceType::name, type -> type, (one, _) -> one));
      for (ResourceType type : service.types()) {
        Stream<ResourceType> lists =
            Stream.concat(
                Stream.of(type), type.parents().stream().map(types::get).filter(Objects::nonNull));
        if (lists.anyMatch(
            list ->
                calls.contains(
                    service.label()
                        + " "
                        + ServiceModel.of(list.sdk()).operation(list.operation()).awsName()))) {
          refused.add(type.service() + " " + type.name());
        }
      }
    }
    return refused;
  }

  /** Two of its lists moto refuses: it follows a boto3 that asks them by other paths. */
  @Test
  void ofSesWhatMotoListsIsThere() {
    assertThat(refused()).contains("sesv2 email-identity", "sesv2 configuration-set");
    assertThat(missing(made).keySet())
        .doesNotContain("sesv2 contact-list", "sesv2 dedicated-ip-pool");
    assertThat(made.stream().map(Line::kind))
        .contains("sesv2 contact-list", "sesv2 dedicated-ip-pool");
  }

  @Test
  void whatMotoListsIsThere() {
    assertThat(listed.stream().map(Line::kind).distinct()).hasSizeGreaterThan(90);
    assertThat(missing(listed)).isEmpty();
  }

  @Test
  void thereIsNoMoreThanMotoLists() {
    Map<String, Long> theirs = counts(listed.stream().map(Line::kind));
    Map<String, Long> ours =
        counts(
            found.stream()
                .map(one -> one.resource().scope().service() + " " + one.resource().scope().type())
                .filter(theirs::containsKey));
    assertThat(ours).isEqualTo(theirs);
  }

  @Test
  void everyRefusalIsNamed() throws IOException {
    Set<String> refused = new HashSet<>();
    for (String line : Files.readAllLines(directory.resolve("log"))) {
      String[] words = line.split(" ", -1);
      if (words[0].compareTo("500") >= 0 || words[1].equals("html")) {
        refused.add(words[3] + " " + words[4] + " " + words[5]);
      }
    }
    long named =
        ledger.stream()
            .filter(entry -> entry.outcome().hides())
            .mapToLong(LedgerEntry::calls)
            .sum();
    // The seeder and the lister were refused some, too.
    assertThat(named).isGreaterThan(refused.size() / 2);
    assertThat(ledger)
        .filteredOn(entry -> entry.outcome().hides())
        .allSatisfy(entry -> assertThat(entry.code() + entry.message()).isNotEmpty());
  }

  private static Map<String, List<Line>> missing(List<Line> expected) {
    // Types that are listed by themselves are called so, as scaling-policy-dynamodb is.
    Set<String> kinds = expected.stream().map(Line::kind).collect(Collectors.toSet());
    Set<String> there = new HashSet<>();
    for (StoredResource one : found) {
      String own = one.resource().scope().service() + " " + one.resource().scope().type();
      int end = own.length();
      while (end > 0 && !kinds.contains(own.substring(0, end))) {
        end = own.lastIndexOf('-', end - 1);
      }
      String kind = (end > 0 ? own.substring(0, end) : own) + " ";
      for (String name :
          List.of(one.resource().id(), one.resource().arn(), one.resource().name())) {
        for (String word : words(name)) {
          there.add(kind + one.resource().scope().region() + " " + word);
          there.add(kind + "global " + word);
        }
      }
    }
    Map<String, List<Line>> missing = new TreeMap<>();
    for (Line line : expected) {
      boolean seen =
          line.names.stream()
              .flatMap(name -> words(name).stream())
              .anyMatch(
                  name ->
                      there.contains(line.kind() + " " + line.region + " " + name)
                          || there.contains(line.kind() + " global " + name));
      if (!seen) {
        missing.computeIfAbsent(line.kind(), _ -> new ArrayList<>()).add(line);
      }
    }
    return missing;
  }

  /** A name whole, and what it ends with. */
  private static List<String> words(String name) {
    return List.of(
        name, name.substring(name.lastIndexOf('/') + 1), name.substring(name.lastIndexOf(':') + 1));
  }

  private static Map<String, Long> counts(Stream<String> kinds) {
    return kinds.collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
  }

  private static List<Line> lines(String text) {
    return text.lines().map(Line::of).toList();
  }

  private static String run(String name, String... command) throws IOException {
    Path out = directory.resolve(name + ".out");
    Path err = directory.resolve(name + ".err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      int code = process.waitFor();
      assertThat(code).as("%s: %s", List.of(command), Files.readString(err)).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return Files.readString(out);
  }
}
