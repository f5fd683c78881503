package dev.freeway.dataplane;

/** Every option: its name, what it takes, its default and one line of help. The only list. */
enum Setting {
  MANIFESTS(
      "--manifests",
      "PATH",
      "",
      "Kubernetes manifests: a file, a directory (its *.yaml, *.yml, *.json) or - for standard"
          + " input. Repeatable. Together they are the whole desired state."),
  KUBECONFIG(
      "--kubeconfig",
      "FILE",
      "",
      "the API server to follow where no manifests are given. Without it: KUBECONFIG, the Pod's"
          + " service account or ~/.kube/config"),
  NODE(
      "--node",
      "NAME",
      "",
      "the Kubernetes node that this is, for zones. Without it: NODE_NAME or the host's name"),
  STATE_DIR("--state-dir", "DIR", "/var/lib/freeway", "where the record of what is ours is kept"),
  ADDRESSES(
      "--addresses",
      "CIDR",
      "",
      "addresses that are ours alone, a prefix or a range such as 10.0.0.8-10.0.0.15: every service"
          + " on them is managed, and Kubernetes Services get theirs from them. Repeatable."),
  DATAPLANE(
      "--dataplane",
      "WHICH",
      "kernel",
      "what carries the packets. kernel: its IPVS. relay: this process, where there is no ip_vs;"
          + " needs no privilege, and ends what it carries when it ends."),
  TAKE_OVER(
      "--take-over",
      "",
      "false",
      "with --dataplane relay: go on for the run that has this --state-dir. It hands over the"
          + " sockets that it listens on, so that nobody is refused, serves until this one does, and"
          + " ends when what it carries has ended, at most after its --drain-limit."),
  ANNOUNCE(
      "--announce",
      "WHERE",
      "none",
      "who answers ARP and neighbour discovery for the addresses. l2: one router for each, the"
          + " others hold it silently. none: nobody is made silent, routes lead to the routers."),
  ADOPT(
      "--adopt",
      "",
      "false",
      "take over services in the kernel that others made and the manifests name"),
  SYSCTLS(
      "--sysctls",
      "",
      "false",
      "set sysctls although other programs have services in this network namespace: they are the"
          + " whole namespace's"),
  DRAIN_LIMIT(
      "--drain-limit", "TIME", "30s", "how long a terminating endpoint keeps its connections"),
  LISTEN(
      "--listen",
      "HOST:PORT",
      "127.0.0.1:10777",
      "where the page for people, /metrics, /healthz, /readyz and /state are served, and where top"
          + " finds them; port 0 is any free one, 0.0.0.0 all addresses but those of services"),
  MAX_SHRINK(
      "--max-shrink",
      "SHARE",
      "50%",
      "how much of the services, or of the endpoints, may go at once: 50% or 0.5. More than that"
          + " waits for a second look after 5 s."),
  AUDIT_INTERVAL(
      "--audit-interval",
      "TIME",
      "1s",
      "how often the kernel's table is repaired, and files are read that no notification came for"),
  REORDER_AFTER(
      "--reorder-after",
      "TIME",
      "10s",
      "how long a service of mh was left unchanged before its destinations are put into the order"
          + " that routers agree on; off where one router serves alone"),
  METRICS_DESTINATIONS(
      "--metrics-destinations", "", "false", "serve metrics of each destination too"),
  LOG_FORMAT("--log-format", "FORMAT", "json", "text or json: a line each"),
  ONCE("--once", "", "false", "print once and end; so does -o json"),
  VIP(
      "--vip",
      "ADDRESS",
      "",
      "an address of a service that this server takes packets for, as clients know it."
          + " Repeatable."),
  FORWARDING(
      "--forwarding",
      "METHOD",
      "",
      "direct or tunnel, as freeway.dev/forwarding of the service says"),
  ENCAPSULATION(
      "--encapsulation",
      "HEADER",
      "ipip",
      "the outer header of tunnel, as freeway.dev/encapsulation of the service says"),
  POD("POD", "NAMESPACE/NAME", "", "a Pod of this node; without it, the namespace that this is in"),
  OUTPUT("--output", "FORMAT", "table", "table, wide or json"),
  LOG_LEVEL("--log-level", "LEVEL", "info", "error, warning, info or debug; logs go to stderr");

  private final String option;
  private final String takes;
  private final String fallback;
  private final String help;

  Setting(String option, String takes, String fallback, String help) {
    this.option = option;
    this.takes = takes;
    this.fallback = fallback;
    this.help = help;
  }

  /** The option as typed, for example {@code --state-dir}. */
  String option() {
    return option;
  }

  /** What the option's value is called in the help; empty for a flag. */
  String takes() {
    return takes;
  }

  /** The default as it would be typed; empty where there is none. */
  String fallback() {
    return fallback;
  }

  /** One line of help. */
  String help() {
    return help;
  }

  boolean isFlag() {
    return takes.isEmpty();
  }

  boolean isRepeatable() {
    return this == MANIFESTS || this == ADDRESSES || this == VIP;
  }
}
