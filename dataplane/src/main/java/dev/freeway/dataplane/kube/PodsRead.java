package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import dev.freeway.dataplane.core.ProbeOverrides;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the Pods behind a Service whose check is their readiness probe.
 *
 * @param pods the one that has been there for longest and the latest; as long as both say the same,
 *     so do those between them
 * @param problem why none could be read; null where that is not so, or not known yet
 */
record PodsRead(List<ProbedPod> pods, Reading.@Nullable Wrong problem) {
  /** Nothing yet. */
  static final PodsRead NONE = new PodsRead(List.of(), null);

  PodsRead {
    pods = List.copyOf(pods);
  }

  /** Those that could be read. */
  static PodsRead of(List<ProbedPod> pods) {
    return new PodsRead(pods, null);
  }

  /** The check of a port; empty as long as no Pod is known. */
  Optional<Reading> check(ServicePort port, ProbeOverrides overrides) {
    if (pods.isEmpty()) {
      return Optional.ofNullable(problem);
    }
    Reading first = ReadinessProbe.check(pods.getFirst(), port, overrides);
    for (ProbedPod pod : pods) {
      Reading other = ReadinessProbe.check(pod, port, overrides);
      if (other instanceof Reading.Wrong) {
        return Optional.of(other);
      }
      if (first instanceof Reading.Right(HealthCheck one)
          && other instanceof Reading.Right(HealthCheck two)
          && !one.equals(two)) {
        return Optional.of(
            new Reading.Wrong(
                "Pod %s: %s, Pod %s: %s".formatted(pods.getFirst().name(), one, pod.name(), two),
                "the same readinessProbe in all Pods, as after a rollout"));
      }
    }
    return Optional.of(first);
  }
}
