# shellcheck shell=bash
# guest_test TARGET SELECTOR...: runs JUnit's console in the guest. Leaves in /lab/out: version, console.txt, reports/. Sourced.
guest_test() {
  local target=$1 status
  shift
  # Debian says the upstream version only here: "#1 SMP ... Debian 6.1.192-1 (2026-...)"
  uname -v | sed -n 's/.*Debian \([^ -]*\).*/\1/p' > /lab/out/version
  # A JVM that lives for a minute on an emulated processor: no second compiler, no parallel collector.
  # A campaign takes many minutes: it runs when it is named, and in deploy/verify --full on one kernel.
  case ${FREEWAY_FULL:-}$* in --scan-class-path*) set -- --exclude-tag=campaign "$@" ;; esac
  # What a kernel between the oldest and the newest is not asked again: minutes of clients and time-outs.
  case ${FREEWAY_BETWEEN:-} in ?*) set -- --exclude-tag=behaviour "$@" ;; esac
  "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+EnableDynamicAgentLoading \
    -cp "$target/test-classes:$target/classes:$target/lib/*:$target/test-lib/*" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=testfeed \
    --include-tag=kernel --include-classname='.*' --fail-if-no-tests --reports-dir=/lab/out/reports "$@" \
    2>&1 | tee /lab/out/console.txt | sed -un 's/^JUnit Jupiter > \(.*\) :: \(SUCCESSFUL\|FAILED\|ABORTED\|SKIPPED\)$/  \2 \1/p'
  status=${PIPESTATUS[0]}
  sync
  return "$status"
}
