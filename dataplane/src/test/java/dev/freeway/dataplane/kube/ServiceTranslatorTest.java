package dev.freeway.dataplane.kube;

import static dev.freeway.dataplane.kube.ManifestsFixture.WEB;
import static dev.freeway.dataplane.kube.ManifestsFixture.WEB_SLICE;
import static dev.freeway.dataplane.kube.ManifestsFixture.translate;
import static dev.freeway.dataplane.kube.ManifestsFixture.webSpec;
import static dev.freeway.dataplane.kube.ManifestsFixture.webWith;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Endpoint.Condition;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceTranslatorTest {
  private static DesiredService only(Translation translation) {
    assertThat(translation.errors()).isEmpty();
    assertThat(translation.desired().services()).hasSize(1);
    return translation.desired().services().firstEntry().getValue();
  }

  @Test
  void translatesAServiceWithItsDefaults() {
    Translation translation = translate(WEB, WEB_SLICE);
    DesiredService service = only(translation);
    assertThat(service.owner()).isEqualTo("shop/web");
    assertThat(service.service().key()).hasToString("tcp 10.0.0.1:80");
    assertThat(service.service().scheduler()).isEqualTo(Scheduler.DEFAULT);
    assertThat(service.service().persistenceSeconds()).isZero();
    assertThat(service.service().persistenceBits()).isEqualTo(32);
    assertThat(service.forwarding()).isEqualTo(Forwarding.NAT);
    assertThat(service.sourceNat()).isTrue();
    assertThat(service.endpoints().keySet())
        .extracting(Object::toString)
        .containsExactly("10.1.0.11:80", "10.1.0.12:80");
    assertThat(service.endpoints().values())
        .allSatisfy(
            endpoint -> {
              assertThat(endpoint.condition()).isEqualTo(Condition.READY);
              assertThat(endpoint.destination().weight()).isOne();
              assertThat(endpoint.destination().encapsulation()).isEqualTo(Encapsulation.IPIP);
            });
    assertThat(translation.complete()).isTrue();
    assertThat(translation.notes())
        .containsExactly("forwarding auto is nat until the router can probe for more: shop/web");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "freeway.dev/forwarding | tunnel-return | tunnel-return is not implemented yet",
        "freeway.dev/proxy-protocol | v3 | v1, v2 or none",
        "freeway.dev/max-client-rate | many | a whole number from 0",
        "freeway.dev/forwarding | dsr | one of auto, direct, tunnel, tunnel-return, nat, relay",
        "freeway.dev/snat | yes | \"true\" or \"false\"",
        "freeway.dev/encapsulation | gue,port=6080 | only with freeway.dev/forwarding: tunnel",
        "freeway.dev/encapsulation | gue | ipip, or gue,port=6080",
        "freeway.dev/encapsulation | gue,port=70000 | ipip, or gue,port=6080",
        "freeway.dev/encapsulation | gue,port=1,csum,remcsum | ipip, or gue,port=6080",
        "freeway.dev/encapsulation | gre,remcsum | ipip, or gue,port=6080",
        "freeway.dev/encapsulation | ipip,csum | ipip, or gue,port=6080",
        "freeway.dev/scheduler | maglev | one of rr wrr lc",
        "freeway.dev/scheduler | wrrr | did you mean wrr?",
        "freeway.dev/scheduler | rr,mh-port | rr without flags",
        "freeway.dev/scheduler | mh,sh-port | only the flags mh-fallback, mh-port",
        "freeway.dev/scheduler | mh,mh-port,mh-port | mh-port once",
        "freeway.dev/scheduler | rr,ops | ops only with UDP",
        "freeway.dev/health-check | readiness-prob | did you mean readiness-probe?",
        "freeway.dev/health-check | readiness-probe,path=/x | port, interval, timeout, rise or fall",
        "freeway.dev/health-check | readiness-probe | manifests have no Pods",
        "freeway.dev/upper-threshold | -1 | a whole number from 0",
        "freeway.dev/lower-threshold | 5 | at most freeway.dev/upper-threshold",
        "freeway.dev/weight | 5 | this annotation on the EndpointSlice",
        "freeway.dev/adresses | 10.0.0.2 | did you mean freeway.dev/addresses?",
        "freeway.dev/colour | red | a known annotation: freeway.dev/addresses,",
      })
  void refusesAnAnnotationAndSaysWhatWouldBeRight(String key, String value, String expected) {
    Translation translation = translate(webWith(key, value), WEB_SLICE);
    assertThat(translation.desired().services()).isEmpty();
    assertThat(translation.refused()).containsExactly("shop/web");
    assertThat(translation.errors()).hasSize(1);
    InputError error = translation.errors().getFirst();
    assertThat(error.file()).isEqualTo("m.yaml");
    assertThat(error.document()).isEqualTo("1 (Service shop/web)");
    assertThat(error.field()).isEqualTo("metadata.annotations[" + key + "]");
    assertThat(value).contains(error.value());
    assertThat(error.expected()).contains(expected);
  }

  /** Over UDP they would do nothing, and nobody would know. */
  @ParameterizedTest
  @CsvSource({
    "proxy-protocol, v2",
    "max-connections, 5",
    "max-rate, 5",
    "max-client-connections, 5",
    "max-client-rate, 5",
  })
  void whatNeedsConnectionsIsRefusedOfAServiceOfUdpAlone(String name, String value) {
    String key = "freeway.dev/" + name;
    assertThat(translate(webWith(key, value), WEB_SLICE).errors()).isEmpty();
    Translation translation =
        translate(
            webWith(key, value).replace("- port: 80\n", "- port: 80\n      protocol: UDP\n"),
            WEB_SLICE.replace("- port: 80\n", "- port: 80\n    protocol: UDP\n"));
    assertThat(translation.refused()).containsExactly("shop/web");
    InputError error = translation.errors().getFirst();
    assertThat(error.field()).isEqualTo("metadata.annotations[" + key + "]");
    assertThat(error.value()).isEqualTo(value);
    assertThat(error.expected()).isEqualTo("this annotation only with a port of TCP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"max-connections", "max-rate", "max-client-connections", "max-client-rate"})
  void aLimitOfConnectionsBesideAPortOfUdpIsNoted(String name) {
    String key = "freeway.dev/" + name;
    assertThat(translate(webWith(key, "5"), WEB_SLICE).notes())
        .noneMatch(note -> note.contains(key));
    Translation translation =
        translate(
            webWith(key, "5")
                .replace(
                    "- port: 80\n", "- {name: dns, port: 53, protocol: UDP}\n    - port: 80\n"),
            WEB_SLICE);
    assertThat(translation.errors()).isEmpty();
    assertThat(translation.notes())
        .anyMatch(
            note -> note.endsWith(": " + key + " limits its ports of TCP, and those of UDP not"));
  }

  @Test
  void readsSourceRangesAndLeavesOutWhatAnotherHolds() {
    DesiredService service =
        only(
            translate(
                webSpec(
                    "loadBalancerSourceRanges: [\"192.0.2.7/32\", \" 192.0.2.0/24\","
                        + " \"2001:db8::/48\", \"192.0.2.0/24\"]")));
    assertThat(service.sourceRanges().limited()).isTrue();
    assertThat(service.sourceRanges().prefixes())
        .containsExactly(Prefix.parse("192.0.2.0/24"), Prefix.parse("2001:db8::/48"));
  }

  @Test
  void refusesAServiceWithASourceRangeThatCannotBeRead() {
    for (String wrong : java.util.List.of("192.0.2.1/24", "192.0.2.1", "everyone", "1.2.3.0/40")) {
      Translation translation =
          translate(webSpec("loadBalancerSourceRanges: [192.0.2.0/24, " + wrong + "]"));
      assertThat(translation.desired().services()).isEmpty();
      assertThat(translation.errors())
          .singleElement()
          .satisfies(
              error -> {
                assertThat(error.field()).isEqualTo("spec.loadBalancerSourceRanges");
                assertThat(error.value()).isEqualTo(wrong);
                assertThat(error.expected()).contains("192.0.2.0/24");
              });
    }
  }

  @Test
  void readsTheSampleOfTheReadme() {
    Translation translation =
        ServiceTranslator.translate(
            ManifestReader.read(
                java.util.List.of("../deploy/samples/web.yaml"),
                java.io.InputStream.nullInputStream()),
            java.util.Map.of());
    DesiredService service = only(translation);
    assertThat(service.service().key()).hasToString("tcp 10.1.0.100:80");
    assertThat(service.forwarding()).isEqualTo(Forwarding.DIRECT);
    assertThat(service.endpoints()).hasSize(3);
    assertThat(translation.notes()).isEmpty();
  }

  @Test
  void affinityLastsADayAtMost() {
    String day =
        "sessionAffinity: ClientIP\nsessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}";
    assertThat(only(translate(webSpec(day), WEB_SLICE)).service().persistenceSeconds())
        .isEqualTo(86_400);
    for (String other : new String[] {"86401", "0"}) {
      assertThat(translate(webSpec(day.replace("86400", other)), WEB_SLICE).errors())
          .singleElement()
          .satisfies(
              error -> {
                assertThat(error.value()).isEqualTo(other);
                assertThat(error.expected()).isEqualTo("1 to 86400 seconds");
              });
    }
  }

  @Test
  void portsOfOneNameAreRefused() {
    String two =
        WEB.replace("- port: 80", "- {name: http, port: 80}\n    - {name: http, port: 81}");
    assertThat(translate(two, WEB_SLICE).errors())
        .extracting(InputError::field, InputError::value, InputError::expected)
        .containsExactly(tuple("spec.ports[1].name", "http", "a different name for each port"));
  }
}
