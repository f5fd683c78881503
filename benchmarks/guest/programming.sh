#!/usr/bin/env bash
# Programming, in the lab's guest: writes samples to stdout.
#   programming.sh PREFIX SERVICES DESTINATIONS ROUNDS LARGE WARMING
set -euo pipefail
benchmarks=$(dirname "$(dirname "$(readlink -f "$0")")")
prefix=$1 services=$2 destinations=$3 rounds=$4 large=$5 warming=$6
# shellcheck source=benchmarks/tables.sh
. "$benchmarks/tables.sh"
work=$(mktemp -d)
modprobe -a ip_vs ip_vs_rr ip_vs_mh
ip link set lo up
restore_file "$services" "$destinations" > "$work/restore"
manifests "$services" "$destinations" rr > "$work/services.yaml"

# As ipvs-router runs, but for the cache: a process that has been running for a while.
"$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xms192m -Xmx192m -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -cp "$benchmarks/target/freeway-benchmarks.jar:$benchmarks/../dataplane/target/freeway-dataplane.jar:$benchmarks/../dataplane/target/lib/*" \
  dev.freeway.benchmarks.Programming \
  "$prefix" "$benchmarks/target/bin/programming" "$work/restore" "$services" "$destinations" "$rounds" "$large" "$warming"

# The whole command, once, with everything that a start costs on this processor.
ip netns add cold
ip -n cold link set lo up
start=$EPOCHREALTIME
ip netns exec cold "$benchmarks/../deploy/ipvs-router" apply -o json --state-dir "$work/state" --manifests "$work/services.yaml" > "$work/report"
stop=$EPOCHREALTIME
awk -v prefix="$prefix" -v seconds="$((${stop/./} - ${start/./}))" -v changes="$((services * (destinations + 1)))" \
  'BEGIN { printf "%scold.seconds\t%.3f\n%scold.changes\t%d\n", prefix, seconds / 1e6, prefix, changes }'
# The machine's own changes, its addresses and sysctls, count too.
changes=$(sed -n 's/.*"changes" *: *\([0-9]*\).*/\1/p' "$work/report" | head -1)
{ [ "${changes:-0}" -ge $((services * (destinations + 1))) ] && grep -q '"errors" *: *\[\]' "$work/report"; } \
  || { echo "programming: the cold apply did not program everything: $(head -c 400 "$work/report")" >&2; exit 1; }
