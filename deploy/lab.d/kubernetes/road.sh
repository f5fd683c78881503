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
k() { "$kubernetes_bin/kubectl" --kubeconfig="$control_plane/kubeconfig" "$@"; }
from_client() { ip netns exec client "$@"; }
ask() { from_client curl -sf -m 15 "http://$vip/"; }
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

# What the image would hold, outside of what Pods mount over (/tmp).
image() {
  local target=dataplane/target
  mkdir -p "$root/$target"
  cp -a "$repository/deploy" "$root/"
  cp -a "$repository/$target/freeway-dataplane.jar" "$repository/$target/lib" "$repository/$target/"*.aot "$root/$target/"
}

cluster() { image && (control_plane_up) && (LAB_ROUTER=$root/deploy/lab.d/kubernetes/ipvs-router kubelet_up); }

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
      containers:
        - name: web
          image: python
          command: [/usr/bin/env, python3, "$root/deploy/lab.d/kubernetes/web.py"]
          lifecycle: {preStop: {sleep: {seconds: 2}}}
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
YAML
  k rollout status deployment/web --timeout=180s
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
  said=$("$repository/deploy/ipvs-router" show)
  echo "$said"
  grep -q "tcp $vip:80 .*ours" <<< "$said"
}

restarted() {
  ip netns exec client python3 "$lab_d/kubernetes/client.py" "$vip" > /tmp/counts 2> /tmp/problems &
  local client=$! requests failed
  pause 3
  k rollout restart deployment/web && k rollout status deployment/web --timeout=240s
  pause 5
  kill "$client"
  wait "$client"
  read -r requests failed < /tmp/counts
  echo "$requests requests, $failed failed"
  head -n 3 /tmp/problems
  cp /tmp/counts /lab/out/rolling-update.txt
  [ "$requests" -gt 50 ] && [ "$failed" = 0 ]
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
  kill -KILL "$(pgrep -f 'dev.freeway.dataplane.Main run' | head -n 1)"
  ask || return 1
  recalled() { router_log | tail -n "+$((before + 1))" | grep -q 'what was last known'; }
  await 90 recalled || { router_log | tail -n 5; return 1; }
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
step "a Deployment of three and a Service of our class" web
step "the Service has the lowest address of the pool, ipMode Proxy" its_address
step "a client is answered by all three Pods" answered_by_all
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
