package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Seeded desired and effective states, small enough that everything collides with everything. */
final class RandomStates {
  private static final List<Scheduler> SCHEDULERS =
      List.of(
          Scheduler.DEFAULT,
          new Scheduler("mh", false, true),
          new Scheduler("rr", false, false),
          new Scheduler("sh", true, false),
          new Scheduler("dh", false, false),
          new Scheduler("wlc", false, false));
  private static final List<Encapsulation> ENCAPSULATIONS =
      List.of(
          Encapsulation.IPIP,
          new Encapsulation.Gue(6080, true, false),
          new Encapsulation.Gre(true));

  private final RandomGenerator random;
  private final int services;
  private final int endpoints;

  RandomStates(RandomGenerator random, int services, int endpoints) {
    this.random = random;
    this.services = services;
    this.endpoints = endpoints;
  }

  ServiceKey serviceKey() {
    int number = random.nextInt(services);
    return new ServiceKey(
        number % 2 == 0 ? Protocol.TCP : Protocol.UDP,
        IpAddress.parse(number % 3 == 0 ? "2001:db8::" + (1 + number) : "10.0.0." + (1 + number)),
        80);
  }

  DestinationKey destinationKey() {
    return new DestinationKey(IpAddress.parse("10.1.0." + (1 + random.nextInt(endpoints))), 80);
  }

  VirtualService virtualService(ServiceKey key) {
    Scheduler scheduler = SCHEDULERS.get(random.nextInt(SCHEDULERS.size()));
    return new VirtualService(
        key,
        scheduler,
        random.nextInt(4) == 0 ? 300 : 0,
        key.address().family().bits(),
        key.protocol() == Protocol.UDP && random.nextInt(8) == 0);
  }

  Destination destination() {
    boolean tunnel = random.nextInt(3) == 0;
    int upper = random.nextInt(4) == 0 ? 100 : 0;
    return new Destination(
        destinationKey(),
        tunnel ? Forwarding.TUNNEL : Forwarding.DIRECT,
        tunnel ? ENCAPSULATIONS.get(random.nextInt(3)) : Encapsulation.IPIP,
        random.nextInt(3),
        upper,
        upper == 0 ? 0 : random.nextInt(upper));
  }

  Endpoint endpoint() {
    Endpoint.Condition[] conditions = Endpoint.Condition.values();
    return new Endpoint(destination(), conditions[random.nextInt(conditions.length)]);
  }

  DesiredService desiredService(ServiceKey key) {
    TreeMap<DestinationKey, Endpoint> byKey = new TreeMap<>();
    for (int i = random.nextInt(endpoints + 1); i > 0; i--) {
      Endpoint endpoint = endpoint();
      byKey.put(endpoint.destination().key(), endpoint);
    }
    return new DesiredService("shop/web", virtualService(key), Forwarding.DIRECT, false, byKey);
  }

  Desired desired() {
    TreeMap<ServiceKey, DesiredService> byKey = new TreeMap<>();
    for (int i = random.nextInt(services + 1); i > 0; i--) {
      ServiceKey key = serviceKey();
      byKey.put(key, desiredService(key));
    }
    return new Desired(byKey);
  }

  Effective effective() {
    TreeMap<ServiceKey, EffectiveService> byKey = new TreeMap<>();
    for (int i = random.nextInt(services + 1); i > 0; i--) {
      ServiceKey key = serviceKey();
      TreeMap<DestinationKey, Destination> destinations = new TreeMap<>();
      for (int j = random.nextInt(endpoints + 1); j > 0; j--) {
        Destination destination = destination();
        destinations.put(destination.key(), destination);
      }
      byKey.put(key, new EffectiveService(virtualService(key), destinations));
    }
    return new Effective(byKey);
  }

  /** The state once some changes are made, with what makes no sense refused as an error. */
  static Effective apply(List<Change> changes, Effective to) {
    TreeMap<ServiceKey, EffectiveService> state = new TreeMap<>();
    for (Map.Entry<ServiceKey, EffectiveService> entry : to.services().entrySet()) {
      state.put(
          entry.getKey(),
          new EffectiveService(
              entry.getValue().value(), new TreeMap<>(entry.getValue().destinations())));
    }
    List<String> wrong = new ArrayList<>();
    for (Change change : changes) {
      ServiceKey key = change.command().service();
      EffectiveService service = state.get(key);
      TableEntry found =
          switch (change.kind()) {
            case SERVICE -> service == null ? null : service.value();
            case DESTINATION ->
                service == null ? null : service.destinations().get(change.destination());
          };
      if (!change.before().equals(found == null ? TableEntry.ABSENT : found)) {
        wrong.add(change + " found " + found);
        continue;
      }
      switch (change.command()) {
        case Command.AddService add ->
            state.put(key, new EffectiveService(add.value(), new TreeMap<>()));
        case Command.SetService set when service != null ->
            state.put(key, new EffectiveService(set.value(), service.destinations()));
        case Command.DeleteService _ -> state.remove(key);
        case Command.AddDestination add when service != null ->
            service.destinations().put(add.value().key(), add.value());
        case Command.SetDestination set when service != null ->
            service.destinations().put(set.value().key(), set.value());
        case Command.DeleteDestination delete when service != null ->
            service.destinations().remove(delete.destination());
        default -> wrong.add(change + " has no service");
      }
    }
    if (!wrong.isEmpty()) {
      throw new AssertionError(wrong.toString());
    }
    return new Effective(state);
  }
}
