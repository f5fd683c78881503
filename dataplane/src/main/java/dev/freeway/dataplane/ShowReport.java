package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.sync.Announced;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;
import tools.jackson.core.JsonGenerator;

/**
 * The table as it is.
 *
 * @param announced who answers for addresses on layer-2 networks; empty where every router does
 */
record ShowReport(
    List<ObservedService> table,
    Predicate<ObservedService> ours,
    SortedMap<IpAddress, Announced.Answerer> announced)
    implements Report {
  private static final List<String> TITLES =
      List.of(
          "SERVICE / DESTINATION",
          "OWNER",
          "SCHEDULER / FORWARDING",
          "WEIGHT>",
          "ACTIVE>",
          "INACTIVE>",
          "CONN/S>",
          "IN B/S>",
          "OUT B/S>");
  private static final List<String> MORE_TITLES =
      List.of(
          "PERSISTENT>",
          "CONNECTIONS>",
          "IN PACKETS>",
          "OUT PACKETS>",
          "IN BYTES>",
          "OUT BYTES>",
          "THRESHOLDS");

  @Override
  public ExitCode exitCode() {
    return ExitCode.DONE;
  }

  @Override
  public void json(JsonGenerator out) {
    StateDocument.write(out, table, ours);
    StateDocument.write(out, announced);
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    if (table.isEmpty()) {
      out.println("no service in this network namespace's IPVS table");
      return;
    }
    List<String> titles = new ArrayList<>(TITLES);
    if (wide) {
      titles.addAll(MORE_TITLES);
    }
    TextTable text = new TextTable(titles.toArray(String[]::new));
    for (ObservedService service : StateDocument.sorted(table)) {
      String name =
          service
              .value()
              .map(VirtualService::key)
              .map(Object::toString)
              .orElse("fwmark " + service.firewallMark());
      String scheduler = String.join(",", StateDocument.flags(service));
      scheduler =
          StateDocument.schedulerName(service) + (scheduler.isEmpty() ? "" : "," + scheduler);
      int active = 0;
      int inactive = 0;
      int persistent = 0;
      for (ObservedDestination destination : service.destinations()) {
        active += destination.activeConnections();
        inactive += destination.inactiveConnections();
        persistent += destination.persistentConnections();
      }
      row(
          text,
          name,
          (ours.test(service) ? "ours" : "foreign") + answers(service),
          scheduler,
          "",
          active,
          inactive,
          service.statistics(),
          persistent,
          "");
      for (ObservedDestination destination : StateDocument.destinations(service)) {
        String encapsulation = StateDocument.encapsulation(destination.value());
        row(
            text,
            "  " + destination.value().key(),
            "",
            StateDocument.forwarding(destination.value())
                + (encapsulation.isEmpty() ? "" : " " + encapsulation),
            Integer.toString(destination.value().weight()),
            destination.activeConnections(),
            destination.inactiveConnections(),
            destination.statistics(),
            destination.persistentConnections(),
            destination.value().upperThreshold() == 0
                ? ""
                : destination.value().lowerThreshold()
                    + ".."
                    + destination.value().upperThreshold());
      }
    }
    text.print(out);
  }

  /** Who answers for its address, where that is one router. */
  private String answers(ObservedService service) {
    Announced.Answerer answerer =
        service.value().map(value -> announced.get(value.key().address())).orElse(null);
    if (answerer == null) {
      return "";
    }
    if (answerer.here()) {
      return ", answers on " + answerer.link();
    }
    return answerer.router().isEmpty() ? ", silent" : ", silent: " + answerer.router() + " answers";
  }

  private static void row(
      TextTable text,
      String name,
      String owner,
      String how,
      String weight,
      int active,
      int inactive,
      Statistics statistics,
      int persistent,
      String thresholds) {
    text.row(
        name,
        owner,
        how,
        weight,
        active,
        inactive,
        statistics.connectionsPerSecond(),
        statistics.inBytesPerSecond(),
        statistics.outBytesPerSecond(),
        persistent,
        statistics.connections(),
        statistics.inPackets(),
        statistics.outPackets(),
        statistics.inBytes(),
        statistics.outBytes(),
        thresholds);
  }
}
