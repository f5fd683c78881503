package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthRules;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.core.VirtualService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The last good desired state in the state directory, for a start at which nobody can be asked. It
 * outlives the boot: a machine that comes back during an outage serves. After the form of the file
 * and the time, a line for each router that answers on layer-2 networks, one for each service, and
 * after it one for what only the relay does of it and one for its health, where there is anything,
 * and one for each of its endpoints:
 *
 * <pre>
 * desired 1
 * saved 1764163200000
 * router node-a staying 10.1.0.0/24@02:00:0a:01:00:02
 * service tcp 10.0.0.1 80 shop/web mh,mh-fallback,mh-port 0 32 false NAT true 192.0.2.0/24
 * relay false V2 1000 0 0 20
 * health 50 30000 true http,path=/healthz
 * endpoint 10.1.0.11 8080 NAT ipip 1 0 0 READY
 * </pre>
 */
public final class LastDesired {
  private static final String FORM = "desired 1";
  private static final String EVERYONE = "-";

  private final StateDirectory state;
  private final String file;

  public LastDesired(StateDirectory state, Namespace namespace) {
    this.state = state;
    this.file = "desired-" + StateDirectory.number(namespace);
  }

  /**
   * What was saved, and when.
   *
   * @param routers those that answered on layer-2 networks, by name
   */
  public record Saved(Desired desired, Instant at, SortedMap<String, Routers.Router> routers) {
    /** Where every router answers for every address. */
    public Saved(Desired desired, Instant at) {
      this(desired, at, Collections.emptySortedMap());
    }
  }

  /**
   * What became of the file.
   *
   * @param saved nothing when nothing was, or when it cannot be believed
   * @param problem why it cannot be believed; otherwise empty
   */
  public record Loaded(Optional<Saved> saved, String problem) {
    private static Loaded unusable(String problem) {
      return new Loaded(Optional.empty(), problem);
    }
  }

  /**
   * Replaces the file.
   *
   * @throws StateException when it cannot; the old one is then still there
   */
  public void save(Saved saved) {
    StringBuilder text = new StringBuilder(1024);
    text.append(FORM).append("\nsaved ").append(saved.at.toEpochMilli()).append('\n');
    saved.routers.forEach((name, router) -> append(name, router, text));
    saved.desired.services().values().forEach(service -> append(service, text));
    state.save(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void append(String name, Routers.Router router, StringBuilder text) {
    text.append("router ").append(name).append(router.leaving() ? " leaving" : " staying");
    text.append(' ').append(router.offer()).append('\n');
  }

  private static void append(DesiredService service, StringBuilder text) {
    VirtualService value = service.service();
    text.append("service ");
    StateDirectory.append(value.key(), text);
    text.append(' ').append(service.owner().isEmpty() ? "-" : service.owner());
    text.append(' ').append(value.scheduler());
    text.append(' ').append(value.persistenceSeconds());
    text.append(' ').append(value.persistenceBits());
    text.append(' ').append(value.onePacket());
    text.append(' ').append(service.forwarding());
    text.append(' ').append(service.sourceNat());
    text.append(' ').append(service.sourceRanges().limited() ? service.sourceRanges() : EVERYONE);
    text.append('\n');
    RelayRules relay = service.relay();
    if (!relay.none()) {
      text.append("relay ").append(relay.only()).append(' ').append(relay.proxy());
      text.append(' ').append(relay.connections()).append(' ').append(relay.rate());
      text.append(' ').append(relay.clientConnections()).append(' ').append(relay.clientRate());
      text.append('\n');
    }
    HealthRules health = service.health();
    if (!health.equals(HealthRules.NONE)) {
      HealthCheck check = health.check();
      text.append("health ").append(health.mostOut());
      text.append(' ').append(health.slowStart().toMillis()).append(' ').append(health.ejects());
      text.append(' ').append(check == null ? "-" : check.text()).append('\n');
    }
    for (Endpoint endpoint : service.endpoints().values()) {
      Destination to = endpoint.destination();
      text.append("endpoint ").append(to.key().address()).append(' ').append(to.key().port());
      text.append(' ').append(to.forwarding());
      text.append(' ').append(word(to.encapsulation()));
      text.append(' ').append(to.weight());
      text.append(' ').append(to.upperThreshold());
      text.append(' ').append(to.lowerThreshold());
      text.append(' ').append(endpoint.condition()).append('\n');
    }
  }

  private static String word(Encapsulation encapsulation) {
    return switch (encapsulation) {
      case Encapsulation.Ipip _ -> "ipip";
      case Encapsulation.Gue gue ->
          "gue:" + gue.port() + ":" + gue.checksum() + ":" + gue.remoteChecksum();
      case Encapsulation.Gre gre -> "gre:" + gre.checksum();
    };
  }

  /**
   * What was saved last.
   *
   * @throws StateException when it is there and cannot be read
   */
  public Loaded load() {
    return switch (state.load(file)) {
      case StateDirectory.Loaded.Missing _ -> Loaded.unusable("");
      case StateDirectory.Loaded.Corrupt corrupt -> Loaded.unusable(corrupt.reason());
      case StateDirectory.Loaded.Present present ->
          parse(state.path().resolve(file).toString(), present.content());
    };
  }

  /** What a file's content says, whatever it is. */
  static Loaded parse(String name, byte[] content) {
    Iterator<String> lines = new String(content, StandardCharsets.UTF_8).lines().iterator();
    String line = lines.hasNext() ? lines.next() : "";
    String where = name + " says \"";
    if (!line.equals(FORM)) {
      return Loaded.unusable(where + line + "\", and this program reads only \"" + FORM + "\"");
    }
    try {
      Reader reader = new Reader();
      while (lines.hasNext()) {
        line = lines.next();
        reader.read(List.of(line.split(" ", -1)));
      }
      return new Loaded(Optional.of(reader.saved()), "");
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Loaded.unusable(where + line + "\"");
    }
  }

  private static final class Reader {
    private final SortedMap<ServiceKey, DesiredService> services = new TreeMap<>();
    private SortedMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
    private final SortedMap<String, Routers.Router> routers = new TreeMap<>();
    private Instant at = Instant.EPOCH;
    private @Nullable ServiceKey last;

    void read(List<String> words) {
      switch (words.getFirst()) {
        case "saved" -> at = Instant.ofEpochMilli(Long.parseLong(words.get(1)));
        case "router" -> router(words);
        case "service" -> service(words);
        case "relay" -> relay(words);
        case "health" -> health(words);
        case "endpoint" -> endpoint(words);
        default -> throw new IllegalArgumentException(words.getFirst());
      }
    }

    private void router(List<String> words) {
      Offer offer = Offer.NONE;
      for (String word : words.subList(3, words.size())) {
        offer = offer.with(word);
      }
      routers.put(words.get(1), new Routers.Router(offer, words.get(2).equals("leaving")));
    }

    private void service(List<String> words) {
      endpoints = new TreeMap<>();
      ServiceKey key = StateDirectory.service(words.subList(1, 4).toArray(String[]::new));
      last = key;
      services.put(
          key,
          new DesiredService(
              words.get(4).equals("-") ? "" : words.get(4),
              new VirtualService(
                  key,
                  scheduler(words.get(5)),
                  Integer.parseInt(words.get(6)),
                  Integer.parseInt(words.get(7)),
                  Boolean.parseBoolean(words.get(8))),
              Forwarding.valueOf(words.get(9)),
              Boolean.parseBoolean(words.get(10)),
              words.get(11).equals(EVERYONE)
                  ? SourceRanges.EVERYONE
                  : SourceRanges.parse(words.get(11)),
              RelayRules.NONE,
              HealthRules.NONE,
              Collections.unmodifiableSortedMap(endpoints)));
    }

    private ServiceKey lastService() {
      if (last == null) {
        throw new IllegalArgumentException("no service yet");
      }
      return last;
    }

    private void relay(List<String> words) {
      RelayRules rules =
          new RelayRules(
              Boolean.parseBoolean(words.get(1)),
              RelayRules.ProxyProtocol.valueOf(words.get(2)),
              Integer.parseInt(words.get(3)),
              Integer.parseInt(words.get(4)),
              Integer.parseInt(words.get(5)),
              Integer.parseInt(words.get(6)));
      services.computeIfPresent(lastService(), (_, service) -> service.with(rules));
    }

    private void health(List<String> words) {
      String text = String.join(" ", words.subList(4, words.size()));
      HealthRules rules =
          new HealthRules(
              text.equals("-") ? null : check(text),
              Integer.parseInt(words.get(1)),
              Duration.ofMillis(Long.parseLong(words.get(2))),
              Boolean.parseBoolean(words.get(3)));
      services.computeIfPresent(lastService(), (_, service) -> service.with(rules));
    }

    private static HealthCheck check(String text) {
      return switch (HealthCheck.parse(text)) {
        case HealthCheck.Reading.Right right -> right.check();
        case HealthCheck.Reading.Wrong wrong -> throw new IllegalArgumentException(wrong.word());
      };
    }

    private static Scheduler scheduler(String text) {
      List<String> words = List.of(text.split(",", -1));
      String name = words.getFirst();
      return new Scheduler(
          name, words.contains(name + "-fallback"), words.contains(name + "-port"));
    }

    private void endpoint(List<String> words) {
      DestinationKey key =
          new DestinationKey(IpAddress.parse(words.get(1)), Integer.parseInt(words.get(2)));
      endpoints.put(
          key,
          new Endpoint(
              new Destination(
                  key,
                  Forwarding.valueOf(words.get(3)),
                  encapsulation(words.get(4)),
                  Integer.parseInt(words.get(5)),
                  Integer.parseInt(words.get(6)),
                  Integer.parseInt(words.get(7))),
              Endpoint.Condition.valueOf(words.get(8))));
    }

    private static Encapsulation encapsulation(String text) {
      List<String> words = List.of(text.split(":", -1));
      return switch (words.getFirst()) {
        case "ipip" -> Encapsulation.IPIP;
        case "gue" ->
            new Encapsulation.Gue(
                Integer.parseInt(words.get(1)),
                Boolean.parseBoolean(words.get(2)),
                Boolean.parseBoolean(words.get(3)));
        case "gre" -> new Encapsulation.Gre(Boolean.parseBoolean(words.get(1)));
        default -> throw new IllegalArgumentException(text);
      };
    }

    Saved saved() {
      return new Saved(new Desired(Collections.unmodifiableSortedMap(services)), at, routers);
    }
  }
}
