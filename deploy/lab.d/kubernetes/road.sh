#!/usr/bin/env bash
# The whole road, in the guest (deploy/lab kubernetes road): a cluster beside the kernel's IPVS; deploy/kubernetes/ applied to
# it as a user does, with its own service account; a client that gets answers through the address that a Service was given;
# and what must not disturb it. Leaves /lab/out/TEST-road.xml, a test case for each step. A step's function prints what is
# wrong and fails, and the rest goes on.
set -uo pipefail
lab_d=$(dirname "$(dirname "$(readlink -f "$0")")")
repository=$(dirname "$(dirname "$lab_d")")
lab_cache=${FREEWAY_CACHE:-$HOME/.cache/freeway}/lab
export LAB_KUBERNETES_WAIT=300 LAB_JAVA_HOME=$JAVA_HOME
note() { echo "road: $*" >&2; }
fail() { note "$*" && exit 1; }
require() { :; }
# shellcheck source=deploy/lab.d/kubernetes.sh
. "$lab_d/kubernetes.sh"

control_plane=/tmp/cluster
root=/opt/freeway
vip=192.0.2.0 # the lowest of the manifest's pool
tunnelled=192.0.2.1
direct=192.0.2.9 # asked for by name
pool6=2001:db8:9::/124 # added to the manifest's
vip6=2001:db8:9::
tunnelled6=2001:db8:9::1
client=198.51.100.2
client6=2001:db8:51::2
k() { "$kubernetes_bin/kubectl" --kubeconfig="$control_plane/kubeconfig" "$@"; }
from_client() { ip netns exec client "$@"; }
ask() { from_client curl -sf -m 15 "http://${1:-$vip}/"; }
# asks HOST COUNT: by one process, for to start one takes longer than to ask where the processor is emulated
asks() { from_client python3 "$lab_d/kubernetes/ask.py" "$@"; }
pause() { read -r -t "$1" <> <(:) || true; }

# await SECONDS COMMAND...: until it succeeds
await() {
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    pause 0.3
  done
}

cases=()
# step NAME FUNCTION
step() {
  local started=$SECONDS problem=''
  if "$2" > /tmp/step 2>&1; then
    echo "  ok      $1 ($((SECONDS - started)) s)"
  else
    problem=$(tail -c 600 /tmp/step | tr '\n"<>&' " '   ")
    echo "  FAILED  $1 ($((SECONDS - started)) s): $problem"
  fi
  cases+=("<testcase name=\"$1\" classname=\"deploy/lab kubernetes road\" time=\"$((SECONDS - started))\">${problem:+<failure message=\"$problem\"/>}</testcase>")
}

finish() {
  local all="${cases[*]}" failures file pod
  failures=$(grep -o '<failure' <<< "$all" | wc -l)
  {
    echo "<testsuite name=\"road on Linux $(uname -r)\" time=\"$SECONDS\" tests=\"${#cases[@]}\" failures=\"$failures\" errors=\"0\" skipped=\"0\">"
    printf '%s\n' "${cases[@]}"
    echo "</testsuite>"
  } > /lab/out/TEST-road.xml
  for file in "$control_plane"/pods/kube-system_ipvs-router-*/*.log; do # also of those that are gone
    pod=$(basename "$(dirname "$file")")
    cp "$file" "/lab/out/${pod#kube-system_}-$(basename "$file")"
  done
  k get all,events -A -o wide > /lab/out/cluster.txt 2>&1
  exit "$failures"
}

# The image's file system, and what of the repository Pods use, outside of what they mount over (/tmp).
image() {
  mkdir -p "$root"
  cp -a "$repository/deploy" "$root/"
  cp -a "$repository/dataplane/target/image/amd64/root" "$root/image"
}

# The image's program on the node itself, as an administrator starts it in the router's container.
router() {
  # shellcheck disable=SC2016 # of the inner shell
  unshare --mount --fork bash -euc '
    image=$1; shift
    mount --bind "$image" "$image"
    for shared in proc sys dev tmp var/lib/freeway; do mount --rbind "/$shared" "$image/$shared"; done
    exec chroot "$image" /opt/ipvs-router/jre/bin/java @/opt/ipvs-router/options "$@"' router "$root/image" "$@"
}

# The control plane runs outside, where the processor is a real one (/lab/control-plane), and is reached as if it ran here.
control_plane_there() {
  local there
  there=$(< /lab/control-plane/directory)
  mkdir -p "$control_plane"
  cp -r /lab/control-plane/{pki,ports} "$control_plane/"
  sed "s#$there/#$control_plane/#" /lab/control-plane/kubeconfig > "$control_plane/kubeconfig"
  modprobe virtio_net
  sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
  ip address add 10.0.2.15/24 dev eth0
  ip link set eth0 up
  reachable
}
# Its port, on every address here.
reachable() {
  local port
  read -r port _ < "$control_plane/ports"
  control_plane_start forward python3 "$lab_d/kubernetes/forward.py" 10.0.2.2 "$control_plane/ports"
  answers() { curl -sf -m 5 --cacert "$control_plane/pki/ca.crt" "https://127.0.0.1:$port/readyz"; }
  await 60 answers || { cat "$control_plane/forward.log"; return 1; }
}
# outside kill-api|start-api: deploy/lab does it
outside() {
  rm -f /lab/control-plane/answered
  echo "$1" > /lab/control-plane/asked.new && mv /lab/control-plane/asked.new /lab/control-plane/asked
  answered() { [ -s /lab/control-plane/answered ]; }
  await 180 answered && [ "$(< /lab/control-plane/answered)" = done ] || { cat /lab/control-plane/said; return 1; }
}

# node-1 is this machine, node-2 the network namespace fwlab0-2.
cluster() { image && control_plane_there && (LAB_IMAGE=$root/image LAB_NODES="--routers 2 --apart" kubelet_up); }

# A client behind a gateway that sends each connection to one of the routers; Pods answer through their node.
a_client() {
  local host
  sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 # as on every node
  for host in gw client; do
    ip netns add "$host"
    ip -n "$host" link set lo up
    ip netns exec "$host" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
  done
  # By addresses, protocol and ports as they are in the packet. Policy 1 would take the hash of the client's socket, in the same kernel
  # here, and that is another after a retransmission: the connection would move to the other router.
  ip netns exec gw sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.fib_multipath_hash_policy=3 net.ipv4.fib_multipath_hash_fields=0x37 \
    net.ipv6.fib_multipath_hash_policy=3 net.ipv6.fib_multipath_hash_fields=0x37
  ip link add gw-eth type veth peer name eth0 netns gw
  ip link set gw-eth master fwlab0 up
  ip -n gw link add eth1 type veth peer name eth0 netns client
  ip -n gw address add 10.244.250.1/16 dev eth0
  ip -n gw address add fd00:10:244::fa01/64 dev eth0 nodad
  ip -n gw address add 198.51.100.1/24 dev eth1
  ip -n gw address add 2001:db8:51::1/64 dev eth1 nodad
  ip -n gw link set eth0 up
  ip -n gw link set eth1 up
  ip -n gw route add 192.0.2.0/28 nexthop via 10.244.0.1 nexthop via 10.244.0.2
  ip -n gw route add "$pool6" nexthop via fd00:10:244::1 nexthop via fd00:10:244::2
  ip -n client address add "$client/24" dev eth0
  ip -n client address add "$client6/64" dev eth0 nodad
  ip -n client link set eth0 up
  ip -n client route add default via 198.51.100.1
  ip -n client route add default via 2001:db8:51::1
  ip route add 198.51.100.0/24 via 10.244.250.1
  ip route add 2001:db8:51::/64 via fd00:10:244::fa01
  ip -n fwlab0-2 route add 198.51.100.0/24 via 10.244.250.1
  ip -n fwlab0-2 route add 2001:db8:51::/64 via fd00:10:244::fa01
}

deployed() {
  local file
  for file in "$repository"/deploy/kubernetes/*.yaml; do
    # Pods have 60 s to end, so connections may stay for as long.
    sed "s#--addresses=192.0.2.0/28#&, --addresses=$pool6#; s#\[run,#[run, --drain-limit=60s,#" "$file" | k apply -f - || return 1
  done
  k -n kube-system rollout status daemonset/ipvs-router --timeout=400s
}

agent() {
  k apply -f "$repository/deploy/kubernetes/backend/" \
    && k -n kube-system rollout status daemonset/ipvs-router-backend --timeout=300s
}

web() {
  k apply -f - << YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 60
      readinessGates: [{conditionType: freeway.dev/backend-prepared}]
      containers:
        - name: web
          image: python
          command: [/usr/bin/env, python3, "$root/deploy/lab.d/kubernetes/web.py"]
          lifecycle: {preStop: {sleep: {seconds: 10}}} # the processor is emulated, and so the controllers are slow
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1, timeoutSeconds: 10}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  allocateLoadBalancerNodePorts: false
  ipFamilyPolicy: RequireDualStack
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: web-tunnelled, annotations: {freeway.dev/forwarding: tunnel}}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  allocateLoadBalancerNodePorts: false
  ipFamilyPolicy: RequireDualStack
  selector: {app: web}
  ports: [{port: 8080}]
YAML
  k rollout status deployment/web --timeout=180s
}

# Prepared by an init container with NET_ADMIN, without an agent.
alone() {
  k apply -f - << YAML
apiVersion: v1
kind: Pod
metadata: {name: alone, labels: {app: alone}}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
    - name: prepare
      image: freeway/ipvs-router:0.1.0
      args: [backend, prepare, --vip=$direct, --forwarding=direct]
      securityContext: {capabilities: {drop: [ALL], add: [NET_ADMIN]}}
  containers:
    - {name: web, image: python, command: [/usr/bin/env, python3, "$root/deploy/lab.d/kubernetes/web.py"]}
---
apiVersion: v1
kind: Service
metadata: {name: alone, annotations: {freeway.dev/forwarding: direct, freeway.dev/addresses: $direct}}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  allocateLoadBalancerNodePorts: false
  selector: {app: alone}
  ports: [{port: 8080}]
YAML
  answers() { ask "$direct:8080"; }
  await 240 answers || { k get pod,service -o wide; ipvsadm -Ln; return 1; }
  [ "$(ask "$direct:8080")" = "alone $client" ]
}

# by_all HOST [PATTERN]: forty answers, from all three Pods; to a client that matches
by_all() {
  local said
  said=$(asks "$1" 40) || { echo "$said"; return 1; }
  said=$(sort -u <<< "$said")
  echo "$1: $said"
  [ "$(wc -l <<< "$said")" = 3 ] && [ "$(grep -c -- " ${2:-.*}\$" <<< "$said")" = 3 ]
}

out_of_the_tunnel() {
  answers() { ask "$tunnelled:8080" && ask "[$tunnelled6]:8080"; }
  await 60 answers || { k get pod,service -o wide; ipvsadm -Ln; return 1; }
  by_all "$tunnelled:8080" "$client" && by_all "[$tunnelled6]:8080" "$client6"
}

examined() {
  local pod said
  pod=$(k get pod -l app=web -o name | head -n 1)
  k get "$pod" -o 'jsonpath={.status.conditions[?(@.type=="freeway.dev/backend-prepared")]}' | tee /dev/stderr | grep -q '"status":"True"' || return 1
  said=$(router backend doctor "$pod" --kubeconfig "$control_plane/kubeconfig" --node "$(k get "$pod" -o 'jsonpath={.spec.nodeName}')")
  echo "$said"
  [ "$said" = "nothing stands in the way" ]
}

has_address() { [ "$(k get service web -o 'jsonpath={.status.loadBalancer.ingress[*].ip}')" = "$vip $vip6" ]; }
its_address() {
  await 60 has_address || { k get service web -o yaml; return 1; }
  [ "$(k get service web -o 'jsonpath={.status.loadBalancer.ingress[0].ipMode}')" = Proxy ]
  k get service web
}

destinations() { ipvsadm -Ln -t "$vip:80" 2> /dev/null | grep -c -- '->.*Masq'; }
destinations_are() { [ "$(destinations)" = "$1" ]; }
answered_by_all() {
  local seen
  await 60 destinations_are 3 || { ipvsadm -Ln; return 1; }
  # By both families, each router hides the client behind an address of its own.
  seen=$(asks "$vip" 80) || { echo "$seen"; return 1; }
  seen=$(sort <<< "$seen" | uniq -c)
  echo "$seen"
  [ "$(awk '{ print $2 }' <<< "$seen" | sort -u | wc -l)" = 3 ] && [ "$(awk '{ print $3 }' <<< "$seen" | sort -u | wc -l)" = 2 ] || return 1
  by_all_pods() { [ "$(asks "[$vip6]" 40 | awk '{ print $1 }' | sort -u | wc -l)" = 3 ]; }
  await 60 by_all_pods || { ipvsadm -Ln; return 1; }
}

events() {
  local said
  said=$(k describe service web)
  echo "$said"
  grep -q 'ipvs-router' <<< "$said"
}

shown() {
  local said
  said=$(router show)
  echo "$said"
  grep -q "tcp $vip:80 .*ours" <<< "$said"
}

part=${1:-}
kept=0
[ "$part" != rolling ] || kept=1000
# New connections all the time, and so many that are kept, through a rolling restart of all Pods and then, with "routers", of both routers.
# Writes "REQUESTS REOPENED RESET REFUSED SILENT" of the kept ones to /tmp/kept, "REQUESTS FAILED" of the new ones to /tmp/new-*.
rolling() {
  local clients=() which
  if [ "$kept" -gt 0 ]; then
    ip netns exec client python3 "$lab_d/kubernetes/connections.py" "$vip" 80 "$kept" 10 > /tmp/kept 2> /tmp/kept-problems &
    clients+=($!)
    open() { grep -q open /tmp/kept; }
    await 90 open || { echo "not all connections were opened"; cat /tmp/kept-problems; kill "${clients[@]}"; return 1; }
  fi
  for which in "$vip" "$tunnelled:8080"; do
    ip netns exec client python3 "$lab_d/kubernetes/client.py" "$which" > "/tmp/new-$which" 2> "/tmp/new-problems-$which" &
    clients+=($!)
  done
  pause 3
  milestone() { echo "$(date +%T) $*" | tee -a /lab/out/rolling.txt; }
  milestone "the Pods are replaced"
  k rollout restart deployment/web && k rollout status deployment/web --timeout=300s
  all_gone() { pause 2 && [ "$(k get pod -l app=web -o name | wc -l)" = 3 ]; } # kubectl takes the processor for a second
  await 150 all_gone
  milestone "the last of the old ones has gone"
  pause 12 # each connection has asked once more
  if [ "${1:-}" = routers ]; then
    k -n kube-system rollout restart daemonset/ipvs-router && k -n kube-system rollout status daemonset/ipvs-router --timeout=400s
    milestone "the routers are replaced"
    pause 12
  fi
  kill "${clients[@]}"
  wait "${clients[@]}"
  [ "$kept" = 0 ] || sed -i /open/d /tmp/kept
}

# counts OF: reads them into the caller's variables, and tells
counts() {
  read -r requests reopened reset refused silent < /tmp/kept
  echo "$1: $requests requests, $reopened opened again, $reset reset, $refused refused, $silent silent" | tee -a /lab/out/rolling.txt
}

restarted() {
  rolling routers || return 1
  local which requests failed sum=0
  for which in "$vip" "$tunnelled:8080"; do
    read -r requests failed < "/tmp/new-$which"
    echo "new connections to $which: $requests requests, $failed failed" | tee -a /lab/out/rolling.txt
    head -n 3 "/tmp/new-problems-$which"
    [ "$requests" -gt 50 ] || return 1
    sum=$((sum + failed))
  done
  [ "$sum" = 0 ]
}

# The same for the benchmark's figures, which say how well: it fails where nothing could be counted.
counted() {
  restarted
  local requests reopened reset refused silent
  counts "$kept connections that were kept"
  tee -a /lab/out/rolling.txt < /tmp/kept-problems
  [ "$requests" -gt "$kept" ] && [ "$reopened" -ge "$kept" ]
}

# As kube-proxy does: what ends is no destination any more at once, and so its connections are reset.
deleted_at_once() {
  local requests reopened reset refused silent
  k -n kube-system get daemonset ipvs-router -o json | sed 's#--drain-limit=60s#--drain-limit=0s#' | k replace -f - || return 1
  k -n kube-system rollout status daemonset/ipvs-router --timeout=400s || return 1
  rolling || return 1
  counts "the same, deleted at once"
  [ "$reset" -gt 0 ]
}

# The namespace of a Pod, by its address.
pod_namespace() {
  local address
  address=$(k get pod "$1" -o 'jsonpath={.status.podIP}')
  echo "fwlab0-${address##*.}"
}

proxy='' # the process
beside_kube_proxy() {
  local mode=$1 cluster_ip inside said
  modprobe br_netfilter && sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 # as kubeadm wants it
  # A kube-proxy that is there before a router sets this drops what is invalid; one that comes later, in its iptables mode, does not.
  sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=0
  cluster_ip=$(k get service web -o 'jsonpath={.spec.clusterIP}')
  inside=$(pod_namespace alone)
  "$kubernetes_bin/kube-proxy" --kubeconfig "$control_plane/kubeconfig" --proxy-mode "$mode" --hostname-override node-1 \
    --cluster-cidr 10.244.0.0/16,fd00:10:244::/64 --metrics-bind-address "" > "/lab/out/kube-proxy-$mode.log" 2>&1 &
  proxy=$!
  from_inside() { ip netns exec "$inside" curl -sf -m 15 "http://$1/"; }
  balances() { from_inside "$cluster_ip"; }
  await 90 balances || { echo "kube-proxy does not serve $cluster_ip"; tail -n 5 "/lab/out/kube-proxy-$mode.log"; return 1; }
  rules() { if [ "$mode" = iptables ]; then iptables-save; else nft list table ip kube-proxy; fi; }
  complete() { rules > /tmp/rules && grep -q "$cluster_ip" /tmp/rules && grep -qi invalid /tmp/rules; }
  await 30 complete || { echo "kube-proxy has no rules for $cluster_ip, or drops nothing that is invalid"; cat /tmp/rules; return 1; }
  grep -E "$vip|$tunnelled|$direct" /tmp/rules && { echo "kube-proxy has rules for our addresses"; return 1; }
  untracked() { nft list table inet freeway-node && nft list table inet freeway-untracked; }
  await 15 untracked || { nft list tables; return 1; }

  by_all "$tunnelled:8080" "$client" && by_all "[$tunnelled6]:8080" "$client6" || return 1
  [ "$(ask "$direct:8080")" = "alone $client" ] || return 1
  answered_by_all || return 1
  # Clients in the cluster, and the node itself.
  from_inside "$vip" && from_inside "$tunnelled:8080" && from_inside "[$vip6]" || { echo "from inside: no answer"; return 1; }
  said=$(curl -sf -m 15 "http://$vip/") || { echo "the node itself: no answer"; return 1; }
  echo "the node itself: $said"
}
without_kube_proxy() {
  kill "$proxy"
  wait "$proxy"
  "$kubernetes_bin/kube-proxy" --cleanup > /dev/null 2>&1 # of IPVS too, whoever's it is
  # Both nodes are on one bridge here: with these node-1 would go on tracking what passes between the others.
  sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 net.netfilter.nf_conntrack_tcp_be_liberal=1
  await 30 destinations_are 3 || { echo "not repaired"; ipvsadm -Ln; return 1; }
  nft list tables | grep kube-proxy && return 1
  return 0
}
proxied() {
  local status=0
  beside_kube_proxy "$1" || status=1
  without_kube_proxy || status=1
  return $status
}
beside_iptables() { proxied iptables; }
beside_nftables() { proxied nftables; }

only_some() {
  k patch service web -p '{"spec": {"loadBalancerSourceRanges": ["203.0.113.0/24"]}}'
  turned_away() { ! from_client curl -sf -m 2 "http://$vip/"; }
  await 30 turned_away || { echo "a stranger is let in"; nft list ruleset; return 1; }
  k patch service web -p '{"spec": {"loadBalancerSourceRanges": ["198.51.100.0/24"]}}'
  await 30 ask || { nft list ruleset; return 1; }
  k patch service web --type json -p '[{"op": "remove", "path": "/spec/loadBalancerSourceRanges"}]'
}

# The router of node-1, and its container's log.
router_pid() {
  local pid here
  here=$(readlink /proc/self/ns/net)
  for pid in $(pgrep -f 'ipvs-router/options run'); do [ "$(readlink "/proc/$pid/ns/net")" != "$here" ] || echo "$pid"; done
}
router_log() { cat "$control_plane/pods/kube-system_$router_pod/ipvs-router.log"; }
outage() {
  router_pod=$(k -n kube-system get pod -l app.kubernetes.io/name=ipvs-router --field-selector spec.nodeName=node-1 -o 'jsonpath={.items[0].metadata.name}')
  outside kill-api || return 1
  control_plane_stop forward KILL
  ask || return 1
  pause 6
  ask || return 1
  curl -sf -m 5 http://127.0.0.1:10777/readyz > /dev/null || { echo "not ready without an API server"; return 1; }
}

tampered() {
  local one
  one=$(ipvsadm -Ln -t "$vip:80" | awk '/->.*Masq/ { print $2; exit }')
  ipvsadm -d -t "$vip:80" -r "$one"
  await 60 destinations_are 3 || { ipvsadm -Ln; return 1; }
}

killed_in_the_outage() {
  local before
  before=$(router_log | wc -l)
  kill -KILL "$(router_pid)"
  ask || return 1
  recalled() { router_log | tail -n "+$((before + 1))" | grep -q 'what was last known'; }
  await 180 recalled || { router_log | tail -n 5; return 1; }
  tampered && ask
}

comes_back() {
  outside start-api && reachable || return 1
  k scale deployment/web --replicas=4
  await 120 destinations_are 4 || { ipvsadm -Ln; router_log | tail -n 5; return 1; }
  ask
}

deleted() {
  k delete service web --timeout=60s
  gone() { ! ipvsadm -Ln | grep -q "$vip"; }
  await 30 gone || { ipvsadm -Ln; return 1; }
  no_address() { ! ip -o address show | grep -q " $vip/"; }
  await 30 no_address
}

step "a control plane, two nodes" cluster
[ -z "${cases[0]##*<failure*}" ] && finish
step "a client behind a gateway" a_client
step "kubectl apply -f deploy/kubernetes/: the routers are ready" deployed
step "kubectl apply -f deploy/kubernetes/backend/: the agents are there" agent
step "a Deployment of three whose readiness waits for the agent, and two Services of our class" web
if [ "$part" = rolling ]; then
  step "what becomes of $kept connections while all Pods, then both routers are replaced" counted
  step "where what ends is deleted at once, connections are reset" deleted_at_once
  finish
fi
step "the Service has the lowest addresses of the pools, ipMode Proxy" its_address
step "a client is answered by all three Pods through both routers, over IPv4 and IPv6" answered_by_all
step "out of the tunnel it is answered by all three too, and they see its address" out_of_the_tunnel
step "backend doctor finds nothing in the way of a Pod" examined
step "a Pod that an init container prepared takes direct returns" alone
step "kubectl describe service says what the router did" events
step "ipvs-router show says the same of the kernel" shown
step "beside kube-proxy in its iptables mode, all of it is answered" beside_iptables
step "beside kube-proxy in its nftables mode too" beside_nftables
step "no request fails while all Pods, then both routers are replaced" restarted
step "loadBalancerSourceRanges turn a stranger away and let a client in" only_some
step "the API server is killed: clients are served, the router is ready" outage
step "what another program changes is repaired without the API server" tampered
step "a router killed in the outage comes back with what was last known" killed_in_the_outage
step "the API server is back: the next change reaches the kernel" comes_back
step "a Service that is deleted is gone from the kernel" deleted
finish
