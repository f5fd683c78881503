package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Health;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.health.Assessment;
import dev.freeway.dataplane.health.Monitor;
import dev.freeway.dataplane.health.MonitorListener;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.sync.Checks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/**
 * The writer's checks, made by a monitor: started with the first of them, for most routers have
 * none. Its answers become events for the writer.
 */
final class HealthChecks implements Checks, MonitorListener, AutoCloseable {
  /** Sockets of attempts at a time, beside a kernel; ten thousand backends need a few hundred. */
  static final int SOCKETS = 1024;

  /** Own addresses and routes are looked up again after so long. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  /** Where events go; waits while the writer has too many, on a thread of this one's own. */
  interface Sink {
    void submit(Event event) throws InterruptedException;
  }

  private final int sockets;
  private final LongSupplier clock;
  private final Console console;
  private volatile Sink sink = _ -> {};

  /** Words that the writer has not taken yet: no check waits for it, and it hears all in order. */
  private final BlockingQueue<Event> words = new LinkedBlockingQueue<>();

  private Optional<Thread> speaker = Optional.empty(); // guarded by this
  private Optional<Monitor> monitor = Optional.empty(); // guarded by this
  private boolean closed;
  private volatile Map<ServiceDestination, Check> asked = Map.of();
  private volatile Set<ServiceDestination> led = Set.of(); // those with a check by their way too
  private long fromsNanos = Long.MIN_VALUE / 2; // guarded by this, as they are
  private final Map<IpAddress, Optional<InetAddress>> froms = new HashMap<>();

  /** What is thought of backends, by their own address and by the way of clients' packets. */
  private final Map<ServiceDestination, Assessment> plain = new ConcurrentHashMap<>();

  private final Map<ServiceDestination, Assessment> way = new ConcurrentHashMap<>();

  /**
   * Checks of nobody yet.
   *
   * @param sockets of attempts at a time, at most
   */
  HealthChecks(int sockets, LongSupplier clock, Console console) {
    this.sockets = sockets;
    this.clock = clock;
    this.console = console;
  }

  /** From now on this hears what is found. */
  void tell(Sink next) {
    sink = next;
  }

  @Override
  public synchronized void watch(Map<ServiceDestination, Check> checks) {
    if (closed || (monitor.isEmpty() && checks.isEmpty())) {
      return;
    }
    if (monitor.isEmpty()) {
      monitor =
          Optional.of(
              Monitor.start(InstantSource.system(), clock, System.nanoTime(), sockets, this));
      speaker = Optional.of(Thread.ofVirtual().name("health-words").start(this::speak));
    }
    List<Target> targets = new ArrayList<>();
    Set<ServiceDestination> through = new HashSet<>();
    checks.forEach(
        (of, check) -> {
          targets.add(plainly(of, check));
          Optional<HealthCheck> byWay =
              check.mark() == 0 ? Optional.empty() : byWay(of, check.check());
          if (byWay.isPresent()) {
            from(of)
                .ifPresent(
                    from -> {
                      through.add(of);
                      targets.add(
                          Target.through(
                              of.service(), of.destination(), check.mark(), from, byWay.get()));
                    });
          }
        });
    Set<ServiceDestination> others = new HashSet<>(led);
    others.removeAll(through); // their way is no more: the plain word counts again
    others.retainAll(checks.keySet());
    asked = Map.copyOf(checks);
    led = Set.copyOf(through);
    plain.keySet().retainAll(checks.keySet());
    way.keySet().retainAll(through);
    monitor.get().watch(targets);
    others.forEach(this::tell);
  }

  /** Brings words to the writer until the end, as fast as it takes them. */
  private void speak() {
    try {
      while (true) {
        sink.submit(words.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the end
    }
  }

  /** What is asked of the backend itself; what listens at another port expects no header. */
  static Target plainly(ServiceDestination of, Check check) {
    return Target.of(
        of.service(),
        of.destination(),
        check.check(),
        asksElsewhere(of, check.check()) ? ProxyProtocol.NONE : check.proxy());
  }

  /**
   * What is asked by the way of clients' packets, which leads to the service's port and no other:
   * the same where that is the port of the check, and else whether it takes a connection.
   */
  static Optional<HealthCheck> byWay(ServiceDestination of, HealthCheck check) {
    if (!asksElsewhere(of, check)) {
      return Optional.of(check);
    }
    return of.service().protocol() == Protocol.TCP
        ? Optional.of(
            new HealthCheck(
                new HealthCheck.Question.Connect(),
                0,
                check.interval(),
                check.timeout(),
                check.rise(),
                check.fall()))
        : Optional.empty();
  }

  private static boolean asksElsewhere(ServiceDestination of, HealthCheck check) {
    return check.port() != 0 && check.port() != of.destination().port();
  }

  /** This machine's own address on the way to a backend, where it is of the service's family. */
  private Optional<InetAddress> from(ServiceDestination of) {
    long now = clock.getAsLong();
    if (now - fromsNanos >= FRESH.toNanos()) {
      fromsNanos = now;
      froms.clear();
    }
    return of.service().address().family() == of.destination().address().family()
        ? froms.computeIfAbsent(of.destination().address(), HealthChecks::route)
        : Optional.empty();
  }

  private static Optional<InetAddress> route(IpAddress to) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(to.toInetAddress(), 9)); // nothing is sent
      return Optional.of(socket.getLocalAddress()).filter(own -> !own.isAnyLocalAddress());
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void changed(Target target, Assessment assessment) {
    ServiceDestination of = new ServiceDestination(target.service(), target.backend());
    (target.mark().isPresent() ? way : plain).put(of, assessment);
    tell(of);
  }

  private void tell(ServiceDestination of) {
    Check check = asked.get(of);
    if (check != null) {
      believed(led.contains(of), asksElsewhere(of, check.check()), plain.get(of), way.get(of))
          .ifPresent(word -> tell(of, check, word.assessment, word.but));
    }
  }

  /** What is believed, and what is to be said before its reason. */
  record Believed(Assessment assessment, String but) {}

  /**
   * The word of both checks: of the way where there is one, and else of the plain one.
   *
   * @param isLed whether there is a way
   * @param elsewhere whether the plain check asks something else, at another port
   */
  static Optional<Believed> believed(
      boolean isLed, boolean elsewhere, @Nullable Assessment direct, @Nullable Assessment ofWay) {
    Optional<Believed> plainly = Optional.ofNullable(direct).map(word -> new Believed(word, ""));
    if (!isLed || ofWay == null) {
      // The way may never have a word, where this machine cannot go it: bad news is believed.
      return plainly.filter(word -> !isLed || isDown(word.assessment));
    }
    if (!isDown(ofWay) && elsewhere) {
      return plainly; // that the way is open says nothing of what is asked elsewhere
    }
    if (!isDown(ofWay) || direct == null) {
      return Optional.of(new Believed(ofWay, ""));
    }
    return direct.state() == Assessment.State.UP
        ? Optional.of(
            new Believed(
                ofWay,
                "it answers at its own address, but not by the way of its clients' packets: "))
        : plainly;
  }

  private static boolean isDown(Assessment assessment) {
    return assessment.state() == Assessment.State.DEAD
        || assessment.state() == Assessment.State.FAILING;
  }

  private void tell(ServiceDestination of, Check asked, Assessment assessment, String but) {
    Health.State state =
        switch (assessment.state()) {
          case UNKNOWN -> Health.State.UNKNOWN;
          case UP -> Health.State.WELL;
          case FAILING -> Health.State.FAILING;
          case DEAD -> Health.State.DEAD;
        };
    String check = but + "its check (" + asked.check().question().kind() + "): ";
    if (state == Health.State.WELL && !assessment.reason().isEmpty()) {
      console.log(
          Level.WARNING,
          "a check passes, and warns",
          "service",
          of.service(),
          "destination",
          of.destination(),
          "reason",
          assessment.reason());
    }
    words.add(
        new Event.HealthChanged(
            of.service(),
            of.destination(),
            new Health(state, assessment.reason().isEmpty() ? "" : check + assessment.reason()),
            clock.getAsLong()));
  }

  @Override
  public void hindered(int waiting, String reason) {
    console.log(
        Level.WARNING,
        "backends cannot be checked, and stay as they are",
        "waiting",
        waiting,
        "reason",
        reason);
  }

  @Override
  public void failed(RuntimeException exception) {
    console.log(Level.SEVERE, "a defect of the checks; they go on", "defect", exception);
  }

  @Override
  public synchronized void close() {
    closed = true;
    monitor.ifPresent(Monitor::close);
    monitor = Optional.empty();
    speaker.ifPresent(Thread::interrupt);
    speaker = Optional.empty();
  }
}
