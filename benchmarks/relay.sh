#!/usr/bin/env bash
# The relay beside HAProxy in TCP mode and nginx stream, on this machine's loopback: the same client, the same backend, a
# thread for each processor; in turn, several rounds. Writes samples to stdout.
#   relay.sh ROUNDS SECONDS CONNECTIONS
set -euo pipefail
benchmarks=$(dirname "$(readlink -f "$0")")
rounds=$1 seconds=$2 connections=$3
streams=$benchmarks/target/bin/streams
module=/usr/lib/nginx/modules/ngx_stream_module.so
threads=$(nproc)
work=$(mktemp -d)
declare -A pids=()
leave() {
  local status=$?
  trap - EXIT
  [ ${#pids[@]} = 0 ] || { kill "${pids[@]}"; wait "${pids[@]}"; } 2> /dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap leave EXIT
trap 'exit 143' TERM INT HUP

# A balancer has two descriptors for a connection.
ulimit -n "$(ulimit -Hn)"
most=$((($(ulimit -n) - 800) / 2))
if [ "$connections" -gt "$most" ]; then
  echo "relay: $most idle connections, not $connections: descriptors are limited to $(ulimit -n)" >&2
  connections=$most
fi

declare -A at=([none]=127.71.0.1:7180 [haproxy]=127.71.0.2:7180 [nginx]=127.71.0.3:7180 [ours]=127.71.0.4:7180)

cat > "$work/haproxy.cfg" << CFG
global
  maxconn $((connections + 10))
  maxpipes 100
  nbthread $threads
defaults
  mode tcp
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  option splice-auto
listen web
  bind ${at[haproxy]} backlog 4096
  server one ${at[none]}
CFG
cat > "$work/nginx.conf" << CFG
load_module $module;
daemon off;
pid $work/nginx.pid;
error_log stderr error;
worker_processes $threads;
worker_rlimit_nofile $(ulimit -n);
events { worker_connections $((2 * connections + 200)); }
stream {
  access_log off;
  proxy_timeout 300s;
  server { listen ${at[nginx]} backlog=4096 reuseport; proxy_pass ${at[none]}; }
  server { listen ${at[nginx]} udp reuseport; proxy_pass ${at[none]}; }
}
CFG
port=${at[none]#*:}
cat > "$work/services.yaml" << YAML
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {freeway.dev/addresses: "${at[ours]%:*}", freeway.dev/scheduler: rr}}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  ports: [{name: tcp, port: $port}, {name: udp, port: $port, protocol: UDP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: tcp, port: $port}, {name: udp, port: $port, protocol: UDP}]
endpoints: [{addresses: [${at[none]%:*}]}]
YAML

begin() {
  case $1 in
    none) "$streams" serve "${at[none]}" & ;;
    haproxy) haproxy -db -f "$work/haproxy.cfg" >&2 & ;;
    nginx) nginx -e stderr -p "$work" -c "$work/nginx.conf" >&2 & ;;
    ours)
      "$benchmarks/../deploy/ipvs-router" run --dataplane relay --listen 127.0.0.1:0 --state-dir "$work/state" \
        --manifests "$work/services.yaml" 2> "$work/ours.log" >&2 &
      ;;
  esac
  pids[$1]=$!
  local try rate
  for try in {1..100}; do
    read -r rate _ < <("$streams" connect 1 0.2 100 "${at[$1]}" 2> /dev/null) || rate=0.0
    [ "$rate" = 0.0 ] || return 0
  done
  echo "relay: no answer from $1" >&2
  cat "$work/ours.log" >&2 || true
  return 1
}

end() {
  kill "${pids[$1]}"
  wait "${pids[$1]}" || true
  unset "pids[$1]"
}

# resident PID: kibibytes of a process and its children
resident() {
  local pid memory=0 sum=0
  for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
    read -r _ memory _ < <(grep '^VmRSS:' "/proc/$pid/status")
    sum=$((sum + memory))
  done
  echo "$sum"
}

# What a connection takes that says nothing, of a balancer that has just started and carried some.
sample_idle() {
  local before after answered
  begin "$1"
  before=$(resident "${pids[$1]}")
  coproc idle { exec "$streams" idle "$connections" "${at[$1]}"; }
  local client=$idle_PID input=${idle[1]}
  read -r answered <&"${idle[0]}"
  after=$(resident "${pids[$1]}")
  exec {input}>&-
  wait "$client" || true
  end "$1"
  printf 'relay.idle.failed.%s\t%s\nrelay.idle.bytes.%s\t%s\nrelay.idle.mebibytes.%s\t%s\n' \
    "$1" $((connections - answered)) "$1" $(((after - before) * 1024 / answered)) "$1" $((after / 1024))
}

bare50=0 bare99=0 # without a balancer, in this round
# sample SET-UP: everything that has to do with time
sample() {
  local name=$1 to=${at[$1]} connections bytes requests p50 p99 datagrams failed more again last
  read -r _ bytes failed < <("$streams" connect 4 "$seconds" 64000000 "$to")
  read -r connections _ more < <("$streams" connect 64 "$seconds" 100 "$to")
  read -r requests again < <("$streams" kept 64 "$seconds" "$to")
  read -r p50 p99 last < <("$streams" paced 16 2000 "$seconds" "$to")
  [ "$name" != none ] || bare50=$p50 bare99=$p99
  awk -v name="$name" -v OFS='\t' -v bytes="$bytes" -v connections="$connections" -v requests="$requests" -v p50="$p50" -v p99="$p99" \
    -v bare50="$bare50" -v bare99="$bare99" -v failed=$((failed + more + again + last)) 'BEGIN {
      print "relay.bytes." name, bytes
      print "relay.connections." name, connections
      print "relay.requests." name, requests
      print "relay.p50." name, p50
      print "relay.p99." name, p99
      print "relay.added.p50." name, p50 - bare50
      print "relay.added.p99." name, p99 - bare99
      print "relay.failed." name, failed
    }'
  [ "$name" != haproxy ] || return 0 # which has no UDP
  read -r datagrams _ < <("$streams" udp 16 8 "$seconds" "$to")
  printf 'relay.datagrams.%s\t%s\n' "$name" "$datagrams"
}

begin none
for name in haproxy nginx ours; do sample_idle "$name"; done
for name in haproxy nginx ours; do begin "$name"; done
sample ours > /dev/null # compiled by then
for ((round = 0; round < rounds; round++)); do
  for name in none haproxy nginx ours; do sample "$name"; done
done
for name in haproxy nginx ours; do end "$name"; done
