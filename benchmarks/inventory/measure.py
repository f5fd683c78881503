#!/usr/bin/env python3
"""Measures freeway beside AWSMap. Writes samples (name, tab, number) to stdout and what it does to stderr.

    measure.py PART SIZE REPOSITORY WORK

PART: moto (an estate of our own in moto), fake (Freeway's fake AWS, which is as far away and as strict as AWS), empty
(17 regions with nothing in them), help (the start). SIZE: full or quick. Runs in the environment that install makes.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request

PART, SIZE, REPOSITORY, WORK = sys.argv[1:5]
HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.dirname(sys.executable)
FREEWAY = f"{REPOSITORY}/deploy/freeway"
QUICK = SIZE == "quick"
ROUNDS = 1 if QUICK else int(os.environ.get("FREEWAY_ROUNDS", "3"))
LONGEST = 120 if QUICK else 1800  # seconds for one command
REGIONS = ["us-east-1"] if QUICK else ["us-east-1", "eu-west-1", "ap-southeast-2"]
SEVENTEEN = (
    "us-east-1 us-east-2 us-west-1 us-west-2 ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 ap-southeast-2"
    " ca-central-1 eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 sa-east-1"
).split()


def note(words):
    print(f"inventory: {words}", file=sys.stderr, flush=True)


def sample(name, value):
    print(f"inventory.{name}\t{value:.6f}", flush=True)


class Ran:
    """A command that ended: its seconds, those of its processors, its memory at most in MiB, what it said."""

    def __init__(self, name, command, environment):
        os.makedirs(f"{WORK}/home", exist_ok=True)
        given = {"PATH": os.environ["PATH"], "JAVA_HOME": os.environ.get("JAVA_HOME", ""), "HOME": f"{WORK}/home", "LANG": "C.UTF-8"}
        given |= {"AWS_ACCESS_KEY_ID": "AKIA123456789012", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
        given |= {"AWS_EC2_METADATA_DISABLED": "true"} | environment
        with open(f"{WORK}/{name}.out", "wb") as out, open(f"{WORK}/{name}.err", "wb") as err:
            started = time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=given, cwd=WORK)
            timer = subprocess.Popen(["sh", "-c", f"sleep {LONGEST}; kill {process.pid}"], start_new_session=True)
            _, status, used = os.wait4(process.pid, 0)
            self.seconds = time.monotonic() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            os.killpg(timer.pid, 15)
            timer.wait()
        self.code, self.processor, self.memory = process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        with open(f"{WORK}/{name}.out", encoding="utf-8", errors="replace") as out, open(f"{WORK}/{name}.err", encoding="utf-8", errors="replace") as err:
            self.out, self.err = out.read(), err.read()
        if self.code not in (0, 3):
            sys.exit(f"inventory: {' '.join(command)}: exit code {self.code} after {self.seconds:.0f} s\n{self.out[-2000:]}{self.err[-4000:]}")


class Served:
    """A server that says its URL and ends with its input."""

    def __init__(self, name, command, environment=None):
        self.errors = open(f"{WORK}/{name}.err", "wb")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=os.environ | (environment or {}), text=True)
        self.url = self.process.stdout.readline().strip().removeprefix("url ")
        if not self.url:
            sys.exit(f"inventory: {name} did not start, see {WORK}/{name}.err")

    def end(self):
        said, _ = self.process.communicate(timeout=60)
        self.errors.close()
        return said


def ours(name, url, regions, *options, environment=None):
    scan = ["scan", "--db", f"{WORK}/{name}.db", "--include-global"]
    for region in regions:
        scan += ["-r", region]
    ran = Ran(name, [FREEWAY, *scan, *options], {"AWS_ENDPOINT_URL": url} | (environment or {}))
    note(f"{name}: {ran.seconds:.1f} s, {ran.processor:.1f} s of processors, {ran.memory:.0f} MiB: {ran.out.splitlines()[0] if ran.out else ''}")
    return ran


def peers(name, url, regions, *options, environment=None):
    # A home of its own: else it would reuse what it stored.
    home = f"{WORK}/{name}-home"
    os.makedirs(home, exist_ok=True)
    scan = [f"{BIN}/awsmap", "-f", "json", "-o", f"{WORK}/{name}.json", "--include-global"]
    for region in regions:
        scan += ["-r", region]
    ran = Ran(name, [*scan, *options], {"AWS_ENDPOINT_URL": url, "HOME": home, "AWS_SESSION_TOKEN": "testing"} | (environment or {}))
    note(f"{name}: {ran.seconds:.1f} s, {ran.processor:.1f} s of processors, {ran.memory:.0f} MiB")
    return ran


def asked(name, *command):
    """Rows that a command of ours says about the store of a scan."""
    ran = Ran(f"{name}-asked", [FREEWAY, *command, "--db", f"{WORK}/{name}.db", "-f", "json"], {})
    return json.loads(ran.out)


# What was made and what was found.


def known(rows):
    """Names, ids and ARNs that rows are known by, by service and region."""
    by = {}
    for row in rows:
        region = row.get("region") or "global"
        for word in (row.get("id"), row.get("arn"), row.get("name")):
            if word:
                for key in (word, word.rsplit("/", 1)[-1], word.rsplit(":", 1)[-1]):
                    by.setdefault((row["service"], key), set()).add(region)
                    by.setdefault(("", key), set()).add(region)
    return by


UNIQUE = re.compile(r"^arn:|[0-9a-f]{8}$|^[A-Z0-9]{10,}$")


def missed(truth, rows):
    """Lines of truth that are not among rows. An id that nothing else can have may stand under another service."""
    by, missing = known(rows), []
    for line in truth:
        service, kind, region, ident, arn = line
        found = False
        for word in filter(None, (ident, arn, ident.removeprefix("/hostedzone/"), ident.rsplit(":", 1)[-1] if ident.startswith("arn:") else "")):
            where = by.get((service, word), set()) | (by.get(("", word), set()) if UNIQUE.search(word) else set())
            found |= region in where or "global" in where or (region == "global" and bool(where))
        if not found:
            missing.append(line)
    return missing


def read_truth(file):
    with open(file, encoding="utf-8") as lines:
        return [tuple(json.loads(f'"{word}"') for word in line.rstrip("\n").split("\t")) for line in lines]


def mark(url):
    urllib.request.urlopen(f"{url}/bench/mark", timeout=60).read()


def log_since(log, marks):
    with open(log, encoding="utf-8") as lines:
        all_lines = lines.read().split("mark\n")
    return [line.split(" ") for line in all_lines[marks].splitlines()]


def refused(lines):
    """Requests that moto could not answer, retries not counted: 5xx and pages for people."""
    return {(line[2], line[3], line[4], line[5]) for line in lines if line[0] >= "500" or line[1] == "html"}


def moto():
    scale = "0.05" if QUICK else "1"
    services = "ec2,vpc,sqs,iam,s3,lambda,dynamodb,sns,kms,logs,rds,lightsail" if QUICK else ""
    server = Served("moto", [sys.executable, f"{HERE}/counted_moto.py", f"{WORK}/moto.log"], {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"} if QUICK else {})
    started = time.monotonic()
    seeded = subprocess.run([sys.executable, f"{HERE}/seed.py", server.url, f"{WORK}/truth.tsv", scale], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if seeded.returncode != 0:
        sys.exit(f"inventory: seed.py: {seeded.stderr[-4000:]}")
    for line in seeded.stderr.splitlines():
        note(line)
    note(f"seeded in {time.monotonic() - started:.0f} s: {seeded.stdout.strip()}")
    truth = [line for line in read_truth(f"{WORK}/truth.tsv") if line[2] in REGIONS or line[2] == "global"]
    if services:
        truth = [line for line in truth if line[0] in services.split(",")]
    marks = 0
    options = ("-s", services) if services else ()
    for turn in range(ROUNDS):
        for name, run in (("ours", ours), ("peer", peers)):
            mark(server.url)
            marks += 1
            label = f"moto-{name}-{turn}"
            ran = run(label, server.url, REGIONS, *options)
            lines = log_since(f"{WORK}/moto.log", marks)
            if name == "ours":
                rows = rows_of(label)
                entries = asked(label, "errors")
                named = sum(entry["calls"] for entry in entries if entry["outcome"] != "not_asked")
                if turn == 0:
                    sample("moto.ours.unnamed", max(0, len(refused(lines)) - named))
            else:
                with open(f"{WORK}/{label}.json", encoding="utf-8") as document:
                    document = json.load(document)
                rows = document["resources"] if isinstance(document, dict) else document
                if turn == 0:
                    sample("moto.peer.unnamed", len(refused(lines)))
            missing = missed(truth, rows)
            sample(f"moto.{name}.requests", len(lines))
            sample(f"moto.{name}.seconds", ran.seconds)
            sample(f"moto.{name}.processor", ran.processor)
            sample(f"moto.{name}.memory", ran.memory)
            sample(f"moto.{name}.missed", 100 * len(missing) / len(truth))
            if turn == 0:
                sample(f"moto.{name}.rows", len(rows))
                with open(f"{WORK}/{label}.missed", "w", encoding="utf-8") as out:
                    out.writelines("\t".join(map(repr, line)) + "\n" for line in missing)
                by = {}
                for line in missing:
                    by[line[:2]] = by.get(line[:2], 0) + 1
                for kind, count in sorted(by.items(), key=lambda one: -one[1])[:40]:
                    note(f"{name} missed {count} of {kind[0]} {kind[1]}")
    sample("moto.made", len(truth))
    server.end()


def rows_of(label):
    with sqlite3.connect(f"file:{WORK}/{label}.db?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT service, type, region, id, arn, name FROM resources WHERE is_current = 1")]


# The fake.


class Fake:
    def __init__(self, name, *options):
        target = f"{REPOSITORY}/controlplane/target"
        path = f"{target}/classes:{target}/test-classes:{target}/lib/*:{target}/test-lib/*"
        java = f"{os.environ['JAVA_HOME']}/bin/java"
        # Else its compiler takes a third of a processor from whoever scans, which AWS does not.
        self.server = Served(name, [java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", path, "dev.freeway.controlplane.fake.FakeAwsMain", "--tls", "--warm", "--latency", "50", *options])
        self.url = self.server.url
        self.trust = self.server.process.stdout.readline().strip().removeprefix("trust ")

    def ours(self):
        return {"FREEWAY_JAVA_OPTIONS": f"-Djavax.net.ssl.trustStore={self.trust}/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit"}

    def peers(self):
        return {"AWS_CA_BUNDLE": f"{self.trust}/trust.pem"}

    def end(self):
        said = {}
        for line in self.server.end().splitlines():
            name, _, count = line.rpartition(" ")
            said[name] = int(count) if count.isdigit() else count
        return said


def fake():
    items, regions = ("2", ["us-east-1"]) if QUICK else ("20", ["us-east-1", "eu-west-1"])
    services = ("-s", "ec2,sqs,iam") if QUICK else ()
    for turn in range(min(2, ROUNDS)):
        for name, run in (("ours", ours), ("peer", peers)):
            server = Fake(f"fake-{name}-{turn}-server", "--limits", "--items", items, "--regions", ",".join(regions))
            label = f"fake-{name}-{turn}"
            ran = run(label, server.url, regions, *services, environment=server.ours() if name == "ours" else server.peers())
            said = server.end()
            note(f"{label}: " + ", ".join(f"{key} {said.get(key)}" for key in ("requests", "throttled", "connections", "handshakes", "at once")))
            sample(f"fake.{name}.seconds", ran.seconds)
            sample(f"fake.{name}.requests", said["requests"])
            sample(f"fake.{name}.throttled", said["throttled"])
            sample(f"fake.{name}.handshakes", said["handshakes"])
            if name == "ours":
                sample("fake.least.seconds", said["least"] / 1000)
                lost = sum(entry["calls"] for entry in asked(label, "errors") if entry["outcome"] == "throttled")
                sample("fake.ours.lost", lost)


def empty():
    regions = SEVENTEEN[:2] if QUICK else SEVENTEEN
    services = ("-s", "ec2,sqs,iam") if QUICK else ()
    for name, run in (("ours", ours), ("peer", peers)):
        server = Fake(f"empty-{name}-server", "--limits", "--regions", ",".join(regions))
        ran = run(f"empty-{name}", server.url, regions, *services, environment=server.ours() if name == "ours" else server.peers())
        said = server.end()
        note(f"empty-{name}: " + ", ".join(f"{key} {said.get(key)}" for key in ("requests", "throttled", "connections", "handshakes", "at once")))
        sample(f"empty.{name}.seconds", ran.seconds)
        sample(f"empty.{name}.requests", said["requests"])
        sample(f"empty.{name}.handshakes", said["handshakes"])
        sample(f"empty.{name}.memory", ran.memory)
        sample(f"empty.{name}.processor", ran.processor)


def start():
    for turn in range(-1, 1 if QUICK else 11):  # the first was not in memory
        for name, command in (("ours", [FREEWAY, "--help"]), ("peer", [f"{BIN}/awsmap", "--help"])):
            ran = Ran(f"help-{name}", command, {})
            if turn >= 0:
                sample(f"help.{name}.milliseconds", 1000 * ran.seconds)


{"moto": moto, "fake": fake, "empty": empty, "help": start}[PART]()
