"""Part 4: what sandboxes cost. A start against the engine's own, a claim from the pool, the daemon's memory with many sessions,
what an idle one costs, and the hand-over beside 200 sessions with 8 busy streams."""

import contextlib
import http.client
import json
import pathlib
import re
import socket
import threading
import time
import uuid

from carrel import Daemon, wait_for
from meter import container_cpu_seconds, interleaved, process_cpu_seconds, ratios, spread
from reader import Reader

STARTS = 11
CLAIMS = 20
CROWDS = (1, 50, 200)
BUSY = 8
IDLE_SECONDS = 20
HAND_OVERS = 200
MANY = {"CARREL_SANDBOX_MAX_TOTAL": "400", "CARREL_LIMITS_ADMIN_SESSIONS": "1000", "CARREL_LOG_LEVEL": "info"}


class EngineApi(http.client.HTTPConnection):
    """The engine's socket, without anything in between."""

    def __init__(self, path="/var/run/docker.sock"):
        super().__init__("engine", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def call(self, method, path, body=None):
        self.request(method, path, json.dumps(body) if body is not None else None,
                     {"Content-Type": "application/json"})
        answer = self.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text) if text else None


def create_and_start(engine, like):
    """Seconds that the engine takes for a container with all that one of ours has, in the same network namespace."""
    name = f"carrel-bench-{uuid.uuid4().hex[:12]}"
    body = {"Image": like["Image"], "Cmd": ["hold"], "User": like["Config"]["User"], "HostConfig": like["HostConfig"]}
    began = time.monotonic()
    engine.call("POST", f"/v1.40/containers/create?name={name}", body)
    engine.call("POST", f"/v1.40/containers/{name}/start")
    took = time.monotonic() - began
    engine.call("DELETE", f"/v1.40/containers/{name}?force=true")
    return took


def metric(daemon, name):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    found = re.search(rf"^{name}(?:{{}})? (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def mean_since(daemon, histogram, before):
    seconds = metric(daemon, histogram + "_sum") - before[0]
    count = metric(daemon, histogram + "_count") - before[1]
    return seconds / count if count else None


def sums(daemon, histogram):
    return metric(daemon, histogram + "_sum"), metric(daemon, histogram + "_count")


def resident_bytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) << 10


def cold_starts(folder, image):
    with Daemon(folder, CARREL_SANDBOX_IMAGE=image, **MANY) as daemon, contextlib.closing(EngineApi()) as engine:
        histogram = "carrel_sandbox_start_duration_seconds"

        def ours():
            before = sums(daemon, histogram)
            with contextlib.closing(daemon.client()) as client:
                wait_for("a start", lambda: sums(daemon, histogram)[1] > before[1])
                took = mean_since(daemon, histogram, before)
                client.request("POST", "/api/v1/auth/logout")
            wait_for("the container's end", lambda: len(daemon.containers()) == 1)
            return took

        with contextlib.closing(daemon.client()):
            like = wait_for("a container", daemon.containers)[0]
            samples = interleaved(STARTS, {"ours": ours, "engine": lambda: create_and_start(engine, like)})
    return {"seconds": {"from_plan_to_ready": spread(samples["ours"]),
                        "create_and_start_by_the_engine": spread(samples["engine"])},
            "ratios": {"cold_start_to_engine": ratios(samples["ours"], samples["engine"], lambda one: one)}}


def claims(folder, image):
    with Daemon(folder, CARREL_SANDBOX_IMAGE=image, CARREL_POOL_SIZE="4", **MANY) as daemon:
        taken = []
        for _ in range(CLAIMS):
            wait_for("a full pool", lambda: metric(daemon, 'carrel_pool_sandboxes{state="ready"}') >= 4)
            before = sums(daemon, "carrel_sandbox_claim_duration_seconds")
            with contextlib.closing(daemon.client()) as client:
                wait_for("a claim", lambda: sums(daemon, "carrel_sandbox_claim_duration_seconds")[1] > before[1])
                taken.append(mean_since(daemon, "carrel_sandbox_claim_duration_seconds", before))
                client.request("POST", "/api/v1/auth/logout")
        return {"seconds": {"claim_from_the_pool": spread(taken)}}


def hand_overs(daemon, clients, path):
    """Mean seconds of a hand-over while 8 others read as fast as they can."""
    stop = threading.Event()

    def read_on(cookie):
        with Reader(("127.0.0.1", daemon.port), cookie) as reader:
            while not stop.is_set():
                reader.read(path)

    readers = [threading.Thread(target=read_on, args=(client.cookie,)) for client in clients[:BUSY]]
    for reader in readers:
        reader.start()
    before = sums(daemon, "carrel_hand_over_duration_seconds")
    with Reader(("127.0.0.1", daemon.port), clients[-1].cookie) as reader:
        for _ in range(HAND_OVERS):
            reader.read(path, 0, 1000)
    mean = mean_since(daemon, "carrel_hand_over_duration_seconds", before)
    stop.set()
    for reader in readers:
        reader.join()
    return mean


def crowd(folder, image, title):
    with Daemon(folder, CARREL_SANDBOX_IMAGE=image, **MANY) as daemon:
        result = {"resident_bytes": {"0": resident_bytes(daemon.process.pid)}}
        clients = []
        for size in CROWDS:
            while len(clients) < size:
                clients.append(daemon.client())
            wait_for(f"{size} sandboxes", lambda: metric(daemon, 'carrel_sandboxes{state="assigned"}') == size, 300)
            result["resident_bytes"][str(size)] = resident_bytes(daemon.process.pid)
        containers = daemon.containers()
        pids = [one["State"]["Pid"] for one in containers]
        daemon.wait_until_indexed(clients[0])
        before = process_cpu_seconds(daemon.process.pid), sum(map(container_cpu_seconds, pids))
        began = time.monotonic()
        threading.Event().wait(IDLE_SECONDS)  # what is measured is the time itself
        seconds = time.monotonic() - began
        used = process_cpu_seconds(daemon.process.pid) - before[0], sum(map(container_cpu_seconds, pids)) - before[1]
        result["idle"] = {
            "daemon_cpu_share": used[0] / seconds,
            "cpu_share_of_one_sandbox": used[1] / seconds / len(pids),
            "resident_bytes_of_one_sandbox": sum(map(resident_bytes, pids)) / len(pids),
        }
        path = f"/stream/{clients[0].video(title)['id']}/original"
        result["hand_over_seconds"] = hand_overs(daemon, clients, path)
        for client in clients:
            client.close()
        return result


def run(folder, image, title):
    return {"start": cold_starts(folder, image), "claim": claims(folder, image), "crowd": crowd(folder, image, title)}
