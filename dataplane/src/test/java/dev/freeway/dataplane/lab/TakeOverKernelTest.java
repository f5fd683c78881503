package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.kube.api.FakeApiServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two routers as processes, each on a machine of its own, in a cluster whose API server is on their
 * segment: killed, cut off, and without the API server, under a client that connects all the time.
 */
@Tag("kernel")
@Tag("campaign")
@Timeout(900)
@ExtendWith(SharedSegment.class)
class TakeOverKernelTest {
  private static final String API = "10.1.0.254";
  private static final Duration LEASE = Duration.ofSeconds(15);

  /** A JVM's start, and whatever else takes ten times as long where the processor is emulated. */
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private static Neighbourhood all;

  @TempDir private Path directory;
  private final Map<String, Process> processes = new HashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private FakeApiServer api;

  @BeforeAll
  static void open(Segment shared) throws Exception {
    all = Neighbourhood.open(shared);
    shared.guest().shell("ip addr add " + API + "/24 dev br-lan");
  }

  @AfterAll
  static void close() throws Exception {
    all.segment().guest().shell("ip addr del " + API + "/24 dev br-lan");
    all.close();
  }

  @AfterEach
  void end() throws Exception {
    for (Process process : processes.values()) {
      process.destroyForcibly();
      process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    api.close();
    threads.shutdownNow();
  }

  @BeforeEach
  void serve() throws Exception {
    api = all.segment().guest().call(() -> new FakeApiServer(InetAddress.ofLiteral(API)));
    Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
    for (Family family : Family.values()) {
      String name = "web" + family.bits();
      String type = family == Family.IPV4 ? "IPv4" : "IPv6";
      api.put(
          """
          {"kind": "Service",
           "metadata": {"namespace": "shop", "name": "%s", "uid": "uid-%s",
                        "annotations": {"freeway.dev/forwarding": "direct"}},
           "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                    "ipFamilies": ["%s"], "ports": [{"port": %d}]},
           "status": {}}"""
              .formatted(name, name, type, Neighbourhood.PORT));
      api.put(
          """
          {"kind": "EndpointSlice",
           "metadata": {"namespace": "shop", "name": "%s-1",
                        "labels": {"kubernetes.io/service-name": "%s"}},
           "addressType": "%s", "ports": [{"port": %d}], "endpoints": [%s]}"""
              .formatted(
                  name,
                  name,
                  type,
                  Neighbourhood.PORT,
                  Segment.BACKENDS.stream()
                      .map(one -> "{\"addresses\": [\"" + Segment.address(one, family) + "\"]}")
                      .collect(Collectors.joining(", "))));
    }
  }

  private void start(String router) throws Exception {
    processes.put(
        router,
        all.machine(router)
            .call(
                () ->
                    new ProcessBuilder(
                            "deploy/ipvs-router",
                            "run",
                            "--announce",
                            "l2",
                            "--kubeconfig",
                            directory.resolve("kubeconfig").toString(),
                            "--node",
                            router,
                            "--addresses",
                            Neighbourhood.VIP4 + "," + Neighbourhood.VIP6,
                            "--state-dir",
                            directory.resolve(router).toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(router).toFile()))
                        .start()));
  }

  private void kill(String router) throws Exception {
    Process process = Objects.requireNonNull(processes.get(router));
    process.destroyForcibly(); // SIGKILL; the launcher has become the program
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private Path log(String router) {
    return directory.resolve(router + ".log");
  }

  private String logs() {
    StringBuilder text = new StringBuilder();
    for (String router : Neighbourhood.ROUTERS) {
      try {
        text.append(router).append(":\n").append(Files.readString(log(router)));
      } catch (IOException e) {
        text.append(e);
      }
    }
    return text.toString();
  }

  private void until(String what, Callable<Boolean> condition) {
    Await.until(
        LIMIT,
        () -> what + "\n" + logs(),
        () -> {
          try {
            return condition.call();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static boolean holds(String router, IpAddress address) throws Exception {
    return all.machine(router)
        .shell("ip -o addr show dev eth0")
        .contains(" " + address + "/" + address.family().bits());
  }

  private static boolean only(String router, IpAddress address) throws Exception {
    return holds(router, address) && !holds(other(router), address);
  }

  private static String other(String router) {
    return router.equals("lb") ? "lb2" : "lb";
  }

  /** A client that has forgotten who answers asks, and one router says so. */
  private static void assertAnsweredBy(String router, IpAddress address) throws Exception {
    all.forget(address);
    all.answered(address.family());
    try (Client.Connection one =
        new Client(all.machine("c"))
            .open(
                Protocol.TCP, new InetSocketAddress(address.toInetAddress(), Neighbourhood.PORT), 1)
            .getFirst()) {
      one.ask();
    }
    assertThat(all.believed(address)).isEqualTo(Neighbourhood.hardware(router));
    assertThat(all.answered(address.family())).containsExactly(router);
  }

  /** New connections one after another, and those that failed. */
  private final class Stream {
    private final AtomicBoolean end = new AtomicBoolean();
    private final AtomicInteger opened = new AtomicInteger();
    private final CompletableFuture<List<String>> failures;

    Stream(IpAddress address) throws Exception {
      Machine machine = Machine.named("c");
      Client client = new Client(machine);
      failures =
          CompletableFuture.supplyAsync(
              () -> {
                List<String> failed = new ArrayList<>();
                while (!end.get()) {
                  try (Client.Connection one =
                      client
                          .open(
                              Protocol.TCP,
                              new InetSocketAddress(address.toInetAddress(), Neighbourhood.PORT),
                              1)
                          .getFirst()) {
                    one.ask();
                    opened.incrementAndGet();
                  } catch (Exception e) {
                    failed.add(e.toString());
                  }
                }
                machine.close();
                return failed;
              },
              threads);
    }

    void assertNoneFailed(String what, TestReporter reporter) throws Exception {
      end.set(true);
      List<String> failed = failures.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      reporter.publishEntry(what, opened.get() + " connections, " + failed.size() + " failed");
      assertThat(failed).as(what).isEmpty();
      assertThat(opened.get()).isPositive();
    }
  }

  @Test
  void oneAnswersThroughKillsCutsAndWithoutTheApiServer(TestReporter reporter) throws Exception {
    Neighbourhood.ROUTERS.forEach(
        router -> {
          try {
            start(router);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    IpAddress vip = Neighbourhood.VIP4;
    until(
        "each address has one router",
        () -> {
          for (Family family : Family.values()) {
            if (holds("lb", Neighbourhood.vip(family)) == holds("lb2", Neighbourhood.vip(family))) {
              return false;
            }
          }
          return true;
        });
    until(
        "both are candidates",
        () ->
            Neighbourhood.ROUTERS.stream()
                .allMatch(
                    router ->
                        api.get("leases", "freeway", "ipvs-router-" + router)
                            .map(lease -> lease.toString().contains("10.1.0.0/24@"))
                            .orElse(false)));
    String one = stable(vip);
    String six = holds("lb", Neighbourhood.VIP6) ? "lb" : "lb2";
    assertAnsweredBy(one, vip);
    assertAnsweredBy(six, Neighbourhood.VIP6);

    Stream kill = new Stream(vip);
    long killed = System.nanoTime();
    kill(one);
    assertThat(holds(one, vip)).as("the kernel answers on").isTrue();
    until(
        "the other takes over", () -> all.believed(vip).equals(Neighbourhood.hardware(other(one))));
    Duration taken = Duration.ofNanos(System.nanoTime() - killed);
    until("the kernel lets go", () -> !holds(one, vip));
    reporter.publishEntry(
        "killed",
        "another answers after "
            + taken.toMillis()
            + " ms, the dead one's kernel no more after "
            + Duration.ofNanos(System.nanoTime() - killed).toMillis()
            + " ms");
    kill.assertNoneFailed("while a router was killed", reporter);
    assertThat(taken).isBetween(LEASE.minusSeconds(6), LEASE.plusSeconds(10));
    assertAnsweredBy(other(one), vip);

    start(one);
    until("it gets its own back", () -> only(one, vip));
    until("the neighbour is told", () -> all.believed(vip).equals(Neighbourhood.hardware(one)));
    assertAnsweredBy(one, vip);

    Stream cut = new Stream(vip);
    long alone = System.nanoTime();
    all.machine(one)
        .shell(
            "nft add table ip cut; nft add chain ip cut out '{ type filter hook output priority 0; }';"
                + " nft add rule ip cut out ip daddr "
                + API
                + " drop");
    until("it yields to the one that took over", () -> only(other(one), vip));
    reporter.publishEntry(
        "cut off",
        "it yielded after " + Duration.ofNanos(System.nanoTime() - alone).toMillis() + " ms");
    cut.assertNoneFailed("while a router was cut off", reporter);
    assertAnsweredBy(other(one), vip);
    assertThat(Files.readString(log(one)))
        .as("heard by itself, or its own Lease was over first")
        .containsAnyOf(
            "another router answers for it, and the API server is not heard",
            other(one) + " is elected of " + other(one));
    all.machine(one).shell("nft delete table ip cut");
    until("it gets its own back", () -> only(one, vip));

    until("all is as at first", () -> only(six, Neighbourhood.VIP6));
    all.segment()
        .guest()
        .call(
            () -> {
              api.refuse();
              return true;
            });
    long gone = System.nanoTime();
    until(
        "an outage longer than a Lease",
        () -> {
          assertThat(only(one, vip)).as(logs()).isTrue();
          assertThat(only(six, Neighbourhood.VIP6)).as(logs()).isTrue();
          return System.nanoTime() - gone > LEASE.multipliedBy(2).toNanos();
        });
    assertThat(all.machine(one).shell("ip -o addr show dev eth0 to " + vip))
        .as("it would not run out with the process")
        .contains("valid_lft forever");
    assertAnsweredBy(one, vip);
    assertAnsweredBy(six, Neighbourhood.VIP6);
  }

  /** The address's router once both are candidates and nothing moves any more. */
  private String stable(IpAddress vip) throws Exception {
    String[] last = {""};
    long[] since = {System.nanoTime()};
    until(
        "nothing moves any more",
        () -> {
          String now =
              only("lb", vip) && holdsOne(Neighbourhood.VIP6)
                  ? "lb"
                  : only("lb2", vip) && holdsOne(Neighbourhood.VIP6) ? "lb2" : "";
          if (!now.equals(last[0])) {
            last[0] = now;
            since[0] = System.nanoTime();
          }
          return !now.isEmpty() && System.nanoTime() - since[0] > Duration.ofSeconds(8).toNanos();
        });
    return last[0];
  }

  private static boolean holdsOne(IpAddress address) throws Exception {
    return holds("lb", address) != holds("lb2", address);
  }
}
