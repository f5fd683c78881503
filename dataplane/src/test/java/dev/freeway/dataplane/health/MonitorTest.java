package dev.freeway.dataplane.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.health.Assessment.State;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.health.probe.Tries;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** The monitor on its own thread, over real sockets. */
final class MonitorTest {
  private static final String CHECK = "tcp,interval=100ms,timeout=100ms,fall=2,rise=2";

  private final Map<Target, State> states = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();

  private final MonitorListener listener =
      new MonitorListener() {
        @Override
        public void changed(Target target, Assessment assessment) {
          states.put(target, assessment.state());
        }

        @Override
        public void hindered(int waiting, String reason) {
          troubles.add(reason);
        }

        @Override
        public void failed(RuntimeException exception) {
          troubles.add(exception.toString());
        }
      };

  private static ServerSocket listening(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
    return socket;
  }

  private static Target target(int port) {
    return Target.of(
        Tries.SERVICE, new DestinationKey(IpAddress.parse("127.0.0.1"), port), Tries.check(CHECK));
  }

  @Test
  void seesBackendsGoAndComeBack() throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Target> targets = new ArrayList<>();
    try (Monitor monitor =
        Monitor.start(InstantSource.system(), System::nanoTime, 1, 1000, listener)) {
      for (int i = 0; i < 20; i++) {
        ServerSocket socket = listening(0);
        sockets.add(socket);
        targets.add(target(socket.getLocalPort()));
      }
      monitor.watch(targets);
      Await.until(() -> "all up: " + states, () -> count(State.UP) == 20);
      int port = sockets.getFirst().getLocalPort();
      sockets.removeFirst().close();
      Await.until(() -> "one dead: " + states, () -> count(State.DEAD) == 1);
      assertThat(states).containsEntry(targets.getFirst(), State.DEAD);
      assertThat(monitor.assessments().join())
          .hasEntrySatisfying(
              targets.getFirst(),
              assessment -> assertThat(assessment.reason()).isEqualTo("connection refused"));
      sockets.add(listening(port));
      Await.until(() -> "all up again: " + states, () -> count(State.UP) == 20);

      monitor.watch(targets.subList(0, 5));
      assertThat(monitor.assessments().join())
          .containsOnlyKeys(targets.subList(0, 5))
          .allSatisfy((_, assessment) -> assertThat(assessment.state()).isEqualTo(State.UP));
      assertThat(troubles).isEmpty();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private long count(State state) {
    return states.values().stream().filter(state::equals).count();
  }

  @Test
  void aDefectIsToldAndTheNextTurnGoesOn() throws IOException {
    ServerSocket socket = listening(0);
    try (Monitor monitor =
        Monitor.start(
            InstantSource.system(),
            System::nanoTime,
            1,
            10,
            new MonitorListener() {
              @Override
              public void changed(Target target, Assessment assessment) {
                states.put(target, assessment.state());
                throw new IllegalStateException("of the listener");
              }

              @Override
              public void hindered(int waiting, String reason) {
                troubles.add(reason);
              }

              @Override
              public void failed(RuntimeException exception) {
                troubles.add(String.valueOf(exception.getMessage()));
              }
            })) {
      monitor.watch(List.of(target(socket.getLocalPort())));
      Await.until(() -> "up: " + states, () -> count(State.UP) == 1);
      socket.close();
      Await.until(() -> "dead: " + states, () -> count(State.DEAD) == 1);
      Await.until(() -> "told: " + troubles, () -> troubles.size() == 2);
      assertThat(troubles).containsOnly("of the listener");
    }
  }
}
