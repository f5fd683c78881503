package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The same answers as {@link Policy#effective} and {@link Diff#between}, kept up to date: an event
 * costs what it touches, whatever the size of the table. It remembers what is desired, what the
 * kernel was last seen or acknowledged to hold, and since when destinations drain; nothing here
 * reads a clock or does I/O. Owned by the thread that writes to the kernel.
 *
 * <p>Invariant: whatever differs between the effective state and what the kernel holds, and is not
 * marked dirty, is a change that the kernel refused; the next {@link #observe} tries it again.
 */
public final class Planner {
  private static final long BUSY = Long.MIN_VALUE;
  private static final long NOT_WARMING = Long.MIN_VALUE;
  private static final long NOTHING_DUE = Long.MIN_VALUE;

  /** One destination, desired or held. About 200 bytes with its key, address and value. */
  private static final class Slot {
    private @Nullable Endpoint wanted;
    private @Nullable Destination held;
    private long drainingSince = Policy.NOT_DRAINING;
    private long quietSince = BUSY;
    private long warmingSince = NOT_WARMING;
    private long dueNanos = NOTHING_DUE;
    private boolean tampered;
    private boolean out; // by its health, whether or not it is left out for it
    private boolean noted; // has a condition
  }

  /** One service, desired or held. */
  private static final class Track {
    private final ServiceKey key;
    private @Nullable DesiredService wanted; // its endpoints are in the slots, not here
    private @Nullable VirtualService held;
    private final Map<DestinationKey, Slot> slots = new HashMap<>();
    private final Set<DestinationKey> terminating = new LinkedHashSet<>();
    private int ready;
    private int out; // of the ready ones
    private boolean panic; // too many are out: all are used
    private long uncheckedUntil = Long.MIN_VALUE; // after a start
    private boolean foreign;
    private boolean unseen; // it is there, and what it holds is not read yet
    private boolean tampered;
    private boolean queued;
    private boolean allDirty;
    private Set<DestinationKey> dirty = new LinkedHashSet<>();

    private Track(ServiceKey key) {
      this.key = key;
    }
  }

  private static final SortedMap<DestinationKey, Endpoint> NO_ENDPOINTS =
      java.util.Collections.emptySortedMap();

  /** A destination is to be looked at again then; stale once its slot says otherwise. */
  private record Due(Track track, DestinationKey destination, long nanos) {
    private static int compare(Due one, Due other) {
      return Long.compare(one.nanos - other.nanos, 0); // nanoTime may wrap around
    }

    boolean stale() {
      Slot slot = track.slots.get(destination);
      return slot == null || slot.dueNanos != nanos;
    }
  }

  private final Policy policy;
  private final BiFunction<ServiceKey, DestinationKey, Health> health;
  private final PriorityQueue<Due> due = new PriorityQueue<>(Due::compare);
  private final Map<Policy.Drain, Condition> conditions = new HashMap<>();
  private final Set<ServiceKey> panicking = new HashSet<>();
  private long conditionsVersion;
  private long checksVersion;
  private final Map<ServiceKey, Track> tracks = new HashMap<>();
  private List<Track> dirty = new ArrayList<>(); // each once: see Track.queued
  private final Map<Policy.Drain, Long> drains = new HashMap<>(); // what the slots say too
  private final Map<Policy.Drain, Long> resumed = new HashMap<>(); // and not yet judged
  private long drainsVersion;
  private Set<ServiceKey> foreign = Set.of(); // by the last dump
  private boolean complete;
  private boolean known; // complete, or recalled
  private boolean sure = true;
  private long repaired;

  /** One that knows nobody's health. */
  public Planner(Policy policy) {
    this(policy, (_, _) -> Health.UNKNOWN);
  }

  /**
   * A planner.
   *
   * @param health of a destination now; of one that changes, {@link #healthChanged} is told
   */
  public Planner(Policy policy, BiFunction<ServiceKey, DestinationKey, Health> health) {
    this.policy = policy;
    this.health = health;
  }

  /**
   * Takes in a drain that a process before this one began. It goes on when the kernel holds the
   * destination at weight 0 as it is first judged; else what is known is of an earlier drain. While
   * weight 0 is also what is asked for, that is not judged.
   *
   * @param sinceNanos by the clock of {@link #changes}
   */
  public void resume(Policy.Drain drain, long sinceNanos) {
    resumed.put(drain, sinceNanos);
  }

  /** Takes in an event; {@link #changes} says what follows from it. */
  public void handle(Event event) {
    switch (event) {
      case Event.DesiredReplaced replaced -> replace(replaced.desired(), replaced.receivedNanos());
      case Event.DesiredRecalled recalled -> {
        want(recalled.desired(), recalled.receivedNanos());
        known = true;
      }
      case Event.ServiceChanged changed -> want(changed.service(), changed.receivedNanos());
      case Event.ServiceRemoved removed -> {
        Track track = tracks.get(removed.service());
        if (track != null) {
          unwant(track);
        }
      }
      case Event.EndpointsChanged changed -> {
        Track track = tracks.get(changed.service());
        if (track != null && track.wanted != null) {
          for (Endpoint endpoint : changed.present()) {
            want(track, endpoint.destination().key(), endpoint);
          }
          for (DestinationKey gone : changed.gone()) {
            want(track, gone, null);
          }
        }
      }
      case Event.RoutersChanged _ -> {} // the table is the same on all of them
      case Event.HealthChanged changed -> healthChanged(changed.service(), changed.destination());
    }
  }

  private void want(Desired desired, long now) {
    for (DesiredService service : desired.services().values()) {
      want(service, now);
    }
  }

  /** A destination is thought of in another way than before. */
  public void healthChanged(ServiceKey service, DestinationKey destination) {
    Track track = tracks.get(service);
    if (track == null) {
      return;
    }
    Slot slot = track.slots.get(destination);
    if (slot == null || slot.wanted == null) {
      return;
    }
    countOut(track, destination, slot);
    track.dirty.add(destination);
    queue(track);
  }

  private void countOut(Track track, DestinationKey key, Slot slot) {
    boolean before = slot.out;
    slot.out = isReady(slot.wanted) && health.apply(track.key, key).out();
    track.out += (slot.out ? 1 : 0) - (before ? 1 : 0);
  }

  private static boolean isChecked(@Nullable DesiredService service) {
    return service != null && service.health().check() != null;
  }

  private static boolean isAwaited(@Nullable DesiredService service) {
    return service != null && service.health().awaited();
  }

  /** While a check is awaited, what was known stands. */
  private static DesiredService withCheckOf(
      @Nullable DesiredService before, DesiredService service) {
    return isAwaited(service) && before != null && isChecked(before)
        ? service.with(service.health().with(before.health().check()))
        : service;
  }

  private static boolean isReady(@Nullable Endpoint endpoint) {
    return endpoint != null && endpoint.condition() == Endpoint.Condition.READY;
  }

  private void replace(Desired desired, long now) {
    for (Track track : tracks.values()) {
      if (!desired.services().containsKey(track.key)) {
        unwant(track);
      }
    }
    want(desired, now);
    complete = true;
    known = true;
  }

  private void want(DesiredService asked, long now) {
    Track track = tracks.computeIfAbsent(asked.service().key(), Track::new);
    track.foreign |= foreign.contains(track.key);
    DesiredService before = track.wanted;
    DesiredService service = withCheckOf(before, asked);
    boolean starts = before == null && track.held != null;
    if (starts || (track.uncheckedUntil != Long.MIN_VALUE && isAwaited(before))) {
      track.uncheckedUntil =
          isChecked(service) || isAwaited(service)
              ? now + service.health().firstWord().toNanos()
              : Long.MIN_VALUE;
    }
    if (before == null
        || !before.service().equals(service.service()) // another scheduler may drain differently
        || !before.health().equals(service.health())) { // more may be out, or fewer
      markAll(track);
    }
    if (isChecked(before) || isChecked(service)) {
      checksVersion++;
    }
    track.wanted = service.with(NO_ENDPOINTS);
    for (Map.Entry<DestinationKey, Slot> entry : List.copyOf(track.slots.entrySet())) {
      if (entry.getValue().wanted != null && !service.endpoints().containsKey(entry.getKey())) {
        want(track, entry.getKey(), null);
      }
    }
    for (Endpoint endpoint : service.endpoints().values()) {
      want(track, endpoint.destination().key(), endpoint);
    }
  }

  private void unwant(Track track) {
    for (Map.Entry<DestinationKey, Slot> entry : List.copyOf(track.slots.entrySet())) {
      want(track, entry.getKey(), null);
    }
    if (isChecked(track.wanted)) {
      checksVersion++;
    }
    track.wanted = null;
    markAll(track);
  }

  private void want(Track track, DestinationKey key, @Nullable Endpoint endpoint) {
    Slot slot = track.slots.get(key);
    if (slot == null) {
      if (endpoint == null) {
        return;
      }
      slot = new Slot();
      track.slots.put(key, slot);
    }
    Endpoint before = slot.wanted;
    if (endpoint == null ? before == null : endpoint.equals(before)) {
      return;
    }
    slot.wanted = endpoint;
    if (isChecked(track.wanted)) {
      checksVersion++;
    }
    boolean wasReady = isReady(before);
    boolean isReady = isReady(endpoint);
    countOut(track, key, slot);
    if (endpoint != null && !isReady) {
      track.terminating.add(key);
    } else {
      track.terminating.remove(key);
    }
    boolean hadReady = track.ready > 0;
    track.ready += (isReady ? 1 : 0) - (wasReady ? 1 : 0);
    if (hadReady != track.ready > 0) { // the terminating ones take over, or are relieved
      track.dirty.addAll(track.terminating);
    }
    track.dirty.add(key);
    queue(track);
  }

  private void queue(Track track) {
    if (!track.queued) {
      track.queued = true;
      dirty.add(track);
    }
  }

  private void markAll(Track track) {
    track.allDirty = true;
    queue(track);
  }

  /**
   * Takes in a dump. What differs from what was believed is counted as tampering once it is mended;
   * at the first dump nothing was believed yet.
   *
   * @param table every service of the table that can be ours, by key
   * @param ours whether a service that the kernel holds is ours
   * @param adopt whether desired services are taken over from others
   */
  public void observe(
      Map<ServiceKey, EffectiveService> table, Predicate<ServiceKey> ours, boolean adopt) {
    listed(table.keySet(), ours, adopt);
    table.values().forEach(this::seen);
    observed();
  }

  /**
   * Begins a dump that is taken in piece by piece, with {@link #seen} for each service that is
   * listed and {@link #observed} at the end. Between the pieces, events and changes go on. What is
   * not listed is gone.
   *
   * @param table the keys of the services that can be ours
   * @param ours as for {@link #observe}
   * @param adopt as for {@link #observe}
   */
  public void listed(Set<ServiceKey> table, Predicate<ServiceKey> ours, boolean adopt) {
    Set<ServiceKey> others = new HashSet<>();
    for (ServiceKey key : table) {
      Track track = tracks.get(key);
      if (ours.test(key) || (adopt && track != null && track.wanted != null)) {
        if (track == null) {
          track = new Track(key);
          tracks.put(key, track);
        }
        becomes(track, false);
        track.unseen = track.held == null;
      } else { // nothing of it is ours to believe or to mend
        others.add(key);
        if (track != null) {
          forget(track);
          becomes(track, true);
          markAll(track);
        }
      }
    }
    for (Track track : tracks.values()) {
      if (!table.contains(track.key)) {
        becomes(track, false);
        gone(track);
      }
    }
    foreign = others;
  }

  private void becomes(Track track, boolean another) {
    if (track.foreign != another) {
      track.foreign = another;
      checksVersion++;
      if (another) {
        track.panic = false;
        forgetConditions(track);
      }
    }
  }

  private void gone(Track track) {
    if (sure && track.held != null) {
      track.tampered = true;
      for (Slot slot : track.slots.values()) {
        slot.tampered |= slot.held != null;
      }
    }
    track.unseen = false;
    forget(track);
    markAll(track);
  }

  /** Takes in one service as the kernel holds it now; what is not ours is left. */
  public void seen(EffectiveService seen) {
    Track track = tracks.get(seen.value().key());
    if (track == null || track.foreign) {
      return;
    }
    boolean believed = sure && track.held != null;
    track.unseen = false;
    track.tampered |= believed && !seen.value().equals(track.held);
    track.held = seen.value();
    for (Map.Entry<DestinationKey, Slot> entry : track.slots.entrySet()) {
      Slot slot = entry.getValue();
      Destination value = seen.destinations().get(entry.getKey());
      if (value == null ? slot.held != null : !value.equals(slot.held)) {
        slot.tampered |= believed;
        slot.held = value;
      }
    }
    for (Destination value : seen.destinations().values()) {
      if (!track.slots.containsKey(value.key())) {
        Slot slot = new Slot();
        slot.held = value;
        slot.tampered = believed;
        track.slots.put(value.key(), slot);
      }
    }
    markAll(track);
  }

  /** A service that was listed is gone by now. */
  public void unseen(ServiceKey service) {
    Track track = tracks.get(service);
    if (track != null && !track.foreign) {
      gone(track);
    }
  }

  /** All that was listed has been taken in. */
  public void observed() {
    sure = true;
  }

  /**
   * Takes in whether a destination carries connections, by the last dump: a drain is over when it
   * has carried none for a while.
   *
   * @param now by the clock of {@link #changes}
   */
  public void connections(ServiceKey service, DestinationKey destination, boolean any, long now) {
    Track track = tracks.get(service);
    Slot slot = track == null ? null : track.slots.get(destination);
    if (slot == null || slot.drainingSince == Policy.NOT_DRAINING || any) {
      if (slot != null) {
        slot.quietSince = BUSY;
      }
    } else if (slot.quietSince == BUSY) {
      slot.quietSince = now;
    }
  }

  /**
   * Commands were sent and their outcome is not known: what the next dump shows may be our own
   * doing, and is no tampering.
   */
  public void unsure() {
    sure = false;
  }

  private static void forget(Track track) {
    track.held = null;
    for (Slot slot : track.slots.values()) {
      slot.held = null;
    }
  }

  /**
   * What is to be done now, in {@link Change#ORDER}; nothing is dirty afterwards. What was done is
   * to be told by {@link #acknowledged}.
   *
   * @param now the time in nanoseconds; never runs backwards
   */
  public List<Change> changes(long now) {
    expire(now);
    List<Change> changes = new ArrayList<>();
    List<Track> done = new ArrayList<>();
    List<Track> queued = dirty;
    dirty = new ArrayList<>(); // clearing one that an audit made large would cost its size again
    for (Track track : queued) {
      track.queued = false;
      if (track.unseen) {
        continue; // marked again once it is seen
      }
      if (!track.foreign) {
        evaluate(track, now, changes);
      }
      track.allDirty = false;
      if (!track.dirty.isEmpty()) {
        track.dirty = new LinkedHashSet<>();
      }
      if (track.wanted == null && track.held == null) {
        done.add(track);
      }
    }
    for (Track track : done) {
      drop(track);
    }
    if (complete && resumed.keySet().removeIf(drain -> !undecided(drain))) { // nobody's
      drainsVersion++;
    }
    changes.sort(Change.ORDER);
    return changes;
  }

  /** Of a service that is neither desired nor there nothing is left, and nothing is due. */
  private void drop(Track track) {
    if (tracks.remove(track.key, track)) { // else another one has its place by now
      endDrains(track);
      forgetConditions(track);
    }
    track.slots.clear();
  }

  private void expire(long now) {
    for (Due next = due.peek(); next != null; next = due.peek()) {
      if (!next.stale()) {
        if (now - next.nanos < 0) {
          return;
        }
        next.track.dirty.add(next.destination);
        queue(next.track);
      }
      due.remove();
    }
  }

  /** It is to be looked at again, at the end of a drain, of a wait or of a step. */
  private void lookAgain(Track track, DestinationKey key, Slot slot, long nanos) {
    if (slot.dueNanos != nanos) {
      slot.dueNanos = nanos;
      due.add(new Due(track, key, nanos));
    }
  }

  private void evaluate(Track track, long now, List<Change> into) {
    DesiredService wanted = track.wanted;
    VirtualService held = track.held;
    if (wanted == null) {
      if (held != null && complete) {
        into.add(Change.deleteService(held, Policy.serviceReason(null, held)));
      }
      return;
    }
    String reason =
        track.tampered
            ? "another program changed the kernel's table"
            : Policy.serviceReason(wanted, held);
    if (held == null) {
      into.add(Change.addService(wanted.service(), reason));
    } else if (!held.equals(wanted.service())) {
      into.add(Change.setService(held, wanted.service(), reason));
    } else {
      track.tampered = false;
    }
    boolean panic = track.out > 0 && track.out > wanted.health().mostOutOf(track.ready);
    if (panic != track.panic) {
      track.panic = panic;
      track.allDirty = true;
      if (panic ? panicking.add(track.key) : panicking.remove(track.key)) {
        conditionsVersion++;
      }
    }
    if (track.allDirty) {
      track
          .slots
          .entrySet()
          .removeIf(entry -> evaluate(track, wanted, entry.getKey(), entry.getValue(), now, into));
    } else {
      for (DestinationKey key : track.dirty) {
        Slot slot = track.slots.get(key);
        if (slot != null && evaluate(track, wanted, key, slot, now, into)) {
          track.slots.remove(key);
        }
      }
    }
  }

  /** Adds the change, if any; answers whether nothing is left of the destination. */
  private boolean evaluate(
      Track track,
      DesiredService wanted,
      DestinationKey key,
      Slot slot,
      long now,
      List<Change> into) {
    if (!resumed.isEmpty()) {
      resume(track, key, slot);
    }
    Health thought = slot.out ? health.apply(track.key, key) : Health.UNKNOWN;
    boolean waits = waits(track, key, slot, now);
    Policy.Verdict verdict =
        waits
            ? unchecked(slot)
            : policy.judge(
                wanted.service(),
                slot.wanted,
                track.ready > 0,
                slot.held,
                slot.drainingSince,
                track.panic ? Health.UNKNOWN : thought,
                now);
    if (verdict instanceof Policy.Verdict.Draining
        && slot.quietSince != BUSY
        && now - slot.quietSince >= Policy.QUIET.toNanos()) {
      verdict =
          new Policy.Verdict.Gone(
              "drained: no active connection for " + Policy.QUIET.toSeconds() + " s");
    }
    Destination held = slot.held;
    String reason = slot.tampered ? "another program changed the kernel's table" : verdict.reason();
    Destination value = null;
    if (verdict instanceof Policy.Verdict.Serving serving) {
      endDrain(track, key, slot); // before a step takes its place among what is due
      value = warming(track, key, slot, serving.value(), now);
    } else {
      slot.warmingSince = NOT_WARMING;
    }
    note(track, key, slot, waits ? Condition.State.UNCHECKED : state(slot, verdict), verdict, now);
    switch (verdict) {
      case Policy.Verdict.Serving _ ->
          put(track.key, held, Objects.requireNonNull(value), reason, slot, into);
      case Policy.Verdict.Out out -> {
        endDrain(track, key, slot);
        put(track.key, held, out.value(), reason, slot, into);
      }
      case Policy.Verdict.Draining drain -> {
        beginDrain(track, key, slot, drain.sinceNanos());
        put(track.key, held, drain.value(), reason, slot, into);
      }
      case Policy.Verdict.Gone _ -> {
        if (held != null) {
          if (slot.wanted == null && !complete) {
            return false; // nobody could say yet that it is to go
          }
          if (slot.wanted == null) {
            endDrain(track, key, slot);
          }
          into.add(Change.deleteDestination(track.key, held, reason));
        } else {
          endDrain(track, key, slot);
          slot.tampered = false;
          return slot.wanted == null;
        }
      }
    }
    return false;
  }

  /**
   * Whether a destination that does not serve waits for its first check since the start: a process
   * before this one may have taken it out.
   */
  private boolean waits(Track track, DestinationKey key, Slot slot, long now) {
    if (track.uncheckedUntil == Long.MIN_VALUE) {
      return false;
    }
    if (now - track.uncheckedUntil >= 0) {
      track.uncheckedUntil = Long.MIN_VALUE;
      return false;
    }
    if (!isReady(slot.wanted)
        || (slot.held != null && slot.held.weight() > 0)
        || health.apply(track.key, key).state() != Health.State.UNKNOWN) {
      return false;
    }
    lookAgain(track, key, slot, track.uncheckedUntil);
    return true;
  }

  private static Policy.Verdict unchecked(Slot slot) {
    String reason = "not checked yet since the start";
    return slot.held == null
        ? new Policy.Verdict.Gone(reason)
        : new Policy.Verdict.Out(slot.held, reason);
  }

  /** Its weight now, where it grows in steps. */
  private Destination warming(
      Track track, DestinationKey key, Slot slot, Destination full, long now) {
    HealthRules rules = track.wanted == null ? HealthRules.NONE : track.wanted.health();
    boolean begins = slot.held == null || slot.held.weight() == 0;
    if (rules.slowStart().isZero() || full.weight() == 0) {
      slot.warmingSince = NOT_WARMING;
      return full;
    }
    if (begins && slot.warmingSince == NOT_WARMING && track.held != null && others(track, key)) {
      slot.warmingSince = now;
    }
    if (slot.warmingSince == NOT_WARMING) {
      return full;
    }
    long next = rules.nextStep(now - slot.warmingSince);
    if (next == 0) {
      slot.warmingSince = NOT_WARMING;
      return full;
    }
    lookAgain(track, key, slot, now + next);
    return full.with(rules.weight(full.weight(), now - slot.warmingSince));
  }

  /** Whether others of its service serve: who is alone has nobody to leave the load to. */
  private static boolean others(Track track, DestinationKey key) {
    for (Map.Entry<DestinationKey, Slot> other : track.slots.entrySet()) {
      Destination held = other.getValue().held;
      if (held != null && held.weight() > 0 && !other.getKey().equals(key)) {
        return true;
      }
    }
    return false;
  }

  private static Condition.@Nullable State state(Slot slot, Policy.Verdict verdict) {
    return switch (verdict) {
      case Policy.Verdict.Serving _ ->
          slot.out
              ? Condition.State.PANIC
              : slot.warmingSince != NOT_WARMING ? Condition.State.WARMING : null;
      case Policy.Verdict.Draining _ -> Condition.State.DRAINING;
      case Policy.Verdict.Out _ -> Condition.State.OUT;
      case Policy.Verdict.Gone _ ->
          slot.wanted == null
              ? null
              : isReady(slot.wanted) ? Condition.State.OUT : Condition.State.LEAVING;
    };
  }

  private void note(
      Track track,
      DestinationKey key,
      Slot slot,
      Condition.@Nullable State state,
      Policy.Verdict verdict,
      long now) {
    if (state == null && !slot.noted) {
      return; // the most
    }
    Policy.Drain of = new Policy.Drain(track.key, key);
    Condition before = conditions.get(of);
    slot.noted = state != null;
    if (state == null) {
      conditions.remove(of);
      conditionsVersion++;
      return;
    }
    String reason =
        switch (state) {
          case PANIC -> health.apply(track.key, key).reason();
          case WARMING -> "its weight grows, in steps";
          case OUT, UNCHECKED, DRAINING, LEAVING -> verdict.reason();
        };
    if (before == null || before.state() != state || !before.reason().equals(reason)) {
      long since = before != null && before.state() == state ? before.sinceNanos() : now;
      conditions.put(of, new Condition(state, reason, since));
      conditionsVersion++;
    }
  }

  private void forgetConditions(Track track) {
    if (panicking.remove(track.key)) {
      conditionsVersion++;
    }
    track.slots.forEach(
        (key, slot) -> {
          if (slot.noted) {
            slot.noted = false;
            conditions.remove(new Policy.Drain(track.key, key));
            conditionsVersion++;
          }
        });
  }

  /** Desired destinations that do not serve as the others, and why. */
  public Map<Policy.Drain, Condition> conditions() {
    return new HashMap<>(conditions);
  }

  /** Whether a destination is in the table and gets new connections. */
  public boolean serves(Policy.Drain of) {
    Track track = tracks.get(of.service());
    Slot slot = track == null ? null : track.slots.get(of.destination());
    return slot != null && slot.held != null && slot.held.weight() > 0;
  }

  /** Services of which so many destinations are not well that all are used. */
  public Set<ServiceKey> panicking() {
    return Set.copyOf(panicking);
  }

  /** Another number after {@link #conditions} or {@link #panicking} changed. */
  public long conditionsVersion() {
    return conditionsVersion;
  }

  /**
   * A destination that is to be checked.
   *
   * @param destination as it is desired
   */
  public record Asked(HealthCheck check, Destination destination) {}

  /** What is to be asked of every destination that is to be checked. */
  public Map<Policy.Drain, Asked> checks() {
    Map<Policy.Drain, Asked> checks = new HashMap<>();
    for (Track track : tracks.values()) {
      HealthCheck check = track.wanted == null ? null : track.wanted.health().check();
      if (check != null && !track.foreign) {
        track.slots.forEach(
            (key, slot) -> {
              Endpoint wanted = slot.wanted;
              if (wanted != null && isReady(wanted)) {
                checks.put(
                    new Policy.Drain(track.key, key), new Asked(check, wanted.destination()));
              }
            });
      }
    }
    return checks;
  }

  /** Another number after {@link #checks} may have changed. */
  public long checksVersion() {
    return checksVersion;
  }

  /** Whether a service asks for destinations to be taken out whose connections fail. */
  public boolean ejects(ServiceKey service) {
    Track track = tracks.get(service);
    return track != null && track.wanted != null && track.wanted.health().ejects();
  }

  private static void put(
      ServiceKey service,
      @Nullable Destination held,
      Destination value,
      String reason,
      Slot slot,
      List<Change> into) {
    if (held == null) {
      into.add(Change.addDestination(service, value, reason));
    } else if (!held.equals(value)) {
      into.add(Change.setDestination(service, held, value, reason));
    } else {
      slot.tampered = false;
    }
  }

  /**
   * Whether a destination is held at weight 0 and asked for at it: so does an input that stands in
   * for a part that cannot be read, and what that part says decides whether the drain goes on.
   */
  private static boolean undecided(Slot slot) {
    return slot.held != null
        && slot.held.weight() == 0
        && slot.wanted != null
        && slot.wanted.condition() == Endpoint.Condition.READY
        && slot.wanted.destination().weight() == 0;
  }

  private boolean undecided(Policy.Drain drain) {
    Track track = tracks.get(drain.service());
    Slot slot = track == null ? null : track.slots.get(drain.destination());
    return slot != null && undecided(slot);
  }

  private void resume(Track track, DestinationKey key, Slot slot) {
    if (undecided(slot)) {
      return;
    }
    Long since = resumed.remove(new Policy.Drain(track.key, key));
    if (since != null) {
      drainsVersion++;
      if (slot.held != null && slot.held.weight() == 0) {
        beginDrain(track, key, slot, since);
      }
    }
  }

  private void beginDrain(Track track, DestinationKey key, Slot slot, long sinceNanos) {
    if (slot.drainingSince == Policy.NOT_DRAINING) {
      slot.drainingSince = sinceNanos;
      slot.quietSince = BUSY;
      lookAgain(track, key, slot, sinceNanos + policy.drainLimit().toNanos());
      drains.put(new Policy.Drain(track.key, key), sinceNanos);
      drainsVersion++;
    }
  }

  private void endDrain(Track track, DestinationKey key, Slot slot) {
    if (slot.drainingSince != Policy.NOT_DRAINING) {
      slot.drainingSince = Policy.NOT_DRAINING;
      slot.dueNanos = NOTHING_DUE;
      drains.remove(new Policy.Drain(track.key, key));
      drainsVersion++;
    }
  }

  private void endDrains(Track track) {
    track.slots.forEach((key, slot) -> endDrain(track, key, slot));
  }

  /** The kernel carried out a command, one of {@link #changes} or what it came to. */
  public void acknowledged(Command command) {
    Track track = tracks.get(command.service());
    if (track == null) {
      return;
    }
    switch (command) {
      case Command.AddService add -> hold(track, add.value());
      case Command.SetService set -> hold(track, set.value());
      case Command.DeleteService _ -> {
        forget(track);
        endDrains(track);
        if (track.wanted == null) {
          drop(track);
        } else {
          markAll(track);
        }
      }
      case Command.AddDestination add -> hold(track, add.value().key(), add.value());
      case Command.SetDestination set -> hold(track, set.value().key(), set.value());
      case Command.DeleteDestination delete -> {
        Slot slot = track.slots.get(delete.destination());
        if (slot != null) {
          mended(slot);
          endDrain(track, delete.destination(), slot);
          slot.held = null;
          if (slot.wanted == null) {
            track.slots.remove(delete.destination());
          }
        }
      }
    }
  }

  private void hold(Track track, VirtualService value) {
    track.held = value;
    if (track.tampered) {
      track.tampered = false;
      repaired++;
    }
  }

  private void hold(Track track, DestinationKey key, Destination value) {
    Slot slot = track.slots.get(key);
    if (slot != null) {
      slot.held = value;
      mended(slot);
    }
  }

  private void mended(Slot slot) {
    if (slot.tampered) {
      slot.tampered = false;
      repaired++;
    }
  }

  /**
   * When {@link #changes} next has something to do of its own accord: the end of a drain, the next
   * step of a slow start.
   */
  public OptionalLong nextDeadline() {
    for (Due next = due.peek(); next != null; next = due.peek()) {
      if (!next.stale()) {
        return OptionalLong.of(next.nanos);
      }
      due.remove();
    }
    return OptionalLong.empty();
  }

  /** How many destinations drain now. */
  public int draining() {
    return drains.size();
  }

  /** Since when destinations drain, those among them that were resumed and not yet judged. */
  public Map<Policy.Drain, Long> drains() {
    Map<Policy.Drain, Long> all = new HashMap<>(resumed);
    all.putAll(drains);
    return all;
  }

  /** Another number after {@link #drains} changed. */
  public long drainsVersion() {
    return drainsVersion;
  }

  /** Changes of other programs that were undone since the start. */
  public long repaired() {
    return repaired;
  }

  /** The services that are ours or are to be: what the record has to say before they are made. */
  public Set<ServiceKey> owned() {
    Set<ServiceKey> owned = HashSet.newHashSet(tracks.size());
    for (Track track : tracks.values()) {
      if (!track.foreign && (track.wanted != null || track.held != null || track.unseen)) {
        owned.add(track.key);
      }
    }
    return owned;
  }

  /**
   * The services that are to be and are not.
   *
   * @param refused those that were made and cannot be reached as they should
   */
  public Set<ServiceKey> unserved(Set<ServiceKey> refused) {
    Set<ServiceKey> unserved = new HashSet<>();
    for (Track track : tracks.values()) {
      if (track.wanted != null
          && (track.foreign
              || (track.held == null && !track.unseen)
              || refused.contains(track.key))) {
        unserved.add(track.key);
      }
    }
    return unserved;
  }

  /**
   * What the machine around the table is to be ready for.
   *
   * @param present what the table was last seen to hold, ours or not
   * @param others whether the table holds services that are not ours
   */
  public HostNeeds needs(SortedSet<ServiceKey> present, boolean others) {
    TreeMap<ServiceKey, HostNeeds.Need> services = new TreeMap<>();
    TreeSet<ServiceKey> held = new TreeSet<>();
    for (Track track : tracks.values()) {
      if (!track.foreign) {
        if (track.wanted != null) {
          services.put(track.key, HostNeeds.Need.of(track.wanted));
        }
        if (track.held != null || track.unseen) {
          held.add(track.key);
        }
      }
    }
    return new HostNeeds(services, held, present, others);
  }

  /**
   * Whether a service is to rewrite its clients' addresses and does not translate yet: before it
   * does, the machine has to be ready for that.
   */
  public boolean beginsSourceNat(ServiceKey service) {
    Track track = tracks.get(service);
    if (track == null || track.wanted == null || !track.wanted.sourceNat()) {
      return false;
    }
    for (Slot slot : track.slots.values()) {
      if (slot.held != null && slot.held.forwarding() == Forwarding.NAT) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a service is to take only some clients' packets and is not there yet: before it is, the
   * machine has to turn the others away.
   */
  public boolean beginsSourceRanges(ServiceKey service) {
    Track track = tracks.get(service);
    return track != null
        && track.held == null
        && track.wanted != null
        && track.wanted.sourceRanges().limited();
  }

  /** Whether a first whole desired state has arrived; nothing is deleted before. */
  public boolean complete() {
    return complete;
  }

  /** Whether a whole desired state has arrived, fresh or recalled. */
  public boolean known() {
    return known;
  }

  /** How many services are desired now. */
  public int wantedServices() {
    return (int) tracks.values().stream().filter(track -> track.wanted != null).count();
  }

  /** How many endpoints they have, all together. */
  public int wantedEndpoints() {
    return tracks.values().stream()
        .mapToInt(
            track ->
                (int) track.slots.values().stream().filter(slot -> slot.wanted != null).count())
        .sum();
  }

  /** Desired services that the kernel holds for somebody else. */
  public List<Ownership.Refusal> refused() {
    List<Ownership.Refusal> refused = new ArrayList<>();
    for (Track track : tracks.values()) {
      if (track.foreign && track.wanted != null) {
        refused.add(Ownership.Refusal.of(track.wanted));
      }
    }
    refused.sort(java.util.Comparator.comparing(Ownership.Refusal::service));
    return refused;
  }
}
