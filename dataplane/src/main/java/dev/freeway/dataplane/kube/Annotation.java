package dev.freeway.dataplane.kube;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Every {@code freeway.dev/} annotation: its key, where it stands, values, default. The only list.
 */
enum Annotation {
  ADDRESSES(
      "addresses",
      Place.SERVICE,
      "addresses such as `10.0.0.1,2001:db8::1`",
      "of manifests required, in a cluster a free one",
      "what clients connect to; each with each port is one IPVS service"),
  FORWARDING(
      "forwarding",
      Place.SERVICE,
      "`auto` `direct` `tunnel` `nat` `relay`",
      "auto",
      "how packets reach the backends; `auto` is `nat` for now; `relay` only under `--dataplane relay`, which relays all of them"),
  SNAT(
      "snat",
      Place.SERVICE,
      "`\"true\"` `\"false\"`",
      "true",
      "whether `nat` hides the client's address, so that replies come back"),
  ENCAPSULATION(
      "encapsulation",
      Place.SERVICE,
      "`ipip`, `gue,port=6080` with `csum` or `remcsum`, `gre` with `csum`",
      "ipip",
      "the outer header of `tunnel`"),
  SCHEDULER(
      "scheduler",
      Place.SERVICE,
      "a scheduler of ipvsadm's and its flags; `ops` for UDP",
      "mh,mh-fallback,mh-port",
      "who gets a new connection; without `mh-port` under `sessionAffinity: ClientIP`"),
  UPPER_THRESHOLD(
      "upper-threshold",
      Place.SERVICE,
      "a whole number",
      "0",
      "connections from which a backend gets no new ones; 0 for no limit"),
  LOWER_THRESHOLD(
      "lower-threshold",
      Place.SERVICE,
      "a whole number, at most the upper one",
      "0",
      "connections below which it gets new ones again; 0 for three quarters of the upper one"),
  PROXY_PROTOCOL(
      "proxy-protocol",
      Place.SERVICE,
      "`v1` `v2`",
      "none",
      "the relay's header that tells a backend the client's address (TCP)"),
  MAX_CONNECTIONS(
      "max-connections",
      Place.SERVICE,
      "a whole number",
      "0",
      "connections at once that the relay takes; more wait to be accepted; 0 for no limit"),
  MAX_RATE(
      "max-rate",
      Place.SERVICE,
      "a whole number",
      "0",
      "new connections a second that the relay takes; more wait to be accepted; 0 for no limit"),
  MAX_CLIENT_CONNECTIONS(
      "max-client-connections",
      Place.SERVICE,
      "a whole number",
      "0",
      "connections at once that the relay takes of one client; more are reset; 0 for no limit"),
  MAX_CLIENT_RATE(
      "max-client-rate",
      Place.SERVICE,
      "a whole number",
      "0",
      "new connections a second that the relay takes of one client; more are reset; 0 for no limit"),
  HEALTH_CHECK(
      "health-check",
      Place.SERVICE,
      "`tcp` `tls` `http` `https` `http2` `https2` `grpc` `grpcs` `udp` `dns`"
          + " and keys, such as `http,path=/healthz,interval=1s,timeout=1s,rise=2,fall=3`; in a"
          + " cluster `readiness-probe`, the Pods' own",
      "none",
      "how `run` asks backends whether they are well, beside Kubernetes"),
  PANIC_THRESHOLD(
      "panic-threshold",
      Place.SERVICE,
      "0% to 100%",
      "50%",
      "the share of the ready backends that may be out for their health; where more are, all are"
          + " used"),
  SLOW_START(
      "slow-start",
      Place.SERVICE,
      "a time such as `30s`",
      "0s",
      "how long a backend that comes, or comes back, takes to its full weight, in five steps"),
  OUTLIER_EJECTION(
      "outlier-ejection",
      Place.SERVICE,
      "`\"true\"` `\"false\"`",
      "false",
      "whether a backend is taken out for 30 s, longer each time, whose connections fail"),
  WEIGHT(
      "weight",
      Place.SLICE,
      "0 to 65535",
      "1",
      "of this slice's endpoints; slices of one Service may differ");

  /** The object that carries it. */
  enum Place {
    SERVICE("Service"),
    SLICE("EndpointSlice");

    private final String kind;

    Place(String kind) {
      this.kind = kind;
    }

    String kind() {
      return kind;
    }
  }

  private final String name;
  private final Place place;
  private final String takes;
  private final String fallback;
  private final String meaning;

  Annotation(String name, Place place, String takes, String fallback, String meaning) {
    this.name = name;
    this.place = place;
    this.takes = takes;
    this.fallback = fallback;
    this.meaning = meaning;
  }

  /** For example {@code freeway.dev/weight}. */
  String key() {
    return Settings.PREFIX + name;
  }

  Place place() {
    return place;
  }

  /** What may be written, as Markdown. */
  String takes() {
    return takes;
  }

  /** What it is when it is not written. */
  String fallback() {
    return fallback;
  }

  /** What it does, as Markdown. */
  String meaning() {
    return meaning;
  }

  static Set<String> keysOn(Place place) {
    return Arrays.stream(Annotation.values())
        .filter(annotation -> annotation.place == place)
        .map(Annotation::key)
        .collect(Collectors.toUnmodifiableSet());
  }
}
