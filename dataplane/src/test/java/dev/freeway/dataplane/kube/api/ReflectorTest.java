package dev.freeway.dataplane.kube.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReflectorTest {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** The objects are the words in their data. */
  private static final Resource<String> SERVICES =
      new Resource<>(
          "services",
          "/api/v1/services",
          "fieldSelector=spec.type%3DLoadBalancer",
          parser -> {
            JsonNode object = JSON.readTree(parser);
            String word = object.path("spec").path("word").asString("");
            if (word.equals("poison")) {
              throw new IOException("poison");
            }
            if (word.equals("bomb")) {
              throw new IllegalStateException("bomb");
            }
            JsonNode meta = object.path("metadata");
            return new Listed<>(
                meta.path("namespace").asString() + "/" + meta.path("name").asString(),
                meta.path("resourceVersion").asString(),
                word);
          });

  /** What is known by what was told. */
  private static final class Known implements Reflector.Listener<String> {
    private final Map<String, String> objects = new ConcurrentSkipListMap<>();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile boolean listed;

    @Override
    public void replaced(
        Resource<String> resource, Collection<Listed<String>> all, long receivedNanos) {
      objects.clear();
      all.forEach(one -> objects.put(one.key(), one.object()));
      told.add("replaced " + all.size());
      listed = true;
    }

    @Override
    public void changed(Listed<String> object, long receivedNanos) {
      objects.put(object.key(), object.object());
      told.add("changed " + object.object());
    }

    @Override
    public void deleted(Listed<String> object, long receivedNanos) {
      objects.remove(object.key());
      told.add("deleted " + object.key());
    }

    @Override
    public void failed(Resource<String> resource, ApiException failure) {
      told.add("failed " + failure.status() + " " + failure.getMessage());
    }

    @Override
    public void recovered(Resource<String> resource) {
      told.add("recovered");
    }

    private long count(String beginning) {
      return told.stream().filter(word -> word.startsWith(beginning)).count();
    }
  }

  @TempDir private Path directory;
  private FakeApiServer server;
  private ScheduledExecutorService loop;
  private ApiClient client;
  private final Known known = new Known();
  private final List<Throwable> defects = new CopyOnWriteArrayList<>();

  @BeforeEach
  void serve() throws IOException {
    server = new FakeApiServer();
    loop = Executors.newSingleThreadScheduledExecutor();
    Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
    client =
        ApiClient.open(
            Optional.of(kubeconfig),
            "test",
            work ->
                loop.execute(
                    () -> {
                      try {
                        work.run();
                      } catch (RuntimeException e) {
                        defects.add(e);
                      }
                    }),
            System::nanoTime);
  }

  @AfterEach
  void end() throws IOException {
    loop.shutdownNow();
    client.close();
    server.close();
  }

  private Reflector<String> follow() {
    return follow(Reflector.Patience.DEFAULT);
  }

  private Reflector<String> follow(Reflector.Patience patience) {
    Reflector<String> reflector =
        new Reflector<>(client, SERVICES, loop, System::nanoTime, new Random(7), patience, known);
    reflector.start();
    return reflector;
  }

  private void put(String name, String word) {
    server.put(
        """
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "%s"},
         "spec": {"type": "LoadBalancer", "word": "%s"}}"""
            .formatted(name, word));
  }

  private void await(BooleanSupplier condition) {
    Await.until(known.told::toString, condition);
  }

  private void awaitWord(String name, String word) {
    await(() -> word.equals(known.objects.get("shop/" + name)));
  }

  @Test
  void aListIsFollowedByWhatChanges() {
    put("web", "one");
    Reflector<String> reflector = follow();
    awaitWord("web", "one");
    put("web", "two");
    put("api", "three");
    awaitWord("api", "three");
    server.delete("services", "shop", "web");
    await(() -> !known.objects.containsKey("shop/web"));
    assertThat(known.told)
        .containsExactly("replaced 1", "changed two", "changed three", "deleted shop/web");
    assertThat(reflector.status().watching()).isTrue();
    assertThat(reflector.status().lists()).isEqualTo(1);
    assertThat(server.requests())
        .extracting(FakeApiServer.Request::verb)
        .containsExactly("watch"); // nothing is asked twice
  }

  @Test
  void whatLeavesTheSelectionIsDeleted() {
    put("web", "one");
    follow();
    awaitWord("web", "one");
    server.put(
        """
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "web"},
         "spec": {"type": "ClusterIP"}}""");
    await(() -> known.objects.isEmpty() && known.count("deleted") == 1);
  }

  @Test
  void aServerWithoutStreamedListsIsListedPageByPage() {
    server.streamedLists(false);
    for (int i = 0; i < 600; i++) {
      put("web-" + i, "word");
    }
    follow();
    await(() -> known.objects.size() == 600);
    assertThat(server.requests().stream().filter(request -> request.verb().equals("list")))
        .hasSize(3)
        .noneMatch(request -> request.query().contains("resourceVersion")); // out of no cache
    put("web-600", "later");
    awaitWord("web-600", "later");
  }

  @Test
  void afterACutItGoesOnFromWhereItWas() {
    put("web", "one");
    Reflector<String> reflector = follow();
    awaitWord("web", "one");
    for (int i = 0; i < 20; i++) {
      server.cut();
      put("web", "after cut " + i);
      awaitWord("web", "after cut " + i);
    }
    assertThat(reflector.status().lists()).isEqualTo(1);
    assertThat(known.count("replaced")).isEqualTo(1);
    assertThat(known.count("changed")).isEqualTo(20); // none twice
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 100, 150, 200, 250, 300, 500})
  void halfALineIsNoEvent(int bytes) {
    put("web", "one");
    follow();
    awaitWord("web", "one");
    server.cutAfter(bytes);
    server.cut();
    for (int i = 0; i < 3; i++) {
      put("web-" + i, "word " + i);
    }
    await(() -> server.requests().size() > 2);
    server.cutAfter(Long.MAX_VALUE);
    for (int i = 0; i < 3; i++) {
      awaitWord("web-" + i, "word " + i);
    }
    assertThat(known.objects).hasSize(4);
    assertThat(known.count("changed")).isEqualTo(3);
    assertThat(defects).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHistoryThatIsGoneIsListedAnew(boolean byStatus) throws IOException {
    put("web", "one");
    put("old", "one");
    follow();
    await(() -> known.objects.size() == 2);
    server.goneByStatus(byStatus);
    server.refuse();
    put("web", "two");
    server.delete("services", "shop", "old");
    server.compact();
    server.reopen();
    await(() -> known.objects.equals(Map.of("shop/web", "two")));
    assertThat(known.count("replaced")).isEqualTo(2);
    assertThat(known.told).anyMatch(word -> word.startsWith("failed 410"));
  }

  @Test
  void aBookmarkIsWhereItGoesOn() {
    put("web", "one");
    follow();
    awaitWord("web", "one");
    for (int i = 0; i < 3; i++) {
      server.put(
          """
          {"kind": "Node", "metadata": {"name": "node-%d"}}"""
              .formatted(i));
    }
    server.bookmark();
    server.put(
        "{\"kind\": \"Service\", \"metadata\": {\"namespace\": \"shop\", \"name\": \"mark\"},"
            + " \"spec\": {\"type\": \"LoadBalancer\", \"word\": \"mark\"}}");
    awaitWord("mark", "mark"); // the bookmark came before it
    server.delete("services", "shop", "mark");
    await(() -> known.count("deleted") == 1);
    server.bookmark();
    server.compact(); // only who took the bookmark in can go on
    put("web", "two");
    awaitWord("web", "two");
    server.cut();
    put("web", "three");
    awaitWord("web", "three");
    assertThat(known.count("replaced")).isEqualTo(1);
  }

  @Test
  void aConnectionThatDiedWithoutAWordIsCut() {
    put("web", "one");
    Reflector<String> reflector =
        follow(
            new Reflector.Patience(
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(200)));
    awaitWord("web", "one");
    server.silence(true);
    put("web", "two");
    await(() -> known.told.stream().anyMatch(word -> word.contains("connection is dead")));
    await(() -> !reflector.status().watching()); // said a moment later
    server.silence(false);
    awaitWord("web", "two");
    assertThat(known.count("recovered")).isEqualTo(1);
  }

  @Test
  void aWatchThatLivedAsLongAsWasAskedIsNoFailure() {
    put("web", "one");
    Reflector<String> reflector =
        follow(
            new Reflector.Patience(
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(5)));
    awaitWord("web", "one");
    await(() -> reflector.status().watches() == 3);
    assertThat(reflector.status().cuts()).isZero();
    assertThat(known.told).containsExactly("replaced 1");
  }

  @Test
  void aRefusalIsToldInTheServersWordsAndAskedAgain() {
    put("web", "one");
    server.answer(403, 3);
    follow();
    awaitWord("web", "one");
    assertThat(known.count("failed 403")).isEqualTo(3);
    assertThat(known.told.getFirst())
        .contains("GET /api/v1/services")
        .contains("ordered by the test");
    assertThat(known.count("recovered")).isEqualTo(1);
  }

  @Test
  void nobodyListensUntilSomebodyDoes() throws IOException {
    server.refuse();
    put("web", "one");
    follow();
    await(() -> known.count("failed 0") >= 3);
    assertThat(known.told.stream().filter(word -> word.startsWith("failed 0")).distinct())
        .as("the same failure looks the same each time, and is told to people once")
        .hasSizeLessThanOrEqualTo(2) // of the watch, and of what follows it
        .noneMatch(word -> word.contains("?") || word.contains("Exception"));
    server.reopen();
    awaitWord("web", "one");
  }

  @Test
  void anObjectThatCannotBeReadIsAskedForAgainWithoutHaste() {
    follow();
    await(() -> known.listed);
    put("web", "poison");
    await(() -> known.count("failed") >= 3);
    int requests = server.requests().size();
    assertThat(known.told).anyMatch(word -> word.endsWith("cannot be understood: poison"));
    put("web", "mended");
    awaitWord("web", "mended");
    assertThat(requests).isLessThan(8);
  }

  @Test
  void aDefectLosesNothing() {
    put("api", "one");
    follow();
    awaitWord("api", "one");
    put("web", "bomb");
    await(() -> !defects.isEmpty());
    put("web", "mended");
    awaitWord("web", "mended");
    assertThat(new TreeMap<>(known.objects)).containsOnlyKeys("shop/api", "shop/web");
  }

  @Test
  void toldToItListsAnew() throws Exception {
    put("web", "one");
    Reflector<String> reflector = follow();
    awaitWord("web", "one");
    loop.submit(reflector::relist).get();
    await(() -> known.count("replaced") == 2);
    put("web", "two");
    awaitWord("web", "two");
    assertThat(known.count("failed")).isZero();
  }
}
