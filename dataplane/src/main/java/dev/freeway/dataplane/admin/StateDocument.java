package dev.freeway.dataplane.admin;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.sync.Announced;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.function.Predicate;
import tools.jackson.core.JsonGenerator;

/** The table as {@code show -o json} and {@code /state} give it; part of the frozen interface. */
public final class StateDocument {
  /** The version of every JSON document that the program writes. */
  public static final int VERSION = 1;

  private static final int PERSISTENT = 0x1;
  private static final int ONE_PACKET = 0x4;

  private StateDocument() {}

  /** The services of a dump in canonical order, those by firewall mark last. */
  public static List<ObservedService> sorted(List<ObservedService> table) {
    List<ObservedService> sorted = new ArrayList<>(table);
    sorted.sort(
        Comparator.comparing((ObservedService service) -> service.value().isEmpty())
            .thenComparing(
                service -> service.value().map(VirtualService::key), StateDocument::compareKeys)
            .thenComparingInt(ObservedService::firewallMark)
            .thenComparing(ObservedService::family));
    return sorted;
  }

  private static <T extends Comparable<? super T>> int compareKeys(
      java.util.Optional<T> one, java.util.Optional<T> other) {
    return one.isPresent() && other.isPresent() ? one.get().compareTo(other.get()) : 0;
  }

  /** Writes the field {@code services}. */
  public static void write(
      JsonGenerator out, List<ObservedService> table, Predicate<ObservedService> ours) {
    out.writeArrayPropertyStart("services");
    for (ObservedService service : sorted(table)) {
      out.writeStartObject();
      out.writeStringProperty("protocol", protocol(service));
      out.writeStringProperty(
          "address", service.value().map(value -> value.key().address().toString()).orElse(""));
      out.writeNumberProperty("port", service.value().map(value -> value.key().port()).orElse(0));
      out.writeStringProperty("owner", ours.test(service) ? "ours" : "foreign");
      out.writeStringProperty("scheduler", schedulerName(service));
      out.writeArrayPropertyStart("flags");
      for (String flag : flags(service)) {
        out.writeString(flag);
      }
      out.writeEndArray();
      out.writeArrayPropertyStart("destinations");
      for (ObservedDestination destination : destinations(service)) {
        write(out, destination);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  /** Writes the field {@code announced}: who answers for which address on layer-2 networks. */
  public static void write(JsonGenerator out, SortedMap<IpAddress, Announced.Answerer> announced) {
    out.writeArrayPropertyStart("announced");
    announced.forEach(
        (address, answerer) -> {
          out.writeStartObject();
          out.writeStringProperty("address", address.toString());
          out.writeStringProperty("link", answerer.link());
          out.writeBooleanProperty("here", answerer.here());
          out.writeStringProperty("router", answerer.router());
          out.writeEndObject();
        });
    out.writeEndArray();
  }

  private static void write(JsonGenerator out, ObservedDestination destination) {
    Destination value = destination.value();
    Statistics statistics = destination.statistics();
    out.writeStartObject();
    out.writeStringProperty("address", value.key().address().toString());
    out.writeNumberProperty("port", value.key().port());
    out.writeStringProperty("forwarding", forwarding(value));
    out.writeStringProperty("encapsulation", encapsulation(value));
    out.writeNumberProperty("weight", value.weight());
    out.writeNumberProperty("upperThreshold", value.upperThreshold());
    out.writeNumberProperty("lowerThreshold", value.lowerThreshold());
    out.writeNumberProperty("activeConnections", destination.activeConnections());
    out.writeNumberProperty("inactiveConnections", destination.inactiveConnections());
    out.writeNumberProperty("persistentConnections", destination.persistentConnections());
    out.writeNumberProperty("connections", statistics.connections());
    out.writeNumberProperty("inPackets", statistics.inPackets());
    out.writeNumberProperty("outPackets", statistics.outPackets());
    out.writeNumberProperty("inBytes", statistics.inBytes());
    out.writeNumberProperty("outBytes", statistics.outBytes());
    out.writeNumberProperty("connectionsPerSecond", statistics.connectionsPerSecond());
    out.writeNumberProperty("inPacketsPerSecond", statistics.inPacketsPerSecond());
    out.writeNumberProperty("outPacketsPerSecond", statistics.outPacketsPerSecond());
    out.writeNumberProperty("inBytesPerSecond", statistics.inBytesPerSecond());
    out.writeNumberProperty("outBytesPerSecond", statistics.outBytesPerSecond());
    out.writeEndObject();
  }

  /** {@code tcp}, {@code udp}, {@code sctp}, or {@code fwmark} for a service by firewall mark. */
  public static String protocol(ObservedService service) {
    return service
        .value()
        .map(value -> value.key().protocol().name().toLowerCase(Locale.ROOT))
        .orElse("fwmark");
  }

  /** The scheduler's name without its flags. */
  public static String schedulerName(ObservedService service) {
    return service.value().map(value -> value.scheduler().name()).orElse(service.scheduler());
  }

  /** The service's flags in ipvsadm's words, sorted. */
  public static List<String> flags(ObservedService service) {
    List<String> flags = new ArrayList<>();
    if (service.value().isPresent()) {
      VirtualService value = service.value().get();
      String name = value.scheduler().name();
      if (value.scheduler().fallback()) {
        flags.add(name + "-fallback");
      }
      if (value.scheduler().port()) {
        flags.add(name + "-port");
      }
      if (value.persistenceSeconds() > 0) {
        flags.add("persistent=" + value.persistenceSeconds());
        if (value.persistenceBits() != service.family().bits()) {
          flags.add("netmask=" + value.persistenceBits());
        }
      }
      if (value.onePacket()) {
        flags.add("ops");
      }
    } else {
      flags.add("fwmark=" + service.firewallMark());
      if ((service.flags() & PERSISTENT) != 0) {
        flags.add("persistent");
      }
      if ((service.flags() & ONE_PACKET) != 0) {
        flags.add("ops");
      }
    }
    if (!service.persistenceEngine().isEmpty()) {
      flags.add("pe=" + service.persistenceEngine());
    }
    return flags;
  }

  /** A service's destinations in canonical order. */
  public static List<ObservedDestination> destinations(ObservedService service) {
    List<ObservedDestination> destinations = new ArrayList<>(service.destinations());
    destinations.sort(Comparator.comparing(destination -> destination.value().key()));
    return destinations;
  }

  /** The forwarding method in the annotation's words. */
  public static String forwarding(Destination destination) {
    return destination.forwarding().name().toLowerCase(Locale.ROOT);
  }

  /** The outer header in the annotation's words; empty where there is none. */
  public static String encapsulation(Destination destination) {
    return destination.forwarding() != Forwarding.TUNNEL
        ? ""
        : switch (destination.encapsulation()) {
          case Encapsulation.Ipip _ -> "ipip";
          case Encapsulation.Gue gue ->
              "gue,port="
                  + gue.port()
                  + (gue.checksum() ? ",csum" : "")
                  + (gue.remoteChecksum() ? ",remcsum" : "");
          case Encapsulation.Gre gre -> gre.checksum() ? "gre,csum" : "gre";
        };
  }
}
