#!/usr/bin/env python3
"""A scheduler and kubelet in miniature: Pods become real processes in network namespaces.

Promise: a Pod that is created gets bound to a node, a network namespace with an address on a bridge of this
machine, and one process per container; its status, readiness, restarts, termination (preStop, SIGTERM, grace
period, SIGKILL) and final deletion follow what the real kubelet reports. So EndpointSlices change as in a cluster.

An "image" is a command of this machine, looked up in a table (a line is IMAGE [root=DIRECTORY] COMMAND...; IMAGE is the
end of the image's name without its tag). A container that gives its own `command` needs no entry. Containers see
DIRECTORY, or this machine's root file system, through a private overlay, with their volumes mounted (configMap, secret,
emptyDir, hostPath, downwardAPI, projected with a real service account token). One that drops ALL capabilities gets those
that it adds, and a /proc/sys that it cannot write; readOnlyRootFilesystem holds.

`kubectl logs` works (also -f, --since, --tail); the files are DIR/pods/NAMESPACE_NAME/CONTAINER.log, each line with its time.
The first node is this machine; with --apart each other one is a network namespace too, with /var of its own.
Left out: liveness and startup probes, resources, `kubectl exec|port-forward`, cluster DNS, service addresses
(nobody plays kube-proxy), updates of mounted volumes, any scheduling rule but nodeSelector.
Needs root, iproute2, util-linux; Python's standard library only.
"""
import argparse, base64, http.client, http.server, itertools, json, os, re, shlex, signal, socket, ssl, subprocess, threading, time
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

PROBE_TICK = 0.05  # seconds between looks at processes; changes of the Pod object are taken at once


# ---------------------------------------------------------------- API server
class ApiError(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]}")
        self.status = status


class Api:
    """One keep-alive connection per thread; bearer token; JSON in and out."""

    def __init__(self, host, port, token, ca):
        self.host, self.port = host, port
        self.headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
        self.tls = ssl.create_default_context(cafile=ca)
        self.local = threading.local()

    def connection(self, timeout=20):
        return http.client.HTTPSConnection(self.host, self.port, context=self.tls, timeout=timeout)

    def call(self, method, path, body=None, kind="application/json"):
        for attempt in (1, 2):  # a kept connection may have been closed by the server meanwhile
            if getattr(self.local, "connection", None) is None:
                self.local.connection = self.connection()
            try:
                self.local.connection.request(method, path, json.dumps(body) if body is not None else None,
                                              {**self.headers, "Content-Type": kind})
                answer = self.local.connection.getresponse()
                text = answer.read().decode()
                break
            except (OSError, http.client.HTTPException):
                self.local.connection = None
                if attempt == 2:
                    raise
        if answer.status >= 300:
            raise ApiError(answer.status, text)
        return json.loads(text)

    def list_and_watch(self, path):
        """Yields ("LIST", [objects]) and then (type, object), for ever; lists again whenever the watch breaks."""
        while True:
            try:
                listed = self.call("GET", path)
                yield "LIST", listed["items"]
                connection = self.connection(timeout=320)
                connection.request("GET", f"{path}?watch=1&timeoutSeconds=300&resourceVersion="
                                   + listed["metadata"]["resourceVersion"], headers=self.headers)
                for line in connection.getresponse():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        break
                    yield event["type"], event["object"]
            except (OSError, http.client.HTTPException, ApiError, ValueError) as e:
                print("watch:", e, flush=True)
                time.sleep(0.2)


# ---------------------------------------------------------------- network
def ip(*batch, namespace=None):
    subprocess.run(["ip", *(["-n", namespace] if namespace else []), "-batch", "-"],
                   input="\n".join(batch), text=True, check=True, capture_output=True)


class Network:
    """A bridge in this machine's own namespace (address .0.1) and a veth pair per Pod; no forwarding, no NAT."""

    def __init__(self, bridge, prefix, prefix6):
        self.bridge, self.prefix, self.prefix6 = bridge, prefix, prefix6
        self.numbers = itertools.count(10)
        self.address = self.addresses(1)[0]
        self.down()
        # A bridge without a MAC address of its own takes its ports' lowest: neighbours would know another after each Pod.
        ip(f"link add {bridge} address 02:00:00:00:00:01 type bridge", f"addr add {self.address}/16 dev {bridge}", f"link set {bridge} up",
           *([f"addr add {prefix6}1/64 dev {bridge} nodad"] if prefix6 else []))

    def addresses(self, n):
        return [f"{self.prefix}.{n >> 8}.{n & 255}"] + ([f"{self.prefix6}{n:x}"] if self.prefix6 else [])

    def attach(self, n=None, forwards=False):
        """Makes a namespace, the next one or number n; returns (its name, its addresses)."""
        n = n or next(self.numbers)
        name, own = f"{self.bridge}-{n}", self.addresses(n)
        ip(f"netns add {name}", f"link add {self.bridge[:7]}v{n} type veth peer name eth0 netns {name}",
           f"link set {self.bridge[:7]}v{n} master {self.bridge} up")
        ip("link set lo up", "link set eth0 up", f"addr add {own[0]}/16 dev eth0", f"route add default via {self.address}",
           *([f"addr add {own[1]}/64 dev eth0 nodad", f"route add default via {self.prefix6}1"] if self.prefix6 else []),
           namespace=name)
        if forwards:
            subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"], check=True)
        return name, own

    def detach(self, name):
        subprocess.run(["ip", "netns", "delete", name], capture_output=True)

    def down(self):
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
        for name in re.findall(rf"^{self.bridge}-\d+", listed, re.M):
            self.detach(name)
        subprocess.run(["ip", "link", "delete", self.bridge], capture_output=True)


# ---------------------------------------------------------------- control groups
def join_group(uid):
    """Moves this process into the Pod's control group, named as kubelet's cgroupfs driver does; where there are none, nothing."""
    try:
        os.makedirs(f"/sys/fs/cgroup/kubepods/pod{uid}", exist_ok=True)
        with open(f"/sys/fs/cgroup/kubepods/pod{uid}/cgroup.procs", "w") as processes:
            processes.write("0")
    except OSError:
        pass


# ---------------------------------------------------------------- one container
def stamp(at=None):
    """RFC 3339 with microseconds, so that times compare as text."""
    return (at or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


# Runs in the Pod's network namespace and a private mount namespace; exec keeps the process id.
# $1: scratch folder; $2: the image's file system; $3: "ro" for a root that is read-only; $4: "ro" for a /proc/sys that is; $5: the
# capabilities that are left, or "all"; then pairs of volume source and target; then "--", environment and command.
ENTER = """set -e
mount --make-rprivate /
root=$1 image=$2 read_only=$3 sysctls=$4 capabilities=$5; shift 5
mkdir -p "$root"; mount -t tmpfs tmpfs "$root"; mkdir "$root/upper" "$root/work" "$root/merged"
mount -t overlay overlay -o "lowerdir=$image,upperdir=$root/upper,workdir=$root/work" "$root/merged"
mkdir -p "$root/merged/proc" "$root/merged/sys" "$root/merged/dev"
for d in proc sys dev; do mount --rbind /$d "$root/merged/$d"; done
while [ "$1" != -- ]; do  # resolved inside: /var/run is a link to /run, which must not lead out of the new root
  target=$root/merged$2
  if [ "$image" = / ]; then target=$root/merged$(chroot "$root/merged" realpath -m "$2"); fi
  if [ -d "$1" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; : > "$target"; fi
  mount --bind "$1" "$target"; shift 2
done; shift
if [ "$sysctls" = ro ]; then mount --bind "$root/merged/proc/sys" "$root/merged/proc/sys"; mount -o remount,bind,ro "$root/merged/proc/sys"; fi
if [ "$read_only" = ro ]; then mount -o remount,ro "$root/merged"; fi
exec python3 -c "$CONFINE" "$root/merged" "$capabilities" "$@"
"""

# As a container runtime does last: into the root, and no capabilities but those that are named. An image may hold no shell.
CONFINE = """import ctypes, os, sys
root, capabilities, *words = sys.argv[1:]
os.chroot(root)
os.chdir("/")
if capabilities != "all":
    for number in range(64):
        if str(number) not in capabilities.split(","):
            ctypes.CDLL(None).prctl(24, number, 0, 0, 0)  # PR_CAPBSET_DROP
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
at = words.index("--")
environment = dict(word.split("=", 1) for word in words[:at])
os.environ["PATH"] = environment.get("PATH", "")
os.execvpe(words[at + 1], words[at + 1:], environment)
"""

CAPABILITIES = {"NET_ADMIN": 12, "NET_RAW": 13, "SYS_PTRACE": 19, "SYS_ADMIN": 21}  # include/uapi/linux/capability.h


class Container:
    def __init__(self, pod, spec):
        self.pod, self.spec, self.name = pod, spec, spec["name"]
        self.process = self.started = self.finished = self.waiting = None
        self.ready, self.restarts, self.next_start, self.next_probe, self.passed, self.failed = False, -1, 0, 0, 0, 0

    def start(self):
        self.restarts += 1
        command, self.waiting = self.pod.kubelet.images.command(self.spec), None
        if not command:
            self.waiting, self.next_start, self.restarts = "ErrImagePull", time.time() + 5, self.restarts - 1
            return
        environment = self.environment()
        command = [expand(word, environment) for word in command]
        mounts = [word for file in ("hosts", "resolv.conf") for word in (os.path.join(self.pod.folder, file), "/etc/" + file)]
        for mount in self.spec.get("volumeMounts", []):
            source = os.path.join(self.pod.folder, "volumes", mount["name"], mount.get("subPath", ""))
            mounts += [source.rstrip("/"), mount["mountPath"]]
        namespace = self.pod.namespace or self.pod.node.namespace
        enter = ["ip", "netns", "exec", namespace] if namespace else []
        security = self.spec.get("securityContext", {})
        named = security.get("capabilities", {})
        confined = "ALL" in named.get("drop", []) and not security.get("privileged")
        left = ",".join(str(CAPABILITIES[name]) for name in named.get("add", [])) if confined else "all"
        self.process = subprocess.Popen(
            enter + ["unshare", "--mount", "bash", "-c", ENTER, "enter", f"{self.pod.folder}/root-{self.name}",
                     self.pod.kubelet.images.root(self.spec), "ro" if security.get("readOnlyRootFilesystem") else "rw",
                     "ro" if confined else "rw", left, *mounts, "--", *(f"{k}={v}" for k, v in environment.items()), "--", *command],
            env={**os.environ, "CONFINE": CONFINE}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=lambda: join_group(self.pod.uid))
        threading.Thread(target=self.log, args=(self.process.stdout,), daemon=True).start()
        self.started, self.finished, self.passed, self.failed = now(), None, 0, 0
        probe = self.spec.get("readinessProbe")
        self.ready = not probe
        self.next_probe = time.time() + (probe or {}).get("initialDelaySeconds", 0)

    def log(self, output):
        """Copies the output line by line behind its time: what `kubectl logs --since` needs."""
        with open(os.path.join(self.pod.folder, self.name + ".log"), "ab", buffering=0) as file:
            for line in output:
                file.write(stamp().encode() + b" " + line)

    def environment(self):
        found = {"PATH": os.environ.get("LAB_BIN", "") + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                 "HOSTNAME": self.pod.name, **self.pod.kubelet.api_environment}
        if self.pod.node.namespace:
            found["KUBERNETES_SERVICE_HOST"] = self.pod.kubelet.network.address
        for source in self.spec.get("envFrom", []):
            for kind, key in (("configMaps", "configMapRef"), ("secrets", "secretRef")):
                if key in source:
                    data = self.pod.data(kind, source[key]["name"], source[key].get("optional", False))
                    found.update({source.get("prefix", "") + k: v.decode() for k, v in data.items()})
        for variable in self.spec.get("env", []):
            origin = variable.get("valueFrom", {})
            if "fieldRef" in origin:
                found[variable["name"]] = self.pod.field(origin["fieldRef"]["fieldPath"])
            elif "configMapKeyRef" in origin or "secretKeyRef" in origin:
                kind, key = ("configMaps", "configMapKeyRef") if "configMapKeyRef" in origin else ("secrets", "secretKeyRef")
                data = self.pod.data(kind, origin[key]["name"], origin[key].get("optional", False))
                if origin[key]["key"] in data:
                    found[variable["name"]] = data[origin[key]["key"]].decode()
            else:
                found[variable["name"]] = expand(variable.get("value", ""), found)
        return found

    def look(self):
        """Notices an exit, restarts after a pause, runs the readiness probe."""
        if self.process and self.process.poll() is not None and not self.finished:
            self.finished, self.ready = now(), False
            self.next_start = time.time() + min(0.5 * 2 ** max(self.restarts, 0), 30)
        policy = self.pod.spec.get("restartPolicy", "Always")
        again = policy == "Always" or (policy == "OnFailure" and self.process and self.process.returncode)
        if (self.process is None or (self.finished and again)) and time.time() >= self.next_start:
            self.start()
        if self.running() and self.spec.get("readinessProbe") and time.time() >= self.next_probe:
            self.probe(self.spec["readinessProbe"])

    def probe(self, probe):
        good = False
        timeout, host = probe.get("timeoutSeconds", 1), self.pod.ips[0]
        try:
            if "httpGet" in probe:
                get = probe["httpGet"]
                secure = get.get("scheme") == "HTTPS"
                make = http.client.HTTPSConnection if secure else http.client.HTTPConnection
                extra = {"context": ssl._create_unverified_context()} if secure else {}
                connection = make(get.get("host", host), self.port(get["port"]), timeout=timeout, **extra)
                connection.request("GET", get.get("path", "/"), headers={h["name"]: h["value"] for h in get.get("httpHeaders", [])})
                good = 200 <= connection.getresponse().status < 400
                connection.close()
            elif "tcpSocket" in probe:
                socket.create_connection((host, self.port(probe["tcpSocket"]["port"])), timeout=timeout).close()
                good = True
            elif "exec" in probe:
                good = self.run(probe["exec"]["command"], timeout) == 0
        except (OSError, http.client.HTTPException, subprocess.TimeoutExpired):
            pass
        self.passed, self.failed = (self.passed + 1, 0) if good else (0, self.failed + 1)
        if self.passed >= probe.get("successThreshold", 1):
            self.ready = True
        elif self.failed >= probe.get("failureThreshold", 3):
            self.ready = False
        self.next_probe = time.time() + probe.get("periodSeconds", 10)

    def port(self, port):
        return port if isinstance(port, int) else next(
            p["containerPort"] for p in self.spec.get("ports", []) if p.get("name") == port)

    def run(self, command, timeout):
        """Runs a command inside the container's namespaces and root, as `kubectl exec` would."""
        return subprocess.run(["nsenter", "-t", str(self.process.pid), "-m", "-n", "-r", *command],
                              timeout=timeout, capture_output=True).returncode

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, grace):
        """preStop, SIGTERM, wait, SIGKILL; the grace period covers all of it."""
        deadline = time.time() + grace
        hook = self.spec.get("lifecycle", {}).get("preStop", {})
        if self.running() and grace > 0:
            try:
                if "sleep" in hook:
                    time.sleep(min(hook["sleep"]["seconds"], grace))
                elif "exec" in hook:
                    self.run(hook["exec"]["command"], grace)
            except subprocess.TimeoutExpired:
                pass
            self.process.send_signal(signal.SIGTERM)
            while self.running() and time.time() < deadline:
                time.sleep(0.01)
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
            self.finished = self.finished or now()
        self.ready = False

    def status(self):
        if self.process is None or self.waiting:
            state = {"waiting": {"reason": self.waiting or "ContainerCreating"}}
        elif self.finished:
            code = self.process.returncode
            state = {"terminated": {"exitCode": code if code >= 0 else 128 - code, "startedAt": self.started,
                                    "finishedAt": self.finished, "reason": "Completed" if code == 0 else "Error"}}
        else:
            state = {"running": {"startedAt": self.started}}
        identity = f"process://{self.process.pid}" if self.process else ""
        return {"name": self.name, "image": self.spec["image"], "imageID": "", "containerID": identity, "ready": self.ready,
                "started": "running" in state, "restartCount": max(self.restarts, 0), "state": state}


def expand(text, environment):
    return re.sub(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)", lambda m: environment.get(m[1], m[0]), text)


class Images:
    def __init__(self, file):
        self.table = {}
        for line in open(file) if file else []:
            words = shlex.split(os.path.expandvars(line), comments=True)
            if words:
                self.table[words[0]] = words[1:]

    def entry(self, container):
        name = re.sub(r"(:[^:/]*)?(@.*)?$", "", container["image"])
        return next((c for known, c in self.table.items() if name == known or name.endswith("/" + known)), [])

    def root(self, container):
        """The image's file system: this machine's own unless the table names a directory."""
        return next((word[5:] for word in self.entry(container)[:1] if word.startswith("root=")), "/")

    def command(self, container):
        entry = [word for word in self.entry(container) if not word.startswith("root=")]
        return container.get("command", entry) + container.get("args", []) if entry or "command" in container else None


# ---------------------------------------------------------------- one Pod
class Pod(threading.Thread):
    """Owns the Pod's namespace, processes and status. `update` and `gone` come from the watch thread."""

    def __init__(self, kubelet, pod):
        super().__init__(daemon=True)
        self.kubelet, self.object, self.spec = kubelet, pod, pod["spec"]
        self.name, self.space, self.uid = (pod["metadata"][k] for k in ("name", "namespace", "uid"))
        self.path = f"/api/v1/namespaces/{self.space}/pods/{self.name}"
        self.folder = os.path.join(kubelet.folder, "pods", f"{self.space}_{self.name}")
        self.changed, self.removed = threading.Event(), False
        self.node = kubelet.nodes[self.spec["nodeName"]]
        self.namespace, self.ips, self.sent, self.since, self.born = None, [self.node.address], None, {}, now()
        self.containers = [Container(self, c) for c in self.spec["containers"]]

    def update(self, pod):
        self.object = pod
        self.changed.set()

    def gone(self):
        self.removed = True
        self.changed.set()

    def run(self):
        try:
            os.makedirs(self.folder, exist_ok=True)
            if not self.spec.get("hostNetwork"):
                self.namespace, self.ips = self.kubelet.network.attach()
            with open(os.path.join(self.folder, "hosts"), "w") as hosts:
                known = [("127.0.0.1", ["localhost"]), ("::1", ["localhost"]), (self.ips[0], [self.name])]
                known += [(a["ip"], a["hostnames"]) for a in self.spec.get("hostAliases", [])]
                hosts.writelines(f"{address} {' '.join(names)}\n" for address, names in known)
            with open(os.path.join(self.folder, "resolv.conf"), "w") as resolver:  # no cluster DNS: only what dnsConfig names
                resolver.writelines(f"nameserver {a}\n" for a in self.spec.get("dnsConfig", {}).get("nameservers", []))
            if self.prepare():
                self.live()
            self.end()
        except Exception as e:  # the top of this thread: say it, leave the other Pods alone
            print(f"pod {self.space}/{self.name}: {type(e).__name__}: {e}", flush=True)
        finally:
            for container in self.containers:
                container.stop(0)
            if self.namespace:
                self.kubelet.network.detach(self.namespace)
            self.kubelet.pods.pop(self.uid, None)

    def leaving(self):
        return self.removed or self.kubelet.stopping or "deletionTimestamp" in self.object["metadata"]

    def prepare(self):
        """Volumes (waiting for Secrets and ConfigMaps to appear), then init containers; false if deleted meanwhile."""
        self.report("Pending")
        while not self.leaving():
            try:
                self.volumes()
                break
            except ApiError as e:
                if e.status != 404:
                    raise
                self.changed.wait(0.3)
                self.changed.clear()
        for spec in self.spec.get("initContainers", []):
            init = Container(self, spec)
            while not self.leaving():
                if not init.running() and (init.process is None or init.process.returncode):
                    init.start()
                if init.process and init.process.poll() == 0:
                    break
                time.sleep(PROBE_TICK if init.running() else 0.5)
            init.stop(0)
        return not self.leaving()

    def live(self):
        """Until deletion: keep the containers as the spec says and the status as they are."""
        while not self.leaving():
            for container in self.containers:
                container.look()
            ended = all(c.finished for c in self.containers) and self.spec.get("restartPolicy", "Always") != "Always"
            failed = any(c.process and c.process.returncode for c in self.containers)
            if ended and not (failed and self.spec["restartPolicy"] == "OnFailure"):
                self.report("Failed" if failed else "Succeeded")
                self.changed.wait(1)
            else:
                self.report("Running")
                self.changed.wait(PROBE_TICK)
            self.changed.clear()

    def end(self):
        grace = 0 if self.removed else 1 if self.kubelet.stopping else self.object["metadata"].get("deletionGracePeriodSeconds", 30)
        stops = [threading.Thread(target=c.stop, args=(grace,)) for c in self.containers]
        for stop in stops:
            stop.start()
        for stop in stops:
            while stop.is_alive():  # readiness goes on being reported while the containers drain
                stop.join(PROBE_TICK)
                if self.removed:
                    grace = 0
                    for container in self.containers:
                        if container.running():
                            container.process.kill()
                elif not self.kubelet.stopping:
                    self.report("Running")
        if not self.removed and not self.kubelet.stopping:
            failed = any(c.process and c.process.returncode for c in self.containers)
            self.report("Failed" if failed else "Succeeded")
            self.try_call("DELETE", self.path, {"gracePeriodSeconds": 0, "preconditions": {"uid": self.uid}})

    def try_call(self, *call):
        try:
            return self.kubelet.api.call(*call)
        except ApiError as e:
            if e.status not in (404, 409):
                print(f"{call[0]} {call[1]}: {e}", flush=True)
            return {}
        except (OSError, http.client.HTTPException):
            return None  # no API server: the containers go on, and it is told later

    def report(self, phase):
        """Sends the status when it differs from what was sent last."""
        ready = phase == "Running" and all(c.ready for c in self.containers)
        held = {c["type"]: c["status"] for c in self.object.get("status", {}).get("conditions", [])}
        gates = all(held.get(g["conditionType"]) == "True" for g in self.spec.get("readinessGates", []))
        values = {"PodScheduled": True, "PodReadyToStartContainers": phase == "Running", "Initialized": phase != "Pending",
                  "ContainersReady": ready, "Ready": ready and gates}
        for kind, value in values.items():
            if self.since.get(kind, (None,))[0] != value:
                self.since[kind] = (value, now())
        status = {"phase": phase, "startTime": self.born, "hostIP": self.node.address,
                  "podIP": self.ips[0], "podIPs": [{"ip": i} for i in self.ips],
                  "conditions": [{"type": k, "status": str(v), "lastTransitionTime": t} for k, (v, t) in self.since.items()],
                  "containerStatuses": [c.status() for c in self.containers]}
        if status != self.sent:
            if self.try_call("PATCH", self.path + "/status", {"metadata": {"uid": self.uid}, "status": status},
                             "application/strategic-merge-patch+json") is not None:
                self.sent = status

    # ---- what containers may ask of their Pod
    def field(self, path):
        inner = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
        if inner:
            return self.object["metadata"].get(inner[1], {}).get(inner[2], "")
        own = {"status.podIP": self.ips[0], "status.podIPs": ",".join(self.ips), "status.hostIP": self.node.address}
        if path in own:
            return own[path]
        value = self.object
        for key in path.split("."):
            value = value.get(key, {})
        if isinstance(value, dict):  # metadata.labels as a file: the downward API's format
            return "\n".join(f'{k}={json.dumps(v)}' for k, v in sorted(value.items()))
        return str(value)

    def data(self, kind, name, optional=False):
        try:
            found = self.kubelet.api.call("GET", f"/api/v1/namespaces/{self.space}/{kind.lower()}/{name}")
        except ApiError as e:
            if optional and e.status == 404:
                return {}
            raise
        coded = {**({k: v for k, v in found.get("data", {}).items()} if kind == "secrets" else {}), **found.get("binaryData", {})}
        plain = found.get("data", {}) if kind == "configMaps" else {}
        return {**{k: base64.b64decode(v) for k, v in coded.items()}, **{k: v.encode() for k, v in plain.items()}}

    def volumes(self):
        for volume in self.spec.get("volumes", []):
            folder = os.path.join(self.folder, "volumes", volume["name"])
            if "hostPath" in volume:  # bound through the link
                path = volume["hostPath"]["path"]
                if self.node.namespace and path.startswith("/var/"):
                    path = os.path.join(self.kubelet.folder, "disks", self.node.name) + path
                os.makedirs(os.path.dirname(folder), exist_ok=True)
                os.makedirs(path, exist_ok=True)
                if not os.path.islink(folder):
                    os.symlink(path, folder)
                continue
            os.makedirs(folder, exist_ok=True)
            for source in volume["projected"]["sources"] if "projected" in volume else [volume]:
                for name, content in self.files(source):
                    target = os.path.normpath(os.path.join(folder, name))
                    assert target.startswith(folder + "/"), f"volume {volume['name']} leaves its folder: {name}"
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    with open(target, "wb") as f:
                        f.write(content)

    def files(self, source):
        for key, kind, called in (("configMap", "configMaps", "name"), ("secret", "secrets", "secretName")):
            if key in source:
                named = source[key]
                data = self.data(kind, named.get(called) or named["name"], named.get("optional", False))
                paths = {i["key"]: i["path"] for i in named["items"]} if "items" in named else {k: k for k in data}
                yield from ((path, data[k]) for k, path in paths.items())
        for item in source.get("downwardAPI", {}).get("items", []):
            yield item["path"], self.field(item["fieldRef"]["fieldPath"]).encode()
        if "serviceAccountToken" in source:
            wanted = source["serviceAccountToken"]
            account = f"/api/v1/namespaces/{self.space}/serviceaccounts/{self.spec.get('serviceAccountName', 'default')}/token"
            spec = {"expirationSeconds": wanted.get("expirationSeconds", 3600),
                    "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": self.name, "uid": self.uid}}
            if "audience" in wanted:
                spec["audiences"] = [wanted["audience"]]
            answer = self.kubelet.api.call("POST", account, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})
            yield wanted["path"], answer["status"]["token"].encode()


# ---------------------------------------------------------------- the node
class Logs(http.server.BaseHTTPRequestHandler):
    """GET /containerLogs/NAMESPACE/POD/CONTAINER, which the API server asks for `kubectl logs`."""

    protocol_version, folder, kubelet = "HTTP/1.0", None, None

    def do_GET(self):
        url = urlsplit(self.path)
        ask = {k: v[-1] for k, v in parse_qs(url.query).items()}
        try:
            _, kind, space, pod, container = url.path.split("/")
            assert kind == "containerLogs" and not re.search(r"\.\.", url.path)
            file = open(os.path.join(self.folder, "pods", f"{space}_{pod}", container + ".log"), "rb")
        except (ValueError, AssertionError, OSError) as e:
            return self.send_error(404, explain=str(e))
        since = ""
        if "sinceTime" in ask:
            since = stamp(datetime.fromisoformat(ask["sinceTime"].replace("Z", "+00:00")).astimezone(timezone.utc))
        elif "sinceSeconds" in ask:
            since = stamp(datetime.now(timezone.utc) - timedelta(seconds=int(ask["sinceSeconds"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        lines = [line for line in file if line.decode(errors="replace") >= since]
        for line in lines[len(lines) - min(int(ask["tailLines"]), len(lines)):] if "tailLines" in ask else lines:
            self.wfile.write(line if "timestamps" in ask else line.split(b" ", 1)[1])
        alive = lambda: any(p.space == space and p.name == pod for p in list(self.kubelet.pods.values()))
        while ask.get("follow") == "true" and alive():
            line = file.readline()
            if line:
                self.wfile.write(line if "timestamps" in ask else line.split(b" ", 1)[1])
            else:
                time.sleep(0.1)

    def log_message(self, *_):
        pass


class Node:
    """A machine; its namespace is empty for this one."""

    def __init__(self, name, namespace, address, router):
        self.name, self.namespace, self.address, self.router = name, namespace, address, router


class Kubelet:
    def __init__(self, options):
        config = json.load(open(options.kubeconfig))  # deploy/lab writes its kubeconfig as JSON, which is YAML
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        host, port = cluster["server"].removeprefix("https://").rsplit(":", 1)
        self.api = Api(host, int(port), user["token"], cluster["certificate-authority"])
        self.api_environment = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
        self.folder, self.images, self.pods, self.stopping = options.dir, Images(options.images), {}, False
        six = options.prefix6 if os.path.exists("/proc/net/if_inet6") else ""
        self.network = Network(options.bridge, options.prefix, six)
        self.nodes = {}
        for i in range(options.nodes):
            namespace, own = self.network.attach(i + 1, forwards=True) if options.apart and i > 0 else ("", [self.network.address])
            self.nodes[f"node-{i + 1}"] = Node(f"node-{i + 1}", namespace, own[0], i < options.routers)
        self.turn = itertools.cycle(range(options.nodes))
        self.labels = {}
        self.logs = http.server.ThreadingHTTPServer((self.network.address, 0), type("OwnLogs", (Logs,), {"folder": self.folder, "kubelet": self}))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
        self.logs.socket = tls.wrap_socket(self.logs.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.logs.serve_forever, daemon=True).start()

    def register(self):
        for i, (name, node) in enumerate(self.nodes.items()):
            self.labels[name] = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                                 "topology.kubernetes.io/region": "lab", "topology.kubernetes.io/zone": "lab-" + "abc"[i % 3],
                                 **({"freeway.dev/router": ""} if node.router else {})}
            many = {"cpu": "64", "memory": "256Gi", "pods": "10000", "ephemeral-storage": "1Ti"}
            try:
                self.api.call("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node",
                                                        "metadata": {"name": name, "labels": self.labels[name]}})
            except ApiError as e:
                if e.status != 409:
                    raise
            self.api.call("PATCH", f"/api/v1/nodes/{name}/status", {"status": {
                "capacity": many, "allocatable": many, "daemonEndpoints": {"kubeletEndpoint": {"Port": self.logs.server_port}}, "addresses": [{"type": "InternalIP", "address": node.address}],
                "conditions": [{"type": "Ready", "status": "True", "reason": "Lab", "lastHeartbeatTime": now(), "lastTransitionTime": now()}],
                "nodeInfo": {k: "lab" for k in ("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion",
                                                "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture")}}},
                "application/strategic-merge-patch+json")

    def choose(self, spec):
        """The next node in turn that matches nodeSelector and a DaemonSet's matchFields; no other scheduling rule."""
        terms = spec.get("affinity", {}).get("nodeAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", {})
        named = {v for t in terms.get("nodeSelectorTerms", []) for f in t.get("matchFields", []) for v in f["values"]}
        for _ in self.nodes:
            node = list(self.nodes)[next(self.turn)]
            if (not named or node in named) and spec.get("nodeSelector", {}).items() <= self.labels[node].items():
                return node

    def see(self, pod):
        uid, spec = pod["metadata"]["uid"], pod["spec"]
        if uid in self.pods:
            self.pods[uid].update(pod)
        elif "nodeName" not in spec:
            node = self.choose(spec)
            if node and "deletionTimestamp" not in pod["metadata"] and not spec.get("schedulingGates"):
                path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}/binding"
                try:
                    self.api.call("POST", path, {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod["metadata"]["name"]},
                                                 "target": {"apiVersion": "v1", "kind": "Node", "name": node}})
                except ApiError as e:
                    print("binding:", e, flush=True)
        elif spec["nodeName"] in self.nodes and pod.get("status", {}).get("phase") not in ("Succeeded", "Failed"):
            self.pods[uid] = Pod(self, pod)
            self.pods[uid].start()

    def run(self):
        self.register()
        print("kubelet ready", flush=True)
        for kind, what in self.api.list_and_watch("/api/v1/pods"):
            if kind == "LIST":
                present = {p["metadata"]["uid"] for p in what}
                for uid in set(self.pods) - present:
                    self.pods[uid].gone()
                for pod in what:
                    self.see(pod)
            elif kind == "DELETED":
                if what["metadata"]["uid"] in self.pods:
                    self.pods[what["metadata"]["uid"]].gone()
            else:
                self.see(what)

    def stop(self, *_):
        self.stopping = True
        pods = list(self.pods.values())
        for pod in pods:
            pod.changed.set()
        for pod in pods:
            pod.join(5)
        self.network.down()
        os._exit(0)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kubeconfig", required=True)
    options.add_argument("--dir", required=True, help="where volumes and container output go")
    options.add_argument("--certificate", required=True, help="of the log server, PEM")
    options.add_argument("--key", required=True)
    options.add_argument("--images", help="table of images: IMAGE COMMAND... a line")
    options.add_argument("--nodes", type=int, default=2, help="how many nodes to play, in zones lab-a, lab-b, lab-c")
    options.add_argument("--routers", type=int, default=0, help="how many of them are labelled freeway.dev/router")
    options.add_argument("--apart", action="store_true", help="every node but the first has a network namespace; the API server has to listen everywhere")
    options.add_argument("--bridge", default="fwlab0")
    options.add_argument("--prefix", default="10.244", help="first half of the Pods' IPv4 addresses")
    options.add_argument("--prefix6", default="fd00:10:244::", help="start of their IPv6 addresses, empty for none")
    kubelet = Kubelet(options.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=kubelet.stop).start())
    signal.signal(signal.SIGINT, signal.getsignal(signal.SIGTERM))
    kubelet.run()
