#!/usr/bin/env bash
# The demo's story, inside the lab: five hosts as network namespaces of one kernel.
#
#   client 198.51.100.10 -- gateway --+-- router    10.1.0.2   ipvs-router programs it; clients ask for 10.1.0.100
#                                     +-- backend-1 10.1.0.11
#                                     +-- backend-2 10.1.0.12
#                                     +-- backend-3 10.1.0.13
set -euo pipefail

deploy=$(dirname "$(dirname "$(readlink -f "$0")")")
vip=10.1.0.100
work=$(mktemp -d)
say() { printf '\n%s\n' "$*"; }
in_host() { ip netns exec "$@"; }

host() { # NAME ADDRESS: a namespace on the backends' segment
  ip netns add "$1"
  ip link add "to-$1" type veth peer name eth0 netns "$1"
  ip link set "to-$1" master segment up
  ip -n "$1" address add "$2/24" dev eth0
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  [ "$1" = gateway ] || ip -n "$1" route add default via 10.1.0.1
}

topology() {
  modprobe -a veth bridge ip_vs
  ip link add segment type bridge
  ip link set segment up
  host gateway 10.1.0.1
  host router 10.1.0.2
  ip netns add client
  ip link add eth1 netns gateway type veth peer name eth0 netns client
  ip -n gateway address add 198.51.100.1/24 dev eth1
  ip -n gateway link set eth1 up
  ip -n client address add 198.51.100.10/24 dev eth0
  ip -n client link set eth0 up
  ip -n client route add default via 198.51.100.1
  in_host gateway sysctl -qw net.ipv4.ip_forward=1
  local i
  for i in 1 2 3; do
    host "backend-$i" "10.1.0.1$i"
    # What direct server return asks of a backend: it holds the address, and is silent about it.
    in_host "backend-$i" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
    ip -n "backend-$i" address add $vip/32 dev lo
    mkdir "$work/backend-$i"
    echo "backend-$i" > "$work/backend-$i/index.html"
    head -c 4000000 /dev/zero > "$work/backend-$i/large"
    in_host "backend-$i" busybox httpd -f -p 80 -h "$work/backend-$i" &
  done
}

# manifests READY...: the Service and its slice, with only these backends in it
manifests() {
  {
    cat << YAML
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: {freeway.dev/addresses: "$vip", freeway.dev/forwarding: direct}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  ports: [{port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 80}]
endpoints:
YAML
    local i
    for i; do echo "- {addresses: [10.1.0.1$i]}"; done
  } > "$work/manifests/.new"
  mv "$work/manifests/.new" "$work/manifests/web.yaml"
}

# Asks the address without pause, a new connection each time, and notes who answered.
client() {
  local answer
  while [ ! -e "$work/stop" ]; do
    answer=$(in_host client timeout 5 busybox wget -qO- "http://$vip/" 2> /dev/null) || answer=FAILED
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

apply() {
  in_host router "$deploy/ipvs-router" apply --state-dir "$work/state" --manifests "$work/manifests"
}

received() { in_host "$1" cat "/sys/class/net/$2/statistics/rx_bytes"; }

mkdir "$work/manifests"
say "Linux $(uname -r), booted for this demo: a client, a gateway, a router and three backends."
topology
manifests 1 2 3

say '$ ipvs-router plan --manifests web.yaml'
in_host router "$deploy/ipvs-router" plan --state-dir "$work/state" --manifests "$work/manifests" || [ $? = 2 ]

# The router does not do this by itself yet: clients' packets are for IPVS only when the address is local.
ip -n router link add freeway0 type dummy
ip -n router address add $vip/32 dev freeway0
ip -n router link set freeway0 up

say '$ ipvs-router apply --manifests .'
apply
: > "$work/answers"
client &
more 60
echo "The client asks http://$vip/ again and again:"
count 0

say "backend-2 leaves (its line goes from the manifest); the client asks on:"
manifests 1 3
apply
mark=$(answers)
more 60
count "$mark"

say "backend-2 returns:"
manifests 1 2 3
apply
mark=$(answers)
more 60
count "$mark"
touch "$work/stop"

say "Direct server return: a 4 MB download, in bytes that arrived where"
before_router=$(received router eth0) before_client=$(received client eth0)
in_host client busybox wget -qO /dev/null "http://$vip/large"
echo "  client received  $(($(received client eth0) - before_client))"
echo "  router received  $(($(received router eth0) - before_router))   (requests and acknowledgements only: answers do not pass it)"

say '$ ipvs-router show'
in_host router "$deploy/ipvs-router" show --state-dir "$work/state"
echo "No program of ours runs now: the kernel balances by itself."

failed=$(grep -c FAILED "$work/answers" || true)
say "$(answers) requests, $failed failed."
[ "$failed" = 0 ]
