package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.MaglevTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's schedulers ({@code net/netfilter/ipvs/ip_vs_*.c}), each bound to one service. Exact:
 * rr, wrr, lc, wlc, sed, nq, fo, ovf, sh and mh. {@code dh}, {@code lblc} and {@code lblcr} keep
 * what matters of them (the choice sticks to the virtual address), {@code twos} draws from the
 * model's seed.
 */
abstract class ModelScheduler {
  static final ModelScheduler NONE =
      new ModelScheduler("none") {
        @Override
        @Nullable ModelDestination schedule(IpAddress client, int port) {
          return null;
        }
      };

  private final String name;

  ModelScheduler(String name) {
    this.name = name;
  }

  /** The scheduler bound to a service as it stands; empty for a name that no module has. */
  static Optional<ModelScheduler> bind(String name, ModelService service, RandomGenerator random) {
    return switch (name) {
      case "none" -> Optional.of(NONE);
      case "rr" -> Optional.of(new RoundRobin(service));
      case "wrr" -> Optional.of(new WeightedRoundRobin(service));
      case "lc", "wlc", "sed", "nq" -> Optional.of(new Least(name, service));
      case "lblc", "lblcr" -> Optional.of(new Locality(name, service));
      case "fo", "ovf" -> Optional.of(new Heaviest(name, service));
      case "dh", "sh" -> Optional.of(new Hashing(name, service));
      case "mh" -> Optional.of(new Maglev(service));
      case "twos" -> Optional.of(new PowerOfTwo(service, random));
      default -> Optional.empty();
    };
  }

  String name() {
    return name;
  }

  /** The destination for a new connection; null when there is none. */
  abstract @Nullable ModelDestination schedule(IpAddress client, int port);

  /** A destination was added or changed, and is in the list. */
  void changed() {}

  /** A destination has left the list; its {@code next} still holds. */
  void deleted(ModelDestination gone) {
    changed();
  }

  private static final class RoundRobin extends ModelScheduler {
    private final ModelDestination head;
    private ModelDestination last;

    RoundRobin(ModelService service) {
      super("rr");
      head = service.head;
      last = head;
    }

    @Override
    void deleted(ModelDestination gone) {
      if (last == gone) {
        last = gone.next.previous;
      }
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      ModelDestination from = last;
      ModelDestination d = last;
      for (int pass = 0; pass < 2; pass++) {
        for (d = d.next; d != head; d = d.next) {
          if (d.accepts()) {
            last = d;
            return d;
          }
          if (d == from) {
            return null;
          }
        }
        if (from == head) {
          return null;
        }
      }
      return null;
    }
  }

  private static final class WeightedRoundRobin extends ModelScheduler {
    private final ModelDestination head;
    private ModelDestination current;
    private int required;
    private int most;
    private int step;

    WeightedRoundRobin(ModelService service) {
      super("wrr");
      head = service.head;
      current = head;
      weigh();
      required = most;
    }

    private void weigh() {
      current = head;
      step = 0;
      int heaviest = 0;
      for (ModelDestination d = head.next; d != head; d = d.next) {
        if (d.weight > 0) {
          step = gcd(d.weight, step);
          heaviest = Math.max(heaviest, d.weight);
        }
      }
      step = Math.max(step, 1);
      most = heaviest - (step - 1);
    }

    private static int gcd(int a, int b) {
      return b == 0 ? a : gcd(b, a % b);
    }

    @Override
    void changed() {
      weigh();
      if (required > most || required == 0) {
        required = most;
      } else if (step > 1) {
        required = required / step * step + 1;
      }
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      if (most == 0) {
        return null;
      }
      ModelDestination last = current;
      ModelDestination d = last;
      ModelDestination stop = null;
      boolean lastPass = false;
      boolean restarted = false;
      while (true) {
        for (d = d.next; d != head; d = d.next) {
          if (!d.overloaded && d.weight >= required) {
            current = d;
            return d;
          }
          if (d == stop) {
            current = d;
            return null;
          }
        }
        required -= step;
        if (required <= 0) {
          required = most;
          if (lastPass || last == head) {
            current = d;
            return null;
          }
          restarted = true;
        }
        lastPass = required <= step;
        if (lastPass && restarted && last != head) {
          stop = last;
        }
      }
    }
  }

  /** The least loaded by one of four measures; the first in the list wins a draw. */
  private static class Least extends ModelScheduler {
    private final ModelDestination head;

    Least(String name, ModelService service) {
      super(name);
      head = service.head;
    }

    private long load(ModelDestination d) {
      return switch (name()) {
        case "sed", "nq" -> d.active + 1L;
        default -> d.active * 256L + d.inactive;
      };
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      ModelDestination least = null;
      for (ModelDestination d = head.next; d != head; d = d.next) {
        if (!d.accepts()) {
          continue;
        }
        if (name().equals("nq") && d.active == 0) {
          return d;
        }
        if (least == null || lighter(d, least)) {
          least = d;
        }
      }
      return least;
    }

    private boolean lighter(ModelDestination d, ModelDestination least) {
      return name().equals("lc")
          ? load(d) < load(least)
          : load(least) * d.weight > load(d) * least.weight;
    }
  }

  /** One destination for the virtual address for as long as it accepts, then the least loaded. */
  private static final class Locality extends Least {
    private @Nullable ModelDestination chosen;

    Locality(String name, ModelService service) {
      super(name, service);
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      if (chosen == null || !chosen.available || !chosen.accepts()) {
        chosen = super.schedule(client, port);
      }
      return chosen;
    }
  }

  private static final class Heaviest extends ModelScheduler {
    private final ModelDestination head;

    Heaviest(String name, ModelService service) {
      super(name);
      head = service.head;
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      ModelDestination heaviest = null;
      for (ModelDestination d = head.next; d != head; d = d.next) {
        boolean room = name().equals("fo") || d.active < d.weight;
        if (d.accepts() && room && (heaviest == null || d.weight > heaviest.weight)) {
          heaviest = d;
        }
      }
      return heaviest;
    }
  }

  /** {@code sh} over the source, {@code dh} over the virtual address: 256 buckets. */
  private static final class Hashing extends ModelScheduler {
    private static final int BUCKETS = 256;
    private final ModelService service;
    private @Nullable ModelDestination @Nullable [] buckets;

    Hashing(String name, ModelService service) {
      super(name);
      this.service = service;
    }

    @Override
    void changed() {
      buckets = null;
    }

    private @Nullable ModelDestination[] buckets() {
      if (buckets != null) {
        return buckets;
      }
      @Nullable ModelDestination[] filled = new ModelDestination[BUCKETS];
      ModelDestination head = service.head;
      ModelDestination d = head;
      int turn = 0;
      for (int i = 0; i < BUCKETS && head.next != head; i++) {
        d = d == head ? d.next : d;
        filled[i] = d;
        if (name().equals("dh") || ++turn >= d.weight) {
          d = d.next;
          turn = 0;
        }
      }
      buckets = filled;
      return filled;
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      if (name().equals("dh")) {
        ModelDestination d = buckets()[hash(fold(service.id.address()))];
        return d != null && d.accepts() ? d : null;
      }
      int hashedPort = (service.flags & ModelService.PORT) != 0 ? port : 0;
      int first = hash(hashedPort + fold(client));
      ModelDestination d = buckets()[first];
      boolean fallback = (service.flags & ModelService.FALLBACK) != 0;
      for (int i = 0; fallback && d != null && !d.accepts() && i < BUCKETS; i++) {
        d = buckets()[((first + i) % BUCKETS + first) % BUCKETS];
      }
      return d != null && d.accepts() ? d : null;
    }

    private static int hash(int value) {
      return (value * 0x61C88647) >>> 24; // hash_32(value, 8)
    }

    private static int fold(IpAddress address) {
      long words = address.high() ^ address.low();
      return (int) ((words >>> 32) ^ words);
    }
  }

  /** Built when asked, not at every change: the model is to be fast where the kernel is slow. */
  private static final class Maglev extends ModelScheduler {
    private final ModelService service;
    private @Nullable MaglevTable table;

    Maglev(ModelService service) {
      super("mh");
      this.service = service;
    }

    @Override
    void changed() {
      table = null;
    }

    private MaglevTable table() {
      if (table == null) {
        List<MaglevTable.Member> members = new ArrayList<>(service.byKey.size());
        for (ModelDestination d = service.head.next; d != service.head; d = d.next) {
          members.add(new MaglevTable.Member(d.key, d.lastWeight));
        }
        // The kernel keeps its old table when an addition makes too many, and answers "done".
        int excess = Math.max(0, members.size() - MaglevTable.SLOTS);
        table = MaglevTable.of(service.id.family(), members.subList(excess, members.size()));
      }
      return table;
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      int hashedPort = (service.flags & ModelService.PORT) != 0 ? port : 0;
      var key =
          (service.flags & ModelService.FALLBACK) != 0
              ? table().lookup(client, hashedPort, k -> accepting(k) != null)
              : table().lookup(client, hashedPort);
      return key.isEmpty() ? null : accepting(key.get());
    }

    private @Nullable ModelDestination accepting(DestinationKey key) {
      ModelDestination d = service.byKey.get(key);
      return d != null && d.accepts() ? d : null;
    }
  }

  private static final class PowerOfTwo extends ModelScheduler {
    private final ModelService service;
    private final RandomGenerator random;

    PowerOfTwo(ModelService service, RandomGenerator random) {
      super("twos");
      this.service = service;
      this.random = random;
    }

    @Override
    @Nullable ModelDestination schedule(IpAddress client, int port) {
      ModelDestination first = draw();
      ModelDestination second = draw();
      if (first == null || second == null) {
        return first;
      }
      long firstLoad = first.active * 256L + first.inactive;
      long secondLoad = second.active * 256L + second.inactive;
      return firstLoad * second.weight > secondLoad * first.weight ? second : first;
    }

    private @Nullable ModelDestination draw() {
      long total = 0;
      for (ModelDestination d = service.head.next; d != service.head; d = d.next) {
        total += d.accepts() ? d.weight : 0;
      }
      if (total == 0) {
        return null;
      }
      long point = random.nextLong(total);
      for (ModelDestination d = service.head.next; d != service.head; d = d.next) {
        point -= d.accepts() ? d.weight : 0;
        if (point < 0) {
          return d;
        }
      }
      return null;
    }
  }
}
