# shellcheck shell=bash
# deploy/lab kubernetes: a real control plane on loopback (etcd, kube-apiserver with RBAC and an audit log,
# kube-controller-manager), from programs that are built once, and Pods that are processes in network namespaces of their
# own. Sourced by deploy/lab, and in the guest.

kubernetes_bin=$lab_cache/kubernetes/bin
kubernetes_packages=(go.etcd.io/etcd/server/v3 k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager k8s.io/kubernetes/cmd/kubectl
  k8s.io/kubernetes/cmd/kube-proxy)

kubernetes() {
  local verb=${1:-}
  [ $# = 0 ] || shift
  case $verb in
    build) kubernetes_build ;;
    test) kubernetes_test ;;
    road) kubernetes_road "$@" ;;
    up | down | kill-api | start-api)
      [ $# = 1 ] || usage "kubernetes $verb needs a directory"
      mkdir -p "$1"
      control_plane=$(readlink -f "$1")
      case $verb in
        up) control_plane_up ;;
        down) control_plane_down ;;
        kill-api) control_plane_stop kube-apiserver KILL ;;
        start-api) api_server_start ;;
      esac
      ;;
    *) usage "kubernetes ${verb:-}: build, test, up, down, kill-api or start-api would be right" ;;
  esac
}

# The module pins all of them. What is built is found again by its sums: a build takes minutes.
kubernetes_build() {
  local module=$lab_d/kubernetes version stamp package name flags
  stamp=$(cat "$module/go.mod" "$module/go.sum" | sha256sum | cut -c1-16)
  mkdir -p "$kubernetes_bin"
  exec {building}> "$kubernetes_bin/.lock"
  flock "$building"
  version=$(sed -n 's/^\tk8s.io\/kubernetes v\([0-9.]*\).*/\1/p' "$module/go.mod" | head -n 1)
  # A version has to be compiled in: clients refuse a server that calls itself v0.0.0.
  flags="-s -w -X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitTreeState=archive"
  flags+=" -X k8s.io/component-base/version.gitMajor=${version%%.*} -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<< "$version")"
  for package in "${kubernetes_packages[@]}"; do
    name=${package##*/}
    [ "$name" != v3 ] || name=etcd
    if [ -x "$kubernetes_bin/$name" ] && [ "$(cat "$kubernetes_bin/$name.stamp" 2> /dev/null)" = "$stamp" ]; then
      continue
    fi
    command -v go > /dev/null || fail "missing: go 1.26 or newer, to build $name: https://go.dev/dl, or a go of your distribution on PATH"
    note "building $name $version"
    CGO_ENABLED=0 nice go build -C "$module" -trimpath -ldflags "$flags" -o "$kubernetes_bin/$name.new" "$package" \
      || fail "$name does not build, see above"
    mv "$kubernetes_bin/$name.new" "$kubernetes_bin/$name"
    echo "$stamp" > "$kubernetes_bin/$name.stamp"
  done
  exec {building}>&-
}

# start NAME COMMAND...: in a session of its own; output and process in the directory
control_plane_start() {
  local name=$1
  shift
  # shellcheck disable=SC2086 # none, or two words
  GOGC=400 setsid ${outside:+setpriv --pdeathsig KILL} "$@" >> "$control_plane/$name.log" 2>&1 < /dev/null & # memory is there, processors are not
  echo $! > "$control_plane/$name.pid"
  disown $! # its end is told by who waits for it, not by this shell
}

# Prints the process NAME if it lives and is this control plane's.
control_plane_process() {
  local pid
  pid=$(cat "$control_plane/$1.pid" 2> /dev/null) || return 1
  tr '\0' ' ' 2> /dev/null < "/proc/$pid/cmdline" | grep -qF "$control_plane/" && echo "$pid"
}

# stop NAME [SIGNAL]: asks, and insists after ten seconds
control_plane_stop() {
  local pid
  if pid=$(control_plane_process "$1"); then
    kill "-${2:-TERM}" "$pid"
    timeout 10 tail --pid="$pid" -s 0.05 -f /dev/null || kill -KILL "$pid" 2> /dev/null || true
  fi
  rm -f "$control_plane/$1.pid"
}

# until_ready NAME COMMAND...: as long as the program lives, which this shell has just started. While it executes itself it
# has no command line yet to be known by.
until_ready() {
  local name=$1 until=$((SECONDS + ${LAB_KUBERNETES_WAIT:-60}))
  shift
  until "$@" > /dev/null 2>&1; do
    if ! kill -0 "$(< "$control_plane/$name.pid")" 2> /dev/null; then
      tail -n 5 "$control_plane/$name.log" >&2
      fail "$name ended, see $control_plane/$name.log"
    fi
    [ "$SECONDS" -lt "$until" ] || fail "$name is not ready after ${LAB_KUBERNETES_WAIT:-60} s, see $control_plane/$name.log"
    read -r -t 0.05 <> <(:) || true
  done
}

control_plane_keys() {
  local pki=$control_plane/pki user
  [ ! -s "$pki/tokens.csv" ] || return 0
  mkdir -p "$pki"
  (
    cd "$pki"
    exec 2>> openssl.log
    echo "subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.2.2,IP:10.96.0.1,IP:10.244.0.1" > server.ext
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=freeway-lab -keyout ca.key -out ca.crt
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kube-apiserver -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -out server.crt -extfile server.ext
    openssl ecparam -name prime256v1 -genkey -noout -out accounts.key
    openssl ec -in accounts.key -pubout -out accounts.pub
  ) || fail "openssl failed, see $pki/openssl.log"
  for user in admin system:kube-controller-manager; do
    printf '%s,%s,%s%s\n' "$(openssl rand -hex 16)" "$user" "$user" "$([ "$user" != admin ] || echo ',"system:masters"')"
  done > "$pki/tokens.csv"
  printf '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [{"level": "Metadata"}]}\n' \
    > "$control_plane/audit-policy.json"
  chmod 600 "$pki"/*
}

# kubeconfig USER FILE: with a token, in JSON
control_plane_kubeconfig() {
  cat > "$2" << JSON
{"apiVersion": "v1", "kind": "Config", "current-context": "lab",
 "clusters": [{"name": "lab", "cluster": {"server": "https://127.0.0.1:$api_port", "certificate-authority": "$control_plane/pki/ca.crt"}}],
 "users": [{"name": "$1", "user": {"token": "$(awk -F, -v user="$1" '$2 == user {print $1}' "$control_plane/pki/tokens.csv")"}}],
 "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "$1"}}]}
JSON
  chmod 600 "$2"
}

api_server_start() {
  local api_port etcd_port
  read -r api_port etcd_port _ < "$control_plane/ports" || fail "$control_plane is no control plane: deploy/lab kubernetes up $control_plane"
  # Loopback may not be the endpoint of a Service, hence no reconciler; and nobody here would take the taint of a new node off.
  control_plane_start kube-apiserver "$kubernetes_bin/kube-apiserver" --bind-address="${LAB_API_BIND:-127.0.0.1}" --advertise-address=127.0.0.1 \
    --secure-port="$api_port" --etcd-servers="http://127.0.0.1:$etcd_port" --endpoint-reconciler-type=none \
    --tls-cert-file="$control_plane/pki/server.crt" --tls-private-key-file="$control_plane/pki/server.key" \
    --token-auth-file="$control_plane/pki/tokens.csv" --authorization-mode=RBAC --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$control_plane/pki/accounts.pub" \
    --service-account-signing-key-file="$control_plane/pki/accounts.key" \
    --service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112 --disable-admission-plugins=TaintNodesByCondition \
    --audit-policy-file="$control_plane/audit-policy.json" --audit-log-path="$control_plane/audit.log"
  until_ready kube-apiserver curl -sf -m 2 --cacert "$control_plane/pki/ca.crt" "https://127.0.0.1:$api_port/readyz"
}

control_plane_up() {
  require curl:curl openssl:openssl python3:python3
  kubernetes_build
  ! control_plane_process kube-apiserver > /dev/null || fail "already up: deploy/lab kubernetes down $control_plane would end it"
  rm -rf "$control_plane"/{etcd,*.log}
  starting=$control_plane
  control_plane_keys
  python3 -c 'import socket
held = [socket.socket() for _ in range(3)]
for one in held: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in held])' > "$control_plane/ports"
  local api_port etcd_port peer_port controllers
  read -r api_port etcd_port peer_port < "$control_plane/ports"
  control_plane_start etcd "$kubernetes_bin/etcd" --data-dir="$control_plane/etcd" --unsafe-no-fsync --log-level=warn \
    --initial-cluster="default=http://127.0.0.1:$peer_port" --initial-advertise-peer-urls="http://127.0.0.1:$peer_port" \
    --listen-peer-urls="http://127.0.0.1:$peer_port" --listen-client-urls="http://127.0.0.1:$etcd_port" \
    --advertise-client-urls="http://127.0.0.1:$etcd_port"
  until_ready etcd curl -sf -m 2 "http://127.0.0.1:$etcd_port/health"
  api_server_start
  control_plane_kubeconfig admin "$control_plane/kubeconfig"
  control_plane_kubeconfig system:kube-controller-manager "$control_plane/controller-manager.kubeconfig"
  controllers=namespace,serviceaccount,serviceaccount-token,root-ca-certificate-publisher,garbage-collector,deployment,replicaset
  controllers+=,daemonset,statefulset,job,disruption,endpoints,endpointslice,endpointslice-mirroring
  # Without credentials for each controller RBAC forbids it most of what it does, and it only logs that.
  control_plane_start kube-controller-manager "$kubernetes_bin/kube-controller-manager" --secure-port=0 --leader-elect=false \
    --kubeconfig="$control_plane/controller-manager.kubeconfig" --use-service-account-credentials \
    --controllers="${controllers//,/-controller,}-controller" --kube-api-qps=200 --kube-api-burst=400 \
    --service-account-private-key-file="$control_plane/pki/accounts.key" --root-ca-file="$control_plane/pki/ca.crt"
  until_ready kube-controller-manager "$kubernetes_bin/kubectl" --kubeconfig="$control_plane/kubeconfig" get serviceaccount default
  starting=''
  echo "https://127.0.0.1:$api_port"
}

control_plane_down() {
  local name
  for name in kubelet kube-controller-manager kube-apiserver etcd; do control_plane_stop "$name"; done
}

# Two nodes; each Pod a namespace on the bridge fwlab0. Needs root. LAB_NODES: kubelet.py's options of nodes.
kubelet_up() {
  local nodes
  read -ra nodes <<< "${LAB_NODES:---routers 1}"
  LAB_IMAGE=${LAB_IMAGE:-$repository/dataplane/target/image/amd64/root} LAB_BIN=$kubernetes_bin control_plane_start kubelet python3 "$lab_d/kubernetes/kubelet.py" \
    --kubeconfig "$control_plane/kubeconfig" --dir "$control_plane/" --nodes 2 "${nodes[@]}" --images "$lab_d/kubernetes/images.txt" \
    --certificate "$control_plane/pki/server.crt" --key "$control_plane/pki/server.key"
  until_ready kubelet grep -q 'kubelet ready' "$control_plane/kubelet.log"
}

# Does what the guest asks for in the directory of a control plane beside it, until something fails or it is ended.
control_plane_serve() {
  exec > "$control_plane/said" 2>&1
  trap 'echo failed > "$control_plane/answered"' EXIT
  while true; do
    if [ -e "$control_plane/asked" ]; then
      case $(< "$control_plane/asked") in
        kill-api) control_plane_stop kube-apiserver KILL ;;
        start-api) api_server_start ;; # a child of this process, with which it ends
        *) fail "kill-api or start-api would be right" ;;
      esac
      rm "$control_plane/asked"
      echo done > "$control_plane/answered"
    fi
    read -r -t 0.2 <> <(:) || true
  done
}

# The whole road, in a guest: a cluster beside the kernel's IPVS, deploy/kubernetes/ in it, a client that gets answers. The control
# plane runs outside of the guest, where processors are not emulated.
kubernetes_road() {
  # shellcheck source=deploy/lab.d/java.sh
  . "$lab_d/java.sh"
  # shellcheck source=deploy/lab.d/reports.sh
  . "$lab_d/reports.sh"
  limit=2100
  options "$@"
  local part=${arguments[0]:-}
  [ ${#arguments[@]} = 0 ] || [ "$part" = rolling ] || usage "kubernetes road does not take ${arguments[0]}: rolling is the only part of it"
  find_java || exit 125
  install_packages iptables:iptables # kube-proxy's
  kubernetes_build
  local tar
  tar=$(compgen -G "$repository/dataplane/target/ipvs-router-*-amd64.tar" || true)
  [ -n "$tar" ] && [ "$tar" -nt "$repository/dataplane/target/freeway-dataplane.jar" ] || "$repository/deploy/image" amd64 >&2
  prepare
  local out=$share reports=$repository/dataplane/target/surefire-reports status=0 started=$SECONDS passed failed skipped
  control_plane=$run_directory/control-plane LAB_KUBERNETES_WAIT=180
  mkdir "$control_plane"
  echo "$control_plane" > "$control_plane/directory"
  outside=$control_plane
  control_plane_up > /dev/null
  control_plane_serve &
  server_pid=$!
  disown "$server_pid"
  mkdir -p "$reports"
  rm -f "$reports"/TEST-road.xml
  printf 'exec bash %q %q' "$lab_d/kubernetes/road.sh" "$part" > "$run_directory/command"
  LAB_NETWORK=user LAB_MEMORY=${LAB_MEMORY:-4G} boot "$kernel" "$limit" "$out" || status=$?
  if [ -s "$out/TEST-road.xml" ]; then
    cp "$out/TEST-road.xml" "$reports/"
  else
    write_failure road "deploy/lab kubernetes road" "exit code $status" > "$reports/TEST-road.xml"
  fi
  read -r passed failed skipped < <(count_reports "$reports/TEST-road.xml")
  list_reports failed "$reports/TEST-road.xml"
  echo "road on Linux $kernel: $passed passed, $failed failed, $skipped skipped in $((SECONDS - started)) s"
  [ "$failed" = 0 ] && [ "$status" = 0 ]
}

# The data plane's tests tagged "kubernetes", from classes built outside; their reports lie with Maven's.
kubernetes_test() {
  # shellcheck source=deploy/lab.d/java.sh
  . "$lab_d/java.sh"
  # shellcheck source=deploy/lab.d/reports.sh
  . "$lab_d/reports.sh"
  find_java || exit 125
  local target=$repository/dataplane/target work file written=() status=0 started=$SECONDS passed failed skipped
  compgen -G "$target/test-lib/junit-platform-console-*.jar" > /dev/null \
    || fail "the tests are not built: JAVA_HOME=$JAVA_HOME mvn -B package -DskipTests"
  kubernetes_build
  work=$(mktemp -d)
  mkdir -p "$target/surefire-reports"
  rm -f "$target/surefire-reports"/TEST-kubernetes-*.xml
  "$JAVA_HOME/bin/java" -XX:-UsePerfData --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -XX:+EnableDynamicAgentLoading -cp "$target/test-classes:$target/classes:$target/lib/*:$target/test-lib/*" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=testfeed \
    --include-tag=kubernetes --include-classname='.*' --fail-if-no-tests --reports-dir="$work" --scan-class-path="$target/test-classes" \
    > "$target/surefire-reports/kubernetes-console.txt" 2>&1 || status=$?
  for file in "$work"/TEST-*.xml; do
    [ -f "$file" ] && grep -q '<testcase ' "$file" || continue
    cp "$file" "$target/surefire-reports/TEST-kubernetes-${file##*/TEST-}"
    written+=("$target/surefire-reports/TEST-kubernetes-${file##*/TEST-}")
  done
  rm -rf "$work"
  read -r passed failed skipped < <(count_reports "${written[@]}")
  list_reports failed "${written[@]}"
  [ "$status" = 0 ] || [ "$failed" != 0 ] || { tail -n 30 "$target/surefire-reports/kubernetes-console.txt" && fail "no test ran (exit code $status)"; }
  echo "kubernetes: $passed passed, $failed failed, $skipped skipped in $((SECONDS - started)) s"
  [ "$failed" = 0 ]
}
