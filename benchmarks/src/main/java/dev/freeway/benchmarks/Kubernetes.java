package dev.freeway.benchmarks;

import dev.freeway.dataplane.kube.api.ApiClient;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A router in a real cluster, on the model of the kernel: how long a change takes, how long it is
 * blind after its connections were cut, and what it needs. Fabric8's informer stands beside it,
 * behind the same cuts.
 *
 * <p>Arguments: kubeconfig, a directory to work in, the launcher, Services, endpoints of each,
 * changes, seconds of storm, cuts, cuts of the informer, endpoints of each at the end; and a
 * launcher of a router on a real kernel, which makes the same changes once more.
 */
final class Kubernetes {
  private static final String MERGE = "application/merge-patch+json";
  private static final String SLICES =
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
  private static final int AT_A_TIME = 16;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final ExecutorService loop = Executors.newSingleThreadExecutor();
  private final ApiClient api;
  private final Path directory;
  private final Path kubeconfig;
  private final String launcher;
  private final int services;
  private final int endpoints;
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<int[]> backends = new ArrayList<>(); // last numbers, by service

  private Kubernetes(String[] args) throws IOException {
    kubeconfig = Path.of(args[0]);
    directory = Path.of(args[1]);
    launcher = args[2];
    services = Integer.parseInt(args[3]);
    endpoints = Integer.parseInt(args[4]);
    api = ApiClient.open(Optional.of(kubeconfig), "benchmark", loop, System::nanoTime);
  }

  public static void main(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.OFF); // the informer tells of each cut
    Kubernetes kubernetes = new Kubernetes(args);
    try {
      kubernetes.measure(
          Integer.parseInt(args[5]),
          Integer.parseInt(args[6]),
          Integer.parseInt(args[7]),
          Integer.parseInt(args[8]),
          Integer.parseInt(args[9]));
      if (args.length > 10) {
        kubernetes.guest(args[10], Integer.parseInt(args[5]));
      }
    } finally {
      kubernetes.loop.shutdownNow();
    }
    System.exit(0); // the clients' threads
  }

  private void measure(int changes, int storm, int cuts, int informerCuts, int many)
      throws Exception {
    fill();
    int port = Integer.parseInt(api.server().substring(api.server().lastIndexOf(':') + 1));
    try (CuttingProxy proxy = new CuttingProxy(port)) {
      Path through = directory.resolve("through-proxy");
      Files.writeString(
          through, Files.readString(kubeconfig).replace(":" + port, ":" + proxy.port()));
      try (RouterProcess first = RouterProcess.start(launcher, through, directory)) {
        first.awaitDestinations(services * endpoints); // it gives out the addresses
      }
      long start = System.nanoTime();
      try (RouterProcess router = RouterProcess.start(launcher, through, directory)) {
        router.awaitDestinations(services * endpoints);
        Samples.add("kubernetes.start.seconds", (System.nanoTime() - start) / 1e9);
        changes(router, changes, "", 0);
        Samples.add("kubernetes.rss.10000", router.residentMebibytes());
        try (WaitProbe waits = WaitProbe.start()) {
          changes(router, changes, "kubernetes.", PAUSE.toNanos());
          percentiles("kubernetes.wait", waits.millis());
        }
        storm(router, storm);
        cuts(router, proxy, cuts);
        Samples.add("kubernetes.lost", lost(router));
        if (many > endpoints) {
          grow(many);
          router.awaitDestinations(services * many);
          Samples.add("kubernetes.rss.100000", router.residentMebibytes());
          for (int i = 0; i < services; i++) {
            patch(i, first(endpoints, i)).get();
          }
        }
      }
      informer(through, proxy, informerCuts);
    }
  }

  private void guest(String launcherOfGuest, int changes)
      throws IOException, InterruptedException, ExecutionException {
    try (RouterProcess router =
        RouterProcess.start(launcherOfGuest, kubeconfig, directory.resolve("guest"))) {
      router.awaitProgrammed();
      changes(router, Math.max(20, changes / 5), "", 0);
      changes(router, changes, "kubernetes.guest.", PAUSE.toNanos());
    }
  }

  private static int[] first(int count, int service) {
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = service * 256 + i;
    }
    return numbers;
  }

  /** Services and their slices, many at a time. */
  private void fill() throws InterruptedException, ExecutionException {
    Semaphore free = new Semaphore(AT_A_TIME);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < services; i++) {
      backends.add(first(endpoints, i));
      free.acquire(2);
      all.add(
          send("POST", "/api/v1/namespaces/default/services", "application/json", service(i))
              .whenComplete((_, _) -> free.release()));
      all.add(
          send("POST", SLICES, "application/json", slice(i))
              .whenComplete((_, _) -> free.release()));
    }
    for (CompletableFuture<?> one : all) {
      one.get();
    }
  }

  private CompletableFuture<ApiClient.Answer> send(
      String method, String path, String type, String body) {
    return api.send(method, path, type, body)
        .thenApply(
            answer -> {
              if (!answer.ok()) {
                throw new IllegalStateException(method + " " + path + ": " + answer);
              }
              return answer;
            });
  }

  private static String service(int number) {
    return """
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s%d"},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                  "allocateLoadBalancerNodePorts": false, "ports": [{"port": 80}]}}"""
        .formatted(number);
  }

  private String slice(int number) {
    return """
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
         "metadata": {"name": "s%d", "labels": {"kubernetes.io/service-name": "s%d"}},
         "addressType": "IPv4", "ports": [{"port": 80}], "endpoints": %s}"""
        .formatted(number, number, json(backends.get(number)));
  }

  private static String json(int[] numbers) {
    StringBuilder text = new StringBuilder("[");
    for (int number : numbers) {
      text.append(text.length() == 1 ? "" : ", ")
          .append("{\"addresses\": [\"")
          .append(address(number))
          .append(
              "\"], \"conditions\": {\"ready\": true, \"serving\": true, \"terminating\": false},"
                  + " \"nodeName\": \"node-1\", \"zone\": \"a\", \"targetRef\": {\"kind\":"
                  + " \"Pod\", \"namespace\": \"default\", \"name\": \"pod-")
          .append(number)
          .append("\"}}");
    }
    return text.append(']').toString();
  }

  private static String address(int number) {
    return "10." + (64 + (number >> 16)) + "." + (number >> 8 & 255) + "." + (number & 255);
  }

  private CompletableFuture<ApiClient.Answer> patch(int number, int[] numbers) {
    backends.set(number, numbers);
    return send("PATCH", SLICES + "/s" + number, MERGE, "{\"endpoints\": " + json(numbers) + "}");
  }

  /** One endpoint of a service is replaced by another. */
  private CompletableFuture<ApiClient.Answer> change() {
    int number = random.nextInt(services);
    int[] numbers = backends.get(number).clone();
    int at = random.nextInt(numbers.length);
    int next = number * 256 + 128 + random.nextInt(128);
    for (int other : numbers) {
      if (other == next) {
        return change();
      }
    }
    numbers[at] = next;
    return patch(number, numbers);
  }

  /**
   * One at a time.
   *
   * @param pause how long to wait at most before the next, in nanoseconds: the API server has
   *     things to do after an answer too
   */
  private void changes(RouterProcess router, int count, String prefix, long pause)
      throws InterruptedException, ExecutionException {
    List<Double> received = new ArrayList<>();
    List<Double> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      router.forget();
      long start = System.nanoTime();
      CompletableFuture<?> answer = change();
      received.add(router.next() * 1e3);
      sent.add((System.nanoTime() - start) / 1e6);
      answer.get();
      if (pause > 0) {
        LockSupport.parkNanos(random.nextLong(pause));
      }
    }
    if (!prefix.isEmpty()) {
      percentiles(prefix + "event", received);
      percentiles(prefix + "patch", sent);
    }
  }

  private static void percentiles(String metric, List<Double> values) {
    Collections.sort(values);
    Samples.add(metric + ".p50.ms", values.get(values.size() / 2));
    Samples.add(
        metric + ".p99.ms", values.get(Math.min(values.size() - 1, values.size() * 99 / 100)));
  }

  /** Five hundred changes of endpoints a second: a hundred patches of five. */
  private void storm(RouterProcess router, int seconds)
      throws InterruptedException, ExecutionException {
    router.forget();
    long start = System.nanoTime();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < seconds * 100; i++) {
      long due = start + TimeUnit.MILLISECONDS.toNanos(10L * i);
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      int number = random.nextInt(services);
      int[] numbers = backends.get(number).clone();
      for (int at = 0; at < Math.min(5, numbers.length); at++) {
        numbers[at] = number * 256 + 20 + at * 40 + (i % 40);
      }
      all.add(patch(number, numbers));
    }
    for (CompletableFuture<?> one : all) {
      one.get();
    }
    double took = (System.nanoTime() - start) / 1e9;
    router.settle();
    List<Double> millis = new ArrayList<>();
    router.drain().forEach(value -> millis.add(value * 1e3));
    percentiles("kubernetes.storm", millis);
    Samples.add("kubernetes.storm.rate", all.size() * 5 / took);
  }

  private void cuts(RouterProcess router, CuttingProxy proxy, int count)
      throws InterruptedException, ExecutionException {
    List<Double> blind = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LockSupport.parkNanos(random.nextLong(100_000_000)); // anywhere in what it does
      router.settle();
      router.forget();
      long start = System.nanoTime();
      proxy.cut();
      CompletableFuture<?> answer = change();
      var _ = router.next();
      blind.add((System.nanoTime() - start) / 1e6);
      answer.get();
    }
    percentiles("kubernetes.blind", blind);
  }

  /** Services whose destinations are not those that the API server holds. */
  private int lost(RouterProcess router) throws IOException, InterruptedException {
    router.settle();
    int wrong = services;
    for (int look = 0; look < 50 && wrong > 0; look++) { // the page shows the last audit
      wrong = wrong(router);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    return wrong;
  }

  private int wrong(RouterProcess router) throws IOException, InterruptedException {
    int wrong = 0;
    for (JsonNode service : router.state().path("services")) {
      TreeSet<String> held = new TreeSet<>();
      int number = -1;
      for (JsonNode destination : service.path("destinations")) {
        String address = destination.path("address").asString("");
        held.add(address);
        String[] parts = address.split("\\.", -1);
        number = (Integer.parseInt(parts[1]) - 64) * 256 + Integer.parseInt(parts[2]);
      }
      TreeSet<String> wanted = new TreeSet<>();
      if (number >= 0) {
        for (int one : backends.get(number)) {
          wanted.add(address(one));
        }
      }
      if (!held.equals(wanted)) {
        wrong++;
      }
    }
    return wrong;
  }

  private void grow(int many) throws InterruptedException, ExecutionException {
    Semaphore free = new Semaphore(4);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < services; i++) {
      free.acquire();
      all.add(patch(i, first(many, i)).whenComplete((_, _) -> free.release()));
    }
    for (CompletableFuture<?> one : all) {
      one.get();
    }
  }

  /** Fabric8's informer as it comes, with the same kind of cuts. */
  private void informer(Path through, CuttingProxy proxy, int count) throws Exception {
    AtomicReference<@Nullable CompletableFuture<Long>> waiting = new AtomicReference<>();
    ResourceEventHandler<EndpointSlice> handler =
        new ResourceEventHandler<>() {
          @Override
          public void onAdd(EndpointSlice slice) {}

          @Override
          public void onUpdate(EndpointSlice before, EndpointSlice after) {
            CompletableFuture<Long> told = waiting.getAndSet(null);
            if (told != null) {
              told.complete(System.nanoTime());
            }
          }

          @Override
          public void onDelete(EndpointSlice slice, boolean unknown) {}
        };
    List<Double> blind = new ArrayList<>();
    try (KubernetesClient client =
            new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(through.toFile()))
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
        SharedIndexInformer<EndpointSlice> informer =
            client.discovery().v1().endpointSlices().inNamespace("default").inform(handler)) {
      for (int i = 0; i < count; i++) {
        while (!informer.isWatching()) {
          LockSupport.parkNanos(1_000_000);
        }
        LockSupport.parkNanos(random.nextLong(100_000_000));
        CompletableFuture<Long> told = new CompletableFuture<>();
        waiting.set(told);
        long start = System.nanoTime();
        proxy.cut();
        CompletableFuture<?> answer = change();
        blind.add((told.get(1, TimeUnit.MINUTES) - start) / 1e6);
        answer.get();
      }
    }
    percentiles("kubernetes.informer", blind);
  }
}
