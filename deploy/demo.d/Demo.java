import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The demo on loopback: three backends, a load, and {@code ipvs-router run} between them. Run by
 * deploy/demo as a single source file.
 *
 * <p>Arguments: the launcher of ipvs-router, a directory for what it writes, when the demo was
 * started in microseconds, and {@code --story} to play the commands in a terminal too, or a number
 * of requests during which backends leave and return.
 */
final class Demo {
  private static final int BACKENDS = 3;
  private static final int CLIENTS = 8;
  private static final int PAGE = 10777;
  private static final long SLOW_MILLIS = 2000;

  /** What a backend had taken when it died fails within this. */
  private static final Duration DYING = Duration.ofSeconds(1);

  private static final String HELP =
      """
      away N    backend N terminates, as a Pod that is deleted: it drains
      kill N    backend N dies without a word: its port is closed
      slow N    backend N answers after two seconds
      back N    backend N is as before
      quit      the end (Ctrl-C too)""";

  private final Path work;
  private final Path manifest;
  private final int port;
  private final int backendPort;
  private final Map<Integer, HttpServer> backends = new ConcurrentHashMap<>();
  private final Map<Integer, Boolean> ready = new ConcurrentHashMap<>();
  private final Map<Integer, Boolean> slow = new ConcurrentHashMap<>();
  private final AtomicInteger[] answers = new AtomicInteger[BACKENDS + 1];
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger(); // with a backend that was killed
  private final AtomicLong total = new AtomicLong();
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile boolean ending;
  private long requests; // to be made while backends leave and return; 0 for the story
  private volatile long killedNanos = System.nanoTime() - DYING.toNanos();

  private Demo(Path work) {
    this.work = work;
    this.manifest = work.resolve("web.yaml");
    this.port = freePort(1);
    this.backendPort = freePort(11);
    for (int i = 0; i <= BACKENDS; i++) {
      answers[i] = new AtomicInteger();
    }
  }

  public static void main(String[] args) throws Exception {
    Demo demo = new Demo(Path.of(args[1]));
    String mode = args.length > 3 ? args[3] : "";
    boolean story =
        System.console() == null || !System.console().isTerminal() || !mode.isEmpty();
    demo.requests = mode.matches("[0-9]+") ? Long.parseLong(mode) : 0;
    System.exit(demo.run(args[0], Long.parseLong(args[2]), story));
  }

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  private static int freePort(int last) {
    return isFree(last, 0);
  }

  /** The port, or another where it is taken. */
  private static int isFree(int last, int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, loopback(last))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      return freePort(last);
    }
  }

  private static void say(String text) {
    System.out.println(text);
    System.out.flush();
  }

  private int run(String launcher, long beganMicros, boolean story) throws Exception {
    for (int i = 1; i <= BACKENDS; i++) {
      start(i);
      ready.put(i, true);
    }
    write();
    int page = isFree(1, PAGE);
    Path log = work.resolve("log");
    Process router =
        new ProcessBuilder(
                launcher,
                "run",
                "--dataplane",
                "relay",
                "--manifests",
                manifest.toString(),
                "--state-dir",
                work.resolve("state").toString(),
                "--max-shrink",
                "100%",
                "--drain-limit",
                "5s",
                "--listen",
                "127.0.0.1:" + page)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> conclude(router)));
    for (int i = 0; i < CLIENTS; i++) {
      Thread.ofVirtual().start(this::ask);
    }
    while (!first.await(100, TimeUnit.MILLISECONDS)) {
      if (!router.isAlive()) {
        say("ipvs-router ended. What it said:\n" + Files.readString(log));
        return 1;
      }
    }
    double seconds = (System.currentTimeMillis() - beganMicros / 1000) / 1000.0;
    say(
        String.format(
            Locale.ROOT,
            """
            The first balanced answer came %.1f s after the start.

              the service      http://127.0.0.1:%d/   (%d clients ask it without pause)
              its backends     127.0.0.11, .12 and .13, port %d
              the page         http://127.0.0.1:%d/
              in a terminal    deploy/ipvs-router top --listen 127.0.0.1:%d
              the manifest     %s
            """,
            seconds, port, CLIENTS, backendPort, page, page, manifest));
    if (requests > 0) {
      drains();
    } else if (story) {
      play();
    } else {
      listen();
    }
    return story && failed.get() > 0 ? 1 : 0;
  }

  /** The end, by whatever way. */
  private void conclude(Process router) {
    ending = true;
    if (first.getCount() == 0) {
      say(
          String.format(
              Locale.ROOT,
              "%n%,d requests, %d failed; %d more had been taken by a backend that was killed.",
              total.get(),
              failed.get(),
              lost.get()));
    }
    end(router);
  }

  private static void end(Process router) {
    router.descendants().forEach(ProcessHandle::destroy);
    router.destroy();
    try {
      if (!router.waitFor(5, TimeUnit.SECONDS)) {
        router.destroyForcibly();
      }
    } catch (InterruptedException e) {
      router.destroyForcibly();
    }
  }

  private void start(int number) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(loopback(10 + number), backendPort), 1024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> answer(exchange, number));
    server.start();
    backends.put(number, server);
  }

  private void answer(HttpExchange exchange, int number) throws IOException {
    try (exchange) {
      if (slow.getOrDefault(number, false)) {
        Thread.sleep(SLOW_MILLIS);
      }
      byte[] body = ("backend-" + number + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Connection", "close");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The whole desired state, as an API server would give it. */
  private void write() throws IOException {
    StringBuilder endpoints = new StringBuilder();
    for (int i = 1; i <= BACKENDS; i++) {
      endpoints.append("- {addresses: [127.0.0.").append(10 + i).append(']');
      if (!ready.getOrDefault(i, false)) {
        endpoints.append(", conditions: {ready: false, serving: true, terminating: true}");
      }
      endpoints.append("}\n");
    }
    String text =
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: shop
          annotations:
            freeway.dev/addresses: 127.0.0.1
            freeway.dev/scheduler: wlc
            freeway.dev/health-check: "http,path=/healthz,interval=500ms,timeout=400ms,rise=2,fall=2"
            freeway.dev/slow-start: 5s
        spec:
          type: LoadBalancer
          loadBalancerClass: freeway.dev/ipvs
          ports: [{port: %1$d, targetPort: %2$d}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: web-1
          namespace: shop
          labels: {kubernetes.io/service-name: web}
        addressType: IPv4
        ports: [{port: %2$d}]
        endpoints:
        %3$s
        """
            .formatted(port, backendPort, endpoints.toString().strip());
    Path next = work.resolve(".web.yaml");
    Files.writeString(next, text);
    Files.move(next, manifest, StandardCopyOption.ATOMIC_MOVE);
  }

  /** A client: a connection for each request, one after the other. */
  private void ask() {
    byte[] request = "GET / HTTP/1.1\r\nHost: demo\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    while (!ending) {
      int who = 0;
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(loopback(1), port), 10_000);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(request);
        String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int at = text.indexOf("backend-");
        who = at < 0 ? 0 : text.charAt(at + 8) - '0';
      } catch (IOException e) {
        // counted below
      }
      if (who > 0) {
        first.countDown();
      }
      if (first.getCount() == 0) {
        answers[who].incrementAndGet();
        total.incrementAndGet();
        if (who == 0 && !ending) {
          boolean died = System.nanoTime() - killedNanos < DYING.toNanos();
          (died ? lost : failed).incrementAndGet();
        }
      }
      pause(who == 0 ? 20 : 2);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Who answered in so long. */
  private String answers(long millis) {
    for (AtomicInteger one : answers) {
      one.set(0);
    }
    pause(millis);
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 1; i <= BACKENDS; i++) {
      counts.put("backend-" + i, answers[i].get());
    }
    StringBuilder text = new StringBuilder();
    counts.forEach((name, count) -> text.append(String.format("  %-10s %6d answers%n", name, count)));
    if (answers[0].get() > 0) {
      text.append(String.format("  %-10s %6d%n", "failed", answers[0].get()));
    }
    return text.toString();
  }

  private boolean command(String line) throws IOException {
    List<String> words = new ArrayList<>(List.of(line.strip().split("\\s+")));
    String verb = words.getFirst();
    int number = 0;
    if (words.size() == 2 && words.get(1).matches("[1-" + BACKENDS + "]")) {
      number = words.get(1).charAt(0) - '0';
    }
    if (verb.equals("quit") || verb.equals("q")) {
      return false;
    }
    if (number == 0 || !List.of("away", "kill", "slow", "back").contains(verb)) {
      say(HELP);
      return true;
    }
    switch (verb) {
      case "away" -> ready.put(number, false);
      case "kill" -> {
        killedNanos = System.nanoTime();
        HttpServer server = backends.remove(number);
        if (server != null) {
          server.stop(0);
        }
      }
      case "slow" -> slow.put(number, true);
      default -> {
        ready.put(number, true);
        slow.put(number, false);
        if (!backends.containsKey(number)) {
          start(number);
        }
      }
    }
    write();
    return true;
  }

  private void listen() throws IOException {
    say(HELP + "\n");
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      while (true) {
        System.out.print("> ");
        System.out.flush();
        String line = in.readLine();
        if (line == null || (!line.isBlank() && !command(line))) {
          return;
        }
        System.out.print(answers(1000));
      }
    }
  }

  /** Backends leave and return, one after the other. */
  private void drains() throws IOException {
    for (int i = 0; total.get() < requests; i++) {
      String number = " " + (1 + i % BACKENDS);
      command("away" + number);
      pause(300);
      command("back" + number);
      pause(300);
    }
  }

  private void play() throws IOException {
    say("The clients' answers in two seconds:\n" + answers(2000));
    scene("away 2", "terminates, as a Pod that is deleted: it keeps what it has", 500);
    scene("back 2", "returns; it takes its share in steps of a second", 500);
    scene("slow 3", "answers after two seconds: its check fails, and it gets no new connections", 4000);
    scene("back 3", "is quick again", 6000);
    scene("kill 1", "dies: its port is closed, and others take what it refuses", 2000);
    scene("back 1", "is there again", 7000);
  }

  private void scene(String command, String what, long settleMillis) throws IOException {
    say("> " + command + "      backend-" + command.charAt(command.length() - 1) + " " + what);
    command(command);
    pause(settleMillis);
    say(answers(2000));
  }
}
