#!/usr/bin/env bash
# The demo's story, inside the lab: machines are network namespaces of one kernel (lab.d/topology.sh). r1 is the client,
# behind the gateway gw; lb is the router that ipvs-router programs; b1, b2 and b3 are the backends.
set -euo pipefail

deploy=$(dirname "$(dirname "$(readlink -f "$0")")")
vip=10.1.0.100 # and the backends 10.1.0.11 to 13: the sample's
work=$(mktemp -d)
say() { printf '\n%s\n' "$*"; }
# shellcheck source=deploy/lab.d/topology.sh
. "$deploy/lab.d/topology.sh"

hosts() {
  modprobe -a veth bridge
  topology_routed
  local i
  for i in 1 2 3; do
    topology_backend_vip "b$i" $vip
    mkdir "$work/backend-$i"
    echo "backend-$i" > "$work/backend-$i/index.html"
    head -c 4000000 /dev/zero > "$work/backend-$i/large"
    on "b$i" busybox httpd -f -p 80 -h "$work/backend-$i" &
  done
}

# manifests READY: the sample's Service and its slice, with only these backends in it
manifests() {
  sed "/\"10\.1\.0\.1[^$1]\"/d" "$deploy/samples/web.yaml" > "$work/manifests/.new"
  mv "$work/manifests/.new" "$work/manifests/web.yaml"
}

# Asks the address without pause, a new connection each time, and notes who answered.
client() {
  local answer
  while [ ! -e "$work/stop" ]; do
    answer=$(on r1 timeout 5 busybox wget -qO- "http://$vip/" 2> /dev/null) || answer=FAILED
    echo "$answer" >> "$work/answers"
  done
}

answers() { wc -l < "$work/answers"; }

# more N: waits until the client has had N more answers
more() {
  local goal=$(($(answers) + $1)) tries=600
  until [ "$(answers)" -ge "$goal" ]; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "demo: the client got no answers for a minute" >&2; exit 1; }
    sleep 0.1
  done
}

# count FROM: who answered since line FROM
count() { tail -n "+$(($1 + 1))" "$work/answers" | sort | uniq -c | awk '{printf "  %-10s %4d answers\n", $2, $1}'; }

# follows N: waits until the running router has had its Nth event acknowledged by the kernel, and says how long that took
follows() {
  local tries=900
  until [ "$(grep -c eventToKernelSeconds "$work/log" || true)" -ge "$1" ]; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] && kill -0 "$router" 2> /dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
  done
  grep eventToKernelSeconds "$work/log" | sed -n "$1s/.*\"eventToKernelSeconds\":\([0-9.E-]*\).*/\1/p" \
    | awk '{printf "  from the event to the kernel: %.0f ms\n", $1 * 1000}'
}

received() { on "$1" cat "/sys/class/net/$2/statistics/rx_bytes"; }

mkdir "$work/manifests"
say "Linux $(uname -r), booted for this demo: a client, a gateway, a router and three backends."
hosts
manifests 123

say '$ ipvs-router plan --manifests web.yaml'
on lb "$deploy/ipvs-router" plan --state-dir "$work/state" --manifests "$work/manifests" || [ $? = 2 ]

say '$ ipvs-router run --manifests . &'
on lb "$deploy/ipvs-router" run --state-dir "$work/state" --manifests "$work/manifests" 2> "$work/log" &
router=$!
follows 1 > /dev/null # with the start of a JVM in it: says nothing about the next ones
echo "programmed; it follows the manifest from now on."
: > "$work/answers"
client &
more 60
echo "The client asks http://$vip/ again and again:"
count 0

say "backend-2 leaves (its line goes from the manifest); the client asks on:"
manifests 13
follows 2
mark=$(answers)
more 60
count "$mark"

say "backend-2 returns:"
manifests 123
follows 3
mark=$(answers)
more 60
count "$mark"
touch "$work/stop"

say "Direct server return: a 4 MB download, in bytes that arrived where"
before_router=$(received lb eth0) before_client=$(received r1 eth0)
on r1 busybox wget -qO /dev/null "http://$vip/large"
echo "  client received  $(($(received r1 eth0) - before_client))"
echo "  router received  $(($(received lb eth0) - before_router))   (requests and acknowledgements only: answers do not pass it)"

say '$ kill $ROUTER; ipvs-router show'
router_pid=$(sed -n 's/.*process //p' "$work"/state/lock-*)
kill "$router_pid"
wait "$router" || { echo "demo: the router ended with $?, not 0" >&2; exit 1; }
on lb "$deploy/ipvs-router" show --state-dir "$work/state"
echo "No program of ours runs now: the kernel balances by itself."

failed=$(grep -c FAILED "$work/answers" || true)
say "$(answers) requests, $failed failed."
[ "$failed" = 0 ]

say '$ ipvs-router restore'
on lb "$deploy/ipvs-router" restore --state-dir "$work/state"
