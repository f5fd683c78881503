package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.ShrinkGuard;
import dev.freeway.dataplane.kube.api.ApiClient;
import dev.freeway.dataplane.kube.api.ApiException;
import dev.freeway.dataplane.kube.api.Listed;
import dev.freeway.dataplane.kube.api.Reflector;
import dev.freeway.dataplane.kube.api.Resource;
import dev.freeway.dataplane.sync.LastDesired;
import dev.freeway.dataplane.sync.StateException;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Follows the Services, EndpointSlices and Nodes of a cluster on one thread, the loop's. What
 * arrives together is worked out together: the first change goes at once, what came meanwhile goes
 * with the next.
 */
public final class ClusterFollower implements AutoCloseable {
  /** Told what becomes of the input, on the loop's thread. */
  public interface Listener {
    /** After something else stands in the way than before. */
    void input(InputStatus before, InputStatus after);

    /** Nobody can be asked: what was last known is served, of that time. */
    void recalled(Instant at, int services);

    /** What was last known cannot be kept, or read. */
    void notKept(String reason);

    /** A defect: the follower goes on. */
    void failed(RuntimeException defect);
  }

  /**
   * That one router answers for an address on a layer-2 network, chosen among all.
   *
   * @param answered whether this one answered for some before it started: until it knows the others
   *     it then stays one of them
   * @param offer what it can answer for; empty before it serves
   */
  public record Layer2(boolean answered, Supplier<Optional<Offer>> offer) {}

  private final ApiClient client;
  private final Cluster cluster;
  private final ScheduledExecutorService loop;
  private final LongSupplier clock;
  private final Listener listener;
  private final ManifestFollower.Sink sink;
  private final LastDesired last;
  private final InstantSource time;
  private final BooleanSupplier held;

  /** Standings are looked at together, for all Services. */
  private static final Duration REPORT = Duration.ofMillis(200);

  /** How long the first lists may take before what was last known is served. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** How long after a change what is known is kept. */
  private static final Duration KEEP = Duration.ofSeconds(1);

  /** How often, while it goes on changing: writing all of it takes processors from the changes. */
  private static final Duration KEEP_AGAIN = Duration.ofSeconds(5);

  private final List<Reflector<?>> reflectors = new ArrayList<>();
  private final Set<String> awaited = new TreeSet<>(); // resources of which no list came yet
  private final Map<String, InputError> failures = new TreeMap<>();
  private final Members members;
  private final ServiceEvents sayings = new ServiceEvents();
  private final ServiceWriter writer;
  private final ProbeReader probes;
  private Optional<InputError> writing = Optional.empty(); // what could not be written last
  private List<InputError> refusals = List.of();
  private List<InputError> unchecked = List.of();
  private final SortedMap<String, Cluster.Standing> standings = new TreeMap<>();
  private final Set<String> unsettled = new TreeSet<>(); // of ours: the status may not say all
  private SortedSet<String> alive = new TreeSet<>();
  private final Optional<Layer2> layer2;
  private final String node;
  private Optional<Routers> routers = Optional.empty(); // those that answer on layer-2 networks
  private boolean flushing;
  private boolean reporting;
  private boolean keeping;
  private boolean keepDue;
  private long keptNanos;
  private boolean keepScheduled;
  private boolean keepFailing;
  private volatile Thread keeper = new Thread(() -> {}); // the last one, or one that never began
  private long receivedNanos;
  private boolean touched;
  private long heldSince;
  private boolean wasHeld;
  private volatile InputStatus status;

  /**
   * A follower, which begins when it is told to.
   *
   * @param node this router's own name
   * @param loop one thread, which this follower may keep busy
   * @param sink takes events; may block while the writer is busy
   * @param last keeps what was last known
   * @param held whether the last whole state waits for a second look
   * @param layer2 where one router answers for an address; empty where all do
   */
  ClusterFollower(
      ApiClient client,
      Cluster cluster,
      String node,
      ScheduledExecutorService loop,
      LongSupplier clock,
      InstantSource time,
      RandomGenerator random,
      Listener listener,
      ManifestFollower.Sink sink,
      LastDesired last,
      BooleanSupplier held,
      Optional<Layer2> layer2) {
    this.client = client;
    this.layer2 = layer2;
    this.node = node;
    this.cluster = cluster;
    this.loop = loop;
    this.clock = clock;
    this.listener = listener;
    this.sink = sink;
    this.last = last;
    this.time = time;
    this.held = held;
    this.members = new Members(node);
    this.writer =
        new ServiceWriter(
            client,
            node,
            clock,
            time,
            problem -> {
              writing = problem;
              tell();
            });
    this.probes =
        new ProbeReader(
            client,
            clock,
            random,
            (work, delay) -> {
              var _ = loop.schedule(guarded(work), delay.toNanos(), TimeUnit.NANOSECONDS);
            },
            (owner, read) -> {
              if (cluster.pods(owner, read)) {
                touch(clock.getAsLong());
              }
            });
    this.keptNanos = clock.getAsLong() - KEEP_AGAIN.toNanos();
    this.status = InputStatus.unread(clock.getAsLong());
    follow(
        ClusterObjects.SERVICES,
        random,
        new Watcher<Sourced<Service>>() {
          @Override
          void all(Collection<Listed<Sourced<Service>>> objects) {
            cluster.services(objects);
          }

          @Override
          void one(Listed<Sourced<Service>> object) {
            cluster.service(object);
          }

          @Override
          void gone(Listed<Sourced<Service>> object) {
            cluster.serviceGone(object.key());
          }
        });
    follow(
        ClusterObjects.SLICES,
        random,
        new Watcher<Sourced<Slice>>() {
          @Override
          void all(Collection<Listed<Sourced<Slice>>> objects) {
            cluster.slices(objects);
          }

          @Override
          void one(Listed<Sourced<Slice>> object) {
            cluster.slice(object);
          }

          @Override
          void gone(Listed<Sourced<Slice>> object) {
            cluster.sliceGone(object.key());
          }
        });
    follow(
        ClusterObjects.NODES,
        random,
        new Watcher<ClusterNode>() {
          @Override
          void all(Collection<Listed<ClusterNode>> objects) {
            cluster.nodes(objects);
          }

          @Override
          void one(Listed<ClusterNode> object) {
            cluster.node(object.object());
          }

          @Override
          void gone(Listed<ClusterNode> object) {
            cluster.nodeGone(object.key());
          }
        });
    follow(ClusterObjects.routers(client.namespace()), random, new LeaseWatcher());
  }

  /**
   * A follower of the API server that is configured or around us.
   *
   * @param kubeconfig of it; otherwise it is looked for as every client does
   * @param node the one that we are on; empty when that is not known
   * @param pool what Services get their addresses from
   * @param before what the kernel holds of ours
   * @param kernelCheck refuses what this kernel does not have
   * @param layer2 where one router answers for an address; empty where all do
   * @throws ApiException when there is no API server to be found
   */
  public static ClusterFollower open(
      Optional<Path> kubeconfig,
      String node,
      List<Prefix> pool,
      Desired before,
      UnaryOperator<Translation> kernelCheck,
      LongSupplier clock,
      Listener listener,
      ManifestFollower.Sink sink,
      LastDesired last,
      BooleanSupplier held,
      Optional<Layer2> layer2)
      throws ApiException {
    ScheduledThreadPoolExecutor loop =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().name("kubernetes").daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy()); // what still arrives after the end
    loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    loop.setRemoveOnCancelPolicy(true);
    Executor guarded =
        work ->
            loop.execute(
                () -> {
                  try {
                    work.run();
                  } catch (RuntimeException e) {
                    listener.failed(e);
                  }
                });
    ApiClient client = ApiClient.open(kubeconfig, "ipvs-router", guarded, clock);
    return new ClusterFollower(
        client,
        new Cluster(new AddressPool(pool), node, before, kernelCheck),
        node,
        loop,
        clock,
        InstantSource.system(),
        RandomGenerator.getDefault(),
        listener,
        sink,
        last,
        held,
        layer2);
  }

  /** The routers among which this one is; nothing waits for them. */
  private final class LeaseWatcher extends Watcher<RouterLease> {
    @Override
    void all(Collection<Listed<RouterLease>> objects) {
      members.all(objects, clock.getAsLong());
      elect();
    }

    @Override
    void one(Listed<RouterLease> object) {
      members.one(object, clock.getAsLong());
      elect();
    }

    @Override
    void gone(Listed<RouterLease> object) {
      members.gone(object, clock.getAsLong());
      elect();
    }
  }

  /** Hands over who answers on layer-2 networks, when that is something else than before. */
  private void elect() {
    if (layer2.isEmpty()) {
      return;
    }
    long now = clock.getAsLong();
    Optional<Routers> known = members.routers(cluster::cordoned, now);
    if (known.isPresent() && !known.equals(routers)) {
      routers = known;
      submit(List.of(new Event.RoutersChanged(known.get(), now)));
      standings.values().stream()
          .filter(standing -> isOurs(standing.owner()))
          .forEach(standing -> writer.say(sayings.of(standing, routers)));
      keepLater();
    }
  }

  /** What our Lease is to say; empty to leave what it says. */
  private Optional<Offer> offer() {
    if (layer2.isEmpty()) {
      return Optional.of(Offer.NONE);
    }
    Optional<Offer> ready =
        members.areKnown(clock.getAsLong()) ? layer2.get().offer().get() : Optional.empty();
    return ready.isPresent() || layer2.get().answered() ? ready : Optional.of(Offer.NONE);
  }

  private void lease() {
    writer.lease(offer(), cluster.nodeUid(node));
  }

  private <T> void follow(Resource<T> resource, RandomGenerator random, Watcher<T> watcher) {
    if (!(watcher instanceof LeaseWatcher)) {
      awaited.add(resource.name());
    }
    reflectors.add(
        new Reflector<>(
            client, resource, loop, clock, random, Reflector.Patience.DEFAULT, watcher));
  }

  /** Hands over what one kind of objects does. */
  private abstract class Watcher<T> implements Reflector.Listener<T> {
    abstract void all(Collection<Listed<T>> objects);

    abstract void one(Listed<T> object);

    abstract void gone(Listed<T> object);

    @Override
    public void replaced(Resource<T> resource, Collection<Listed<T>> objects, long nanos) {
      all(objects);
      awaited.remove(resource.name());
      touch(nanos);
    }

    @Override
    public void changed(Listed<T> object, long nanos) {
      one(object);
      touch(nanos);
    }

    @Override
    public void deleted(Listed<T> object, long nanos) {
      gone(object);
      touch(nanos);
    }

    @Override
    public void failed(Resource<T> resource, ApiException failure) {
      failures.put(
          resource.name(),
          new InputError(
              "API server " + client.server(),
              resource.name(),
              "",
              String.valueOf(failure.getMessage()),
              expected(resource, failure)));
      tell();
    }

    @Override
    public void recovered(Resource<T> resource) {
      failures.remove(resource.name());
      tell();
    }
  }

  private static String expected(Resource<?> resource, ApiException failure) {
    return switch (failure.status()) {
      case 401 -> "credentials that the server knows; until then everything stays as it is";
      case 403 ->
          "a role that allows get, list and watch of "
              + resource.name()
              + ": apply deploy/kubernetes/; until then everything stays as it is";
      default -> "an answer; until then everything stays as it is, and it is asked again";
    };
  }

  /**
   * Says something of a Service as an Event on it, if it is this router that speaks of it; from any
   * thread.
   *
   * @param owner the Service as {@code namespace/name}
   * @param reason one word for programs
   */
  public void say(String owner, boolean warning, String reason, String message) {
    loop.execute(
        guarded(
            () -> {
              Cluster.Standing standing = standings.get(owner);
              if (standing != null && isOurs(owner)) {
                writer.say(List.of(ServiceEvents.saying(standing, warning, reason, message)));
              }
            }));
  }

  /** How the input is; from any thread. */
  public InputStatus status() {
    return status;
  }

  /** How each watch is; from any thread. */
  public List<Reflector.Status> watches() {
    return reflectors.stream().map(Reflector::status).toList();
  }

  /** Begins to follow. */
  public void start() {
    reflectors.forEach(Reflector::start);
    loop.execute(guarded(this::lease));
    var _ = loop.schedule(guarded(this::recall), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    var _ = loop.scheduleWithFixedDelay(guarded(this::tick), 1, 1, TimeUnit.SECONDS);
  }

  private Runnable guarded(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        listener.failed(e);
      }
    };
  }

  private void touch(long nanos) {
    if (!touched || nanos - receivedNanos < 0) {
      receivedNanos = nanos;
    }
    touched = true;
    if (!flushing) {
      flushing = true;
      loop.execute(guarded(this::flush)); // behind what has arrived already
    }
  }

  private void flush() {
    flushing = false;
    if (!awaited.isEmpty() || !touched) {
      return;
    }
    touched = false;
    boolean services = cluster.servicesChanged();
    List<Event> events = cluster.events(receivedNanos);
    submit(events);
    if (!events.isEmpty()) {
      keepLater();
    }
    cluster.takePodsTouched().forEach(owner -> probes.follow(owner, cluster.pods(owner)));
    if (services) {
      report();
    } else if (!reporting) { // endpoints: that can wait, and then goes for all of them
      reporting = true;
      var _ = loop.schedule(guarded(this::report), REPORT.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Serves what was last known, when nobody answers at the start. */
  private void recall() {
    if (awaited.isEmpty()) {
      return;
    }
    try {
      LastDesired.Loaded loaded = last.load();
      if (!loaded.problem().isEmpty()) {
        listener.notKept(loaded.problem());
      }
      if (loaded.saved().isPresent()) {
        Desired desired = loaded.saved().get().desired();
        recallRouters(loaded.saved().get());
        submit(List.of(new Event.DesiredRecalled(desired, clock.getAsLong())));
        listener.recalled(loaded.saved().get().at(), desired.services().size());
      }
    } catch (StateException e) {
      listener.notKept(String.valueOf(e.getMessage()));
    }
  }

  private void recallRouters(LastDesired.Saved saved) {
    if (layer2.isPresent() && routers.isEmpty() && !saved.routers().isEmpty()) {
      routers = Optional.of(new Routers(node, saved.routers(), /* heard= */ false));
      submit(List.of(new Event.RoutersChanged(routers.get(), clock.getAsLong())));
    }
  }

  /** Keeps what is known, on a thread of its own: a disk may be slow. */
  private void keep() {
    if (keeping || !awaited.isEmpty()) {
      return; // when that is done, or something is known
    }
    keeping = true;
    keepDue = false;
    keptNanos = clock.getAsLong();
    LastDesired.Saved known =
        new LastDesired.Saved(
            cluster.desired(),
            time.instant(),
            routers.map(Routers::alive).orElse(Collections.emptySortedMap()));
    keeper =
        Thread.ofPlatform()
            .name("keep")
            .daemon()
            .start(
                () -> {
                  Optional<StateException> failure = Optional.empty();
                  try {
                    last.save(known);
                  } catch (StateException e) {
                    failure = Optional.of(e);
                  }
                  Optional<StateException> failed = failure;
                  loop.execute(guarded(() -> kept(failed)));
                });
  }

  private void kept(Optional<StateException> failure) {
    keeping = false;
    if (failure.isPresent() && !keepFailing) {
      listener.notKept(String.valueOf(failure.get().getMessage()));
    }
    keepFailing = failure.isPresent();
    if (keepDue || keepFailing) {
      keepLater();
    }
  }

  private void keepLater() {
    if (!keepScheduled) {
      keepScheduled = true;
      long again = keptNanos + KEEP_AGAIN.toNanos() - clock.getAsLong();
      long delay = Math.max(KEEP.toNanos(), again);
      var _ =
          loop.schedule(
              guarded(
                  () -> {
                    keepScheduled = false;
                    keep();
                  }),
              delay,
              TimeUnit.NANOSECONDS);
    }
    keepDue |= keeping;
  }

  /**
   * Writes what others are to see, of the Services of which something changed: their status and
   * Events, and our own status.
   */
  private void report() {
    reporting = false;
    Set<String> touched = cluster.takeTouched();
    SortedSet<String> routers = members.alive(clock.getAsLong());
    if (!routers.equals(alive)) { // whose Services are whose may be another
      alive = routers;
      touched.addAll(standings.keySet());
    }
    boolean words = false;
    for (String owner : touched) {
      words |= report(owner);
    }
    for (String owner : List.copyOf(unsettled)) {
      Cluster.Standing standing = standings.get(owner);
      if (standing == null || standing.recordedWell() || !isOurs(owner)) {
        unsettled.remove(owner);
      } else {
        writer.status(standing);
      }
    }
    if (words) {
      tellStandings();
    } else {
      tell();
    }
  }

  /** Answers whether what is to be said of it is something else. */
  private boolean report(String owner) {
    Optional<Cluster.Standing> now = cluster.standing(owner);
    if (now.isEmpty()) {
      sayings.forget(owner);
      Cluster.Standing gone = standings.remove(owner);
      return gone != null && gone.hasWords();
    }
    Cluster.Standing standing = now.get();
    Cluster.Standing before = standings.put(owner, standing);
    if (isOurs(owner)) {
      unsettled.add(owner);
      writer.say(sayings.of(standing, routers));
    } else {
      sayings.forget(owner);
    }
    return before == null
        ? standing.hasWords()
        : !before.errors().equals(standing.errors())
            || !before.unchecked().equals(standing.unchecked())
            || !before.notes().equals(standing.notes());
  }

  private boolean isOurs(String owner) {
    return members.chosen(owner, alive);
  }

  private void submit(List<Event> events) {
    try {
      for (Event event : events) {
        sink.submit(event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody but close does this
    }
  }

  /** What too much is missing from is looked at once more, by fresh lists. */
  private void tick() {
    boolean holds = held.getAsBoolean();
    long now = clock.getAsLong();
    if (holds && !wasHeld) {
      heldSince = now;
    } else if (holds && now - heldSince >= ShrinkGuard.SECOND_LOOK.toNanos()) {
      heldSince = now;
      reflectors.forEach(Reflector::relist);
    }
    wasHeld = holds;
    lease();
    elect();
    writer.send();
    if (awaited.isEmpty()) {
      report(); // a router may have gone whose Services are ours now
    } else {
      tell();
    }
  }

  private void tell() {
    InputStatus before = status;
    tell(refusals, before.refused(), unchecked, before.notes());
  }

  private void tellStandings() {
    List<InputError> errors = new ArrayList<>();
    Set<String> refused = new TreeSet<>();
    List<InputError> without = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Cluster.Standing standing : standings.values()) {
      errors.addAll(standing.errors());
      without.addAll(standing.unchecked());
      notes.addAll(standing.notes());
      if (!standing.errors().isEmpty()) {
        refused.add(standing.owner());
      }
    }
    tell(List.copyOf(errors), refused, List.copyOf(without), List.copyOf(notes));
  }

  private void tell(
      List<InputError> refusing,
      Set<String> refused,
      List<InputError> without,
      List<String> notes) {
    InputStatus before = status;
    refusals = refusing;
    unchecked = without;
    List<InputError> errors = new ArrayList<>(refusing);
    writing.ifPresent(errors::add);
    boolean well = failures.isEmpty() && awaited.isEmpty();
    status =
        new InputStatus(
            List.copyOf(failures.values()),
            List.copyOf(errors),
            refused,
            without,
            notes,
            well ? heard() : before.usableNanos());
    if (!status.frozen().equals(before.frozen())
        || !status.errors().equals(before.errors())
        || !status.unchecked().equals(before.unchecked())
        || !status.notes().equals(before.notes())) {
      listener.input(before, status);
    }
  }

  /** When the watch that was silent for longest was last heard. */
  private long heard() {
    long now = clock.getAsLong();
    long oldest = 0;
    for (Reflector<?> reflector : reflectors) {
      oldest = Math.max(oldest, now - reflector.status().heardNanos());
    }
    return now - oldest;
  }

  @Override
  public void close() {
    loop.shutdownNow();
    client.close();
    try {
      keeper.join(KEEP.toMillis()); // what is half written would be lost
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
