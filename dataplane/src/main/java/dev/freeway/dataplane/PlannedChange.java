package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.TableEntry;
import dev.freeway.dataplane.core.VirtualService;
import java.util.Locale;

/**
 * One change in words, as {@code plan} lists it.
 *
 * @param action add, set or delete
 * @param kind service, destination, or what of the machine: {@link HostChange.Kind}
 * @param service the service, for example {@code tcp 10.0.0.1:80}; empty where it is for all
 * @param destination the destination, for example {@code 10.1.0.1:80}; what is changed on the
 *     machine, for example {@code net.ipv4.vs.conntrack}; empty for a change of a service
 * @param before what is there now; empty for nothing
 * @param after what will be there; empty for nothing
 * @param reason why
 */
record PlannedChange(
    String action,
    String kind,
    String service,
    String destination,
    String before,
    String after,
    String reason) {

  static PlannedChange of(Change change) {
    boolean isDestination = change.kind() == Change.Kind.DESTINATION;
    return new PlannedChange(
        change.action().name().toLowerCase(Locale.ROOT),
        change.kind().name().toLowerCase(Locale.ROOT),
        change.command().service().toString(),
        isDestination ? change.destination().toString() : "",
        describe(change.before()),
        describe(change.after()),
        change.reason());
  }

  static PlannedChange of(HostChange change) {
    return new PlannedChange(
        change.action().name().toLowerCase(Locale.ROOT),
        change.kind().text(),
        change.service(),
        change.name(),
        change.before(),
        change.after(),
        change.reason());
  }

  private static String describe(TableEntry entry) {
    return switch (entry) {
      case TableEntry.Absent _ -> "";
      case VirtualService service -> {
        String text = service.scheduler().toString();
        if (service.persistenceSeconds() > 0) {
          text += " persistent=" + service.persistenceSeconds();
        }
        if (service.persistenceBits() != service.key().address().family().bits()) {
          text += " netmask=" + service.persistenceBits();
        }
        yield service.onePacket() ? text + " ops" : text;
      }
      case Destination destination -> {
        String text = StateDocument.forwarding(destination);
        String encapsulation = StateDocument.encapsulation(destination);
        text += encapsulation.isEmpty() ? "" : " " + encapsulation;
        text += " weight=" + destination.weight();
        if (destination.upperThreshold() > 0) {
          text +=
              " thresholds=" + destination.lowerThreshold() + ".." + destination.upperThreshold();
        }
        yield text;
      }
    };
  }
}
