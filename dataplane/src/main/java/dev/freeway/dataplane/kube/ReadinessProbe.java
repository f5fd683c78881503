package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthCheck.Question;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import dev.freeway.dataplane.core.HealthCheck.Tls;
import dev.freeway.dataplane.core.Octets;
import dev.freeway.dataplane.core.ProbeOverrides;
import dev.freeway.dataplane.core.Statuses;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Pod's readiness probe as the check of a Service's port: pure. What kubelet asks and a check
 * cannot is wrong, and no check comes of it.
 *
 * <p>The container is the one with the Service's target port, where it has a probe; else the Pod's
 * only one with a probe, which is what its readiness then says.
 */
final class ReadinessProbe {
  /** Of kubelet, where a probe does not say. */
  private static final int PERIOD = 10;

  private static final int TIMEOUT = 1;
  private static final int SUCCESS = 1;
  private static final int FAILURE = 3;

  /** Headers that a check sends too, as here. */
  private static final Map<String, String> SENT = Map.of("accept", "*/*", "connection", "close");

  private static final String OTHERWISE = ", or a check such as http,path=/healthz instead";

  private final ProbedPod pod;
  private final ServicePort port;

  private ReadinessProbe(ProbedPod pod, ServicePort port) {
    this.pod = pod;
    this.port = port;
  }

  /** What cannot be asked; caught where translation begins. */
  private static final class WrongException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Reading.Wrong wrong;

    WrongException(String word, String expected) {
      super(word, null, false, false);
      wrong = new Reading.Wrong(word, expected + OTHERWISE);
    }
  }

  /**
   * The check of one port of a Service.
   *
   * @param overrides what the annotation says otherwise
   */
  static Reading check(ProbedPod pod, ServicePort port, ProbeOverrides overrides) {
    try {
      return new ReadinessProbe(pod, port).check(overrides);
    } catch (WrongException e) {
      return e.wrong;
    }
  }

  private Reading check(ProbeOverrides overrides) {
    ProbedPod.Container container = container();
    Tree.Mapping probe = container.probe();
    String asked = "";
    Question question = new Question.Connect();
    if (probe.fields().containsKey("httpGet")) {
      Tree.Mapping get = probe.mapping("httpGet");
      asked = get.word("port");
      question = http(container, get);
    } else if (probe.fields().containsKey("tcpSocket")) {
      Tree.Mapping socket = probe.mapping("tcpSocket");
      asked = socket.word("port");
      ownHost(container, "tcpSocket.host", socket);
    } else if (probe.fields().containsKey("grpc")) {
      Tree.Mapping grpc = probe.mapping("grpc");
      asked = grpc.word("port");
      question = grpc(container, grpc);
    } else {
      throw wrong(
          container,
          probe.fields().containsKey("exec") ? "exec" : String.join(", ", probe.fields().keySet()),
          "httpGet, tcpSocket or grpc, for nobody but kubelet can run a command in a container");
    }
    int number = number(container, asked);
    Reading reading =
        overrides.over(
            question,
            number == target() ? 0 : number,
            seconds(probe, "periodSeconds", PERIOD),
            seconds(probe, "timeoutSeconds", TIMEOUT),
            whole(probe, "successThreshold", SUCCESS),
            whole(probe, "failureThreshold", FAILURE));
    return reading instanceof Reading.Wrong(String word, String expected)
        ? new Reading.Wrong(place(container) + ": " + word, expected)
        : reading;
  }

  private WrongException wrong(ProbedPod.Container container, String what, String expected) {
    return new WrongException(place(container) + ": " + what, expected);
  }

  private String place(ProbedPod.Container container) {
    return "Pod " + pod.name() + ", container " + container.name() + ", readinessProbe";
  }

  private ProbedPod.Container container() {
    List<ProbedPod.Container> probed = new ArrayList<>();
    for (ProbedPod.Container container : pod.containers()) {
      if (container.probed()) {
        if (container.ports().stream().anyMatch(this::isTarget)) {
          return container;
        }
        probed.add(container);
      }
    }
    if (probed.size() == 1) {
      return probed.getFirst();
    }
    throw new WrongException(
        "Pod " + pod.name() + (probed.isEmpty() ? ": no readinessProbe" : ": " + names(probed)),
        probed.isEmpty()
            ? "a container with a readinessProbe"
            : "one container with a readinessProbe, or port " + targetText() + " in its ports");
  }

  private static String names(List<ProbedPod.Container> containers) {
    return "containers " + String.join(", ", containers.stream().map(c -> c.name()).toList());
  }

  private boolean isTarget(ProbedPod.ContainerPort candidate) {
    String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
    return candidate.protocol().equals(protocol)
        && (candidate.name().equals(targetText())
            || candidate.number() == ProbedPod.number(targetText()));
  }

  /** A name or a number. */
  private String targetText() {
    IntOrString target = port.getTargetPort();
    if (target == null) {
      return String.valueOf(port.getPort());
    }
    String name = target.getStrVal();
    return name == null ? String.valueOf(target.getIntVal()) : name;
  }

  /** The backend's port as this Pod has it; 0 where it has none of that name. */
  private int target() {
    return pod.containers().stream()
        .flatMap(container -> container.ports().stream())
        .filter(this::isTarget)
        .map(ProbedPod.ContainerPort::number)
        .findFirst()
        .orElseGet(() -> ProbedPod.number(targetText()));
  }

  private int number(ProbedPod.Container container, String asked) {
    int number =
        container.ports().stream()
            .filter(candidate -> candidate.name().equals(asked) && !asked.isEmpty())
            .map(ProbedPod.ContainerPort::number)
            .findFirst()
            .orElseGet(() -> ProbedPod.number(asked));
    if (number == 0) {
      throw wrong(container, "port " + asked, "a number, or the name of one of its ports");
    }
    return number;
  }

  /** Another host than the Pod is kubelet's to ask: it may be the node's loopback. */
  private void ownHost(ProbedPod.Container container, String field, Tree.Mapping action) {
    String host = action.word("host");
    if (!host.isEmpty()) {
      throw wrong(container, field + " " + host, "none, for the Pod's own address");
    }
  }

  private Question http(ProbedPod.Container container, Tree.Mapping get) {
    ownHost(container, "httpGet.host", get);
    String host = "";
    for (Tree.Mapping header : get.mappings("httpHeaders")) {
      String name = header.word("name").toLowerCase(Locale.ROOT);
      if (name.equals("host")) {
        host = header.word("value");
      } else if (!header.word("value").equalsIgnoreCase(SENT.get(name))) {
        throw wrong(container, "httpHeaders " + header.word("name"), "none but Host");
      }
    }
    if (!host.isEmpty() && !HealthCheck.isHost(host)) {
      throw wrong(container, "httpHeaders Host " + host, "a name, with a port if wanted");
    }
    String path = get.word("path").startsWith("/") ? get.word("path") : "/" + get.word("path");
    if (!HealthCheck.isPath(path)) {
      throw wrong(
          container, "httpGet.path " + path, "a path of printable ASCII without blanks and commas");
    }
    String scheme = get.word("scheme");
    return new Question.Http(
        false,
        scheme.equalsIgnoreCase("HTTPS") ? host.isEmpty() ? Tls.DEFAULT : Tls.KUBELET : null,
        host,
        path,
        Statuses.DEFAULT,
        null,
        Octets.NONE);
  }

  private Question grpc(ProbedPod.Container container, Tree.Mapping grpc) {
    String service = grpc.word("service");
    if (!HealthCheck.isService(service)) {
      throw wrong(
          container,
          "grpc.service " + service,
          "at most 256 characters of printable ASCII without blanks and commas");
    }
    return new Question.Grpc(null, "", service);
  }

  private static Duration seconds(Tree.Mapping probe, String field, int standard) {
    return Duration.ofSeconds(whole(probe, field, standard));
  }

  private static int whole(Tree.Mapping probe, String field, int standard) {
    return Stream.of(probe.word(field))
        .filter(text -> text.matches("[1-9][0-9]{0,8}"))
        .map(Integer::parseInt)
        .findFirst()
        .orElse(standard);
  }
}
