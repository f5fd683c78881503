#!/usr/bin/env bash
# Packets, in the lab's guest: new connections and bytes a second, without a balancer, through IPVS by direct return, and
# through HAProxy in TCP mode; in turn, several rounds. The same client and the same three servers every time. Writes
# samples to stdout.
#   packets.sh ROUNDS SECONDS
set -euo pipefail
benchmarks=$(dirname "$(dirname "$(readlink -f "$0")")")
rounds=$1 seconds=$2
vip=10.1.0.100
# shellcheck source=deploy/lab.d/topology.sh
. "$benchmarks/../deploy/lab.d/topology.sh"
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true' EXIT

modprobe -a veth bridge ip_vs ip_vs_mh ip_vs_rr
topology_segment
backends=(10.1.0.11:80 10.1.0.12:80 10.1.0.13:80)
for name in "${topology_backends[@]}"; do
  topology_backend_vip "$name" $vip
  on "$name" "$benchmarks/target/bin/packets" serve 80 & pids+=($!)
done
for name in c lb "${topology_backends[@]}"; do
  on "$name" sysctl -qw net.ipv4.ip_local_port_range="1024 65535" net.ipv4.tcp_max_syn_backlog=4096 net.core.somaxconn=4096
done

cat > "$work/web.yaml" << YAML
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {freeway.dev/addresses: "$vip", freeway.dev/forwarding: direct}}
spec: {type: LoadBalancer, loadBalancerClass: freeway.dev/ipvs, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 80}]
endpoints: [{addresses: [10.1.0.11]}, {addresses: [10.1.0.12]}, {addresses: [10.1.0.13]}]
YAML
on lb "$benchmarks/../deploy/ipvs-router" apply --state-dir "$work/state" --manifests "$work/web.yaml" >&2

# Others that only some clients may come to. Their table comes and goes; what it costs packets that are not theirs is measured.
for ((i = 0; i < 500; i++)); do
  cat << YAML
---
apiVersion: v1
kind: Service
metadata: {name: other-$i, annotations: {freeway.dev/addresses: "$vip", freeway.dev/forwarding: direct}}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  loadBalancerSourceRanges: [192.0.2.$((i % 256))/32, 198.51.100.0/24, 203.0.113.0/24]
  ports: [{port: $((10000 + i))}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: other-$i-1, labels: {kubernetes.io/service-name: other-$i}}
addressType: IPv4
ports: [{port: $((10000 + i))}]
endpoints: [{addresses: [10.1.0.11]}]
YAML
done > "$work/others.yaml"
on lb "$benchmarks/../deploy/ipvs-router" apply --state-dir "$work/state" --manifests "$work/web.yaml" --manifests "$work/others.yaml" >&2
on lb nft list table inet freeway-ranges > "$work/ranges.nft"
[ "$(grep -c 203.0.113.0/24 "$work/ranges.nft")" -gt 0 ] || { echo "packets: no ranges" >&2; exit 1; }
on lb nft delete table inet freeway-ranges

# HAProxy as it comes, in TCP mode: a thread for each processor, no logging, splicing allowed.
cat > "$work/haproxy.cfg" << CFG
global
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  option splice-auto
listen web
  bind 10.1.0.2:8080
  balance roundrobin
  server b1 10.1.0.11:80
  server b2 10.1.0.12:80
  server b3 10.1.0.13:80
CFG
on lb haproxy -db -f "$work/haproxy.cfg" >&2 & pids+=($!)

# ask CONCURRENCY SECONDS BYTES ADDRESS:PORT...: "connections/s bytes/s failed"
ask() { on c "$benchmarks/target/bin/packets" connect "$@"; }
for target in "${backends[@]}" $vip:80 10.1.0.2:8080; do
  for try in {1..50}; do
    read -r rate _ < <(ask 1 0.3 100 "$target")
    [ "$rate" = 0.0 ] || break
    [ "$try" -lt 50 ] || { echo "packets: no answer from $target" >&2; exit 1; }
  done
done

# sample SET-UP ADDRESS:PORT...
sample() {
  local name=$1 connections bytes failed more
  shift
  read -r connections _ failed < <(ask 16 "$seconds" 100 "$@")
  read -r _ bytes more < <(ask 4 "$seconds" 16000000 "$@")
  printf 'packets.connections.%s\t%s\npackets.bytes.%s\t%s\npackets.failed.%s\t%s\n' \
    "$name" "$connections" "$name" "$bytes" "$name" $((failed + more))
}
for ((round = 0; round < rounds; round++)); do
  sample none "${backends[@]}"
  sample direct $vip:80
  on lb nft -f "$work/ranges.nft"
  sample ranges $vip:80
  on lb nft delete table inet freeway-ranges
  sample haproxy 10.1.0.2:8080
done
