package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.TableEntry;
import dev.freeway.dataplane.core.VirtualService;
import java.util.Locale;

/**
 * One change in words, as {@code plan} lists it.
 *
 * @param action add, set or delete
 * @param kind service or destination
 * @param service the service, for example {@code tcp 10.0.0.1:80}
 * @param destination the destination, for example {@code 10.1.0.1:80}; else empty
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
