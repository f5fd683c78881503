package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.HealthCheck.Reading;
import dev.freeway.dataplane.core.ProbeOverrides;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Readiness probes as Kubernetes has them, to checks. */
final class ReadinessProbeTest {
  private static final String RATES = ",interval=10s,timeout=1s,rise=1,fall=3";
  private static final String PORTS =
      "\"ports\": [{\"name\": \"web\", \"containerPort\": 8080},"
          + " {\"name\": \"admin\", \"containerPort\": 9000},"
          + " {\"name\": \"dns\", \"containerPort\": 53, \"protocol\": \"UDP\"}]";

  private static ProbedPod pod(String containers) {
    return ProbedPod.of(
        (Tree.Mapping)
            ((Document.Parsed)
                    JsonDocuments.parse(
                            "{\"metadata\": {\"name\": \"web-1\", \"uid\": \"u\"}, \"spec\": {"
                                + containers
                                + "}}")
                        .getFirst())
                .tree());
  }

  private static String container(String name, String ports, String probe) {
    return "{\"name\": \""
        + name
        + "\""
        + (ports.isEmpty() ? "" : ", " + ports)
        + (probe.isEmpty() ? "" : ", \"readinessProbe\": {" + probe.replace('\'', '"') + "}")
        + "}";
  }

  private static ServicePort port(String target) {
    ServicePort port = new ServicePort();
    port.setPort(80);
    if (target.matches("\\d+")) {
      port.setTargetPort(new IntOrString(Integer.parseInt(target)));
    } else if (!target.isEmpty()) {
      port.setTargetPort(new IntOrString(target));
    }
    return port;
  }

  private static Reading check(String containers, String target) {
    return ReadinessProbe.check(
        pod(containers), port(target), new ProbeOverrides(0, null, null, 0, 0));
  }

  private static String text(Reading reading) {
    return reading instanceof Reading.Right right ? right.check().text() : reading.toString();
  }

  /** Of a container with ports web 8080, admin 9000 and dns 53/UDP, behind target port web. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'httpGet': {'path': '/ready', 'port': 'web'}                      ; http,path=/ready",
        "'httpGet': {'path': '/ready', 'port': 8080, 'scheme': 'HTTP'}     ; http,path=/ready",
        "'httpGet': {'port': 'web'}                                        ; http",
        "'httpGet': {'path': 'ready', 'port': 'web'}                       ; http,path=/ready",
        "'httpGet': {'path': '/a?b=c', 'port': 'web'}                      ; http,path=/a?b=c",
        "'httpGet': {'path': '/', 'port': 'admin'}                         ; http,port=9000",
        "'httpGet': {'path': '/', 'port': '9001'}                          ; http,port=9001",
        "'httpGet': {'path': '/x', 'port': 9000, 'scheme': 'HTTPS'}        ; https,port=9000,path=/x",
        "'httpGet': {'port': 8080, 'httpHeaders': [{'name': 'Host', 'value': 'a.example'}]}     ; http,host=a.example",
        "'httpGet': {'port': 8080, 'scheme': 'HTTPS', 'httpHeaders': [{'name': 'Host', 'value': 'a.example'}]}; https,host=a.example,tls-sni=false",
        "'httpGet': {'port': 8080, 'httpHeaders': [{'name': 'Accept', 'value': '*/*'}]}         ; http",
        "'tcpSocket': {'port': 'web'}                                      ; tcp",
        "'tcpSocket': {'port': 9000}                                       ; tcp,port=9000",
        "'grpc': {'port': 8080}                                            ; grpc",
        "'grpc': {'port': 8080, 'service': null}                           ; grpc",
        "'grpc': {'port': 9000, 'service': 'shop.Cart'}                    ; grpc,port=9000,service=shop.Cart",
      })
  void aProbe(String probe, String expected) {
    assertThat(
            text(check("\"containers\": [" + container("app", PORTS, probe.strip()) + "]", "web")))
        .isEqualTo(expected + RATES);
  }

  @Test
  void ratesAreTheProbes() {
    assertThat(
            text(
                check(
                    "\"containers\": ["
                        + container(
                            "app",
                            PORTS,
                            "'tcpSocket': {'port': 'web'}, 'periodSeconds': 2, 'timeoutSeconds': 2,"
                                + " 'successThreshold': 3, 'failureThreshold': 4")
                        + "]",
                    "web")))
        .isEqualTo("tcp,interval=2s,timeout=2s,rise=3,fall=4");
  }

  /** By name, by number, by the Service's own port, and of another protocol. */
  @ParameterizedTest
  @CsvSource({"web,tcp", "8080,tcp", "admin,'tcp,port=8080'", "9000,'tcp,port=8080'"})
  void thePortIsTheBackendsOwnWhereItIsTheTarget(String target, String expected) {
    String containers =
        "\"containers\": [" + container("app", PORTS, "'tcpSocket': {'port': 8080}") + "]";
    assertThat(text(check(containers, target))).isEqualTo(expected + RATES);
  }

  @Test
  void withoutATargetPortItIsTheServices() {
    String containers =
        "\"containers\": [" + container("app", "", "'tcpSocket': {'port': 80}") + "]";
    assertThat(text(check(containers, ""))).isEqualTo("tcp" + RATES);
  }

  private static final String TWO =
      container("proxy", "\"ports\": [{\"containerPort\": 81}]", "'tcpSocket': {'port': 81}")
          + ", "
          + container("app", PORTS, "'tcpSocket': {'port': 'web'}");

  @ParameterizedTest
  @CsvSource({"web,tcp", "81,tcp", "8080,tcp"})
  void theContainerWithThePort(String target, String expected) {
    assertThat(text(check("\"containers\": [" + TWO + "]", target))).isEqualTo(expected + RATES);
  }

  @Test
  void theOnlyContainerWithAProbe() {
    assertThat(
            text(
                check(
                    "\"containers\": ["
                        + container("proxy", "\"ports\": [{\"containerPort\": 81}]", "")
                        + ", "
                        + container("app", PORTS, "'tcpSocket': {'port': 'web'}")
                        + "]",
                    "81")))
        .isEqualTo("tcp,port=8080" + RATES);
  }

  @Test
  void aSidecarIsAContainerAndAnotherInitContainerIsNot() {
    String sidecar =
        container("proxy", "", "'tcpSocket': {'port': 81}")
            .replaceFirst("}$", ", \"restartPolicy\": \"Always\"}");
    assertThat(text(check("\"initContainers\": [" + sidecar + "]", "81"))).isEqualTo("tcp" + RATES);
    assertThat(
            text(
                check(
                    "\"initContainers\": ["
                        + container("first", "", "'tcpSocket': {'port': 81}")
                        + "]",
                    "81")))
        .contains("no readinessProbe");
  }

  /** What cannot be done, and the beginning of what could. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "'exec': {'command': ['true']}                            ; readinessProbe: exec             ; httpGet, tcpSocket or grpc, for nobody but kubelet",
        "'periodSeconds': 1                                       ; readinessProbe: periodSeconds    ; httpGet, tcpSocket or grpc",
        "'httpGet': {'port': 'api'}                               ; readinessProbe: port api         ; a number, or the name of one of its ports",
        "'httpGet': {'port': 70000}                               ; readinessProbe: port 70000       ; a number",
        "'httpGet': {'port': 80, 'host': '127.0.0.1'}             ; readinessProbe: httpGet.host 127.0.0.1   ; none, for the Pod's own address",
        "'tcpSocket': {'port': 80, 'host': 'db'}                  ; readinessProbe: tcpSocket.host db        ; none",
        "'httpGet': {'port': 80, 'path': '/a,b'}                  ; readinessProbe: httpGet.path /a,b        ; a path",
        "'httpGet': {'port': 80, 'path': '/a b'}                  ; readinessProbe: httpGet.path /a b        ; a path",
        "'httpGet': {'port': 80, 'httpHeaders': [{'name': 'Authorization', 'value': 'secret'}]}  ; readinessProbe: httpHeaders Authorization ; none but Host",
        "'httpGet': {'port': 80, 'httpHeaders': [{'name': 'host', 'value': 'a b'}]}              ; readinessProbe: httpHeaders Host a b      ; a name",
        "'grpc': {'port': 80, 'service': 'a,b'}                   ; readinessProbe: grpc.service a,b ; at most 256 characters",
      })
  void whatCannotBeAsked(String probe, String word, String expected) {
    assertThat(check("\"containers\": [" + container("app", PORTS, probe.strip()) + "]", "web"))
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong -> {
              assertThat(wrong.word()).isEqualTo("Pod web-1, container app, " + word);
              assertThat(wrong.expected())
                  .startsWith(expected)
                  .endsWith(", or a check such as http,path=/healthz instead");
            });
  }

  @Test
  void whichContainerIsNotGuessed() {
    assertThat(check("\"containers\": [" + TWO + "]", "82"))
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong -> {
              assertThat(wrong.word()).isEqualTo("Pod web-1: containers proxy, app");
              assertThat(wrong.expected())
                  .startsWith("one container with a readinessProbe, or port 82 in its ports");
            });
    assertThat(check("\"containers\": [" + container("app", PORTS, "") + "]", "web").toString())
        .contains("Pod web-1: no readinessProbe");
  }

  /** Two templates of a rollout. */
  @Test
  void podsThatSayDifferentThingsMakeNoCheck() {
    ProbedPod old =
        pod(
            "\"containers\": ["
                + container("a", PORTS, "'httpGet': {'port': 'web', 'path': '/a'}")
                + "]");
    ProbedPod now =
        pod(
            "\"containers\": ["
                + container("a", PORTS, "'httpGet': {'port': 'web', 'path': '/b'}")
                + "]");
    ProbeOverrides none = new ProbeOverrides(0, null, null, 0, 0);
    assertThat(PodsRead.of(List.of(old, now)).check(port("web"), none).orElseThrow())
        .isInstanceOfSatisfying(
            Reading.Wrong.class,
            wrong ->
                assertThat(wrong.word())
                    .contains("http,path=/a,interval", "http,path=/b,interval"));
    assertThat(text(PodsRead.of(List.of(now, now)).check(port("web"), none).orElseThrow()))
        .isEqualTo("http,path=/b" + RATES);
    assertThat(PodsRead.NONE.check(port("web"), none)).isEmpty();
  }
}
