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
k() { "$kubernetes_bin/kubectl" --kubeconfig="$control_plane/kubeconfig" "$@"; }
from_client() { ip netns exec client "$@"; }
ask() { from_client curl -sf -m 15 "http://${1:-$vip}/"; }
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
  local all="${cases[*]}" failures
  failures=$(grep -o '<failure' <<< "$all" | wc -l)
  {
    echo "<testsuite name=\"road on Linux $(uname -r)\" time=\"$SECONDS\" tests=\"${#cases[@]}\" failures=\"$failures\" errors=\"0\" skipped=\"0\">"
    printf '%s\n' "${cases[@]}"
    echo "</testsuite>"
  } > /lab/out/TEST-road.xml
  cp "$control_plane"/pods/kube-system_ipvs-router-*/*.log /lab/out/ 2> /dev/null
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

cluster() { image && (control_plane_up) && (LAB_IMAGE=$root/image kubelet_up); }

a_client() {
  ip netns add client
  ip link add client-eth type veth peer name eth0 netns client
  ip link set client-eth master fwlab0 up
  ip -n client link set lo up
  ip -n client address add 10.244.250.2/16 dev eth0
  ip -n client link set eth0 up
  ip -n client route add default via 10.244.0.1
}

deployed() {
  k apply -f "$repository/deploy/kubernetes/" && k -n kube-system rollout status daemonset/ipvs-router --timeout=300s
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
      terminationGracePeriodSeconds: 20
      readinessGates: [{conditionType: freeway.dev/backend-prepared}]
      containers:
        - name: web
          image: python
          command: [/usr/bin/env, python3, "$root/deploy/lab.d/kubernetes/web.py"]
          lifecycle: {preStop: {sleep: {seconds: 5}}} # the processor is emulated
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1, timeoutSeconds: 10}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  loadBalancerClass: freeway.dev/ipvs
  allocateLoadBalancerNodePorts: false
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
  await 120 answers || { k get pod,service -o wide; ipvsadm -Ln; return 1; }
  [ "$(ask "$direct:8080")" = "alone 10.244.250.2" ]
}

out_of_the_tunnel() {
  local i said
  answers() { ask "$tunnelled:8080"; }
  await 60 answers || { k get pod,service -o wide; ipvsadm -Ln; return 1; }
  said=$(for ((i = 0; i < 40; i++)); do answers || return 1; done | sort -u)
  echo "$said"
  [ "$(wc -l <<< "$said")" = 3 ] && [ "$(grep -c ' 10.244.250.2$' <<< "$said")" = 3 ]
}

examined() {
  local pod said
  pod=$(k get pod -l app=web -o name | head -n 1)
  k get "$pod" -o 'jsonpath={.status.conditions[?(@.type=="freeway.dev/backend-prepared")]}' | tee /dev/stderr | grep -q '"status":"True"' || return 1
  said=$(router backend doctor "$pod" --kubeconfig "$control_plane/kubeconfig" --node "$(k get "$pod" -o 'jsonpath={.spec.nodeName}')")
  echo "$said"
  [ "$said" = "nothing stands in the way" ]
}

has_address() { [ "$(k get service web -o 'jsonpath={.status.loadBalancer.ingress[0].ip}')" = "$vip" ]; }
its_address() {
  await 60 has_address || { k get service web -o yaml; return 1; }
  [ "$(k get service web -o 'jsonpath={.status.loadBalancer.ingress[0].ipMode}')" = Proxy ]
  k get service web
}

destinations() { ipvsadm -Ln -t "$vip:80" 2> /dev/null | grep -c -- '->.*Masq'; }
destinations_are() { [ "$(destinations)" = "$1" ]; }
answered_by_all() {
  await 60 destinations_are 3 || { ipvsadm -Ln; return 1; }
  local i
  for ((i = 0; i < 40; i++)); do ask || return 1; done | sort | uniq -c
  [ "$(for ((i = 0; i < 40; i++)); do ask; done | sort -u | wc -l)" = 3 ]
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

restarted() {
  local clients=() which sum=0 requests failed
  for which in "$vip" "$tunnelled:8080"; do
    ip netns exec client python3 "$lab_d/kubernetes/client.py" "$which" > "/tmp/counts-$which" 2> "/tmp/problems-$which" &
    clients+=($!)
  done
  pause 3
  k rollout restart deployment/web && k rollout status deployment/web --timeout=240s
  pause 5
  kill "${clients[@]}"
  wait "${clients[@]}"
  for which in "$vip" "$tunnelled:8080"; do
    read -r requests failed < "/tmp/counts-$which"
    echo "$which: $requests requests, $failed failed" | tee -a /lab/out/rolling-update.txt
    head -n 3 "/tmp/problems-$which"
    [ "$requests" -gt 50 ] || sum=1
    sum=$((sum + failed))
  done
  [ "$sum" = 0 ]
}

only_some() {
  k patch service web -p '{"spec": {"loadBalancerSourceRanges": ["203.0.113.0/24"]}}'
  turned_away() { ! from_client curl -sf -m 2 "http://$vip/"; }
  await 30 turned_away || { echo "a stranger is let in"; nft list ruleset; return 1; }
  k patch service web -p '{"spec": {"loadBalancerSourceRanges": ["10.244.250.0/24"]}}'
  await 30 ask || { nft list ruleset; return 1; }
  k patch service web --type json -p '[{"op": "remove", "path": "/spec/loadBalancerSourceRanges"}]'
}

outage() {
  control_plane_stop kube-apiserver KILL
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

router_log() { cat "$control_plane"/pods/kube-system_ipvs-router-*/ipvs-router.log; }
killed_in_the_outage() {
  local before
  before=$(router_log | wc -l)
  kill -KILL "$(pgrep -f 'ipvs-router/options run' | head -n 1)"
  ask || return 1
  recalled() { router_log | tail -n "+$((before + 1))" | grep -q 'what was last known'; }
  await 180 recalled || { router_log | tail -n 5; return 1; }
  tampered && ask
}

comes_back() {
  api_server_start || return 1
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
step "a client beside the Pods" a_client
step "kubectl apply -f deploy/kubernetes/: the router is ready" deployed
step "kubectl apply -f deploy/kubernetes/backend/: the agent is there" agent
step "a Deployment of three whose readiness waits for the agent, and two Services of our class" web
step "the Service has the lowest address of the pool, ipMode Proxy" its_address
step "a client is answered by all three Pods" answered_by_all
step "out of the tunnel it is answered by all three too, and they see its address" out_of_the_tunnel
step "backend doctor finds nothing in the way of a Pod" examined
step "a Pod that an init container prepared takes direct returns" alone
step "kubectl describe service says what the router did" events
step "ipvs-router show says the same of the kernel" shown
step "no request fails while all Pods are replaced" restarted
step "loadBalancerSourceRanges turn a stranger away and let a client in" only_some
step "the API server is killed: clients are served, the router is ready" outage
step "what another program changes is repaired without the API server" tampered
step "a router killed in the outage comes back with what was last known" killed_in_the_outage
step "the API server is back: the next change reaches the kernel" comes_back
step "a Service that is deleted is gone from the kernel" deleted
finish
