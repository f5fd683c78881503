package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Routers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is worth an Event of Kubernetes: what became of a Service, and what stands in its way. Pure;
 * it remembers what it said, so that nothing is said twice in a row.
 */
final class ServiceEvents {
  /** The API server's limit is 1024 bytes. */
  private static final int LONGEST = 1000;

  /**
   * An Event.
   *
   * @param kind of the object that it is about, in {@code v1}
   * @param owner the object as {@code namespace/name}
   * @param uid of the object
   * @param warning whether it is of type Warning; otherwise Normal
   * @param reason one word for programs
   * @param message a sentence for people
   */
  record Saying(
      String kind, String owner, String uid, boolean warning, String reason, String message) {
    static Saying ofService(
        String owner, String uid, boolean warning, String reason, String message) {
      return new Saying("Service", owner, uid, warning, reason, message);
    }
  }

  private final Map<String, Set<Saying>> said = new HashMap<>(); // by owner, what still holds

  /**
   * What is new of a Service since the last time. Of one that is well when it is seen first nothing
   * is said but what is wrong: a router that starts would tell of all of them again.
   *
   * @param routers those that answer on layer-2 networks, where they do and are known
   */
  List<Saying> of(Cluster.Standing standing, Optional<Routers> routers) {
    Set<Saying> holds = sayings(standing);
    routers.ifPresent(known -> announced(standing, known, holds));
    Set<Saying> before = said.put(standing.owner(), holds);
    boolean old = before == null && standing.recordedWell() && !standing.addresses().isEmpty();
    List<Saying> fresh = new ArrayList<>();
    for (Saying saying : holds) {
      if (!(old && !saying.warning()) && (before == null || !before.contains(saying))) {
        fresh.add(saying);
      }
    }
    return fresh;
  }

  /** Another router speaks of it, or it is gone. */
  void forget(String owner) {
    said.remove(owner);
  }

  private static Set<Saying> sayings(Cluster.Standing standing) {
    Set<Saying> sayings =
        new TreeSet<>(
            java.util.Comparator.comparing(Saying::reason).thenComparing(Saying::message));
    if (!standing.addresses().isEmpty() && standing.recordedWell()) {
      sayings.add(
          saying(standing, false, "AddressAssigned", "address " + text(standing.addresses())));
    }
    for (InputError error : standing.errors()) {
      sayings.add(
          saying(
              standing,
              true,
              standing.addresses().isEmpty() ? "NoAddress" : "NotAccepted",
              sentence(error)));
    }
    if (standing.errors().isEmpty() && standing.recordedWell() && !standing.addresses().isEmpty()) {
      sayings.add(
          standing.served()
              ? saying(standing, false, "Serving", "routers balance it over its endpoints")
              : saying(standing, true, "NoEndpoints", "no endpoint is ready: clients are refused"));
    }
    for (InputError error : standing.unchecked()) {
      sayings.add(saying(standing, true, "NotChecked", sentence(error)));
    }
    for (String note : standing.notes()) {
      sayings.add(saying(standing, false, "Note", note));
    }
    return sayings;
  }

  /** Who answers for its addresses, or why nobody does. */
  private static void announced(Cluster.Standing standing, Routers routers, Set<Saying> into) {
    if (!standing.recordedWell() || !standing.errors().isEmpty() || routers.alive().isEmpty()) {
      return;
    }
    for (IpAddress address : standing.addresses()) {
      into.add(
          routers
              .elected(address)
              .map(
                  router ->
                      saying(standing, false, "Announced", address + " announced by " + router))
              .orElseGet(
                  () ->
                      saying(
                          standing,
                          true,
                          "NotAnnounced",
                          "no router has a link with "
                              + address
                              + " in its subnet, so neighbours do not find it: route it to the"
                              + " routers, or take an address of their subnet")));
    }
  }

  static Saying saying(Cluster.Standing standing, boolean warning, String reason, String message) {
    return Saying.ofService(
        standing.owner(),
        standing.uid(),
        warning,
        reason,
        message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…");
  }

  private static String text(List<IpAddress> addresses) {
    return addresses.stream().map(IpAddress::toString).collect(Collectors.joining(" and "));
  }

  /** What, where, and what would be right. */
  static String sentence(InputError error) {
    String where = error.document().startsWith("EndpointSlice") ? error.document() + ", " : "";
    String what = error.value().isEmpty() ? error.field() : error.field() + ": " + error.value();
    return where + what + "; expected " + error.expected();
  }
}
