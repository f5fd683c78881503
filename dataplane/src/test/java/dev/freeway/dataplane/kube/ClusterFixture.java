package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.kube.api.Listed;
import dev.freeway.dataplane.kube.api.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.json.JsonMapper;

/** A {@link Cluster}, told of objects in JSON, and the table that follows from its events. */
final class ClusterFixture {
  final Cluster cluster;
  final SortedMap<ServiceKey, DesiredService> table = new TreeMap<>();
  private long version = 100;

  ClusterFixture(String... pool) {
    this("node-1", new Desired(Collections.emptySortedMap()), pool);
  }

  ClusterFixture(String node, Desired before, String... pool) {
    List<Prefix> prefixes = new ArrayList<>();
    Arrays.stream(pool).forEach(text -> prefixes.addAll(Prefix.range(text)));
    cluster = new Cluster(new AddressPool(prefixes), node, before, translation -> translation);
  }

  static <T> Listed<T> read(Resource<T> resource, String json) {
    try (JsonParser parser = JsonMapper.shared().createParser(json)) {
      parser.nextToken();
      return resource.decoder().read(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A Service in JSON; {@code spec} and {@code meta} are more fields, each with a comma before. */
  String service(String name, String meta, String spec, String... addresses) {
    version++;
    String ingress =
        Arrays.stream(addresses)
            .map(ip -> "{\"ip\": \"" + ip + "\", \"ipMode\": \"Proxy\"}")
            .collect(Collectors.joining(", "));
    return """
        {"kind": "Service",
         "metadata": {"namespace": "shop", "name": "%s", "uid": "uid-%s", "resourceVersion": "%d",
                      "creationTimestamp": "2026-11-26T12:00:%02dZ"%s},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs"%s},
         "status": {"loadBalancer": {"ingress": [%s]}}}"""
        .formatted(
            name,
            name,
            version,
            version % 60,
            meta,
            spec.contains("\"ports\"") ? spec : spec + ", \"ports\": [{\"port\": 80}]",
            ingress);
  }

  /** A slice with port 80 and endpoints, each an address or an object in JSON. */
  String slice(String name, String service, String... endpoints) {
    return slice(name, service, "\"ports\": [{\"port\": 80}]", List.of(endpoints));
  }

  String slice(String name, String service, String ports, List<String> endpoints) {
    version++;
    String all =
        endpoints.stream()
            .map(text -> text.startsWith("{") ? text : "{\"addresses\": [\"" + text + "\"]}")
            .collect(Collectors.joining(", "));
    return """
        {"kind": "EndpointSlice",
         "metadata": {"namespace": "shop", "name": "%s", "resourceVersion": "%d",
                      "labels": {"kubernetes.io/service-name": "%s"}},
         "addressType": "%s", %s, "endpoints": [%s]}"""
        .formatted(name, version, service, all.contains("::") ? "IPv6" : "IPv4", ports, all);
  }

  static String node(String name, String zone, String ready) {
    return """
        {"kind": "Node",
         "metadata": {"name": "%s", "labels": {"topology.kubernetes.io/zone": "%s"}},
         "status": {"conditions": [{"type": "Ready", "status": "%s"}]}}"""
        .formatted(name, zone, ready);
  }

  /** Tells of objects as a watch does. */
  ClusterFixture told(String... objects) {
    for (String json : objects) {
      if (json.contains("\"kind\": \"Service\"")) {
        cluster.service(read(ClusterObjects.SERVICES, json));
      } else if (json.contains("\"kind\": \"EndpointSlice\"")) {
        cluster.slice(read(ClusterObjects.SLICES, json));
      } else {
        cluster.node(read(ClusterObjects.NODES, json).object());
      }
    }
    take(cluster.events(1));
    return this;
  }

  ClusterFixture serviceGone(String name) {
    cluster.serviceGone("shop/" + name);
    take(cluster.events(1));
    return this;
  }

  ClusterFixture sliceGone(String name) {
    cluster.sliceGone("shop/" + name);
    take(cluster.events(1));
    return this;
  }

  /** Takes events in as the writer's planner does. */
  void take(List<Event> events) {
    for (Event event : events) {
      switch (event) {
        case Event.DesiredReplaced all -> {
          table.clear();
          table.putAll(all.desired().services());
        }
        case Event.DesiredRecalled recalled -> table.putAll(recalled.desired().services());
        case Event.ServiceChanged one -> table.put(one.service().service().key(), one.service());
        case Event.ServiceRemoved one -> table.remove(one.service());
        case Event.RoutersChanged _, Event.HealthChanged _ ->
            throw new IllegalStateException(event.toString());
        case Event.EndpointsChanged some -> {
          DesiredService before = Objects.requireNonNull(table.get(some.service()));
          TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>(before.endpoints());
          some.present().forEach(one -> endpoints.put(one.destination().key(), one));
          some.gone().forEach(endpoints::remove);
          table.put(some.service(), before.with(endpoints).awaiting(some.awaited()));
        }
      }
    }
  }

  /** The table in words: {@code 10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80(TERMINATING)}. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    for (Map.Entry<ServiceKey, DesiredService> one : table.entrySet()) {
      words.add(
          one.getKey().address().withPort(one.getKey().port())
              + " -> "
              + one.getValue().endpoints().values().stream()
                  .map(ClusterFixture::word)
                  .collect(Collectors.joining(" ")));
    }
    return words;
  }

  private static String word(Endpoint endpoint) {
    DestinationKey key = endpoint.destination().key();
    return key.address().withPort(key.port())
        + (endpoint.condition() == Endpoint.Condition.READY
            ? ""
            : "(" + endpoint.condition() + ")");
  }

  Cluster.Standing standing(String name) {
    return cluster.standing("shop/" + name).orElseThrow();
  }

  List<String> errors(String name) {
    return standing(name).errors().stream().map(ServiceEvents::sentence).toList();
  }

  String addresses(String name) {
    return standing(name).addresses().stream()
        .map(Object::toString)
        .collect(Collectors.joining(","));
  }
}
