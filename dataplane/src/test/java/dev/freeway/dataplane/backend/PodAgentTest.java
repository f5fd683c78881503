package dev.freeway.dataplane.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodAgentTest {
  private static final String UID = "0b6a3f5e-6d7c-4b1a-9f7e-2f1d3c4b5a69";
  private static final long SECOND = 1_000_000_000L;
  private static final BackendNeeds NEEDS =
      BackendNeeds.of(List.of(IpAddress.parse("192.0.2.1")), Set.of());

  @TempDir Path proc;
  private final AtomicLong clock = new AtomicLong();
  private final List<String> told = new ArrayList<>();
  private final Map<Path, FakePodNetwork> networks = new LinkedHashMap<>();
  private final AtomicBoolean ended = new AtomicBoolean();
  private PodAgent agent;

  @BeforeEach
  void start() throws IOException {
    process(1, "/init.scope");
    agent =
        new PodAgent(
            new PodProcesses(proc),
            (namespace, check, needs) -> {
              if (ended.get()) {
                endOf(proc.resolve("71"));
              }
              check.run();
              return Backend.prepare(
                  networks.computeIfAbsent(namespace, _ -> new FakePodNetwork("10.1.0.11")), needs);
            },
            clock::get,
            new PodAgent.Listener() {
              @Override
              public void prepared(PodAgent.Wanted pod, List<Backend.Lack> changes) {
                told.add("prepared " + pod.pod());
              }

              @Override
              public void failed(PodAgent.Wanted pod, List<InputError> errors) {
                told.add("failed " + errors.getFirst().value());
              }
            });
  }

  private void process(int number, String group) throws IOException {
    Path process = Files.createDirectories(proc.resolve(Integer.toString(number)).resolve("ns"));
    Files.writeString(process.resolve("net"), "");
    Files.writeString(process.resolveSibling("cgroup"), "0::" + group + "\n");
  }

  /** Its number is used again, by a program of nobody's Pod. */
  private static void endOf(Path process) {
    try {
      Files.writeString(process.resolve("cgroup"), "0::/user.slice\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void want(BackendNeeds needs) {
    agent.want(List.of(new PodAgent.Wanted("shop/web", UID, needs)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/kubepods/burstable/pod0b6a3f5e-6d7c-4b1a-9f7e-2f1d3c4b5a69/7d1f",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0b6a3f5e_6d7c_4b1a_9f7e_2f1d3c4b5a69.slice/cri-containerd-7d1f.scope",
        "/../../kubepods-pod0b6a3f5e_6d7c_4b1a_9f7e_2f1d3c4b5a69.slice/crio-7d1f.scope",
      })
  void aPodIsFoundByTheNameOfItsControlGroup(String group) throws IOException {
    process(70, "/kubepods/burstable/pod99999999-6d7c-4b1a-9f7e-2f1d3c4b5a69/1");
    process(71, group);
    want(NEEDS);
    agent.work();
    assertThat(told).containsExactly("prepared shop/web");
    assertThat(networks.keySet()).containsExactly(proc.resolve("71/ns/net"));
    assertThat(agent.standing(UID)).isEqualTo(new PodAgent.Standing.Prepared());
  }

  @Test
  void aPodThatIsNotThereYetIsLookedForSoonAndOneThatNeverComesSeldom() throws IOException {
    want(NEEDS);
    assertThat(agent.work()).isEqualTo(SECOND / 10);
    clock.addAndGet(SECOND / 10);
    process(71, "/kubepods/pod" + UID);
    agent.work();
    assertThat(told).containsExactly("prepared shop/web");

    String never = UID.replace('0', '1');
    agent.want(List.of(new PodAgent.Wanted("shop/never", never, NEEDS)));
    clock.addAndGet(31 * SECOND);
    assertThat(agent.work()).isEqualTo(5 * SECOND);
  }

  @Test
  void whatIsBrokenIsMendedWithinFiveSecondsAndNothingIsSaidOfWhatIsWell() throws IOException {
    process(71, "/kubepods/pod" + UID);
    want(NEEDS);
    assertThat(agent.work()).isEqualTo(5 * SECOND);
    told.clear();
    clock.addAndGet(5 * SECOND);
    agent.work();
    assertThat(told).isEmpty();

    FakePodNetwork pod = networks.values().iterator().next();
    pod.deleteLink(pod.device("freeway-vip").orElseThrow().link());
    clock.addAndGet(5 * SECOND);
    agent.work();
    assertThat(told).containsExactly("prepared shop/web");
    assertThat(pod.devices).containsKey("freeway-vip");
  }

  @Test
  void anotherNeedIsMetAtOnceAndAnOldOneIsTakenAway() throws IOException {
    process(71, "/kubepods/pod" + UID);
    want(NEEDS);
    agent.work();
    want(BackendNeeds.NONE);
    assertThat(agent.standing(UID)).isEqualTo(new PodAgent.Standing.Unseen());
    agent.work();
    assertThat(networks.values().iterator().next().devices).doesNotContainKey("freeway-vip");
  }

  /** Such as conmon of CRI-O, and a container's process before it has joined its namespaces. */
  @Test
  void aProcessOnTheNodesNetworkIsNotTakenForThePod() throws IOException {
    process(70, "/kubepods/pod" + UID);
    Files.delete(proc.resolve("70/ns/net"));
    Files.createLink(proc.resolve("70/ns/net"), proc.resolve("1/ns/net"));
    want(NEEDS);
    assertThat(agent.work()).isEqualTo(SECOND / 10);
    assertThat(agent.standing(UID)).isEqualTo(new PodAgent.Standing.Unseen());
    process(71, "/kubepods/pod" + UID);
    clock.addAndGet(SECOND / 10);
    agent.work();
    assertThat(networks.keySet()).containsExactly(proc.resolve("71/ns/net"));

    Files.delete(proc.resolve("71/cgroup"));
    clock.addAndGet(31 * SECOND);
    agent.work();
    assertThat(told).last().asString().startsWith("failed true");
  }

  @Test
  void aPodWhoseProcessEndsMeanwhileIsLookedForAgainAndHasNotFailed() throws IOException {
    process(71, "/kubepods/pod" + UID);
    want(NEEDS);
    agent.work();
    ended.set(true);
    clock.addAndGet(5 * SECOND);
    assertThat(agent.work()).isEqualTo(SECOND / 10);
    assertThat(agent.standing(UID)).isEqualTo(new PodAgent.Standing.Unseen());
    assertThat(told).noneMatch(words -> words.startsWith("failed"));
  }

  @Test
  void whatAnInitContainerPreparedIsLeft() throws IOException {
    process(71, "/kubepods/pod" + UID);
    FakePodNetwork pod = new FakePodNetwork("10.1.0.11");
    Backend.prepare(pod, NEEDS);
    networks.put(proc.resolve("71/ns/net"), pod);
    want(BackendNeeds.NONE);
    agent.work();
    assertThat(pod.devices).containsKey("freeway-vip");
    assertThat(agent.standing(UID)).isEqualTo(new PodAgent.Standing.Prepared());
  }

  @Test
  void theSameFailureIsToldOnce() throws IOException {
    process(71, "/kubepods/pod" + UID);
    FakePodNetwork pod = new FakePodNetwork("10.1.0.11");
    pod.unknownKinds.add("ipip");
    networks.put(proc.resolve("71/ns/net"), pod);
    want(
        BackendNeeds.of(
            List.of(IpAddress.parse("192.0.2.1")),
            Set.of(dev.freeway.dataplane.core.Encapsulation.IPIP)));
    agent.work();
    clock.addAndGet(5 * SECOND);
    agent.work();
    assertThat(told).filteredOn(words -> words.startsWith("failed")).hasSize(1);
    assertThat(agent.standing(UID)).isInstanceOf(PodAgent.Standing.Failing.class);
    pod.unknownKinds.clear();
    clock.addAndGet(5 * SECOND);
    agent.work();
    assertThat(agent.standing(UID)).isEqualTo(new PodAgent.Standing.Prepared());
  }

  @Test
  void aProcessThatEndedMeanwhileIsNotTakenForThePods() throws IOException {
    PodProcesses processes = new PodProcesses(proc);
    process(71, "/kubepods/pod" + UID);
    assertThat(processes.isOf(71, UID)).isTrue();
    process(71, "/user.slice"); // the number was used again
    assertThat(processes.isOf(71, UID)).isFalse();
    assertThat(processes.isOf(72, UID)).isFalse();
  }
}
