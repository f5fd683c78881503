package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
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
  private static final SortedMap<DestinationKey, Endpoint> NO_ENDPOINTS =
      java.util.Collections.emptySortedMap();

  private final Policy policy;
  private final Agenda agenda = new Agenda();
  private final Fitness fitness;
  private final Conditions conditions;
  private final Map<ServiceKey, Track> tracks = new HashMap<>();
  private List<Track> dirty = new ArrayList<>(); // each once: see Track.queued
  private final Drains drains;
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
    this.drains = new Drains(policy.drainLimit(), agenda);
    this.fitness = new Fitness(health, agenda);
    this.conditions = new Conditions(fitness);
  }

  /**
   * Takes in a drain that a process before this one began. It goes on when the kernel holds the
   * destination at weight 0 as it is first judged; else what is known is of an earlier drain. While
   * weight 0 is also what is asked for, that is not judged.
   *
   * @param sinceNanos by the clock of {@link #changes}
   */
  public void resume(ServiceDestination drain, long sinceNanos) {
    drains.resume(drain, sinceNanos);
  }

  /**
   * Takes in what a process before this one had taken out for its health. A table that outlives its
   * process shows that by itself; where a service is not there, these wait for their first check.
   */
  public void wereOut(Set<ServiceDestination> those) {
    fitness.wereOut(those);
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
          track.wanted = track.wanted.awaiting(changed.awaited());
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
    fitness.countOut(track, destination, slot);
    lookAt(track, destination);
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
    DesiredService service = Fitness.keepingCheck(before, asked);
    fitness.begin(track, before, service, now);
    if (before == null
        || !before.service().equals(service.service()) // another scheduler may drain differently
        || !before.health().equals(service.health())) { // more may be out, or fewer
      markAll(track);
    }
    boolean wasChecked = track.checked();
    track.wanted = service.with(NO_ENDPOINTS);
    if (wasChecked || track.checked()) {
      fitness.checksChanged();
    }
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
    if (track.checked()) {
      fitness.checksChanged();
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
    if (track.checked()) {
      fitness.checksChanged();
    }
    boolean wasReady = Slot.ready(before);
    boolean isReady = slot.ready();
    fitness.countOut(track, key, slot);
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
          track.forget();
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
      fitness.checksChanged();
      if (another) {
        track.panic = false;
        conditions.forget(track);
      }
    }
  }

  private void gone(Track track) {
    track.gone(sure);
    markAll(track);
  }

  /** Takes in one service as the kernel holds it now; what is not ours is left. */
  public void seen(EffectiveService seen) {
    Track track = tracks.get(seen.value().key());
    if (track == null || track.foreign) {
      return;
    }
    track.seen(seen, sure);
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
        slot.quietSince = Slot.BUSY;
      }
    } else if (slot.quietSince == Slot.BUSY) {
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

  /**
   * What is to be done now, in {@link Change#ORDER}; nothing is dirty afterwards. What was done is
   * to be told by {@link #acknowledged}.
   *
   * @param now the time in nanoseconds; never runs backwards
   */
  public List<Change> changes(long now) {
    agenda.expire(now, this::lookAt);
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
    if (complete) {
      drains.retain(this::undecided); // the others are nobody's
    }
    changes.sort(Change.ORDER);
    return changes;
  }

  /** Of a service that is neither desired nor there nothing is left, and nothing is due. */
  private void drop(Track track) {
    if (tracks.remove(track.key, track)) { // else another one has its place by now
      drains.end(track);
      conditions.forget(track);
    }
    track.slots.clear();
  }

  private void lookAt(Track track, DestinationKey destination) {
    track.dirty.add(destination);
    queue(track);
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
    if (fitness.panics(track)) {
      track.allDirty = true;
      conditions.panic(track);
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
    drains.judge(track, key, slot);
    boolean drained = slot.drainingSince != Policy.NOT_DRAINING;
    Health thought = fitness.thought(track, key, slot);
    boolean waits = fitness.waits(track, key, slot, now);
    Policy.Verdict verdict =
        waits
            ? Fitness.unchecked(slot)
            : policy.judge(
                wanted.service(),
                slot.wanted,
                track.ready > 0,
                slot.held,
                slot.drainingSince,
                track.panic ? Health.UNKNOWN : thought,
                now);
    if (verdict instanceof Policy.Verdict.Draining
        && slot.quietSince != Slot.BUSY
        && now - slot.quietSince >= Policy.QUIET.toNanos()) {
      verdict =
          new Policy.Verdict.Gone(
              "drained: no active connection for " + Policy.QUIET.toSeconds() + " s");
    }
    Destination held = slot.held;
    String reason = slot.tampered ? "another program changed the kernel's table" : verdict.reason();
    Destination value = null;
    if (verdict instanceof Policy.Verdict.Serving serving) {
      drains.end(track, key, slot); // before a step takes its place among what is due
      value = fitness.warming(track, key, slot, serving.value(), now);
    } else {
      slot.warmingSince = Slot.NOT_WARMING;
    }
    conditions.note(track, key, slot, waits, verdict, now);
    switch (verdict) {
      case Policy.Verdict.Serving _ ->
          slot.put(track.key, Objects.requireNonNull(value), reason, into);
      case Policy.Verdict.Out out -> {
        drains.end(track, key, slot);
        slot.put(track.key, out.value(), reason, into);
      }
      case Policy.Verdict.Draining drain -> {
        drains.begin(track, key, slot, drain.sinceNanos());
        slot.put(track.key, drain.value(), reason, into);
      }
      case Policy.Verdict.Gone _ -> {
        if (held != null) {
          if (slot.wanted == null && !complete) {
            return false; // nobody could say yet that it is to go
          }
          if (slot.wanted == null) {
            drains.end(track, key, slot);
          }
          into.add(Change.deleteDestination(track.key, held, reason, drained));
        } else {
          drains.end(track, key, slot);
          slot.tampered = false;
          return slot.wanted == null;
        }
      }
    }
    return false;
  }

  /** Desired destinations that do not serve as the others, and why. */
  public Map<ServiceDestination, Condition> conditions() {
    return conditions.all();
  }

  /** Whether a destination is in the table and gets new connections. */
  public boolean serves(ServiceDestination of) {
    Track track = tracks.get(of.service());
    Slot slot = track == null ? null : track.slots.get(of.destination());
    return slot != null && slot.serves();
  }

  /** Services of which so many destinations are not well that all are used. */
  public Set<ServiceKey> panicking() {
    return conditions.panicking();
  }

  /** Another number after {@link #conditions} or {@link #panicking} changed. */
  public long conditionsVersion() {
    return conditions.version();
  }

  /** What is to be asked of every destination that is to be checked. */
  public Map<ServiceDestination, Asked> checks() {
    return fitness.checks(tracks.values());
  }

  /** Another number after {@link #checks} may have changed. */
  public long checksVersion() {
    return fitness.checksVersion();
  }

  /** Whether a service asks for destinations to be taken out whose connections fail. */
  public boolean ejects(ServiceKey service) {
    Track track = tracks.get(service);
    return track != null && track.rules().ejects();
  }

  private boolean undecided(ServiceDestination drain) {
    Track track = tracks.get(drain.service());
    Slot slot = track == null ? null : track.slots.get(drain.destination());
    return slot != null && slot.undecided();
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
        track.forget();
        drains.end(track);
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
          drains.end(track, delete.destination(), slot);
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
    return agenda.nextDeadline();
  }

  /** How many destinations drain now. */
  public int draining() {
    return drains.size();
  }

  /** Since when destinations drain, those among them that were resumed and not yet judged. */
  public Map<ServiceDestination, Long> drains() {
    return drains.all();
  }

  /** Another number after {@link #drains} changed. */
  public long drainsVersion() {
    return drains.version();
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
   * The services of the table that have endpoints, ready or not, and none that serves. Those that
   * are scaled to nothing, or to weight 0, are not among them.
   */
  public Set<ServiceKey> withoutBackend() {
    Set<ServiceKey> without = new HashSet<>();
    for (Track track : tracks.values()) {
      if (!track.foreign && track.held != null && track.lacksBackend()) {
        without.add(track.key);
      }
    }
    return without;
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
    return track != null && track.beginsSourceNat();
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
