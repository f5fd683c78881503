package dev.freeway.dataplane.kube;

import java.util.List;
import java.util.stream.Stream;

/**
 * A Pod, what its readiness probes say.
 *
 * @param name within its namespace
 * @param containers those that run as long as the Pod does: sidecars among the init containers too
 */
record ProbedPod(String name, int incarnation, List<Container> containers) {
  /**
   * A container.
   *
   * @param probe its {@code readinessProbe}; without fields where it has none
   */
  record Container(String name, List<ContainerPort> ports, Tree.Mapping probe) {
    boolean probed() {
      return !probe.fields().isEmpty();
    }
  }

  /** A port that a container names; the name may be empty. */
  record ContainerPort(String name, int number, String protocol) {}

  ProbedPod {
    containers = List.copyOf(containers);
  }

  static ProbedPod of(Tree.Mapping pod) {
    Tree.Mapping meta = pod.mapping("metadata");
    Tree.Mapping spec = pod.mapping("spec");
    return new ProbedPod(
        meta.word("name"),
        PodKey.incarnation(meta.word("uid")),
        Stream.concat(
                spec.mappings("containers").stream(),
                spec.mappings("initContainers").stream()
                    .filter(container -> container.word("restartPolicy").equals("Always")))
            .map(ProbedPod::container)
            .toList());
  }

  private static Container container(Tree.Mapping container) {
    return new Container(
        container.word("name"),
        container.mappings("ports").stream()
            .map(
                port ->
                    new ContainerPort(
                        port.word("name"), number(port.word("containerPort")), protocol(port)))
            .toList(),
        container.mapping("readinessProbe"));
  }

  private static String protocol(Tree.Mapping port) {
    String protocol = port.word("protocol");
    return protocol.isEmpty() ? "TCP" : protocol;
  }

  /** A port's number; 0 where it is none. */
  static int number(String text) {
    int number = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    return number <= 65535 ? number : 0;
  }
}
