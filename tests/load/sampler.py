"""What the machine and each part of Carrel use while viewers watch, once a second, read from /proc and the cgroups."""

import collections
import os
import pathlib
import subprocess
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
ENGINE = ("dockerd", "containerd", "containerd-shim", "runc")


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def engine_pids():
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "comm").read_text().strip().startswith(ENGINE):
                    yield int(entry.name)
            except OSError:
                pass


def machine_cpu():
    """(busy, all) seconds of all CPUs since the start."""
    values = [int(value) / TICK for value in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(values) - values[3] - values[4], sum(values)


def memory_available():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0


def temperature():
    """Of the hottest zone, in degrees; None where the machine shows none."""
    found = []
    for zone in pathlib.Path("/sys/class/thermal").glob("thermal_zone*/temp"):
        try:
            found.append(int(zone.read_text()) / 1000)
        except (OSError, ValueError):
            pass
    return max(found, default=None)


def fields(path):
    return dict(line.split() for line in path.read_text().splitlines() if line.count(" ") == 1)


class Cgroup:
    """CPU, throttling and memory of one container; version 1 or 2."""

    def __init__(self, pid, machine="/"):
        self.folders = {}
        mounted = pathlib.Path(machine, "sys/fs/cgroup")
        for line in pathlib.Path(machine, f"proc/{pid}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for name in controllers.split(","):
                folder = mounted / name / path.lstrip("/")
                if folder.is_dir():
                    self.folders[name] = folder
        if not self.folders:
            raise OSError(f"no cgroup of process {pid}")
        self.cpu = self.periods = self.throttled = self.memory = 0

    def read(self):
        if "memory" in self.folders:
            stat = fields(self.folders["cpu"] / "cpu.stat")
            self.cpu = int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
            self.memory = int(fields(self.folders["memory"] / "memory.stat")["rss"])
        else:
            stat = fields(self.folders[""] / "cpu.stat")
            self.cpu = int(stat["usage_usec"]) / 1e6
            self.memory = int(fields(self.folders[""] / "memory.stat")["anon"])
        self.periods, self.throttled = int(stat.get("nr_periods", 0)), int(stat.get("nr_throttled", 0))


class Sampler:
    """Samples from entering until leaving. `instance` is the label that the daemon's containers have."""

    def __init__(self, daemon_pid, instance):
        self.daemon_pid, self.instance = daemon_pid, instance
        self.generator_pid = None
        self.samples, self.cgroups = [], {}
        self.failure = None
        self.engine = {}
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.began = time.monotonic()
        self.before = self.cpu_now()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        if self.failure:
            raise self.failure

    def run(self):
        try:
            while not self.ended.wait(1):
                self.sample()
        except Exception as failure:  # told where the sampler is left
            self.failure = failure

    def find_sandboxes(self):
        seen = subprocess.run(["docker", "ps", "-q", "--no-trunc", "--filter", f"label=carrel.instance={self.instance}",
                               "--filter", "label=carrel.role=streamer"], check=True, capture_output=True, text=True)
        fresh = [one for one in seen.stdout.split() if one not in self.cgroups]
        if not fresh:
            return
        told = subprocess.run(["docker", "inspect", "-f", "{{.Id}} {{.State.Pid}}", *fresh], capture_output=True, text=True)
        # Of one that has gone meanwhile an empty line is told.
        for one, pid in (line.split() for line in told.stdout.splitlines() if line):
            try:
                self.cgroups[one] = Cgroup(pid)
            except OSError:
                pass  # it has ended

    def cpu_now(self):
        busy, whole = machine_cpu()
        for pid in engine_pids():
            try:
                self.engine[pid] = cpu_of(pid)
            except OSError:
                pass  # what it used stays counted
        generator = 0
        if self.generator_pid:
            try:
                generator = cpu_of(self.generator_pid)
            except OSError:
                pass
        return {"machine": busy, "whole": whole, "daemon": cpu_of(self.daemon_pid), "generator": generator,
                "engine": sum(self.engine.values()), "sandboxes": sum(one.cpu for one in self.cgroups.values())}

    def sample(self):
        if len(self.samples) % 5 == 0:
            self.find_sandboxes()
        memory = collections.Counter()
        for one in self.cgroups.values():
            try:
                one.read()
                memory["all"] += one.memory
                memory["most"] = max(memory["most"], one.memory)
                memory["count"] += 1
            except OSError:
                pass  # it has ended; what it used stays counted
        now = self.cpu_now()
        spent = {name: max(0.0, now[name] - self.before[name]) for name in now}
        self.before = now
        whole = spent.pop("whole") or 1
        self.samples.append({
            "t": time.monotonic() - self.began, "cpu": {name: value / whole for name, value in spent.items()},
            "daemon_memory": resident(self.daemon_pid), "daemon_descriptors": len(os.listdir(f"/proc/{self.daemon_pid}/fd")),
            "sandbox_memory": memory["all"], "sandbox_memory_most": memory["most"],
            "sandboxes": memory["count"], "memory_available": memory_available(), "temperature": temperature()})

    def throttling(self):
        """Of each sandbox, the share of its periods in which its CPU limit held it back."""
        return sorted(one.throttled / one.periods for one in self.cgroups.values() if one.periods)
