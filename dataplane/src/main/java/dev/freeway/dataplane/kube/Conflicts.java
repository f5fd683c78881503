package dev.freeway.dataplane.kube;

import static java.util.stream.Collectors.toSet;

import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who gets an address, port and protocol that several Services claim: the holder in our record,
 * else the older, else the first by name. The others are refused whole, with the holder's name.
 */
final class Conflicts {
  private static final Comparator<TranslatedService> SENIORITY =
      Comparator.comparing(TranslatedService::created).thenComparing(TranslatedService::owner);

  private Conflicts() {}

  /** What a Service does not get, and who has it. */
  private record Lost(ServiceKey key, String holder) {}

  /**
   * The Services that have all they claim, in order of their names.
   *
   * @param refused named by the input but not usable: what they hold stays theirs; losers are added
   * @param complete whether a holder that the input does not name is gone; otherwise it may stand
   *     in the part that could not be read
   * @param errors one for each loser is added
   */
  static List<TranslatedService> resolve(
      List<TranslatedService> services,
      Map<ServiceKey, String> holders,
      Set<String> refused,
      boolean complete,
      Collection<InputError> errors) {
    TreeMap<String, TranslatedService> alive = new TreeMap<>();
    services.forEach(service -> alive.put(service.owner(), service));
    Map<String, Lost> losers = heldElsewhere(services, holders, refused, complete);
    while (true) {
      losers.forEach(
          (owner, lost) -> {
            TranslatedService loser = Objects.requireNonNull(alive.remove(owner));
            refused.add(owner);
            errors.add(refusal(loser, lost));
          });
      Map<ServiceKey, List<TranslatedService>> contested = contested(alive.values());
      if (contested.isEmpty()) {
        return List.copyOf(alive.values());
      }
      losers = losers(contested, holders);
    }
  }

  /** Claims on what a Service holds that is not among the claimants. */
  private static Map<String, Lost> heldElsewhere(
      List<TranslatedService> services,
      Map<ServiceKey, String> holders,
      Set<String> refused,
      boolean complete) {
    Set<String> claimants = services.stream().map(TranslatedService::owner).collect(toSet());
    Map<String, Lost> losers = new TreeMap<>();
    for (TranslatedService service : services) {
      for (DesiredService one : service.services()) {
        String holder = holders.get(one.service().key());
        if (holder != null
            && (refused.contains(holder) || (!complete && !claimants.contains(holder)))
            && !holder.equals(service.owner())) {
          losers.putIfAbsent(service.owner(), new Lost(one.service().key(), holder));
        }
      }
    }
    return losers;
  }

  /**
   * At least one of the claimants. Only who loses to a Service that loses nothing itself has surely
   * lost; where two hold what the other one claims nobody is that sure, and the youngest gives way.
   */
  private static Map<String, Lost> losers(
      Map<ServiceKey, List<TranslatedService>> contested, Map<ServiceKey, String> holders) {
    Map<String, Lost> losing = new TreeMap<>();
    List<TranslatedService> byAge = new ArrayList<>();
    contested.forEach(
        (key, claimants) -> {
          String winner = winner(key, claimants, holders);
          for (TranslatedService claimant : claimants) {
            if (!claimant.owner().equals(winner)) {
              losing.putIfAbsent(claimant.owner(), new Lost(key, winner));
              byAge.add(claimant);
            }
          }
        });
    Map<String, Lost> lost = new TreeMap<>();
    contested.forEach(
        (key, claimants) -> {
          String winner = winner(key, claimants, holders);
          if (!losing.containsKey(winner)) {
            for (TranslatedService claimant : claimants) {
              if (!claimant.owner().equals(winner)) {
                lost.putIfAbsent(claimant.owner(), new Lost(key, winner));
              }
            }
          }
        });
    if (!lost.isEmpty()) {
      return lost;
    }
    String youngest = byAge.stream().max(SENIORITY).orElseThrow().owner();
    return Map.of(youngest, Objects.requireNonNull(losing.get(youngest)));
  }

  private static Map<ServiceKey, List<TranslatedService>> contested(
      Collection<TranslatedService> services) {
    Map<ServiceKey, List<TranslatedService>> claims = new TreeMap<>();
    for (TranslatedService service : services) {
      for (DesiredService one : service.services()) {
        claims.computeIfAbsent(one.service().key(), _ -> new ArrayList<>(1)).add(service);
      }
    }
    claims.values().removeIf(claimants -> claimants.size() < 2);
    return claims;
  }

  private static String winner(
      ServiceKey key, List<TranslatedService> claimants, Map<ServiceKey, String> holders) {
    String holder = holders.get(key);
    return claimants.stream().anyMatch(claimant -> claimant.owner().equals(holder))
        ? Objects.requireNonNull(holder)
        : claimants.stream().min(SENIORITY).orElseThrow().owner();
  }

  private static InputError refusal(TranslatedService loser, Lost lost) {
    return loser
        .source()
        .error(
            "metadata.annotations[" + Settings.ADDRESSES + "]",
            lost.key.toString(),
            "an address, port and protocol of its own: this one is held by " + lost.holder);
  }
}
