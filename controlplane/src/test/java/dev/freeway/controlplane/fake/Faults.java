package dev.freeway.controlplane.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Rules on what goes wrong. */
public final class Faults {
  /** A rule; it counts its requests. */
  private static final class Rule {
    private final Pattern names;
    private final Pattern regions;
    private final Trigger trigger;
    private final Fault fault;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong hits = new AtomicLong();
    private final Map<String, AtomicLong> tries = new ConcurrentHashMap<>();

    Rule(Pattern names, Pattern regions, Trigger trigger, Fault fault) {
      this.names = names;
      this.regions = regions;
      this.trigger = trigger;
      this.fault = fault;
    }

    boolean hits(Asked asked) {
      if (!names.matcher(asked.name()).matches() || !regions.matcher(asked.region()).matches()) {
        return false;
      }
      long number = requests.incrementAndGet();
      boolean hit =
          switch (trigger) {
            case Trigger.Always _ -> true;
            case Trigger.Nth nth -> nth.numbers().contains(number);
            case Trigger.First first -> number <= first.count();
            case Trigger.After after -> number > after.count();
            case Trigger.Chance chance -> {
              long again =
                  chance.each()
                      ? tries.computeIfAbsent(asked.key(), _ -> new AtomicLong()).getAndIncrement()
                      : 0;
              // By the request, not by the order in which threads happen to come.
              long seed = chance.seed() * 31 + asked.key().hashCode() * 1_000_003L + again * 7919;
              yield new Random(seed ^ 0x5DEECE66DL).nextDouble() < chance.share();
            }
          };
      if (hit) {
        hits.incrementAndGet();
      }
      return hit;
    }
  }

  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /**
   * Adds a rule. Of several that hit, the first that ends a request does.
   *
   * @param names a regular expression of the whole of {@code module:Operation}
   * @param regions a regular expression of the whole region
   */
  public Faults add(String names, String regions, Trigger trigger, Fault fault) {
    rules.add(new Rule(Pattern.compile(names), Pattern.compile(regions), trigger, fault));
    return this;
  }

  /** Adds a rule for every region. */
  public Faults add(String names, Trigger trigger, Fault fault) {
    return add(names, ".*", trigger, fault);
  }

  /** From now on nothing goes wrong. */
  public void clear() {
    rules.clear();
  }

  /** How often rules hit so far. */
  public long hits() {
    return rules.stream().mapToLong(rule -> rule.hits.get()).sum();
  }

  List<Fault> of(Asked asked) {
    List<Fault> faults = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.hits(asked)) {
        faults.add(rule.fault);
      }
    }
    return faults;
  }
}
