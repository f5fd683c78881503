package dev.freeway.dataplane.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts packets on the bridge, outside every machine: what the kernels under test do with a packet
 * does not change what is counted.
 */
final class Wire {
  /**
   * Packets since the last count, of the services under test and not in a tunnel.
   *
   * @param through replies that the backends handed to the router, whatever it did with them
   * @param past replies that the backends sent any other way
   * @param plain requests that the router sent on without an outer header
   */
  record Count(long through, long past, long plain) {}

  private static final Pattern COUNTER =
      Pattern.compile("counter (\\w+) \\{\\s*packets (\\d+) bytes \\d+");

  private final Machine guest;

  /** Starts to count. */
  Wire(Machine guest) throws Exception {
    this.guest = guest;
    guest.shell(
        """
        nft -f - << 'END'
        define backends = { "b1-eth0", "b2-eth0", "b3-eth0" }
        table bridge lab {
          counter through { }
          counter past { }
          counter plain { }
          chain forward {
            type filter hook forward priority 0
            meta l4proto { tcp, udp } th sport %1$s iifname $backends oifname "lb-eth0" counter name through
            meta l4proto { tcp, udp } th sport %1$s iifname $backends oifname != "lb-eth0" counter name past
            meta l4proto { tcp, udp } th dport %1$s iifname "lb-eth0" counter name plain
          }
        }
        END
        """
            .formatted("{ " + Segment.PORT + ", " + Segment.TARGET_PORT + " }"));
  }

  /** What was counted since the last call. */
  Count take() throws Exception {
    List<Long> packets = new ArrayList<>();
    Matcher counters = COUNTER.matcher(guest.shell("nft reset counters table bridge lab"));
    while (counters.find()) {
      packets.add(Long.valueOf(counters.group(2)));
    }
    if (packets.size() != 3) {
      throw new IllegalStateException(packets.size() + " counters on the bridge: expected 3");
    }
    return new Count(packets.get(0), packets.get(1), packets.get(2));
  }
}
