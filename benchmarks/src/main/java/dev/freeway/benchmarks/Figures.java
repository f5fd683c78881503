package dev.freeway.benchmarks;

import dev.freeway.benchmarks.Figure.Goal;
import java.util.ArrayList;
import java.util.List;

/** Everything that is measured, and what is asked of it. */
final class Figures {
  private static final Goal SHOWN = new Goal.Shown();

  private Figures() {}

  /** The figures of some parts, on some kernels. */
  static List<Figure> of(List<String> parts, List<String> kernels) {
    List<Figure> figures = new ArrayList<>();
    for (String kernel : kernels) {
      programming(kernel, figures);
    }
    packets(figures);
    core(figures);
    jmh(figures);
    start(figures);
    kubernetes(figures);
    rolling(figures);
    health(figures);
    relay(figures);
    demo(figures);
    inventory(figures);
    store(figures);
    figures.removeIf(figure -> !parts.contains(figure.part()));
    return figures;
  }

  private static void programming(String kernel, List<Figure> into) {
    String on = "Linux " + kernel + ": ";
    String many = on + "many services of 10, warm, kernel part, changes/s, against ";
    String one = on + "one new mh service, warm, kernel part, changes/s, against ";
    String own = kernel + ".fill.ours";
    String mh = kernel + ".mh.ours";
    into.add(
        figure(
            "programming",
            many + "C in the same batches",
            own,
            kernel + ".fill.floor",
            new Goal.Times(0.5),
            "the JVM's code for a request and its answer, on an emulated processor"));
    into.add(
        figure(
            "programming",
            many + "ipvsadm --restore",
            own,
            kernel + ".fill.ipvsadm",
            new Goal.Times(20),
            "the rate of ours; ipvsadm's differs between kernels"));
    into.add(
        shown("programming", on + "the same, with planning, changes/s", kernel + ".fill.whole"));
    into.add(
        shown(
            "programming",
            on + "cold apply of the same, whole command, s",
            kernel + ".cold.seconds"));
    into.add(
        figure(
            "programming",
            one + "one by one under mh",
            mh,
            kernel + ".mh.naive",
            new Goal.Times(10),
            "what a service costs besides its destinations: a dump, and two messages"));
    into.add(figure("programming", one + "the same in C", mh, kernel + ".mh.floor", SHOWN, ""));
  }

  private static void packets(List<Figure> into) {
    String connections = "new connections/s through direct return, against ";
    String bytes = "bytes/s through direct return, against ";
    String shared =
        "client, director and servers share two emulated processors, so that every hop, the"
            + " director's two included, is taken from the client's and the servers' time";
    into.add(
        figure(
            "packets",
            connections + "no balancer",
            "packets.connections.direct",
            "packets.connections.none",
            new Goal.Times(0.95),
            shared));
    into.add(
        figure(
            "packets",
            connections + "HAProxy in TCP mode",
            "packets.connections.direct",
            "packets.connections.haproxy",
            new Goal.Times(1.8),
            shared));
    into.add(
        figure(
            "packets",
            bytes + "no balancer",
            "packets.bytes.direct",
            "packets.bytes.none",
            new Goal.Times(0.95),
            shared));
    into.add(
        figure(
            "packets",
            bytes + "HAProxy in TCP mode",
            "packets.bytes.direct",
            "packets.bytes.haproxy",
            new Goal.Times(1.25),
            shared));
    into.add(
        figure(
            "packets",
            "new connections/s beside 500 services with source ranges, against without them",
            "packets.connections.ranges",
            "packets.connections.direct",
            new Goal.Times(0.95),
            shared));
    into.add(
        figure(
            "packets",
            "bytes/s beside 500 services with source ranges, against without them",
            "packets.bytes.ranges",
            "packets.bytes.direct",
            new Goal.Times(0.95),
            shared));
    into.add(
        figure(
            "packets",
            "failed connections through direct return",
            "packets.failed.direct",
            "",
            new Goal.AtMost(0),
            "see the guest's log"));
  }

  private static void core(List<Figure> into) {
    into.add(
        figure(
            "core",
            "one change at 100,000 destinations, ns, against 1,000",
            "core.change.100000",
            "core.change.1000",
            new Goal.TimesAtMost(5),
            "memory: a table of 100,000 is not in the processor's caches"));
    into.add(
        figure(
            "core",
            "one change at 10,000 destinations, ns, against 1,000",
            "core.change.10000",
            "core.change.1000",
            new Goal.TimesAtMost(5),
            "memory: a table of 10,000 is not in the nearest cache"));
    into.add(
        figure(
            "core",
            "audit that finds nothing at 100,000 destinations, in memory, s",
            "core.audit.100000",
            "",
            new Goal.AtMost(1),
            "a look at every destination"));
    into.add(shown("core", "diff of two states of 100,000 destinations, s", "core.diff.100000"));
    into.add(shown("core", "bytes of heap per destination at 100,000", "core.bytes.100000"));
    into.add(
        figure(
            "core",
            "bytes of heap per endpoint of a slice as the router keeps it, against Fabric8's objects",
            "core.endpoint.ours",
            "core.endpoint.objects",
            new Goal.TimesAtMost(0.5),
            "names of Pods, for messages"));
  }

  private static void jmh(List<Figure> into) {
    for (String what : List.of("encodeDestinations", "encodeServices")) {
      String metric = "jmh.CodecBenchmark." + what;
      into.add(shown("jmh", what + ", ns a message", metric + ".ns"));
      into.add(
          figure(
              "jmh",
              what + ", bytes allocated a message",
              metric + ".bytes",
              "",
              // JMH's own harness allocates a few hundred bytes an iteration.
              new Goal.AtMost(0.1),
              "an allocation that escape analysis does not remove"));
    }
    String decode = "jmh.CodecBenchmark.decodeDestinations";
    into.add(shown("jmh", "decodeDestinations, ns a message", decode + ".ns"));
    into.add(shown("jmh", "decodeDestinations, bytes allocated a message", decode + ".bytes"));
    String diff = "jmh.DiffBenchmark.diff";
    into.add(shown("jmh", "diff of 1,000 destinations, ns", diff + ".ns"));
    into.add(shown("jmh", "diff of 1,000 destinations, bytes allocated", diff + ".bytes"));
  }

  private static void start(List<Figure> into) {
    for (String verb : List.of("apply", "run")) {
      into.add(
          figure(
              "start",
              verb + " of 1,000 services of 10 on the modelled kernel, from start to programmed, s",
              "start." + verb + ".seconds",
              "",
              new Goal.AtMost(1),
              "reading 1.7 MB of YAML with code that the JVM has just begun to compile"));
      into.add(
          figure(
              "start",
              verb + "'s memory at most (VmHWM), the model included, MiB",
              "start." + verb + ".mebibytes",
              "",
              new Goal.AtMost(160),
              "the heap's bound"));
    }
  }

  private static void kubernetes(List<Figure> into) {
    String part = "kubernetes";
    String table = " with 1,000 Services of 10 endpoints, on the modelled kernel, ms";
    into.add(
        shown(
            part, "event received to kernel acknowledged, p50" + table, "kubernetes.event.p50.ms"));
    into.add(
        figure(
            part,
            "event received to kernel acknowledged, p99" + table,
            "kubernetes.event.p99.ms",
            "",
            new Goal.AtMost(3),
            "two processors for the API server, etcd, the measuring program and the router, the list"
                + " of services at each audit, and collections of garbage"));
    into.add(
        shown(
            part,
            "a sleeping thread's wait for a processor meanwhile, p99, ms",
            "kubernetes.wait.p99.ms"));
    into.add(
        shown(part, "PATCH sent to kernel acknowledged, p50" + table, "kubernetes.patch.p50.ms"));
    into.add(
        shown(part, "PATCH sent to kernel acknowledged, p99" + table, "kubernetes.patch.p99.ms"));
    into.add(
        figure(
            part,
            "storm of 500 endpoint changes/s: event received to kernel acknowledged, p99, ms",
            "kubernetes.storm.p99.ms",
            "",
            new Goal.AtMost(50),
            "two processors that the API server takes first"));
    into.add(
        shown(
            part,
            "endpoint changes/s of that storm that the API server took",
            "kubernetes.storm.rate"));
    into.add(
        figure(
            part,
            "cut of all connections to kernel acknowledged for a PATCH sent at once, p99, ms",
            "kubernetes.blind.p99.ms",
            "",
            new Goal.AtMost(100),
            "a new connection with TLS, and a watch, on two busy processors"));
    into.add(
        figure(
            part,
            "the same, p50, ms, against Fabric8's informer as it comes, without a kernel",
            "kubernetes.blind.p50.ms",
            "kubernetes.informer.p50.ms",
            new Goal.TimesAtMost(0.5),
            "the same"));
    into.add(
        figure(
            part,
            "Services with a lost change after all cuts",
            "kubernetes.lost",
            "",
            new Goal.AtMost(0),
            "a defect"));
    String guest = ", on Linux 6.1 in the lab, API server outside, ms";
    into.add(
        figure(
            part,
            "the same table: event received to kernel acknowledged, p50" + guest,
            "kubernetes.guest.event.p50.ms",
            "",
            new Goal.AtMost(10),
            "two emulated processors"));
    into.add(
        figure(
            part,
            "the same, p99, ms",
            "kubernetes.guest.event.p99.ms",
            "",
            new Goal.AtMost(40),
            "two emulated processors, of which the audit of the table takes one for a while"));
    into.add(
        figure(
            part,
            "PATCH sent to kernel acknowledged there, p99, ms",
            "kubernetes.guest.patch.p99.ms",
            "",
            new Goal.AtMost(100),
            "the same, and the API server on the same two real ones"));
    into.add(
        figure(
            part,
            "start to programmed at 10,000 endpoints, s",
            "kubernetes.start.seconds",
            "",
            new Goal.AtMost(10),
            "lists in JSON, read by code that the JVM has just begun to compile"));
    into.add(
        shown(
            part,
            "resident memory at 10,000 endpoints, the modelled kernel included, MiB",
            "kubernetes.rss.10000"));
    into.add(
        shown(
            part,
            "resident memory at 100,000 endpoints, the modelled kernel included, MiB",
            "kubernetes.rss.100000"));
  }

  /** Of the same name, but in a cluster of its own, which takes long. */
  private static void rolling(List<Figure> into) {
    String part = "rolling";
    String kept =
        " of 1,000 kept ones, while all Pods and then both routers are replaced, in the lab";
    into.add(
        figure(
            part,
            "connections that were reset" + kept + "; beside it: deleted at once",
            "rolling.reset",
            "rolling.contrast.reset",
            new Goal.AtMost(0),
            "a defect"));
    into.add(
        figure(
            part,
            "connections that were refused or got no answer" + kept,
            "rolling.refused",
            "",
            new Goal.AtMost(0),
            "a defect"));
    into.add(shown(part, "requests on those connections meanwhile", "rolling.requests"));
    into.add(
        figure(
            part,
            "new connections meanwhile, in NAT and out of tunnels, that failed",
            "rolling.new.failed",
            "",
            new Goal.AtMost(0),
            "a defect"));
  }

  private static void health(List<Figure> into) {
    String part = "health";
    String checks = "checks of 10,000 backends every second, half TCP, half HTTP: ";
    into.add(
        figure(
            part,
            checks + "processor seconds a second, beside HAProxy with one thread",
            "health.cpu",
            "health.haproxy.cpu",
            new Goal.AtMost(0.5),
            "a socket opened, connected and closed for each check, which the kernel takes most of the"
                + " time for"));
    into.add(
        figure(
            part,
            checks + "resident memory, MiB, beside HAProxy",
            "health.rss",
            "health.haproxy.rss",
            SHOWN,
            ""));
    into.add(
        figure(
            part,
            "connections/s that the backends saw meanwhile",
            "health.rate",
            "health.haproxy.rate",
            SHOWN,
            ""));
    into.add(shown(part, "a backend's death to its detection, p50, ms", "health.detection.ms"));
    into.add(
        figure(
            part,
            "the same, at most, ms; asked: interval x fall + time-out + 100 ms",
            "health.detection.max.ms",
            "",
            new Goal.AtMost(4100),
            "a processor that the backends, in a process beside it, share"));
    into.add(
        figure(
            part, "deaths that were missed", "health.missed", "", new Goal.AtMost(0), "a defect"));
    into.add(
        figure(
            part,
            "seconds in which checks were late for want of processor time or sockets",
            "health.hindered",
            "",
            new Goal.AtMost(0),
            "a processor that others take: the other figures then say little"));
    into.add(
        figure(
            part,
            "backends that were alive and held to be dead",
            "health.false",
            "",
            new Goal.AtMost(0),
            "a backend's process that did not answer for three seconds"));
  }

  private static void demo(List<Figure> into) {
    String part = "demo";
    String first = "first balanced answer of deploy/demo, ";
    into.add(
        figure(
            part,
            first + "nothing built and no Maven cache, s",
            "demo.cold.seconds",
            "",
            new Goal.AtMost(180),
            "the downloads"));
    into.add(
        figure(
            part,
            first + "built, s",
            "demo.warm.seconds",
            "",
            new Goal.AtMost(20),
            "the start of two JVMs"));
    into.add(shown(part, "requests while backends drain and return", "demo.warm.requests"));
    into.add(
        figure(
            part,
            "failed ones of them",
            "demo.warm.failed",
            "",
            new Goal.AtMost(0),
            "drains that end before what was begun has"));
  }

  private static void relay(List<Figure> into) {
    String part = "relay";
    String shared = "client, balancer and backend share the processors; see README.md";
    against(into, "bytes/s of large transfers", "bytes", new Goal.Times(1), shared);
    against(into, "new connections/s", "connections", new Goal.Times(0.8), shared);
    against(into, "requests/s on 64 kept connections", "requests", new Goal.Times(1), shared);
    String added = "latency added at 2,000 requests/s, ";
    for (String percentile : List.of("p50", "p99")) {
      String metric = "relay.added." + percentile + ".";
      String text = added + percentile + ", µs, against ";
      into.add(figure(part, text + "HAProxy", metric + "ours", metric + "haproxy", SHOWN, ""));
      into.add(figure(part, text + "nginx", metric + "ours", metric + "nginx", SHOWN, ""));
    }
    into.add(shown(part, "latency without a balancer then, p50, µs", "relay.p50.none"));
    into.add(shown(part, "latency without a balancer then, p99, µs", "relay.p99.none"));
    String datagrams = "UDP datagrams/s, there and back, against ";
    String ours = "relay.datagrams.ours";
    into.add(figure(part, datagrams + "nginx", ours, "relay.datagrams.nginx", SHOWN, ""));
    into.add(figure(part, datagrams + "no balancer", ours, "relay.datagrams.none", SHOWN, ""));
    String idle = "memory of an idle connection, of 10,000 or as many as descriptors allow, bytes";
    into.add(
        figure(
            part,
            idle + ", against HAProxy",
            "relay.idle.bytes.ours",
            "relay.idle.bytes.haproxy",
            new Goal.TimesAtMost(2),
            "the objects of two sockets each"));
    into.add(
        figure(
            part,
            idle + ", against nginx",
            "relay.idle.bytes.ours",
            "relay.idle.bytes.nginx",
            SHOWN,
            ""));
    into.add(
        figure(
            part,
            "resident memory with all of them, MiB, against HAProxy",
            "relay.idle.mebibytes.ours",
            "relay.idle.mebibytes.haproxy",
            SHOWN,
            ""));
    into.add(
        figure(
            part,
            "idle connections that failed",
            "relay.idle.failed.ours",
            "",
            new Goal.AtMost(0),
            "a defect"));
    into.add(
        figure(
            part,
            "connections and requests that failed",
            "relay.failed.ours",
            "",
            new Goal.AtMost(0),
            "a defect"));
  }

  /** Ours beside HAProxy, with a goal; beside nginx and beside no balancer, for what it is. */
  private static void against(
      List<Figure> into, String text, String metric, Goal goal, String limit) {
    String ours = "relay." + metric + ".ours";
    String peer = "relay." + metric + ".";
    into.add(figure("relay", text + ", against HAProxy", ours, peer + "haproxy", goal, limit));
    into.add(figure("relay", text + ", against nginx", ours, peer + "nginx", SHOWN, ""));
    into.add(figure("relay", text + ", against no balancer", ours, peer + "none", SHOWN, ""));
  }

  private static void inventory(List<Figure> into) {
    String made = "an estate in moto, three regions: ";
    String ours = "inventory.moto.ours.";
    String peer = "inventory.moto.peer.";
    into.add(shown("moto", made + "resources that were made", "inventory.moto.made"));
    into.add(
        figure(
            "moto",
            made + "requests, beside AWSMap",
            ours + "requests",
            peer + "requests",
            new Goal.AtMost(3000),
            "details that only a call for each resource has"));
    into.add(
        figure(
            "moto",
            made + "processor seconds of the client, beside AWSMap",
            ours + "processor",
            peer + "processor",
            new Goal.TimesAtMost(1.0 / 3),
            "the JVM's start and its first compiler, which a scan of seconds does not repay"));
    into.add(
        figure(
            "moto",
            made + "seconds, beside AWSMap",
            ours + "seconds",
            peer + "seconds",
            SHOWN,
            ""));
    into.add(
        figure(
            "moto",
            made + "not found of what was made, %, beside AWSMap",
            ours + "missed",
            peer + "missed",
            new Goal.AtMost(1),
            "what moto does not list"));
    into.add(
        figure(
            "moto",
            made + "refused requests that nothing names, beside AWSMap",
            ours + "unnamed",
            peer + "unnamed",
            new Goal.AtMost(0),
            ""));
    into.add(figure("moto", made + "rows, beside AWSMap", ours + "rows", peer + "rows", SHOWN, ""));
    into.add(
        figure(
            "moto",
            made + "memory at most (VmHWM), MiB, beside AWSMap",
            ours + "memory",
            peer + "memory",
            SHOWN,
            ""));
    String far = "AWS's pages, 50 ms, token buckets and TLS: ";
    String wall = "inventory.fake.ours.seconds";
    into.add(
        figure(
            "fake",
            far + "seconds, against AWSMap",
            wall,
            "inventory.fake.peer.seconds",
            new Goal.TimesAtMost(0.2),
            "the fullest bucket, which both have to wait for"));
    into.add(
        figure(
            "fake",
            far + "seconds, against the least that its buckets and its latency allow",
            wall,
            "inventory.fake.least.seconds",
            new Goal.TimesAtMost(1.5),
            "the processors, which both ends share"));
    into.add(
        figure(
            "fake",
            far + "requests, beside AWSMap",
            "inventory.fake.ours.requests",
            "inventory.fake.peer.requests",
            SHOWN,
            ""));
    into.add(
        figure(
            "fake",
            far + "throttled requests, beside AWSMap",
            "inventory.fake.ours.throttled",
            "inventory.fake.peer.throttled",
            SHOWN,
            ""));
    into.add(
        figure(
            "fake",
            far + "throttled calls that were lost",
            "inventory.fake.ours.lost",
            "",
            new Goal.AtMost(0),
            ""));
    into.add(
        figure(
            "fake",
            far + "new TLS connections, beside AWSMap",
            "inventory.fake.ours.handshakes",
            "inventory.fake.peer.handshakes",
            SHOWN,
            ""));
    String nothing = "17 empty regions, 50 ms away: ";
    for (List<String> one :
        List.of(
            List.of("requests", "requests"),
            List.of("seconds", "seconds"),
            List.of("processor seconds of the client", "processor"),
            List.of("new TLS connections", "handshakes"),
            List.of("memory at most (VmHWM), MiB", "memory"))) {
      into.add(
          figure(
              "empty",
              nothing + one.get(0) + ", beside AWSMap",
              "inventory.empty.ours." + one.get(1),
              "inventory.empty.peer." + one.get(1),
              SHOWN,
              ""));
    }
    into.add(
        figure(
            "help",
            "freeway --help, ms, beside awsmap --help",
            "inventory.help.ours.milliseconds",
            "inventory.help.peer.milliseconds",
            new Goal.AtMost(300),
            "the JVM's start, and the classes that the cache refuses"));
    into.add(
        figure(
            "ask",
            "to understand a question of the sample, ms",
            "inventory.ask.milliseconds",
            "",
            new Goal.AtMost(10),
            "the grammar"));
    into.add(
        figure(
            "ask",
            "to understand the slowest of the sample, ms",
            "inventory.ask.worst",
            "",
            new Goal.AtMost(10),
            "the grammar"));
    into.add(shown("ask", "until a new process can be asked, ms", "inventory.ask.construction"));
    into.add(shown("ask", "to understand a process's first question, ms", "inventory.ask.first"));
  }

  private static void store(List<Figure> into) {
    String many = "1,000,000 resources, 10 scans, 1 % changed in each: ";
    for (List<String> one :
        List.of(
            List.of("bytes", "bytes"),
            List.of("memory at most of who scans (VmHWM), MiB", "rss"),
            List.of("seconds of the first scan", "first"),
            List.of("seconds of a later scan", "scan"),
            List.of("seconds of a query by id", "by id"),
            List.of("seconds of a count by service and type", "by service"),
            List.of("seconds of a query into documents", "stopped"),
            List.of("seconds of a query by tag", "by tag"),
            List.of("seconds of a count without a tag", "without tag"),
            List.of("seconds of a search for a word", "words"),
            List.of("seconds of what names a resource", "relations"))) {
      into.add(
          figure(
              "store",
              many + one.get(0) + ", SQLite, beside PostgreSQL",
              "inventory.store.sqlite." + one.get(1),
              "inventory.store.postgresql." + one.get(1),
              SHOWN,
              ""));
    }
  }

  private static Figure figure(
      String part, String text, String ours, String peer, Goal goal, String limit) {
    return new Figure(part, text, ours, peer, goal, limit);
  }

  private static Figure shown(String part, String text, String metric) {
    return new Figure(part, text, metric, "", SHOWN, "");
  }
}
