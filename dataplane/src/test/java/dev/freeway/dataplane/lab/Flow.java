package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection that was answered once.
 *
 * @param backend who answered first
 */
record Flow(Client.Connection connection, Protocol protocol, String backend) {
  private static final int ENOUGH = 3;

  /** Opens connections and asks once on each. */
  static List<Flow> establish(
      List<Client> clients, Protocol protocol, InetSocketAddress to, int each) throws Exception {
    List<Flow> flows = new ArrayList<>();
    for (Client client : clients) {
      for (Client.Connection connection : client.open(protocol, to, each)) {
        flows.add(new Flow(connection, protocol, connection.ask().backend()));
      }
    }
    return flows;
  }

  /** Every one is answered by whom it was answered at first. */
  static void assertKept(List<Flow> flows) {
    List<String> lost = new ArrayList<>();
    for (Flow flow : flows) {
      String now;
      try {
        now = flow.connection.ask().backend();
      } catch (IOException e) {
        now = e.toString();
      }
      if (!now.equals(flow.backend)) {
        lost.add(flow.protocol + " of " + flow.backend + ": " + now);
      }
      if (lost.size() == ENOUGH) {
        break; // each may wait for its time-out
      }
    }
    assertThat(lost).as("of %d connections", flows.size()).isEmpty();
  }

  static void close(List<Flow> flows) throws IOException {
    for (Flow flow : flows) {
      flow.connection.close();
    }
  }

  /** Who answered first. */
  static List<String> backends(List<Flow> flows) {
    return flows.stream().map(Flow::backend).distinct().sorted().toList();
  }
}
