package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.StateDocument;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;

/** The table as it is. */
record ShowReport(List<ObservedService> table, Predicate<ObservedService> ours) implements Report {
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
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    if (table.isEmpty()) {
      out.println("no service in this network namespace's IPVS table");
      return;
    }
    TextTable text =
        new TextTable(
            Stream.concat(TITLES.stream(), wide ? MORE_TITLES.stream() : Stream.empty())
                .toArray(String[]::new));
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
          ours.test(service) ? "ours" : "foreign",
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
