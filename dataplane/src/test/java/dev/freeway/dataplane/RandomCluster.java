package dev.freeway.dataplane;

import dev.freeway.dataplane.kube.api.FakeApiServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A cluster to which random things happen, and its connection too; it knows what is true of each
 * Service, by rules of its own.
 */
final class RandomCluster {
  private record Backend(int last, String node, boolean ready, boolean serving, boolean leaving) {
    private String json() {
      return """
          {"addresses": ["10.1.0.%d"], "nodeName": "%s",
           "conditions": {"ready": %b, "serving": %b, "terminating": %b}}"""
          .formatted(last, node, ready, serving, leaving);
    }
  }

  private final FakeApiServer api;
  private final SplittableRandom random;
  private final TreeSet<String> services = new TreeSet<>();
  private final Map<String, Map<String, List<Backend>>> slices = new TreeMap<>(); // by service
  private final Map<String, Boolean> nodes = new TreeMap<>(); // whether it is lost
  private final List<String> story = new ArrayList<>();
  private boolean down;

  RandomCluster(FakeApiServer api, long seed) {
    this.api = api;
    this.random = new SplittableRandom(seed);
  }

  String story() {
    return String.join("\n", story);
  }

  void begin() {
    for (int i = 1; i <= 3; i++) {
      node("node-" + i, false);
    }
    for (int i = 0; i < 3; i++) {
      service("web-" + i);
      slice("web-" + i, "s0");
    }
  }

  void step() throws IOException {
    String name = "web-" + random.nextInt(5);
    switch (random.nextInt(20)) {
      case 0 -> service(name);
      case 1 -> {
        if (services.remove(name)) {
          api.delete("services", "shop", name);
          story.add("delete " + name);
        }
      }
      case 2 -> {
        String slice = "s" + random.nextInt(3);
        if (slices.computeIfAbsent(name, _ -> new TreeMap<>()).remove(slice) != null) {
          api.delete("endpointslices", "shop", name + "-" + slice);
          story.add("delete slice " + name + "-" + slice);
        }
      }
      case 3 -> node("node-" + (1 + random.nextInt(3)), random.nextBoolean());
      case 4 -> order("cut", api::cut);
      case 5 -> {
        int bytes = random.nextInt(2000);
        order("cut after " + bytes, () -> api.cutAfter(bytes));
      }
      case 6 -> order("compact", api::compact);
      case 7 -> order("bookmark", api::bookmark);
      case 8 -> {
        boolean on = random.nextBoolean();
        order("streamed lists " + on, () -> api.streamedLists(on));
      }
      case 9 -> order("answer 500", () -> api.answer(500, 1 + random.nextInt(3)));
      case 10 -> {
        boolean on = random.nextBoolean();
        order("silence " + on, () -> api.silence(on));
      }
      case 11 -> {
        boolean byStatus = random.nextBoolean();
        order("gone by status " + byStatus, () -> api.goneByStatus(byStatus));
      }
      case 12 -> {
        if (down) {
          api.reopen();
        } else {
          api.refuse();
        }
        down = !down;
        story.add(down ? "refuse" : "reopen");
      }
      default -> slice(name, "s" + random.nextInt(3));
    }
  }

  private void order(String what, Runnable fault) {
    fault.run();
    story.add(what);
  }

  /** From now on the connection is well. */
  void calm() throws IOException {
    if (down) {
      api.reopen();
      down = false;
    }
    api.silence(false);
    api.answer(500, 0);
    api.cutAfter(Long.MAX_VALUE);
    story.add("calm");
  }

  private void service(String name) {
    services.add(name);
    api.put(
        """
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "%s"},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                  "ipFamilies": ["IPv4"], "ports": [{"port": 80}]},
         "status": %s}"""
            .formatted(name, api.status("services", "shop", name)));
    story.add("service " + name);
  }

  private void slice(String service, String slice) {
    List<Backend> backends = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      boolean leaving = random.nextInt(3) == 0;
      boolean serving = random.nextInt(4) > 0;
      backends.add(
          new Backend(
              1 + random.nextInt(12),
              "node-" + (1 + random.nextInt(3)),
              serving && !leaving,
              serving,
              leaving));
    }
    slices.computeIfAbsent(service, _ -> new TreeMap<>()).put(slice, backends);
    api.put(
        """
        {"kind": "EndpointSlice",
         "metadata": {"namespace": "shop", "name": "%s",
                      "labels": {"kubernetes.io/service-name": "%s"}},
         "addressType": "IPv4", "ports": [{"port": 80}], "endpoints": [%s]}"""
            .formatted(
                service + "-" + slice,
                service,
                backends.stream().map(Backend::json).collect(Collectors.joining(", "))));
    story.add("slice " + service + "-" + slice + " " + backends);
  }

  private void node(String name, boolean lost) {
    nodes.put(name, lost);
    api.put(
        """
        {"kind": "Node", "metadata": {"name": "%s"},
         "status": {"conditions": [{"type": "Ready", "status": "%s"}]}}"""
            .formatted(name, lost ? "Unknown" : "True"));
    story.add(name + (lost ? " lost" : " found"));
  }

  /** The endpoints that are to get new connections, of each Service. */
  Map<String, String> truth() {
    Map<String, String> truth = new TreeMap<>();
    for (String name : services) {
      List<Backend> all =
          slices.getOrDefault(name, Map.of()).values().stream().flatMap(List::stream).toList();
      boolean anyAlive = all.stream().anyMatch(one -> !lost(one));
      List<Backend> there = all.stream().filter(one -> !anyAlive || !lost(one)).toList();
      TreeSet<Integer> ready = new TreeSet<>();
      TreeSet<Integer> serving = new TreeSet<>();
      for (Backend one : there) {
        if (one.ready) {
          ready.add(one.last);
        } else if (one.serving && one.leaving) {
          serving.add(one.last);
        }
      }
      truth.put(
          name,
          (ready.isEmpty() ? serving : ready)
              .stream()
                  .map(String::valueOf)
                  .sorted(RandomCluster::byNumber)
                  .collect(Collectors.joining(" ")));
    }
    return truth;
  }

  private boolean lost(Backend backend) {
    return nodes.getOrDefault(backend.node, true);
  }

  private static int byNumber(String one, String other) {
    return Integer.compare(Integer.parseInt(one), Integer.parseInt(other));
  }
}
