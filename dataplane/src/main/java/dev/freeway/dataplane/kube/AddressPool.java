package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who gets which address: pure, and the same answer for every router that sees the same Services.
 * The status of a Service is the record. What it says stays, so that no address moves without being
 * asked to; of two that say the same the older one keeps it. Several Services have one address only
 * where each of them asks for it by name.
 *
 * @param prefixes what may be given out, in this order, from the lowest address up
 */
record AddressPool(List<Prefix> prefixes) {
  AddressPool {
    prefixes = List.copyOf(prefixes);
  }

  /**
   * What a Service gets.
   *
   * @param addresses in the order of its families, or as it asked for them
   * @param problems why it does not get all that it wants, each a whole sentence without its end
   */
  record Assignment(List<IpAddress> addresses, List<Problem> problems) {}

  /** Why there is no address. */
  record Problem(String field, String value, String expected) {}

  /** Gives every claim its answer, by owner. */
  Map<String, Assignment> assign(Collection<AddressClaim> claims) {
    return new Assigning(claims).all();
  }

  private boolean contains(IpAddress address) {
    return prefixes.stream().anyMatch(prefix -> prefix.contains(address));
  }

  private String written() {
    return prefixes.isEmpty()
        ? "none, as --addresses is not given"
        : String.join(", ", prefixes.stream().map(Prefix::toString).toList());
  }

  private final class Assigning {
    private final List<AddressClaim> claims;
    private final Map<IpAddress, Set<String>> holders = new HashMap<>();
    private final Map<String, List<IpAddress>> given = new HashMap<>();
    private final Map<String, List<Problem>> problems = new HashMap<>();
    private final Map<Prefix, IpAddress> lowestFree = new HashMap<>();

    Assigning(Collection<AddressClaim> all) {
      claims = new ArrayList<>(all);
      claims.sort(AddressClaim.SENIORITY);
    }

    Map<String, Assignment> all() {
      claims.forEach(this::keepRecorded);
      claims.forEach(this::grantRequested);
      claims.forEach(this::allocate);
      Map<String, Assignment> all = new TreeMap<>();
      for (AddressClaim claim : claims) {
        all.put(
            claim.owner(),
            new Assignment(
                List.copyOf(given(claim)),
                List.copyOf(problems.getOrDefault(claim.owner(), List.of()))));
      }
      return all;
    }

    private List<IpAddress> given(AddressClaim claim) {
      return given.computeIfAbsent(claim.owner(), _ -> new ArrayList<>());
    }

    private void problem(AddressClaim claim, String field, String value, String expected) {
      problems
          .computeIfAbsent(claim.owner(), _ -> new ArrayList<>())
          .add(new Problem(field, value, expected));
    }

    private boolean free(IpAddress address, AddressClaim claim) {
      Set<String> others = holders.getOrDefault(address, Set.of());
      return others.isEmpty() || others.equals(Set.of(claim.owner()));
    }

    private void take(AddressClaim claim, IpAddress address) {
      given(claim).add(address);
      holders.computeIfAbsent(address, _ -> new HashSet<>()).add(claim.owner());
    }

    private void release(AddressClaim claim, IpAddress address) {
      given(claim).remove(address);
      Set<String> others = holders.get(address);
      if (others != null) {
        others.remove(claim.owner());
      }
    }

    private void keepRecorded(AddressClaim claim) {
      for (IpAddress address : claim.recorded()) {
        boolean wanted =
            !claim.requested().isEmpty() || claim.families().contains(address.family());
        if (wanted && (free(address, claim) || shared(claim, address))) {
          take(claim, address);
        }
      }
    }

    /** Whether all that have an address ask for it by name. */
    private boolean shared(AddressClaim claim, IpAddress address) {
      if (!claim.requested().contains(address)) {
        return false;
      }
      Set<String> having = holders.getOrDefault(address, Set.of());
      return claims.stream()
          .filter(other -> having.contains(other.owner()))
          .allMatch(other -> other.requested().contains(address));
    }

    private void grantRequested(AddressClaim claim) {
      if (claim.requested().isEmpty()) {
        return;
      }
      boolean all = true;
      for (IpAddress address : claim.requested()) {
        if (!contains(address) && !claim.recorded().contains(address)) {
          problem(
              claim,
              Settings.ADDRESSES,
              address.toString(),
              "an address of the pool: " + written());
          all = false;
        } else if (!free(address, claim) && !shared(claim, address)) {
          problem(
              claim,
              Settings.ADDRESSES,
              address.toString(),
              "an address that no other Service has: "
                  + String.join(", ", holders.getOrDefault(address, Set.of()))
                  + " has it");
          all = false;
        }
      }
      if (!all) {
        return; // what it has stays until it can have what it asks for
      }
      for (IpAddress address : List.copyOf(given(claim))) {
        release(claim, address);
      }
      claim.requested().forEach(address -> take(claim, address));
    }

    private void allocate(AddressClaim claim) {
      if (!claim.requested().isEmpty()) {
        return;
      }
      List<IpAddress> ordered = new ArrayList<>();
      for (Family family : claim.families()) {
        given(claim).stream()
            .filter(address -> address.family() == family)
            .findFirst()
            .or(() -> lowest(claim, family))
            .ifPresent(ordered::add);
      }
      for (IpAddress address : List.copyOf(given(claim))) {
        if (!ordered.contains(address)) {
          release(claim, address);
        }
      }
      given.put(claim.owner(), ordered);
    }

    private Optional<IpAddress> lowest(AddressClaim claim, Family family) {
      boolean any = false;
      for (Prefix prefix : prefixes) {
        if (prefix.address().family() != family) {
          continue;
        }
        any = true;
        IpAddress address = lowestFree.getOrDefault(prefix, prefix.address());
        while (prefix.contains(address) && !(usable(address) && free(address, claim))) {
          address = address.next();
        }
        lowestFree.put(prefix, address);
        if (prefix.contains(address)) {
          take(claim, address);
          return Optional.of(address);
        }
      }
      String name = family == Family.IPV4 ? "IPv4" : "IPv6";
      problem(
          claim,
          "spec.ipFamilies",
          name,
          any
              ? "a free " + name + " address: the pool is exhausted: " + written()
              : "a pool of " + name + " addresses: there is " + written());
      return Optional.empty();
    }

    private boolean usable(IpAddress address) {
      return address.isUnicast() && !address.isLinkLocal6();
    }
  }
}
